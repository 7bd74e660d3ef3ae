"""What is known of a mission's results, from the read models' tables or from the mission's history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.event import Event, Recorded
from domain.mission.state import Day, Days, DayStatus, Expense, Mission, Pause
from domain.values import Money, month_of
from projections.delivered_days import Standing
from projections.kpi.billed import CHARGES, EXPENSES, ChargeRow, DocumentRow, ExpenseRow, ExpenseStanding
from projections.kpi.objectives import OBJECTIVES, ObjectiveRow
from projections.kpi.risks import RISKS, RiskRow
from projections.missions.days import DAYS, DayRow
from projections.missions.mission import MISSION, MissionRow
from projections.read_model import as_known

_STATUSES = {
    Standing.DELIVERED: DayStatus.DELIVERED,
    Standing.APPROVED: DayStatus.APPROVED,
    Standing.DISPUTED: DayStatus.DISPUTED,
    Standing.WITHDRAWN: DayStatus.WITHDRAWN,
    Standing.INVOICED: DayStatus.INVOICED,
    Standing.CREDITED: DayStatus.CREDITED,
    Standing.RELEASED: DayStatus.DELIVERED,
}


@dataclass(frozen=True)
class Held:
    """One mission: what was agreed, delivered, billed, promised and feared."""

    mission: MissionRow
    days: Sequence[DayRow]
    objectives: Sequence[ObjectiveRow]
    risks: Sequence[RiskRow]
    expenses: Sequence[ExpenseRow]
    """Those that no invoice bears."""
    charge: ChargeRow | None
    documents: Sequence[DocumentRow]

    def for_billing(self) -> Mission:
        """The mission as the rules of billing see it, so that a result is priced by them and by nothing else."""
        row = self.mission
        first, *amendments = row.agreements
        amended = [(each.effective_on or row.starts_on, each.terms) for each in amendments]
        return Mission(
            mission_id=row.mission_id,
            client_id=row.client_id,
            function=row.function,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            terms=((row.starts_on, first.terms), *amended),
            holders=tuple((holder.from_on, holder.cadre_id) for holder in row.holders),
            stopped_on=row.stopped_on,
            pauses=tuple(Pause(pause.from_on, pause.resumed_on) for pause in row.pauses),
            days=Days({day.day_id: _day(day) for day in self.days}),
            expenses={expense.expense_id: _expense(expense) for expense in self.expenses},
            included=self._included(),
            retainer_months={} if self.charge is None else dict.fromkeys(self.charge.months, ""),
        )

    def _included(self) -> dict[str, Decimal]:
        included: dict[str, Decimal] = defaultdict(Decimal)
        if self.charge is not None:
            for day in self.days:
                if quantity := self.charge.included.get(day.day_id):
                    included[month_of(day.date)] += quantity
        return dict(included)


def _day(row: DayRow) -> Day:
    return Day(
        day_id=row.day_id,
        date=row.date,
        quantity=row.quantity,
        unit=row.unit,
        cadre_id=row.cadre_id,
        status=_STATUSES[row.standing],
        released=row.standing is Standing.RELEASED,
    )


def _expense(row: ExpenseRow) -> Expense:
    return Expense(row.expense_id, row.date, Money(amount=row.amount, currency=row.currency))


def held_then(
    history: Iterable[Recorded[Event]],
    documents: Sequence[DocumentRow],
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Held | None:
    """A mission from its history, as it had occurred by a date and was known at an instant; None before it was."""
    known = as_known(history, as_of=as_of, known_at=known_at)
    missions = list(MISSION.rows(known).values())
    if not missions:
        return None
    return Held(
        mission=missions[0],
        days=list(DAYS.rows(known).values()),
        objectives=sorted(OBJECTIVES.rows(known).values(), key=lambda row: row.position),
        risks=list(RISKS.rows(known).values()),
        expenses=[row for row in EXPENSES.rows(known).values() if row.standing is ExpenseStanding.OPEN],
        charge=next(iter(CHARGES.rows(known).values()), None),
        documents=[document for document in documents if _is_known(document, as_of, known_at)],
    )


def _is_known(document: DocumentRow, as_of: date | None, known_at: datetime | None) -> bool:
    return (as_of is None or document.occurred_on <= as_of) and (known_at is None or document.recorded_at <= known_at)
