"""Delivered = billed = paid: the days of each mission and month, each in one bucket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Event, Recorded, Role
from domain.values import IsoDate, Month
from projections import reconciliation
from projections.invoices import BILLING
from projections.invoices.answers import billed_by_month
from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.invoices import INVOICES
from projections.invoices.queries import billed_in
from projections.missions import MISSIONS
from projections.read_model import as_known
from projections.reconciliation import RECONCILIATION, Count, Reconciliation
from service.http.openapi import problems
from service.http.paging import Page, cursor_after, link_next
from service.http.policy import principal_of
from service.http.reading import Instant, caught_up, shown
from service.http.services import services_of
from service.http.visibility import ALL, missions_seen

router = APIRouter(tags=["billing"])


class ReconciliationAsked(Page):
    """Of which month, as of which date, and as known when the figures are asked for."""

    month: Month | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None


@router.get("/billing/reconciliation", response_model=Reconciliation, responses=problems(401, 422, 503))
async def show_reconciliation(request: Request, asked: Annotated[ReconciliationAsked, Query()]) -> Response:
    """Every delivered day in exactly one bucket, per mission and month; any difference is named."""
    await caught_up(request, asked.min_position, MISSIONS.name, RECONCILIATION.name, BILLING.name)
    mission_ids = await _missions_counted(request)
    if asked.as_of is None and asked.known_at is None:
        answer = await _today(request, asked, mission_ids)
    else:
        answer = await _then(request, asked, mission_ids)
    response = shown(request, answer)
    link_next(request, response, answer.next_cursor)
    return response


async def _today(request: Request, asked: ReconciliationAsked, mission_ids: Sequence[str] | None) -> Reconciliation:
    ask = services_of(request).questions.ask
    key = asked.after(2)
    after = None if key is None else (key[0], key[1])
    rows = await ask(reconciliation.portions_for(asked.month, mission_ids, after, asked.limit + 1))
    lines = reconciliation.lines(reconciliation.portion_of(cells) for cells in rows)
    page = lines[: asked.limit]
    counts = [Count(*cells) for cells in await ask(reconciliation.counts_for(asked.month, mission_ids))]
    cursor = cursor_after((page[-1].mission_id, page[-1].month)) if len(lines) > asked.limit else None
    missions, months = {line.mission_id for line in page}, {line.month for line in page}
    billed = await ask(billed_in(sorted(missions), sorted(months)))
    answer = reconciliation.reconciliation(page, counts, cursor)
    return reconciliation.with_billed(answer, {(mission_id, month): net for mission_id, month, net in billed})


async def _then(request: Request, asked: ReconciliationAsked, mission_ids: Sequence[str] | None) -> Reconciliation:
    """As of another date, or as known then, the events alone tell."""
    answer = await services_of(request).records.all(
        lambda history: _told(as_known(history, as_of=asked.as_of, known_at=asked.known_at), asked)
    )
    key = asked.after(2) or ("", "")
    seen = [line for line in answer.items if mission_ids is None or line.mission_id in mission_ids]
    lines = [line for line in seen if (line.mission_id, line.month) > key]
    page = lines[: asked.limit]
    differences = tuple(each for each in answer.differences if mission_ids is None or each.mission_id in mission_ids)
    return Reconciliation(
        balanced=not differences,
        differences=differences,
        items=tuple(page),
        next_cursor=cursor_after((page[-1].mission_id, page[-1].month)) if len(lines) > asked.limit else None,
    )


def _told(known: Sequence[Recorded[Event]], asked: ReconciliationAsked) -> Reconciliation:
    billed = billed_by_month([*INVOICES.rows(known).values(), *CREDIT_NOTES.rows(known).values()])
    return reconciliation.with_billed(reconciliation.reconcile(known, asked.month), billed)


async def _missions_counted(request: Request) -> Sequence[str] | None:
    """Whose days this token may count: all for those who bill, else those of the missions that it sees in full."""
    principal = principal_of(request)
    if principal.role in (Role.NETWORK_ADMIN, Role.ACCOUNTANT):
        return None
    seen = await missions_seen(services_of(request), principal)
    return [mission.mission_id for mission, sight in seen if sight == ALL]
