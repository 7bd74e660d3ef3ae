"""The fold of a mission's history: each event changes what it changes, and none is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias, assert_never

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
)
from domain.mission.state import (
    Day,
    DayStatus,
    Expense,
    ExpenseStatus,
    Handover,
    Mission,
    Objective,
    OpenPoint,
    Pause,
)
from domain.values import Terms, month_of

Time: TypeAlias = (
    DayDelivered | DayWithdrawn | DaysApproved | DayDisputed | DisputeSettled | ExpenseRecorded | ExpenseWithdrawn
)
"""What becomes of the time and the expenses before they are billed."""

Billed: TypeAlias = DaysInvoiced | DaysCredited | DaysReleased
"""What billing makes of them."""

Results: TypeAlias = ObjectiveSet | ObjectiveRevised | ObjectiveClosed | IndicatorMeasured
"""What the cadre answers for, and how it stands."""

Follow: TypeAlias = (
    ReviewHeld
    | DecisionRecorded
    | ActionOpened
    | ActionClosed
    | RiskIdentified
    | RiskClosed
    | AccessDocumented
    | AccessRevoked
)
"""What a successor has to know."""

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


def fold(mission: Mission | None, events: Iterable[MissionEvent]) -> Mission | None:
    """The mission after more events. It never refuses: history has already happened."""
    remaining = iter(events)
    if mission is None:
        first = next(remaining, None)
        if first is None:
            return None
        folded = _signed(first)
    else:
        folded = _own(mission)
    for event in remaining:
        folded = _evolve(folded, event)
    return folded


def _own(mission: Mission) -> Mission:
    return replace(
        mission,
        days=mission.days.own(),
        expenses=dict(mission.expenses),
        objectives=dict(mission.objectives),
        reviews=dict(mission.reviews),
        decisions=set(mission.decisions),
        actions=dict(mission.actions),
        risks=dict(mission.risks),
        accesses=dict(mission.accesses),
        included=dict(mission.included),
        retainer_months=dict(mission.retainer_months),
    )


def _signed(event: MissionEvent) -> Mission:
    if not isinstance(event, MissionSigned):
        raise TypeError(f"a mission's history starts with its letter, not with {event.TOPIC}")
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
    if isinstance(event, Time):
        _timed(mission, event)
    elif isinstance(event, Results):
        mission.objectives[event.objective_id] = _objective(mission, event)
    elif isinstance(event, Follow):
        _followed(mission, event)
    elif isinstance(event, Billed):
        _billed(mission, event)
    else:
        return _ran(mission, event)
    return mission


def _timed(mission: Mission, event: Time) -> None:
    days, expenses = mission.days, mission.expenses
    match event:
        case DayDelivered(day_id=day_id):
            days[day_id] = Day(day_id, event.date, event.quantity, event.unit, event.cadre_id)
        case DaysApproved(day_ids=day_ids):
            for day_id in day_ids:
                days[day_id] = replace(days[day_id], status=DayStatus.APPROVED, approved=True)
        case DisputeSettled(day_id=day_id, outcome=SettlementOutcome.APPROVED):
            days[day_id] = replace(days[day_id], status=DayStatus.APPROVED, approved=True)
        case DisputeSettled(day_id=day_id) | DayWithdrawn(day_id=day_id):
            days[day_id] = replace(days[day_id], status=DayStatus.WITHDRAWN)
        case DayDisputed(day_id=day_id):
            days[day_id] = replace(days[day_id], status=DayStatus.DISPUTED)
        case ExpenseRecorded(expense_id=expense_id):
            expenses[expense_id] = Expense(expense_id, event.date, event.amount)
        case ExpenseWithdrawn(expense_id=expense_id):
            expenses[expense_id] = replace(expenses[expense_id], status=ExpenseStatus.WITHDRAWN)
        case _:
            assert_never(event)


def _objective(mission: Mission, event: Results) -> Objective:
    if isinstance(event, ObjectiveSet):
        return Objective(event.set_on, event.baseline, event.target, event.due_on)
    objective = mission.objectives[event.objective_id]
    match event:
        case IndicatorMeasured(measured_on=measured_on):
            return replace(objective, measured_on=(*objective.measured_on, measured_on))
        case ObjectiveRevised(target=target, due_on=due_on):
            new_target = objective.target if target is None else target
            return replace(objective, target=new_target, due_on=due_on or objective.due_on)
        case ObjectiveClosed():
            return replace(objective, closed=True)
        case _:
            assert_never(event)


def _followed(mission: Mission, event: Follow) -> None:
    match event:
        case ReviewHeld(review_id=review_id, held_on=held_on):
            mission.reviews[review_id] = held_on
            mission.decisions.update(decision.decision_id for decision in event.decisions)
        case DecisionRecorded(decision_id=decision_id):
            mission.decisions.add(decision_id)
        case ActionOpened(action_id=action_id, owner=owner):
            mission.actions[action_id] = OpenPoint(answered_for=owner is not None)
        case ActionClosed(action_id=action_id):
            mission.actions[action_id] = replace(mission.actions[action_id], over=True)
        case RiskIdentified(risk_id=risk_id, backup=backup):
            mission.risks[risk_id] = OpenPoint(answered_for=backup is not None)
        case RiskClosed(risk_id=risk_id):
            mission.risks[risk_id] = replace(mission.risks[risk_id], over=True)
        case AccessDocumented(access_id=access_id, custodian=custodian):
            mission.accesses[access_id] = OpenPoint(answered_for=custodian is not None)
        case AccessRevoked(access_id=access_id):
            mission.accesses[access_id] = replace(mission.accesses[access_id], over=True)
        case _:
            assert_never(event)


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


def _billed(mission: Mission, event: Billed) -> None:
    for day_id in event.day_ids:
        before = mission.days[day_id]
        mission.days[day_id] = after = _billed_day(before, event)
        if gained := after.included - before.included:
            month = month_of(after.date)
            mission.included[month] = mission.included.get(month, Decimal(0)) + gained
    for expense_id in event.expense_ids:
        mission.expenses[expense_id] = _billed_expense(mission.expenses[expense_id], event)
    for month in event.retainer_months:
        if isinstance(event, DaysReleased):
            mission.retainer_months.pop(month, None)
        else:
            mission.retainer_months[month] = event.invoice_number


def _billed_day(day: Day, event: Billed) -> Day:
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


def _billed_expense(expense: Expense, event: Billed) -> Expense:
    match event:
        case DaysInvoiced(invoice_number=number):
            return replace(expense, status=ExpenseStatus.INVOICED, invoice_number=number)
        case DaysCredited():
            return replace(expense, status=ExpenseStatus.CREDITED)
        case DaysReleased():
            return replace(expense, status=ExpenseStatus.RECORDED, invoice_number=None)
        case _:
            assert_never(event)
