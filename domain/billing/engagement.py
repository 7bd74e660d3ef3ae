"""What a mission brings to a billing run: its terms over time, its active dates, what is ready to be billed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from domain.mission.state import ExpenseStatus, Mission
from domain.values import Currency, Function, Retainer, Terms, month_of


@dataclass(frozen=True, slots=True)
class ReadyDay:
    """A delivered day that nothing keeps from being billed."""

    day_id: str
    date: date
    quantity: Decimal
    cadre_id: str


@dataclass(frozen=True, slots=True)
class OpenExpense:
    """An expense that no invoice bears yet."""

    expense_id: str
    date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Engagement:
    """A mission as billing sees it."""

    mission_id: str
    client_id: str
    function: Function
    terms: tuple[tuple[date, Terms], ...]
    """The terms and the date that they are in force from, in order; the first also hold before theirs."""
    starts_on: date
    last_on: date | None = None
    """The mission's last date: its end or its stop; open-ended without."""
    pauses: tuple[tuple[date, date | None], ...] = ()
    """From a date, to the date of the resumption, which is active again."""
    ready: tuple[ReadyDay, ...] = ()
    expenses: tuple[OpenExpense, ...] = ()
    charged_months: frozenset[str] = frozenset()
    """Months whose retainer an invoice charged, and none gave back to be billed again."""
    included: Mapping[str, Decimal] = field(default_factory=dict)
    """By month: the quantity that invoices not credited counted as included in the retainer."""

    @property
    def currency(self) -> Currency:
        """The currency that the mission is billed in; no amendment changes it."""
        return self.terms[0][1].currency

    @property
    def issuer_id(self) -> str:
        """Who invoices; no amendment changes it."""
        return self.terms[0][1].issuer_id

    def terms_on(self, on: date) -> Terms:
        """The terms in force on a date."""
        in_force = [terms for effective_on, terms in self.terms if effective_on <= on]
        return in_force[-1] if in_force else self.terms[0][1]

    def is_active_on(self, on: date) -> bool:
        """Whether the mission ran on a date: within its period, and in no pause."""
        if on < self.starts_on or (self.last_on is not None and on > self.last_on):
            return False
        return not any(from_on <= on and (resumed_on is None or on < resumed_on) for from_on, resumed_on in self.pauses)

    def active_dates(self, month: str) -> tuple[date, ...]:
        """The dates of a month on which the mission ran."""
        return tuple(on for on in dates_of(month) if self.is_active_on(on))

    def retainer_in(self, month: str) -> tuple[Retainer, Terms] | None:
        """A month's retainer, and the terms that set it: those in force on the month's last active date."""
        if not isinstance(self.terms[0][1].billing, Retainer):
            return None
        dates = self.active_dates(month) or dates_of(month)
        terms = self.terms_on(dates[-1])
        return (terms.billing, terms) if isinstance(terms.billing, Retainer) else None


def engagement_of(mission: Mission, month: str) -> Engagement:
    """What a mission brings to the run of a month: what is ready of all that is dated up to its end."""
    last_on = last_date_of(month)
    due = [day for day in mission.days.unsettled() if day.date <= last_on and mission.is_ready(day)]
    spent = [
        expense
        for expense in mission.expenses.values()
        if expense.date <= last_on and expense.status is ExpenseStatus.RECORDED
    ]
    return Engagement(
        mission_id=mission.mission_id,
        client_id=mission.client_id,
        function=mission.function,
        terms=mission.terms,
        starts_on=mission.starts_on,
        last_on=mission.last_on,
        pauses=tuple((pause.from_on, pause.until_on) for pause in mission.pauses),
        ready=tuple(ReadyDay(day.day_id, day.date, day.quantity, day.cadre_id) for day in due),
        expenses=tuple(OpenExpense(each.expense_id, each.date, each.amount.amount) for each in spent),
        charged_months=frozenset(mission.retainer_months),
        included=mission.included,
    )


def dates_of(month: str) -> tuple[date, ...]:
    """All dates of a month."""
    first = date(int(month[:4]), int(month[5:]), 1)
    return tuple(first + timedelta(days=offset) for offset in range(monthrange(first.year, first.month)[1]))


def last_date_of(month: str) -> date:
    """The last date of a month."""
    return dates_of(month)[-1]


def months_through(start: date, last_month: str) -> Iterator[str]:
    """The months from a date's to the last, both included."""
    year, month = start.year, start.month
    while month_of(date(year, month, 1)) <= last_month:
        yield month_of(date(year, month, 1))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
