"""What a client owes if its mission stops on a date: invoiced and not paid, delivered and not invoiced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from domain.billing.exposure import Exposure, Part, exposure_of
from domain.event import Event, Recorded, Role
from domain.mission.events import DayDelivered, MissionEvent
from domain.mission.fold import fold
from domain.mission.state import Mission
from domain.streams import mission_stream
from domain.values import Currency, IsoDate, Number
from projections.invoices import BILLING
from projections.invoices.answers import days_late
from projections.invoices.invoices import InvoiceRow
from projections.invoices.queries import InvoicesAsked, invoices_for
from projections.missions import MISSIONS
from projections.missions.mission import MissionRow
from projections.missions.queries import mission_by_id
from service.http.commands import ID
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import malformed, not_found
from service.http.reading import Asked, caught_up, shown
from service.http.services import services_of
from service.http.visibility import ALL, missions_seen, sight_of

router = APIRouter(tags=["billing"])


AHEAD = timedelta(days=731)
"""How far ahead a stop is reckoned with."""


class ExposureAsked(Asked):
    """On which date the mission would stop; today if left out."""

    on: IsoDate | None = None


class PartAnswer(BaseModel):
    """Delivered days that no invoice bears, and what they add."""

    model_config = ConfigDict(frozen=True)
    quantity: Number
    net: str
    day_ids: tuple[str, ...]
    facts: tuple[int, ...]
    """Where they were delivered in history."""


class OwedInvoice(BaseModel):
    """An invoice with something outstanding."""

    model_config = ConfigDict(frozen=True)
    invoice_number: str
    due_on: IsoDate
    outstanding: str
    days_late: int
    position: int


class ExposureAnswer(BaseModel):
    """What is owed if the mission stops on a date: total = net + tax + outstanding."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    on: IsoDate
    currency: Currency
    approved: PartAnswer
    awaiting_approval: PartAnswer
    disputed: PartAnswer
    retainer: str
    expenses: str
    net: str
    tax: str
    invoices: tuple[OwedInvoice, ...]
    outstanding: str
    total: str
    notice_days: int | None
    notice_ends_on: IsoDate | None
    """The last date of a notice that is given today, two years ahead at most."""


@router.get(
    "/missions/{mission_id}/exposure", response_model=ExposureAnswer, responses=problems(401, 403, 404, 422, 503)
)
async def show_exposure(request: Request, mission_id: str, asked: Annotated[ExposureAsked, Query()]) -> Response:
    """What is owed if the mission stops on a date: days accepted, waiting, disputed; retainer, expenses, invoices."""
    await caught_up(request, asked.min_position, MISSIONS.name, BILLING.name)
    row, today = await _seen(request, mission_id), services_of(request).today()
    if asked.on is not None and asked.on > today + AHEAD:
        raise malformed("/on", "ask for a date within the next two years", "query")
    history = await services_of(request).records.stream(mission_stream(row.mission_id))
    mission = fold(None, (cast("MissionEvent", recorded.event) for recorded in history))
    if mission is None:
        raise not_found("unknown_mission")
    invoices = await _invoices(request, row.mission_id, today)
    return shown(request, _answer(mission, asked.on or today, today, invoices, history))


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


def _answer(
    mission: Mission, on: date, today: date, invoices: Sequence[InvoiceRow], history: Sequence[Recorded[Event]]
) -> ExposureAnswer:
    exposure = exposure_of(mission, on)
    money = exposure.currency.text
    owed = [(row, row.gross - row.paid - row.credited) for row in invoices]
    outstanding = sum((amount for _, amount in owed), Decimal(0))
    notice = mission.terms_on(today).notice_days
    approved, waiting, disputed = _parts(exposure, history)
    return ExposureAnswer(
        mission_id=mission.mission_id,
        on=on,
        currency=exposure.currency,
        approved=approved,
        awaiting_approval=waiting,
        disputed=disputed,
        retainer=money(exposure.retainer),
        expenses=money(exposure.expenses),
        net=money(exposure.net),
        tax=money(exposure.tax),
        invoices=tuple(_owed(row, amount, today) for row, amount in owed if amount),
        outstanding=money(outstanding),
        total=money(exposure.net + exposure.tax + outstanding),
        notice_days=notice,
        notice_ends_on=None if notice is None else today + timedelta(days=min(notice, AHEAD.days)),
    )


def _parts(exposure: Exposure, history: Sequence[Recorded[Event]]) -> tuple[PartAnswer, PartAnswer, PartAnswer]:
    positions = {each.event.day_id: each.position for each in history if isinstance(each.event, DayDelivered)}

    def told(part: Part) -> PartAnswer:
        return PartAnswer(
            quantity=part.quantity,
            net=exposure.currency.text(part.net),
            day_ids=tuple(day.day_id for day in part.days),
            facts=tuple(positions[day.day_id] for day in part.days),
        )

    return told(exposure.ready), told(exposure.awaiting_approval), told(exposure.disputed)


def _owed(row: InvoiceRow, outstanding: Decimal, today: date) -> OwedInvoice:
    return OwedInvoice(
        invoice_number=row.invoice_number,
        due_on=row.due_on,
        outstanding=row.currency.text(outstanding),
        days_late=days_late(row.due_on, outstanding, today),
        position=row.position,
    )
