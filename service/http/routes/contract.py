"""The letter of engagement over HTTP: sign, amend, extend, pause, resume, stop."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from domain.mission.contract import AmendMission, ExtendMission, SignMission
from domain.mission.pauses import PauseMission, ResumeMission
from domain.mission.stop import StopMission
from service.http.commands import command_route

router = APIRouter(tags=["contract"])

command_route(router, "/missions", SignMission, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/amendments", AmendMission, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/extensions", ExtendMission, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/pauses", PauseMission, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/resumptions", ResumeMission)
command_route(router, "/missions/{mission_id}/stop", StopMission)
