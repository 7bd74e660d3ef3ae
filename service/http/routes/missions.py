"""Which missions there are, how one stands, what was delivered in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Event, Recorded, Role
from domain.mission.events import MissionSigned
from domain.streams import mission_stream
from domain.values import Function, Id, IsoDate
from projections.missions import MISSIONS, answers
from projections.missions.answers import DayAnswer, MissionAnswer, Status
from projections.missions.days import DayRow
from projections.missions.mission import MissionRow
from projections.missions.queries import days_of, mission_by_id, missions_for
from projections.read_model import as_known
from service.http.commands import ID
from service.http.openapi import problems
from service.http.paging import Page, cursor_after
from service.http.policy import principal_of
from service.http.problems import malformed, not_found
from service.http.reading import Asked, Instant, Items, caught_up, listed, shown
from service.http.services import services_of
from service.http.visibility import Sight, sight_of

router = APIRouter(tags=["missions"])
AT_ONCE = 100
"""Missions of which the histories are read together."""


class MissionsAsked(Page):
    """Which missions are asked for."""

    client_id: Id | None = None
    cadre_id: Id | None = None
    function: Function | None = None
    status: Status | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None

    @property
    def is_of_now(self) -> bool:
        """Whether the missions are asked for as they stand."""
        return self.as_of is None and self.known_at is None


class MissionAsked(Asked):
    """As of which date, and as known at which instant, a mission is asked for."""

    as_of: IsoDate | None = None
    known_at: Instant | None = None

    @property
    def is_of_now(self) -> bool:
        """Whether it is asked for as it stands."""
        return self.as_of is None and self.known_at is None


class DaysAsked(Page):
    """Which of a mission's days are asked for, and as of when."""

    from_on: IsoDate | None = None
    until_on: IsoDate | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None


@router.get("/missions", response_model=Items[MissionAnswer], responses=problems(401, 422, 503))
async def list_missions(request: Request, asked: Annotated[MissionsAsked, Query()]) -> Response:
    """The missions that this token may see, in order of id."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    found = await _found(request, asked)
    page = found[: asked.limit]
    return listed(request, page, cursor_after((page[-1].mission_id,)) if len(found) > asked.limit else None)


@router.get("/missions/{mission_id}", response_model=MissionAnswer, responses=problems(401, 404, 422, 503))
async def show_mission(request: Request, mission_id: str, asked: Annotated[MissionAsked, Query()]) -> Response:
    """A mission today; as of a date, as it was known at an instant."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    for view in await _views(request, [await seen_mission(request, mission_id)], asked):
        return shown(request, view, view.version)
    raise not_found("unknown_mission")


