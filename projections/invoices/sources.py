"""What stands behind a line: the facts that made it, each by its position in history, and an expense's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from domain.billing.events import Line
from domain.event import Event, Recorded
from domain.mission.events import DayDelivered, MissionAmended, MissionSigned
from domain.values import Retainer, Terms
from projections.invoices.expenses import EXPENSES, ExpenseRow
from projections.read_model import Fold, stream_id

FROM_THE_START = date.min
"""The terms of the letter hold until an amendment's, however early the day."""


class TermsRow(NamedTuple):
    """Where history set the terms that are in force in a mission from a date on."""

    mission_id: str
    effective_on: date
    prices_months: bool
    """Whether a month is priced as a whole, by a retainer, and not each date for itself."""
    position: int


AGREED_TERMS = Fold("invoice_terms", TermsRow, key=("mission_id", "effective_on"))


@AGREED_TERMS.on(MissionSigned, keys=lambda event, _: [(event.mission_id, FROM_THE_START)])
def signed(_row: TermsRow | None, event: MissionSigned, recorded: Recorded[Event]) -> TermsRow:
    return _in_force(event.mission_id, FROM_THE_START, event.terms, recorded)


@AGREED_TERMS.on(
    MissionAmended,
    keys=lambda event, recorded: [] if event.terms is None else [(stream_id(recorded), event.effective_on)],
)
def amended(row: TermsRow | None, event: MissionAmended, recorded: Recorded[Event]) -> TermsRow | None:
    return row if event.terms is None else _in_force(stream_id(recorded), event.effective_on, event.terms, recorded)


def _in_force(mission_id: str, effective_on: date, terms: Terms, recorded: Recorded[Event]) -> TermsRow:
    return TermsRow(mission_id, effective_on, isinstance(terms.billing, Retainer), recorded.position)


class Sources:
    """Where the terms, the days and the expenses of lines stand in history."""

    def __init__(
        self,
        expenses: Iterable[ExpenseRow] = (),
        terms: Iterable[TermsRow] = (),
        days: Mapping[str, int] | None = None,
    ) -> None:
        self._expenses = {(row.mission_id, row.expense_id): row for row in expenses}
        self._terms: dict[str, list[TermsRow]] = defaultdict(list)
        for row in sorted(terms, key=lambda row: row.effective_on):
            self._terms[row.mission_id].append(row)
        self._days = days or {}

    def label(self, line: Line) -> str | None:
        """What a line's expense was for."""
        expense = self._expense(line)
        return None if expense is None else expense.label

    def facts(self, line: Line) -> tuple[int, ...]:
        """The positions of the days or the expense that a line bills, and of the terms that priced them."""
        found = {position for day in line.days if (position := self._days.get(day.day_id)) is not None}
        expense = self._expense(line)
        if expense is not None:
            found.add(expense.position)
        return tuple(sorted(found.union(self._pricing(line))))

    def _expense(self, line: Line) -> ExpenseRow | None:
        return None if line.expense_id is None else self._expenses.get((line.mission_id, line.expense_id))

    def _pricing(self, line: Line) -> Iterator[int]:
        """A day has the price of its date; where a retainer is agreed, that of the terms in force in its month."""
        terms = self._terms[line.mission_id]
        dates = [day.date for day in line.days] if line.spent_on is None else [line.spent_on]
        first, last = f"{line.month}-01", f"{line.month}-31"
        for row, following in zip(terms, [*terms[1:], None], strict=False):
            until = date.max if following is None else following.effective_on
            in_month = row.effective_on.isoformat() <= last and first < until.isoformat()
            if any(row.effective_on <= on < until for on in dates) or (row.prices_months and in_month):
                yield row.position


NOTHING = Sources()


def sources_of(history: Iterable[Recorded[Event]]) -> Sources:
    """The sources as the events alone give them."""
    known = list(history)
    days = {each.event.day_id: each.position for each in known if isinstance(each.event, DayDelivered)}
    return Sources(EXPENSES.rows(known).values(), AGREED_TERMS.rows(known).values(), days)
