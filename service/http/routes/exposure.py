"""What a client owes if its mission stops on a date: invoiced and not paid, delivered and not invoiced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from domain.streams import mission_stream
from domain.values import IsoDate
from projections.invoices import BILLING
from projections.invoices.invoices import InvoiceRow
from projections.invoices.knowing import invoices_known, owed_of
from projections.invoices.queries import InvoicesAsked, invoices_for
from projections.missions import MISSIONS
from projections.missions.mission import MissionRow
from projections.missions.queries import mission_by_id
from projections.read_model import as_known
from service.http.commands import ID
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import malformed, not_found
from service.http.reading import Asked, Instant, caught_up, shown
from service.http.routes.invoices import position_known
from service.http.services import services_of
from service.http.visibility import ALL, missions_seen, sight_of
from service.owed import AHEAD, ExposureAnswer, exposure_answer
from service.results.held import held_then

router = APIRouter(tags=["billing"])


class ExposureAsked(Asked):
    """On which date the mission would stop, as of which date that is asked, and as known when; today if left out."""

    on: IsoDate | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None


@router.get(
    "/missions/{mission_id}/exposure", response_model=ExposureAnswer, responses=problems(401, 403, 404, 422, 503)
)
async def show_exposure(request: Request, mission_id: str, asked: Annotated[ExposureAsked, Query()]) -> Response:
    """What is owed if the mission stops on a date: days accepted, waiting, disputed; retainer, expenses, invoices."""
    await caught_up(request, asked.min_position, MISSIONS.name, BILLING.name)
    row, today = await _seen(request, mission_id), services_of(request).today()
    refuse_too_far_ahead("/on", asked.on, today)
    refuse_too_far_ahead("/as_of", asked.as_of, today)
    today = asked.as_of or today
    whole = await services_of(request).records.stream(mission_stream(row.mission_id))
    history = as_known(whole, as_of=asked.as_of, known_at=asked.known_at)
    held = held_then(history, ())
    if held is None:
        raise not_found("unknown_mission")
    invoices = await _invoices(request, row.mission_id, today)
    if asked.known_at is not None:
        invoices = invoices_known(invoices, await position_known(request, asked.known_at))
    owed = list(zip(invoices, (amount for _, _, amount in owed_of(invoices, today)), strict=True))
    return shown(request, exposure_answer(held.for_billing(), asked.on or today, today, owed, history))


def refuse_too_far_ahead(field: str, on: date | None, today: date) -> None:
    """What is owed is reckoned month by month: not up to the end of the calendar."""
    if on is not None and on > today + AHEAD:
        raise malformed(field, "ask for a date within the next two years", "query")


async def _seen(request: Request, mission_id: str) -> MissionRow:
    """A mission that the token bills, or sees to its end: whoever handed it over does not."""
    principal, services = principal_of(request), services_of(request)
    if ID.fullmatch(mission_id):
        for row in await services.questions.rows(mission_by_id(mission_id), MissionRow):
            if principal.role is Role.ACCOUNTANT or sight_of(principal, row, services.today()) == ALL:
                return row
    raise not_found("unknown_mission")


async def _invoices(request: Request, mission_id: str, today: date) -> Sequence[InvoiceRow]:
    """Those that bill the mission; to a cadre, only those that bill nothing but missions it holds."""
    principal, services = principal_of(request), services_of(request)
    within: Sequence[str] | None = None
    if principal.role is Role.CADRE:
        within = [row.mission_id for row, sight in await missions_seen(services, principal) if sight == ALL]
    asked = InvoicesAsked(mission_id=mission_id, within=within)
    return await services.questions.rows(invoices_for(today, asked), InvoiceRow)
