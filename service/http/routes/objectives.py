"""The results that the cadre answers for, over HTTP."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from domain.mission.objectives import CloseObjective, RecordMeasurement, ReviseObjective, SetObjective
from service.http.commands import command_route

router = APIRouter(tags=["objectives"])

OBJECTIVE = "/missions/{mission_id}/objectives/{objective_id}"

command_route(router, "/missions/{mission_id}/objectives", SetObjective, HTTPStatus.CREATED)
command_route(router, f"{OBJECTIVE}/measurements", RecordMeasurement, HTTPStatus.CREATED)
command_route(router, f"{OBJECTIVE}/revisions", ReviseObjective)
command_route(router, f"{OBJECTIVE}/closure", CloseObjective)
