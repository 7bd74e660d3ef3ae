"""Who did what, when, in words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.streams import mission_stream
from domain.values import IsoDate
from projections.audit_trail import AUDIT_TRAIL, Entry, EntryRow, entries_for, entry_of
from projections.missions import MISSIONS
from service.http.openapi import problems
from service.http.paging import Page, cursor_after
from service.http.questions import read
from service.http.reading import Instant, Items, caught_up, language_of, listed
from service.http.routes.missions import seen_mission
from service.http.services import services_of

router = APIRouter(tags=["audit trail"])


class TrailAsked(Page):
    """Which part of a mission's trail is asked for, and as of when."""

    as_of: IsoDate | None = None
    known_at: Instant | None = None


@router.get("/missions/{mission_id}/audit-trail", response_model=Items[Entry], responses=problems(401, 404, 422, 503))
async def show_audit_trail(request: Request, mission_id: str, asked: Annotated[TrailAsked, Query()]) -> Response:
    """Every event of a mission in order, as a sentence in French or English, with the hash that proves it."""
    await caught_up(request, asked.min_position, MISSIONS.name, AUDIT_TRAIL.name)
    _, sight = await seen_mission(request, mission_id)
    query = entries_for(
        mission_stream(mission_id),
        after=asked.after_position(),
        limit=asked.limit + 1,
        as_of=asked.as_of if sight.until is None else sight.date(asked.as_of or sight.until),
        known_at=asked.known_at,
    )
    rows = await services_of(request).questions.ask(query)
    language = language_of(request)
    entries = [entry_of(read(EntryRow, cells[:-1]), cells[-1], language) for cells in rows[: asked.limit]]
    cursor = cursor_after((str(entries[-1].position),)) if len(rows) > asked.limit else None
    response = listed(request, entries, cursor)
    response.headers["Content-Language"] = language.value
    response.headers["Vary"] = "Accept-Language"
    return response
