"""Mission: what a mission's events add up to, as far as decisions and billing ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from typing_extensions import override

from domain.event import State
from domain.mission.events import HandoverItem, Unit
from domain.values import Function, IsoDate, Money, Terms


class DayStatus(StrEnum):
    """Where a delivered day stands between its entry and its invoice."""

    DELIVERED = "delivered"
    DISPUTED = "disputed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    INVOICED = "invoiced"
    CREDITED = "credited"


SETTLED: Final = frozenset({DayStatus.WITHDRAWN, DayStatus.INVOICED, DayStatus.CREDITED})
"""Where nothing is left to be billed, unless a credit note brings the day back."""


@dataclass(frozen=True, slots=True)
class Day:
    """A delivered day as it stands."""

    day_id: str
    date: IsoDate
    quantity: Decimal
    unit: Unit
    cadre_id: str
    status: DayStatus = DayStatus.DELIVERED
    approved: bool = False
    """Whether the client approved it, before or after it was invoiced."""
    released: bool = False
    """Whether a credit note made it ready to be billed again, approval or not."""
    invoice_number: str | None = None
    included: Decimal = Decimal(0)
    """What its invoice counted as included in the month's retainer."""

    @property
    def is_gone(self) -> bool:
        """Whether the day was taken back, by its cadre, a settlement or a credit note."""
        return self.status in (DayStatus.WITHDRAWN, DayStatus.CREDITED)


class Days(Mapping[str, Day]):
    """A mission's days by id. Those that may still be billed are at hand, the settled ones may lie where it takes time.

    A mission of years has thousands of settled days, and most decisions ask for none of them.
    """

    def __init__(self, at_hand: Mapping[str, Day] | None = None, settled: Mapping[str, Day] | None = None) -> None:
        self._at_hand = dict(at_hand or {})
        self._settled = {} if settled is None else settled

    @override
    def __getitem__(self, day_id: str) -> Day:
        found = self._at_hand.get(day_id)
        return self._settled[day_id] if found is None else found

    def __setitem__(self, day_id: str, day: Day) -> None:
        self._at_hand[day_id] = day

    @override
    def __iter__(self) -> Iterator[str]:
        yield from (day_id for day_id in self._settled if day_id not in self._at_hand)
        yield from self._at_hand

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)

    def unsettled(self) -> list[Day]:
        """Those that no invoice bears and nobody took back, by date and id."""
        unsettled = (day for day in self._at_hand.values() if day.status not in SETTLED)
        return sorted(unsettled, key=lambda day: (day.date, day.day_id))

    def own(self) -> Days:
        """A copy that may be written into; what is settled is shared."""
        return Days(self._at_hand, self._settled)


class ExpenseStatus(StrEnum):
    """Where an expense stands between its entry and its invoice."""

    RECORDED = "recorded"
    WITHDRAWN = "withdrawn"
    INVOICED = "invoiced"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True)
class Expense:
    """An expense as it stands."""

    expense_id: str
    date: IsoDate
    amount: Money
    status: ExpenseStatus = ExpenseStatus.RECORDED
    invoice_number: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """From a date, up to the date of the resumption, which is active again."""

    from_on: date
    until_on: date | None = None

    def covers(self, on: date) -> bool:
        """Whether the mission rests on a date."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective as decisions see it."""

    set_on: date
    baseline: Decimal
    target: Decimal
    due_on: date
    closed: bool = False
    measured_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """An action, a risk or an access: whether somebody answers for it, and whether it is over."""

    answered_for: bool
    over: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """The handover that is under way."""

    completed: frozenset[HandoverItem] = frozenset()


@dataclass(frozen=True, slots=True)
class Mission(State):
    """One cadre's charge of one function at one client. Its dicts are its own: `fold` alone writes, into copies."""

    mission_id: str
    client_id: str
    function: Function
    starts_on: date
    ends_on: date | None
    terms: tuple[tuple[date, Terms], ...]
    """The terms, each with the date from which they are in force; the letter's hold before theirs too."""
    holders: tuple[tuple[date, str], ...]
    """The cadres who held the mission, each with its first date."""
    amended_on: date | None = None
    """The date from which the last amendment is in force."""
    stopped_on: date | None = None
    """The mission's last date, once its stop was decided."""
    pauses: tuple[Pause, ...] = ()
    handover: Handover | None = None
    days: Days = field(default_factory=Days)
    expenses: dict[str, Expense] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    reviews: dict[str, date] = field(default_factory=dict)
    """By id, the date on which each was held."""
    decisions: set[str] = field(default_factory=set)
    actions: dict[str, OpenPoint] = field(default_factory=dict)
    risks: dict[str, OpenPoint] = field(default_factory=dict)
    accesses: dict[str, OpenPoint] = field(default_factory=dict)
    included: dict[str, Decimal] = field(default_factory=dict)
    """By month of the days: the quantity that invoices not credited counted as included in the retainer."""
    retainer_months: dict[str, str] = field(default_factory=dict)
    """By month charged, the invoice that charged its retainer; one given back to be billed again is not there."""

    def terms_on(self, on: date) -> Terms:
        """The terms in force on a date."""
        in_force = self.terms[0][1]
        for effective_on, terms in self.terms[1:]:
            if effective_on <= on:
                in_force = terms
        return in_force

    def holder_on(self, on: date) -> str:
        """The cadre who holds the mission on a date."""
        held_by = self.holders[0][1]
        for from_on, cadre_id in self.holders[1:]:
            if from_on <= on:
                held_by = cadre_id
        return held_by

    def is_paused_on(self, on: date) -> bool:
        """Whether the mission rests on a date."""
        return any(pause.covers(on) for pause in self.pauses)

    def is_over_on(self, on: date) -> bool:
        """Whether a date comes after the stop."""
        return self.stopped_on is not None and on > self.stopped_on

    @property
    def last_on(self) -> date | None:
        """The mission's last date, its end or its stop; none while it is open-ended."""
        known = [on for on in (self.ends_on, self.stopped_on) if on is not None]
        return min(known, default=None)

    def awaits_approval(self, day: Day) -> bool:
        """Whether the day waits for the client."""
        return day.status is DayStatus.DELIVERED and not day.released and self.terms_on(day.date).approval_required

    def is_ready(self, day: Day) -> bool:
        """Whether nothing keeps the day from being billed."""
        return day.status is DayStatus.APPROVED or (day.status is DayStatus.DELIVERED and not self.awaits_approval(day))
