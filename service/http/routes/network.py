"""How the network fares, over HTTP: its scorecard, and the weak signals that ask for somebody."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, cast

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from domain.streams import kind_of
from domain.values import IsoDate
from projections import read_model
from projections.missions import MISSIONS
from projections.network import NETWORK, STANDINGS, alerts, indicators
from projections.network.alerts import Alert, AlertAnswer, Within, alert_answer
from projections.network.courses import StandingRow, standing_of
from projections.network.indicators import Scorecard, Worked
from projections.network.signals import Code, Thresholds
from projections.network.sources import Moment, courses, sources
from projections.read_model import Row, rows_of
from service.http.openapi import problems
from service.http.paging import Page, cursor_after
from service.http.policy import principal_of
from service.http.problems import malformed
from service.http.questions import read
from service.http.reading import Asked, Instant, Items, caught_up, listed, shown
from service.http.services import services_of
from service.http.visibility import missions_seen

router = APIRouter(tags=["network"])


class ScorecardAsked(Asked):
    """As of which date, and as known at which instant, the figures are asked for."""

    as_of: IsoDate | None = None
    known_at: Instant | None = None


class AlertsAsked(Page):
    """As of which date, and as known at which instant, the signals are asked for."""

    as_of: IsoDate | None = None
    known_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Sees:
    """What a token sees of the network: its missions (None: all), and whose signals."""

    mission_ids: Sequence[str] | None
    within: Within


@router.get("/network/indicators", response_model=Scorecard, responses=problems(401, 403, 422, 503))
async def show_indicators(request: Request, asked: Annotated[ScorecardAsked, Query()]) -> Response:
    """The network's scorecard and its verdict; to a cadre, a client or an auditor the figures of its own missions."""
    await caught_up(request, asked.min_position, MISSIONS.name, NETWORK.name)
    on = asked.as_of or services_of(request).today()
    return await _remembered(request, asked.model_copy(update={"as_of": on}), lambda: _indicators(request, asked, on))


async def _indicators(request: Request, asked: ScorecardAsked, on: date) -> Response:
    sees = await _sees(request, on)
    moment = _moment(request, asked.as_of, asked.known_at)
    standing = _standings(sees.mission_ids) if moment is None else sources(sees.mission_ids, moment)
    at = moment or Moment()
    answers = await services_of(request).questions.together(
        [*standing, indicators.worked_by(on, at, sees.mission_ids), indicators.parties_in(at)]
    )
    return shown(request, await run_in_threadpool(_scorecard, answers, on, sees, moment))


@router.get("/network/alerts", response_model=Items[AlertAnswer], responses=problems(401, 422, 503))
async def list_alerts(request: Request, asked: Annotated[AlertsAsked, Query()]) -> Response:
    """The weak signals that stand, the gravest and oldest first: of what this token sees."""
    await caught_up(request, asked.min_position, MISSIONS.name, NETWORK.name)
    on = asked.as_of or services_of(request).today()
    return await _remembered(request, asked.model_copy(update={"as_of": on}), lambda: _alerts(request, asked, on))


async def _alerts(request: Request, asked: AlertsAsked, on: date) -> Response:
    sees, moment, limits = await _sees(request, on), _moment(request, asked.as_of, asked.known_at), _limits(request)
    after = _after(asked)
    if moment is None:
        query = alerts.alerts_now(on, limits, sees.within, after=after, limit=asked.limit + 1)
        standing = [alerts.alert_of(row) for row in await services_of(request).questions.ask(query)]
        found = [*_following(await _set_aside(request), after), *standing]
    else:
        found = _following(await _alerts_then(request, on, sees, moment), after)
    page = found[: asked.limit]
    items = [alert_answer(alert, on, limits) for alert in page]
    return listed(request, items, cursor_after(_written(page[-1])) if len(found) > asked.limit else None)


def _following(found: Sequence[Alert], after: alerts.Place | None) -> list[Alert]:
    """What follows the page before."""
    return [alert for alert in found if after is None or alert.key > after]


STAMP = read_model.Query(
    """
    SELECT generation, position, (SELECT count(*) FROM rm.projection_parked),
           (SELECT max(parked_at) FROM rm.projection_parked),
           (SELECT count(*) FROM rm.projection_generations WHERE stopped_at IS NOT NULL)
    FROM rm.projection_generations WHERE model = %(model)s AND state = 'serving'
    """,
    {"model": NETWORK.name},
)
"""Where the read model stands, and what is set aside: while this is the same, so is every answer."""
KEPT = 64
"""Answers to a network admin that are kept, for as long as nothing happens."""


async def _remembered(
    request: Request, asked: ScorecardAsked | AlertsAsked, answer: Callable[[], Awaitable[Response]]
) -> Response:
    """The same question about the same history has the same answer: whether it is the same is one indexed read."""
    if principal_of(request).role is not Role.NETWORK_ADMIN:
        return await answer()
    stamp = await services_of(request).questions.ask(STAMP)
    kept: OrderedDict[object, Response] = services_of(request).answers
    key = (*stamp, request.scope["path"], asked.model_copy(update={"min_position": None}).model_dump_json())
    if key not in kept:
        kept[key] = await answer()
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return Response(kept[key].body, headers=dict(kept[key].headers))


