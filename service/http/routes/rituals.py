"""Were the reviews held that the letter asks for, who came, and what is carried from one to the next?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Event, Recorded
from domain.streams import cadre_stream, client_stream, mission_stream
from projections.continuity import CONTINUITY
from projections.continuity.course import Course
from projections.continuity.queries import courses_for
from projections.continuity.rituals import RitualsAnswer, RitualsSummary, rituals_view, summary, summary_view
from projections.missions import MISSIONS
from projections.missions.mission import MissionRow
from service.http.openapi import problems
from service.http.problems import not_found
from service.http.reading import caught_up, shown
from service.http.routes.continuity import seen_client
from service.http.routes.missions import MissionAsked, seen_mission
from service.http.services import services_of

router = APIRouter(tags=["continuity"])


@router.get("/missions/{mission_id}/rituals", response_model=RitualsAnswer, responses=problems(401, 404, 422, 503))
async def show_rituals(request: Request, mission_id: str, asked: Annotated[MissionAsked, Query()]) -> Response:
    """A mission's reviews, planned against held, attendance by role, and the points carried from one to the next."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    services = services_of(request)
    row, sight = await seen_mission(request, mission_id)
    history = await services.records.stream(mission_stream(mission_id))
    on = sight.date(asked.as_of or services.today())
    view = rituals_view(history, await _parties(request, row), on, known_at=asked.known_at)
    if view is None:
        raise not_found("unknown_mission")
    return shown(request, view)


@router.get("/clients/{client_id}/rituals", response_model=RitualsSummary, responses=problems(401, 403, 404, 422, 503))
async def show_client_rituals(request: Request, client_id: str, asked: Annotated[MissionAsked, Query()]) -> Response:
    """Reviews planned against held in a client's missions in force."""
    await caught_up(request, asked.min_position, CONTINUITY.name, MISSIONS.name)
    await seen_client(request, client_id)
    return await _summary(request, asked, client_id)


@router.get("/network/rituals", response_model=RitualsSummary, responses=problems(401, 403, 422, 503))
async def show_network_rituals(request: Request, asked: Annotated[MissionAsked, Query()]) -> Response:
    """Reviews planned against held in all missions in force."""
    await caught_up(request, asked.min_position, CONTINUITY.name)
    return await _summary(request, asked)


async def _summary(request: Request, asked: MissionAsked, client_id: str | None = None) -> Response:
    services = services_of(request)
    on, known_at = asked.as_of or services.today(), asked.known_at
    if asked.is_of_now:
        rows = await services.questions.rows(courses_for(client_id=client_id), Course)
        return shown(request, summary(rows, on))
    view = await services.records.all(lambda history: summary_view(history, on, client_id=client_id, known_at=known_at))
    return shown(request, view)


async def _parties(request: Request, row: MissionRow) -> list[Recorded[Event]]:
    """What the parties of a mission are called, for as long as they may be: the client, and who holds or held it."""
    streams = [client_stream(row.client_id), *map(cadre_stream, row.cadre_ids)]
    return [each for stream in streams for each in await services_of(request).records.stream(stream)]
