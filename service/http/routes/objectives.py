"""The results that the cadre answers for, over HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.mission.objectives import CloseObjective, RecordMeasurement, ReviseObjective, SetObjective
from projections.kpi import KPI
from projections.missions import MISSIONS
from service.http.commands import command_route
from service.http.openapi import problems
from service.http.reading import caught_up, shown
from service.http.routes.results import ResultsAsked, seen_held
from service.http.services import services_of
from service.results.shapes import ObjectiveList
from service.results.telling import mission_results, told

router = APIRouter(tags=["objectives"])

OBJECTIVE = "/missions/{mission_id}/objectives/{objective_id}"

command_route(router, "/missions/{mission_id}/objectives", SetObjective, HTTPStatus.CREATED)
command_route(router, f"{OBJECTIVE}/measurements", RecordMeasurement, HTTPStatus.CREATED)
command_route(router, f"{OBJECTIVE}/revisions", ReviseObjective)
command_route(router, f"{OBJECTIVE}/closure", CloseObjective)


@router.get("/missions/{mission_id}/objectives", response_model=ObjectiveList, responses=problems(401, 404, 422, 503))
async def list_objectives(request: Request, mission_id: str, asked: Annotated[ResultsAsked, Query()]) -> Response:
    """A mission's objectives as of a date, each with progress, status and series; and what it has cost and brought."""
    await caught_up(request, asked.min_position, MISSIONS.name, KPI.name)
    services = services_of(request)
    held, on = await seen_held(request, mission_id, asked.moment)
    figures = told(held, on, services.today())
    results = mission_results(figures, asked.hire(services, figures.currency))
    return shown(request, ObjectiveList(items=figures.objectives, results=results))
