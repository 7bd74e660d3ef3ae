"""Who did what, when, in words: of one mission, or of all that a token may see; to search, and to take away."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from domain.event import Role
from domain.mission.events import MissionSigned
from domain.party.events import Language
from domain.streams import mission_stream
from domain.values import Id, IsoDate
from projections.audit_trail import AUDIT_TRAIL, Entry
from projections.audit_trail.queries import Search, entries_for
from projections.missions import MISSIONS
from service.exports.audit_trail import (
    MEDIA_TYPES,
    FileFormat,
    all_entries,
    csv_lines,
    entries,
    file_name,
    json_lines,
)
from service.http.openapi import problems
from service.http.paging import Page, cursor_after
from service.http.policy import principal_of
from service.http.problems import malformed, not_found
from service.http.reading import Asked, Instant, Items, caught_up, language_of, listed
from service.http.routes.missions import seen_mission
from service.http.services import services_of
from service.http.visibility import as_seen

router = APIRouter(tags=["audit trail"])


class Filters(BaseModel):
    """Whose deeds, of what type, of what period, as of when."""

    type: str | None = None
    actor_role: Role | None = None
    actor_id: Id | None = None
    from_on: IsoDate | None = None
    until_on: IsoDate | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None

    def search(self) -> Search:
        """What is asked of the read model."""
        if self.from_on is not None and self.until_on is not None and self.from_on > self.until_on:
            raise malformed("/until_on", f"the period begins on {self.from_on}: name that date or a later one", "query")
        return Search(
            types=None if self.type is None else [self.type],
            actor_role=self.actor_role,
            actor_id=self.actor_id,
            first=self.from_on,
            last=self.until_on,
            as_of=self.as_of,
            known_at=self.known_at,
        )


class TrailAsked(Filters, Page):
    """Which part of a mission's trail is asked for."""


class SearchAsked(Filters, Page):
    """Which part of all trails is asked for."""

    mission_id: Id | None = None


class FileAsked(Filters, Asked):
    """Which part of all trails is taken away, and in which form."""

    mission_id: Id | None = None
    format: FileFormat = FileFormat.CSV


@router.get("/missions/{mission_id}/audit-trail", response_model=Items[Entry], responses=problems(401, 404, 422, 503))
async def show_audit_trail(request: Request, mission_id: str, asked: Annotated[TrailAsked, Query()]) -> Response:
    """Every event of a mission in order, as a sentence in French or English, with the hash that proves it."""
    await caught_up(request, asked.min_position, MISSIONS.name, AUDIT_TRAIL.name)
    search = await _of_mission(request, mission_id, asked.search())
    return await _page(request, search, asked)


@router.get("/audit-trail", response_model=Items[Entry], responses=problems(401, 404, 422, 503))
async def search_audit_trail(request: Request, asked: Annotated[SearchAsked, Query()]) -> Response:
    """What this token may see of all that was ever done, by mission, actor, type and period."""
    await caught_up(request, asked.min_position, MISSIONS.name, AUDIT_TRAIL.name)
    return await _page(request, await _asked_for(request, asked.mission_id, asked.search()), asked)


@router.get(
    "/audit-trail/export",
    response_class=Response,
    responses={
        200: {
            "description": "The whole of what was asked for, as a file.",
            "content": {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "object"}}},
        },
        **problems(401, 404, 422, 503),
    },
)
async def export_audit_trail(request: Request, asked: Annotated[FileAsked, Query()]) -> Response:
    """The same, whole: as CSV, or as JSON like the list's."""
    await caught_up(request, asked.min_position, MISSIONS.name, AUDIT_TRAIL.name)
    search, language = await _asked_for(request, asked.mission_id, asked.search()), language_of(request)
    told = all_entries(search, services_of(request).questions, language)
    lines = csv_lines(told) if asked.format is FileFormat.CSV else json_lines(told)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(search, asked.format)}"', **_in(language)}
    return StreamingResponse(lines, headers=headers, media_type=MEDIA_TYPES[asked.format])


async def _asked_for(request: Request, mission_id: str | None, search: Search) -> Search:
    """What is looked for: in one mission, or in all that the token sees."""
    if mission_id is not None:
        return await _of_mission(request, mission_id, search)
    return await as_seen(services_of(request), principal_of(request), search)


async def _of_mission(request: Request, mission_id: str, search: Search) -> Search:
    """What is looked for in a mission; before its letter the mission is not there."""
    _, sight = await seen_mission(request, mission_id)
    as_of = search.as_of if sight.until is None else sight.date(search.as_of or sight.until)
    if as_of is not None or search.known_at is not None:
        letter = Search(mission_stream(mission_id), types=[MissionSigned.TOPIC], as_of=as_of, known_at=search.known_at)
        if not await services_of(request).questions.ask(entries_for(letter, limit=1)):
            raise not_found("unknown_mission")
    return replace(search, stream=mission_stream(mission_id), as_of=as_of)


async def _page(request: Request, search: Search, page: Page) -> Response:
    language = language_of(request)
    found = await entries(search, services_of(request).questions, page.after_position(), page.limit + 1, language)
    told = found[: page.limit]
    response = listed(request, told, cursor_after((str(told[-1].position),)) if len(found) > page.limit else None)
    response.headers.update(_in(language))
    return response


def _in(language: Language) -> dict[str, str]:
    return {"Content-Language": language.value, "Vary": "Accept-Language"}