@router.get("/missions/{mission_id}/days", response_model=Items[DayAnswer], responses=problems(401, 404, 422, 503))
async def list_days(request: Request, mission_id: str, asked: Annotated[DaysAsked, Query()]) -> Response:
    """The days of a mission, in order of date, each in its bucket."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    row, sight = await seen_mission(request, mission_id)
    after = _after_day(asked)
    if asked.as_of is None and asked.known_at is None and sight.until is None:
        query = days_of(mission_id, first=asked.from_on, last=asked.until_on, after=after, limit=asked.limit + 1)
        rows = await services_of(request).questions.rows(query, DayRow)
        days: Sequence[DayAnswer] = [answers.day_answer(day, row.agreements) for day in rows]
    else:
        days = [day for day in await _days_then(request, mission_id, asked, sight) if _is_asked(day, asked, after)]
    page = days[: asked.limit]
    cursor = cursor_after((page[-1].date.isoformat(), page[-1].day_id)) if len(days) > asked.limit else None
    return listed(request, page, cursor)


async def seen_mission(request: Request, mission_id: str) -> tuple[MissionRow, Sight]:
    """A mission, and how far this token sees it; one that it may not see answers like one that is not there."""
    if ID.fullmatch(mission_id):
        for row in await services_of(request).questions.rows(mission_by_id(mission_id), MissionRow):
            sight = sight_of(principal_of(request), row, services_of(request).today())
            if sight is not None:
                return row, sight
    raise not_found("unknown_mission")


async def _found(request: Request, asked: MissionsAsked) -> Sequence[MissionAnswer]:
    """One more than the page holds of the missions asked for that were there then and are there for this token."""
    principal, today = principal_of(request), services_of(request).today()
    key = asked.after(1)
    after = None if key is None else key[0]
    at_once = asked.limit + 1 if asked.is_of_now else max(asked.limit + 1, AT_ONCE)
    found: list[MissionAnswer] = []
    while len(found) <= asked.limit:
        rows = await _missions(request, asked, after, at_once)
        seen = [(row, sight) for row in rows if (sight := sight_of(principal, row, today)) is not None]
        found += [view for view in await _views(request, seen, asked) if asked.status in (None, view.status)]
        if len(rows) < at_once:
            break
        after = rows[-1].mission_id
    return found


async def _missions(request: Request, asked: MissionsAsked, after: str | None, limit: int) -> Sequence[MissionRow]:
    """So many missions, of what the token's role and the tables leave."""
    principal, services = principal_of(request), services_of(request)
    mission_ids: Sequence[str] | None = None
    client_id, cadre_id = asked.client_id, asked.cadre_id
    match principal.role:
        case Role.AUDITOR:
            mission_ids = sorted(principal.missions)
        case Role.ACCOUNTANT:
            mission_ids = []
        case Role.CLIENT if client_id in (None, principal.actor.id):
            client_id = principal.actor.id
        case Role.CADRE if cadre_id in (None, principal.actor.id):
            cadre_id = principal.actor.id
        case Role.CLIENT | Role.CADRE:
            mission_ids = []
        case Role.NETWORK_ADMIN:
            pass
    query = missions_for(
        services.today(),
        mission_ids=mission_ids,
        client_id=client_id,
        cadre_id=cadre_id,
        function=asked.function,
        status=asked.status if asked.is_of_now and principal.role is not Role.CADRE else None,
        after=after,
        limit=limit,
    )
    return await services.questions.rows(query, MissionRow)


async def _views(
    request: Request, seen: Sequence[tuple[MissionRow, Sight]], asked: MissionsAsked | MissionAsked
) -> Sequence[MissionAnswer]:
    """Missions today, as of a date, or as known at an instant; to who held one, up to the eve of its handover.

    Those that were not there then are left out. Histories are read together.
    """
    services = services_of(request)
    past = [mission_stream(row.mission_id) for row, sight in seen if not asked.is_of_now or sight.until is not None]
    histories = await services.records.streams(past)
    views: list[MissionAnswer | None] = []
    for row, sight in seen:
        on = sight.date(asked.as_of or services.today())
        history = histories.get(mission_stream(row.mission_id))
        if history is None:
            views.append(answers.mission_answer(row, on))
        else:
            as_of = on if asked.as_of or sight.until else None
            views.append(answers.mission_view(history, on, as_of=as_of, known_at=asked.known_at))
    return [view for view in views if view is not None]


def _after_day(asked: DaysAsked) -> tuple[date, str] | None:
    after = asked.after(2)
    if after is None:
        return None
    try:
        return date.fromisoformat(after[0]), after[1]
    except ValueError as error:
        raise malformed("/cursor", "use a cursor as a page gave it, or none for the first page", "query") from error


async def _days_then(request: Request, mission_id: str, asked: DaysAsked, sight: Sight) -> Sequence[DayAnswer]:
    """The days as they stood on a date or were known at an instant."""
    history = await services_of(request).records.stream(mission_stream(mission_id))
    as_of = asked.as_of if sight.until is None else sight.date(asked.as_of or sight.until)
    return answers.days_view(begun(history, as_of, asked.known_at))


def begun(
    history: Sequence[Recorded[Event]], as_of: date | None, known_at: datetime | None
) -> Sequence[Recorded[Event]]:
    """A mission's history at a moment: what had occurred, and was known; before its letter the mission is not there."""
    known = as_known(history, as_of=as_of, known_at=known_at)
    if not any(isinstance(recorded.event, MissionSigned) for recorded in known):
        raise not_found("unknown_mission")
    return known


def _is_asked(day: DayAnswer, asked: DaysAsked, after: tuple[date, str] | None) -> bool:
    return (
        (asked.from_on is None or day.date >= asked.from_on)
        and (asked.until_on is None or day.date <= asked.until_on)
        and (after is None or (day.date, day.day_id) > after)
    )
