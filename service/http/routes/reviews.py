"""What client and cadre review and decide, and what follows from it: actions, risks, accesses."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from domain.mission.accesses import DocumentAccess, RevokeAccess
from domain.mission.actions import CloseAction, OpenAction
from domain.mission.reviews import HoldReview, RecordDecision
from domain.mission.risks import CloseRisk, IdentifyRisk
from service.http.commands import command_route

router = APIRouter(tags=["reviews"])

command_route(router, "/missions/{mission_id}/reviews", HoldReview, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/decisions", RecordDecision, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/actions", OpenAction, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/actions/closures", CloseAction)
command_route(router, "/missions/{mission_id}/risks", IdentifyRisk, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/risks/closures", CloseRisk)
command_route(router, "/missions/{mission_id}/accesses", DocumentAccess, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/accesses/revocations", RevokeAccess)
