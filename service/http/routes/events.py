"""The feed: everything that happened, in global order, as CloudEvents; in pages, or followed live."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel, Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from projections.audit_trail import AUDIT_TRAIL, WIDTH, EntryRow
from projections.audit_trail.queries import Search, entries_for
from projections.missions import MISSIONS
from projections.read_model import Query as Sql
from service.http.openapi import problems
from service.http.paging import MAX_LIMIT
from service.http.policy import principal_of
from service.http.problems import malformed
from service.http.questions import read
from service.http.reading import Asked, Items, caught_up, listed
from service.http.security import Principal
from service.http.services import Services, services_of
from service.http.visibility import as_seen

router = APIRouter(tags=["events"])

SOURCE = "relais"
FEEDING = (AUDIT_TRAIL.name, MISSIONS.name)
"""What happened, and who may see it."""
REACHED = Sql(
    """
    SELECT coalesce(min(position), 0) FROM rm.projection_generations
    WHERE state = 'serving' AND model = ANY(%(models)s)
    """,
    {"models": list(FEEDING)},
)
PING = 15.0
"""Seconds of silence after which a live feed says that it is still there."""


class CloudEvent(BaseModel):
    """A fact in the envelope that other systems know (CloudEvents 1.0)."""

    specversion: str = "1.0"
    type: str
    source: str = SOURCE
    id: str
    time: datetime
    subject: str
    datacontenttype: str = "application/json"
    data: JsonValue
    occurredon: date
    streamversion: int
    actorrole: Role
    actorid: str | None


class EventsAsked(Asked):
    """Which part of the feed is asked for."""

    after: Annotated[int, Field(ge=0, le=2**62)] = 0
    cursor: Annotated[int, Field(ge=0, le=2**62)] | None = None
    """The same as `after`, for who pages as in other lists."""
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 100

    @property
    def start(self) -> int:
        """The position after which to begin."""
        return self.after if self.cursor is None else self.cursor


@router.get(
    "/events",
    response_model=Items[CloudEvent],
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **problems(401, 422, 503),
    },
)
async def read_events(
    request: Request,
    asked: Annotated[EventsAsked, Query()],
) -> Response:
    """What this token may see of all history, in order; `Accept: text/event-stream` follows it live."""
    await caught_up(request, asked.min_position, *FEEDING)
    if "text/event-stream" in request.headers.get("accept", ""):
        after = _last_event_id(request, asked.start)
        return EventSourceResponse(_follow(request, after), headers={"X-Accel-Buffering": "no"})
    feed = Feed(services_of(request), principal_of(request))
    events, reached = await feed.page(asked.start, asked.limit)
    return listed(request, events, None if reached is None else str(reached))


class Feed:
    """All history in order, as far as a principal sees it."""

    def __init__(self, services: Services, principal: Principal) -> None:
        self._services = services
        self._principal = principal

    async def page(self, after: int, limit: int) -> tuple[Sequence[CloudEvent], int | None]:
        """The next events after a position, and the position to go on from if there are more."""
        search = await as_seen(self._services, self._principal, Search(upto=await self.reached()))
        found = await self._services.questions.ask(entries_for(search, after=after, limit=limit + 1))
        told = [cloud_event(read(EntryRow, cells[:WIDTH])) for cells in found[:limit]]
        return told, int(told[-1].id) if len(found) > limit else None

    async def reached(self) -> int:
        """Up to where it is known both what happened and who may see it."""
        (position,) = (await self._services.questions.ask(REACHED))[0]
        return int(position)


def cloud_event(entry: EntryRow) -> CloudEvent:
    """An entry of history in its envelope."""
    return CloudEvent(
        type=entry.type,
        id=str(entry.position),
        time=entry.recorded_at,
        subject=entry.stream,
        data=json.loads(entry.data),
        occurredon=entry.occurred_on,
        streamversion=entry.version,
        actorrole=entry.actor_role,
        actorid=entry.actor_id,
    )


async def _follow(request: Request, after: int) -> AsyncIterator[bytes]:
    """Everything after a position, then whatever happens, until the caller leaves or its token ends."""
    services, principal = services_of(request), principal_of(request)
    feed = Feed(services, principal)
    while services.clock().timestamp() < principal.until:
        reached = await feed.reached()
        events, more = await feed.page(after, MAX_LIMIT)
        for event in events:
            yield format_sse_event(data_str=event.model_dump_json(), id=event.id)
        if more is not None:
            after = more
            continue
        after = max(after, reached, *(int(event.id) for event in events))
        if not await services.progress.wait_until(after + 1, PING, FEEDING):
            yield KEEPALIVE_COMMENT


def _last_event_id(request: Request, after: int) -> int:
    """Where a follower that was cut off goes on."""
    stated = request.headers.get("last-event-id")
    if stated is None:
        return after
    if not re.fullmatch(r"\d{1,18}", stated, re.ASCII):
        raise malformed("/Last-Event-ID", "write the id of the last event that arrived, a position", "header")
    return int(stated)
