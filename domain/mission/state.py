"""Mission and its fold: what a mission's events add up to, as far as decisions and billing ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias, assert_never

from domain.event import State
from domain.mission.events import (
    AccessDocumented,
    AccessRevoked,
    ActionClosed,
    ActionOpened,
    DayDelivered,
    DayDisputed,
    DaysApproved,
    DaysCredited,
    DaysInvoiced,
    DaysReleased,
    DayWithdrawn,
    DecisionRecorded,
    DisputeSettled,
    ExpenseRecorded,
    ExpenseWithdrawn,
    HandedOver,
    HandoverItem,
    HandoverItemCompleted,
    HandoverStarted,
    IndicatorMeasured,
    MissionAmended,
    MissionEvent,
    MissionExtended,
    MissionPaused,
    MissionResumed,
    MissionSigned,
    MissionStopped,
    ObjectiveClosed,
    ObjectiveRevised,
    ObjectiveSet,
    ReviewHeld,
    RiskClosed,
    RiskIdentified,
    SettlementOutcome,
    Unit,
)
from domain.values import Function, Money, Terms, month_of


class DayStatus(StrEnum):
    """Where a delivered day stands between its entry and its invoice."""

    DELIVERED = "delivered"
    DISPUTED = "disputed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    INVOICED = "invoiced"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True)
class Day:
    """A delivered day as it stands."""

    day_id: str
    date: date
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
    date: date
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
    days: dict[str, Day] = field(default_factory=dict)
    expenses: dict[str, Expense] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    reviews: dict[str, date] = field(default_factory=dict)
    """By id, the date on which each was held."""
    decisions: set[str] = field(default_factory=set)
    actions: dict[str, OpenPoint] = field(default_factory=dict)
    risks: dict[str, OpenPoint] = field(default_factory=dict)
    accesses: dict[str, OpenPoint] = field(default_factory=dict)
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

    def included_in(self, month: str) -> Decimal:
        """What invoices not credited counted as included in a month's retainer."""
        return sum((day.included for day in self.days.values() if month_of(day.date) == month), Decimal(0))


def fold(mission: Mission | None, events: Iterable[MissionEvent]) -> Mission | None:
    """The mission after more events. It never refuses: history has already happened."""
    remaining = iter(events)
    if mission is None:
        first = next(remaining, None)
        if first is None:
            return None
        assert isinstance(first, MissionSigned), "a mission's history starts with its letter"
        folded = _signed(first)
    else:
        folded = _own(mission)
    for event in remaining:
        folded = _evolve(folded, event)
    return folded


def _own(mission: Mission) -> Mission:
    return replace(
        mission,
        days=dict(mission.days),
        expenses=dict(mission.expenses),
        objectives=dict(mission.objectives),
        reviews=dict(mission.reviews),
        decisions=set(mission.decisions),
        actions=dict(mission.actions),
        risks=dict(mission.risks),
        accesses=dict(mission.accesses),
        retainer_months=dict(mission.retainer_months),
    )


def _signed(event: MissionSigned) -> Mission:
    return Mission(
        mission_id=event.mission_id,
        client_id=event.client_id,
        function=event.function,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        terms=((event.starts_on, event.terms),),
        holders=((event.starts_on, event.cadre_id),),
    )


def _evolve(mission: Mission, event: MissionEvent) -> Mission:
    match event:
        case DayDelivered():
            mission.days[event.day_id] = Day(event.day_id, event.date, event.quantity, event.unit, event.cadre_id)
        case IndicatorMeasured(objective_id=objective_id):
            measured = mission.objectives[objective_id]
            mission.objectives[objective_id] = replace(measured, measured_on=(*measured.measured_on, event.measured_on))
        case DaysApproved(day_ids=day_ids):
            for day_id in day_ids:
                mission.days[day_id] = replace(mission.days[day_id], status=DayStatus.APPROVED, approved=True)
        case DayWithdrawn(day_id=day_id):
            mission.days[day_id] = replace(mission.days[day_id], status=DayStatus.WITHDRAWN)
        case DayDisputed(day_id=day_id):
            mission.days[day_id] = replace(mission.days[day_id], status=DayStatus.DISPUTED)
        case DisputeSettled(day_id=day_id, outcome=SettlementOutcome.APPROVED):
            mission.days[day_id] = replace(mission.days[day_id], status=DayStatus.APPROVED, approved=True)
        case DisputeSettled(day_id=day_id):
            mission.days[day_id] = replace(mission.days[day_id], status=DayStatus.WITHDRAWN)
        case DaysInvoiced() | DaysCredited() | DaysReleased():
            _billed(mission, event)
        case ReviewHeld():
            mission.reviews[event.review_id] = event.held_on
            mission.decisions.update(decision.decision_id for decision in event.decisions)
        case ExpenseRecorded():
            mission.expenses[event.expense_id] = Expense(event.expense_id, event.date, event.amount)
        case ExpenseWithdrawn(expense_id=expense_id):
            mission.expenses[expense_id] = replace(mission.expenses[expense_id], status=ExpenseStatus.WITHDRAWN)
        case ObjectiveSet():
            mission.objectives[event.objective_id] = Objective(event.set_on, event.baseline, event.target, event.due_on)
        case ObjectiveRevised(objective_id=objective_id):
            revised = mission.objectives[objective_id]
            target = revised.target if event.target is None else event.target
            mission.objectives[objective_id] = replace(revised, target=target, due_on=event.due_on or revised.due_on)
        case ObjectiveClosed(objective_id=objective_id):
            mission.objectives[objective_id] = replace(mission.objectives[objective_id], closed=True)
        case DecisionRecorded():
            mission.decisions.add(event.decision_id)
        case ActionOpened():
            mission.actions[event.action_id] = OpenPoint(answered_for=event.owner is not None)
        case ActionClosed(action_id=action_id):
            mission.actions[action_id] = replace(mission.actions[action_id], over=True)
        case RiskIdentified():
            mission.risks[event.risk_id] = OpenPoint(answered_for=event.backup is not None)
        case RiskClosed(risk_id=risk_id):
            mission.risks[risk_id] = replace(mission.risks[risk_id], over=True)
        case AccessDocumented():
            mission.accesses[event.access_id] = OpenPoint(answered_for=event.custodian is not None)
        case AccessRevoked(access_id=access_id):
            mission.accesses[access_id] = replace(mission.accesses[access_id], over=True)
        case _:
            return _ran(mission, event)
    return mission


