"""The results that the cadre answers for, over HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.mission.objectives import CloseObjective, RecordMeasurement, ReviseObjective, SetObjective
from domain.streams import mission_stream
from projections.kpi.objectives import ObjectiveAnswer, objectives_view
from projections.missions import MISSIONS
from service.http.commands import command_route
from service.http.openapi import problems
from service.http.reading import Items, caught_up, listed
from service.http.routes.missions import MissionAsked, seen_mission
from service.http.services import services_of

router = APIRouter(tags=["objectives"])

OBJECTIVE = "/missions/{mission_id}/objectives/{objective_id}"

command_route(router, "/missions/{mission_id}/objectives", SetObjective, HTTPStatus.CREATED)
command_route(router, f"{OBJECTIVE}/measurements", RecordMeasurement, HTTPStatus.CREATED)
command_route(router, f"{OBJECTIVE}/revisions", ReviseObjective)
command_route(router, f"{OBJECTIVE}/closure", CloseObjective)


@router.get(
    "/missions/{mission_id}/objectives", response_model=Items[ObjectiveAnswer], responses=problems(401, 404, 422, 503)
)
async def list_objectives(request: Request, mission_id: str, asked: Annotated[MissionAsked, Query()]) -> Response:
    """A mission's objectives as of a date, each with its progress, its status and its series of measurements."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    services = services_of(request)
    _, sight = await seen_mission(request, mission_id)
    history = await services.records.stream(mission_stream(mission_id))
    on = sight.date(asked.as_of or services.today())
    return listed(request, objectives_view(history, on, known_at=asked.known_at), None)
