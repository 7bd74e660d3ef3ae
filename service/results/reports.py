"""Several missions in one report: time, money, risks and objectives, as of one date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.mission.events import Unit
from domain.values import Currency
from projections.delivered_days import Bucket, Standing
from projections.invoices.invoices import InvoiceRow
from projections.kpi.figures import HOURS_A_DAY, text_of, total_of
from projections.kpi.risks import open_risks
from projections.missions.answers import holder, status
from projections.missions.days import DayRow
from projections.missions.mission import MissionRow
from service.results.shapes import (
    CadreReport,
    ClientReport,
    MissionReport,
    Owed,
    Quantities,
    Results,
    StandingAnswer,
)
from service.results.telling import (
    ZERO,
    Hire,
    Told,
    by_name,
    mission_results,
    quantities_of,
    results_of,
    standing_of,
)

GONE = (Standing.WITHDRAWN, Standing.CREDITED)


@dataclass(frozen=True)
class Frame:
    """As of which date, as known at which instant, and against which hire a report is asked for."""

    on: date
    known_at: datetime | None = None
    hire: Hire | None = None
    hire_in: Currency | None = None
    """The currency of the hire's yearly cost: missions in another are not compared with it."""


def client_report(client_id: str, missions: Sequence[Told], owed: Iterable[Owed], frame: Frame) -> ClientReport:
    """All missions of a client, and what it still has to pay."""
    return ClientReport(
        client_id=client_id,
        as_of=frame.on,
        known_at=frame.known_at,
        days=_days_of(missions),
        money=_money(missions),
        owed=tuple(owed),
        objectives=_standing(missions),
        risks=open_risks(risk for each in missions for risk in each.held.risks),
        missions=[_mission(each, frame) for each in missions],
    )


def cadre_report(
    cadre_id: str, missions: Sequence[Told], worked: Sequence[tuple[DayRow, MissionRow]], frame: Frame
) -> CadreReport:
    """All missions that a cadre answers for, and the days that it worked itself, each with its mission."""
    kept = [(day, mission) for day, mission in worked if day.standing not in GONE]
    return CadreReport(
        cadre_id=cadre_id,
        as_of=frame.on,
        known_at=frame.known_at,
        worked=_in_days(day for day, _ in kept),
        lent=_in_days(day for day, mission in kept if holder(mission, day.date) != cadre_id),
        days=_days_of(missions),
        money=_money(missions),
        objectives=_standing(missions),
        risks=open_risks(risk for each in missions for risk in each.held.risks),
        missions=[_mission(each, frame) for each in missions],
    )


def _in_days(days: Iterable[DayRow]) -> Decimal:
    return sum((day.quantity / HOURS_A_DAY if day.unit is Unit.HOUR else day.quantity for day in days), ZERO)


def _days_of(missions: Iterable[Told]) -> Quantities:
    """The delivered time of all missions, in days."""
    counted = dict.fromkeys(Bucket, ZERO)
    for each in missions:
        share = HOURS_A_DAY if each.is_hourly else 1
        for name, quantity in quantities_of(each.held).items():
            counted[name] += quantity / share
    return Quantities(**by_name(counted))


def _money(missions: Iterable[Told]) -> list[Results]:
    """The results by currency: what is in another is never added."""
    by_currency: dict[Currency, list[Told]] = defaultdict(list)
    for each in missions:
        by_currency[each.currency].append(each)
    return [results_of(by_currency[currency], currency) for currency in sorted(by_currency)]


def _standing(missions: Iterable[Told]) -> StandingAnswer:
    return standing_of(objective for each in missions for objective in each.objectives)


def _mission(told: Told, frame: Frame) -> MissionReport:
    row = told.held.mission
    return MissionReport(
        mission_id=row.mission_id,
        client_id=row.client_id,
        cadre_id=holder(row, told.on),
        function=row.function,
        title=row.title,
        status=status(row, told.on),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        results=mission_results(told, frame.hire if told.currency is frame.hire_in else None),
        objectives=told.objectives,
    )


def owed_by(invoices: Iterable[InvoiceRow], on: date, known_upto: int | None = None) -> list[Owed]:
    """What a client still has to pay as of a date, tax included, by currency: known up to a position in history."""
    owed: dict[Currency, Decimal] = defaultdict(Decimal)
    late: dict[Currency, Decimal] = defaultdict(Decimal)
    for row in invoices:
        if row.occurred_on > on or not _is_known(row.position, known_upto):
            continue
        outstanding = row.gross - total_of(
            moved.paid + moved.credited
            for moved in row.movements
            if moved.occurred_on <= on and _is_known(moved.position, known_upto)
        )
        owed[row.currency] += outstanding
        late[row.currency] += outstanding if outstanding > 0 and row.due_on < on else ZERO
    return [_owed(currency, owed, late) for currency in sorted(owed)]


def _is_known(position: int, upto: int | None) -> bool:
    return upto is None or position <= upto


def _owed(currency: Currency, owed: Mapping[Currency, Decimal], late: Mapping[Currency, Decimal]) -> Owed:
    return Owed(
        currency=currency, outstanding=text_of(owed[currency], currency), late=text_of(late[currency], currency)
    )