Course: TypeAlias = (
    MissionSigned
    | MissionAmended
    | MissionExtended
    | MissionPaused
    | MissionResumed
    | MissionStopped
    | HandoverStarted
    | HandoverItemCompleted
    | HandedOver
)
"""What sets the mission's course: its letters, its pauses, its stop, who holds it."""


def _ran(mission: Mission, event: Course) -> Mission:
    match event:
        case MissionSigned():  # once, and first: fold has seen to it
            return mission
        case MissionAmended(effective_on=effective_on, terms=Terms() as terms):
            return replace(mission, amended_on=effective_on, terms=(*mission.terms, (effective_on, terms)))
        case MissionAmended(effective_on=effective_on):
            return replace(mission, amended_on=effective_on)
        case MissionExtended(ends_on=ends_on):
            return replace(mission, ends_on=ends_on)
        case MissionPaused(from_on=from_on):
            return replace(mission, pauses=(*mission.pauses, Pause(from_on)))
        case MissionResumed(on=on):
            return replace(mission, pauses=(*mission.pauses[:-1], replace(mission.pauses[-1], until_on=on)))
        case MissionStopped(on=on):
            return replace(mission, stopped_on=on)
        case HandoverStarted():
            return replace(mission, handover=Handover())
        case HandoverItemCompleted(item_id=item):
            under_way = mission.handover or Handover()
            return replace(mission, handover=Handover(under_way.completed | {item}))
        case HandedOver():
            return replace(mission, handover=None, holders=(*mission.holders, (event.effective_on, event.to_cadre_id)))
        case _:
            assert_never(event)


def _billed(mission: Mission, event: DaysInvoiced | DaysCredited | DaysReleased) -> None:
    for day_id in event.day_ids:
        mission.days[day_id] = _billed_day(mission.days[day_id], event)
    for expense_id in event.expense_ids:
        mission.expenses[expense_id] = _billed_expense(mission.expenses[expense_id], event)
    for month in event.retainer_months:
        if isinstance(event, DaysReleased):
            mission.retainer_months.pop(month, None)
        else:
            mission.retainer_months[month] = event.invoice_number


def _billed_day(day: Day, event: DaysInvoiced | DaysCredited | DaysReleased) -> Day:
    match event:
        case DaysInvoiced(invoice_number=number):
            included = event.included.get(day.day_id, Decimal(0))
            return replace(day, status=DayStatus.INVOICED, invoice_number=number, included=included)
        case DaysCredited():
            return replace(day, status=DayStatus.CREDITED, included=Decimal(0))
        case DaysReleased():
            status = DayStatus.APPROVED if day.approved else DayStatus.DELIVERED
            return replace(day, status=status, released=True, invoice_number=None, included=Decimal(0))
        case _:
            assert_never(event)


def _billed_expense(expense: Expense, event: DaysInvoiced | DaysCredited | DaysReleased) -> Expense:
    match event:
        case DaysInvoiced(invoice_number=number):
            return replace(expense, status=ExpenseStatus.INVOICED, invoice_number=number)
        case DaysCredited():
            return replace(expense, status=ExpenseStatus.CREDITED)
        case DaysReleased():
            return replace(expense, status=ExpenseStatus.RECORDED, invoice_number=None)
        case _:
            assert_never(event)
