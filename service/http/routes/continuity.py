"""Would the mission notice if its cadre left? Asked of a mission, of a client, of the network."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from domain.streams import mission_stream
from projections.continuity import CONTINUITY
from projections.continuity.accesses import AccessAnswer, accesses_view
from projections.continuity.answers import (
    ContinuityAnswer,
    NetworkContinuityAnswer,
    client_answer,
    client_view,
    network_answer,
    network_view,
)
from projections.continuity.course import Course
from projections.continuity.practitioners import Practitioner
from projections.continuity.queries import courses_for, practitioners
from projections.continuity.readiness import ReadinessAnswer, readiness_view
from projections.missions import MISSIONS
from projections.missions.parties import PartyRow
from projections.missions.queries import parties_for
from service.http.commands import ID
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import not_found
from service.http.questions import read
from service.http.reading import Items, caught_up, listed, shown
from service.http.routes.missions import MissionAsked, begun, seen_mission
from service.http.services import services_of

router = APIRouter(tags=["continuity"])


@router.get("/missions/{mission_id}/continuity", response_model=ReadinessAnswer, responses=problems(401, 404, 422, 503))
async def show_continuity(request: Request, mission_id: str, asked: Annotated[MissionAsked, Query()]) -> Response:
    """A mission's readiness as of a date: the share of its handover checklist that holds, and what is missing."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    services = services_of(request)
    _, sight = await seen_mission(request, mission_id)
    history = await services.records.stream(mission_stream(mission_id))
    view = readiness_view(history, sight.date(asked.as_of or services.today()), known_at=asked.known_at)
    if view is None:
        raise not_found("unknown_mission")
    return shown(request, view)


@router.get(
    "/missions/{mission_id}/accesses", response_model=Items[AccessAnswer], responses=problems(401, 404, 422, 503)
)
async def list_accesses(request: Request, mission_id: str, asked: Annotated[MissionAsked, Query()]) -> Response:
    """A mission's register of accesses as of a date: who holds each and where it is written, never a secret."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    services = services_of(request)
    _, sight = await seen_mission(request, mission_id)
    history = await services.records.stream(mission_stream(mission_id))
    on = sight.date(asked.as_of or services.today())
    return listed(request, accesses_view(begun(history, on, asked.known_at), on), None)


@router.get(
    "/clients/{client_id}/continuity", response_model=ContinuityAnswer, responses=problems(401, 403, 404, 422, 503)
)
async def show_client_continuity(request: Request, client_id: str, asked: Annotated[MissionAsked, Query()]) -> Response:
    """A client's readiness over its missions in force, and its functions that depend on one person."""
    await caught_up(request, asked.min_position, CONTINUITY.name, MISSIONS.name)
    await seen_client(request, client_id)
    services = services_of(request)
    on, known_at = asked.as_of or services.today(), asked.known_at
    if asked.is_of_now:
        return shown(request, client_answer(client_id, *await _rows(request, client_id), on))
    view = await services.records.all(lambda history: client_view(history, client_id, on, known_at=known_at))
    return shown(request, view)


@router.get("/network/continuity", response_model=NetworkContinuityAnswer, responses=problems(401, 403, 422, 503))
async def show_network_continuity(request: Request, asked: Annotated[MissionAsked, Query()]) -> Response:
    """The network's readiness over all missions in force, and every function that depends on one person."""
    await caught_up(request, asked.min_position, CONTINUITY.name)
    services = services_of(request)
    on, known_at = asked.as_of or services.today(), asked.known_at
    if asked.is_of_now:
        return shown(request, network_answer(*await _rows(request), on))
    return shown(request, await services.records.all(lambda history: network_view(history, on, known_at=known_at)))


async def seen_client(request: Request, client_id: str) -> PartyRow:
    """A client that this token may see: its own, or any for a network admin."""
    principal = principal_of(request)
    sees = principal.role is Role.NETWORK_ADMIN or principal.actor.id == client_id
    if sees and ID.fullmatch(client_id):
        for row in await services_of(request).questions.rows(parties_for("client", [client_id]), PartyRow):
            return row
    raise not_found("unknown_client")


async def _rows(request: Request, client_id: str | None = None) -> tuple[list[Course], list[Practitioner]]:
    """The missions of a client, or all, and who practises what, as of one moment."""
    asked = [courses_for(client_id=client_id), practitioners()]
    courses, cadres = await services_of(request).questions.together(asked)
    return [read(Course, cells) for cells in courses], [read(Practitioner, cells) for cells in cadres]