async def _sees(request: Request, on: date) -> Sees:
    """All to a network admin; a cadre what it held on the date; who bills, the invoices."""
    principal, services = principal_of(request), services_of(request)
    if principal.role is Role.NETWORK_ADMIN:
        return Sees(None, alerts.EVERYTHING)
    if principal.role is Role.ACCOUNTANT:
        return Sees([], Within(codes=(Code.INVOICE_LATE,)))
    seen = await missions_seen(services, principal)
    mission_ids = [mission.mission_id for mission, sight in seen if sight.until is None or on <= sight.until]
    if principal.role is Role.CLIENT:
        return Sees(mission_ids, Within(client_id=principal.actor.id))
    if principal.role is Role.CADRE:
        return Sees(mission_ids, Within(mission_ids, cadre_id=principal.actor.id))
    codes = tuple(code for code in alerts.EVERYTHING.codes if code is not Code.DEPENDENCE)
    return Sees(mission_ids, Within(mission_ids, codes=codes))


def _moment(request: Request, as_of: date | None, known_at: datetime | None) -> Moment | None:
    """What had occurred and was known then; None where that is all there is: no fact is dated after today."""
    is_past = as_of is not None and as_of < services_of(request).today()
    return Moment(as_of if is_past else None, known_at) if is_past or known_at is not None else None


def _standings(mission_ids: Sequence[str] | None) -> list[read_model.Query]:
    among = "" if mission_ids is None else "WHERE mission_id = ANY(%(ids)s)"
    return [rows_of(STANDINGS, among, {"ids": None if mission_ids is None else list(mission_ids)})]


def _scorecard(answers: Sequence[Sequence[Row]], on: date, sees: Sees, moment: Moment | None) -> Scorecard:
    *told, worked, parties = answers
    if moment is None:
        standings = [read(StandingRow, cells) for cells in told[0]]
    else:
        standings = [standing_of(course) for course in courses(told, moment)]
    of_all = sees.mission_ids is None
    return indicators.scorecard(
        standings,
        [Worked(*cast("tuple[str, Decimal, list[str]]", row)) for row in worked],
        [str(party_id) for party_id, kind, *_ in parties if kind == "cadre" and of_all],
        [str(party_id) for party_id, kind, *_ in parties if kind == "client" and of_all],
        on,
        of_all=of_all,
    )


async def _alerts_then(request: Request, on: date, sees: Sees, moment: Moment) -> list[Alert]:
    queries = [*sources(sees.mission_ids, moment), alerts.invoices_then(moment, sees.within)]
    answers = await services_of(request).questions.together(queries)
    *told, invoices = answers
    limits = _limits(request)

    def found() -> list[Alert]:
        owed = alerts.invoices_of(invoices)
        return alerts.alerts_then(courses(told, moment), owed, on, limits, moment=moment, within=sees.within)

    return await run_in_threadpool(found)


def _limits(request: Request) -> Thresholds:
    return services_of(request).thresholds


def _written(alert: Alert) -> tuple[str, ...]:
    return tuple(str(part) for part in alert.key)


def _after(asked: AlertsAsked) -> alerts.Place | None:
    """The place in the list after which the page begins."""
    key = asked.after(5)
    if key is None:
        return None
    try:
        return int(key[0]), date.fromisoformat(key[1]), key[2], key[3], key[4]
    except ValueError:
        raise malformed("/cursor", "use a cursor as a page gave it, or none for the first page", "query") from None


FIRST = -1
"""What is set aside comes before all that stands: until it is mended, something may be missing there."""
ASIDE = """
    SELECT p.stream, (p.parked_at AT TIME ZONE %(zone)s)::date
    FROM rm.projection_parked p JOIN rm.projection_generations g USING (model, generation) WHERE g.state = 'serving'
    UNION
    SELECT model, (changed_at AT TIME ZONE %(zone)s)::date
    FROM rm.projection_generations WHERE state = 'serving' AND stopped_at IS NOT NULL
    ORDER BY 2, 1
    """


async def _set_aside(request: Request) -> list[Alert]:
    """To a network admin: the streams that a read model has set aside, and the read models that stopped."""
    if principal_of(request).role is not Role.NETWORK_ADMIN:
        return []
    zone = {"zone": services_of(request).zone.key}
    rows = await services_of(request).questions.ask(read_model.Query(ASIDE, zone))
    return [Alert(FIRST, since, Code.SET_ASIDE.value, _mission(name), name, "", (), ()) for name, since in rows]


def _mission(stream: str) -> str:
    return stream.partition(":")[2] if kind_of(stream) == "mission" else ""
