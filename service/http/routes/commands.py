"""What became of a command whose answer was lost."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from service.http.commands import KEY, command_id
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import not_found
from service.http.services import services_of

router = APIRouter(tags=["service"])


class Outcome(StrEnum):
    """Whether history has a command's facts."""

    APPLIED = "applied"
    NEVER_SEEN = "never_seen"


class CommandStatus(BaseModel):
    """What history knows of a request by its Idempotency-Key. A request still on its way is not seen yet."""

    key: str
    status: Outcome
    positions: Sequence[int] = ()


@router.get("/commands/{key:path}", responses=problems(401, 404, 422, 503))
async def show_command(request: Request, key: str) -> CommandStatus:
    """Whether the caller's own request under this Idempotency-Key was carried out, and where its facts stand."""
    if not KEY.fullmatch(key):
        raise not_found()
    positions = await services_of(request).records.positions_of(command_id(principal_of(request), key))
    if positions is None:
        return CommandStatus(key=key, status=Outcome.NEVER_SEEN)
    return CommandStatus(key=key, status=Outcome.APPLIED, positions=positions)
