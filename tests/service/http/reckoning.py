"""The contract's figures of results, network, signals and readiness, read a second time: events, dates and fractions.

Slow and plain on purpose. It shares nothing with the projections but the events: where both agree, both read the same.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from domain.billing.events import (
    CreditNoteIssued,
    InvoiceIssued,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
)
from domain.event import Event, Recorded
from domain.mission import events as mission
from domain.party.events import CadreRegistered

Signal: TypeAlias = tuple[str, str | None, str]
"""Its code, its mission where it is about one, and what else it is about."""


@dataclass
class Objective:
    """What was said of an objective."""

    baseline: Fraction
    target: Fraction
    set_on: date
    due_on: date
    readings: list[tuple[date, Fraction]] = field(default_factory=list)
    closed: bool = False

    @property
    def current(self) -> Fraction | None:
        """The reading of the latest date; of two on one date, the later recorded."""
        return max(reversed(self.readings), key=lambda reading: reading[0])[1] if self.readings else None

    def progress(self) -> Fraction | None:
        """In percent, one decimal."""
        way = self.target - self.baseline
        return None if self.current is None else rounded(100 * (self.current - self.baseline) / way, 1)

    def status(self, on: date) -> str:
        """The first that holds."""
        progress, passed = self.progress(), Fraction((on - self.set_on).days, (self.due_on - self.set_on).days)
        if progress is not None and progress >= 100:
            return "achieved"
        if on > self.due_on:
            return "overdue"
        if progress is None:
            return "unmeasured"
        return "on_track" if progress >= 100 * passed - 10 else "behind"


@dataclass
class Day:
    """A day, and where it stands."""

    worked_on: date
    days: Fraction
    cadre_id: str
    gone: bool = False
    settled: bool = False
    """Approved, billed, or given back to be billed again."""
    disputed_on: date | None = None


@dataclass
class Charge:
    """A mission, as far as its events tell."""

    signed: mission.MissionSigned
    ends_on: date | None
    stopped_on: date | None = None
    objectives: dict[str, Objective] = field(default_factory=dict)
    days: dict[str, Day] = field(default_factory=dict)
    reviews: list[mission.ReviewHeld] = field(default_factory=list)
    actions: dict[str, bool] = field(default_factory=dict)
    """Open ones, and whether each has an owner; risks a backup; accesses a custodian."""
    risks: dict[str, bool] = field(default_factory=dict)
    accesses: dict[str, bool] = field(default_factory=dict)
    pauses: list[tuple[date, date | None]] = field(default_factory=list)
    amendments: list[mission.MissionAmended] = field(default_factory=list)
    holders: list[tuple[date, str]] = field(default_factory=list)
    leaving: mission.HandoverStarted | None = None
    items: set[str] = field(default_factory=set)

    @property
    def last_on(self) -> date:
        """Its last date."""
        return min(self.ends_on or date.max, self.stopped_on or date.max)

    def in_force(self, on: date) -> bool:
        """Whether it runs or rests."""
        return self.signed.starts_on <= on <= self.last_on

    def holder(self, on: date) -> str:
        """Who holds it: the later word counts."""
        return ([self.signed.cadre_id] + [cadre_id for from_on, cadre_id in self.holders if from_on <= on])[-1]

    def rests(self, on: date) -> bool:
        """Whether it is paused."""
        return any(from_on <= on and (until is None or on < until) for from_on, until in self.pauses)

    def at_work_since(self, on: date) -> date:
        """Its start, or the last resumption."""
        return max([self.signed.starts_on] + [until for _, until in self.pauses if until is not None and until <= on])

    def visits(self, on: date) -> int:
        """How often a week the cadre comes."""
        rhythms = [each.rhythm for each in self.amendments if each.rhythm is not None and each.effective_on <= on]
        rhythm = [self.signed.rhythm, *rhythms][-1]
        return len(rhythm.weekdays or ()) or rhythm.half_days_per_week

    def needs_approval(self, on: date) -> bool:
        """Whether the terms in force on a date ask for it."""
        terms = [each.terms for each in self.amendments if each.terms is not None and each.effective_on <= on]
        return [self.signed.terms, *terms][-1].approval_required

    def worked(self) -> list[Day]:
        """The days that count."""
        return [day for day in self.days.values() if not day.gone]


@dataclass
class Bill:
    """What an invoice asks for, and what is left of it."""

    due_on: date
    outstanding: Decimal


class Reckoned:
    """History as of a date, and what it amounts to."""

    def __init__(self, history: Iterable[Recorded[Event]], on: date) -> None:
        self.on = on
        self.cadres: list[str] = []
        self.charges: dict[str, Charge] = {}
        self.bills: dict[str, Bill] = {}
        for recorded in history:
            if recorded.occurred_on <= on:
                self._party_or_money(recorded.event)
                self._mission(recorded.stream.removeprefix("mission:"), recorded)

    def _party_or_money(self, event: Event) -> None:
        match event:
            case CadreRegistered():
                self.cadres.append(event.cadre_id)
            case InvoiceIssued():
                self.bills[event.invoice_number] = Bill(event.due_on, event.gross)
            case CreditNoteIssued():
                self._pay(event.invoice_number, event.gross)
            case PaymentRecorded() | PaymentAllocated():
                for each in event.allocations:
                    self._pay(each.invoice_number, each.amount.amount)
            case PaymentWithdrawn():
                for each in event.undone:
                    self._pay(each.invoice_number, -each.amount.amount)
            case PaymentDeallocated() | RefundRecorded():
                self._pay(event.invoice_number, -event.amount.amount)
            case _:
                pass

    def _pay(self, number: str, amount: Decimal) -> None:
        if number in self.bills:
            self.bills[number].outstanding -= amount

    def _mission(self, mission_id: str, recorded: Recorded[Event]) -> None:
        event = recorded.event
        if isinstance(event, mission.MissionSigned):
            self.charges[mission_id] = Charge(event, event.ends_on)
        elif mission_id in self.charges:
            charge = self.charges[mission_id]
            _course(charge, event)
            _results(charge, event)
            _follow_up(charge, event)
            _time(charge, event, recorded.occurred_on)

    def indicators(self) -> dict[str, object]:
        """The scorecard's figures, as strings where they are rounded."""
        charges = list(self.charges.values())
        first = min((each.signed.letter.signed_on for each in charges), default=self.on)
        limit, eight_weeks = months_after(first, 3), timedelta(weeks=8)
        reached = [each for each in charges if each.signed.starts_on + eight_weeks <= self.on]
        running = [each for each in reached if each.in_force(each.signed.starts_on + eight_weeks)]
        held = [sorted(each.reviews, key=lambda review: review.held_on) for each in charges]
        scored = [[review.satisfaction for review in reviews if review.satisfaction is not None] for reviews in held]
        latest = [scores[-1] for scores in scored if scores]
        answers = [review.acts_as_cadre for reviews in held for review in reviews if review.acts_as_cadre is not None]
        weeks: defaultdict[str, Fraction] = defaultdict(Fraction)
        for day in (day for each in charges for day in each.worked()):
            if self.on - timedelta(days=27) <= day.worked_on <= self.on:
                weeks[day.cadre_id] += day.days / 4
        return {
            "real_missions_first_three_months": sum(
                any(day.worked_on <= limit for day in each.worked()) for each in charges
            ),
            "extension_rate": share(len(running), len(reached)),
            "satisfaction": text(Fraction(sum(latest), len(latest)), 2) if latest else None,
            "satisfaction_response_rate": share(len(latest), len(charges)),
            "positioning_clarity": share(sum(answers), len(answers)),
            "cadres": {cadre_id: weeks[cadre_id] for cadre_id in self.cadres},
        }

    def signals(self) -> set[Signal]:
        """The weak signals that stand."""
        found: set[Signal] = {
            ("invoice_late", None, number)
            for number, bill in self.bills.items()
            if self.on > bill.due_on and bill.outstanding > 0
        }
        held: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for mission_id, charge in self.charges.items():
            found |= {(code, mission_id, subject) for code, subject in self._days_that_wait(charge)}
            if charge.in_force(self.on):
                found |= {(code, mission_id, subject) for code, subject in self._lacks(charge)}
                held[charge.signed.client_id, charge.holder(self.on)].add(charge.signed.function)
        return found | {
            ("client_depends_on_one_cadre", None, client_id)
            for (client_id, _), functions in held.items()
            if len(functions) >= 3
        }

    def _days_that_wait(self, charge: Charge) -> Iterator[tuple[str, str]]:
        """Whatever became of the mission."""
        for day_id, day in charge.days.items():
            if day.gone:
                continue
            if day.disputed_on is not None:
                if self._since(day.disputed_on) >= 7:
                    yield "dispute_open", day_id
            elif not day.settled and charge.needs_approval(day.worked_on) and self._since(day.worked_on) >= 10:
                yield "days_awaiting_approval", day_id

    def _lacks(self, charge: Charge) -> Iterator[tuple[str, str]]:
        """While it is in force; what rests lacks no days, reviews and measurements, and counts anew afterwards."""
        begins = charge.at_work_since(self.on)
        if not charge.rests(self.on):
            last = max([begins, *(day.worked_on for day in charge.worked())])
            if self._since(last) >= max(Fraction(10), Fraction(14, charge.visits(self.on))):
                yield "no_day_delivered", ""
            if self._since(max(begins, self._review_due(charge))) >= 7:
                yield "review_overdue", ""
            for objective_id, objective in charge.objectives.items():
                read = max([begins, objective.set_on, *(reading[0] for reading in objective.readings)])
                if not objective.closed and self._since(read) >= 45:
                    yield "objective_unmeasured", objective_id
        yield from (("risk_without_backup", risk_id) for risk_id, backed_up in charge.risks.items() if not backed_up)
        yield from (
            ("access_without_custodian", name) for name, in_custody in charge.accesses.items() if not in_custody
        )
        leaving = charge.leaving
        if leaving is not None and leaving.successor_id is None and self._since(leaving.leaving_on) >= -30:
            yield "cadre_leaving_without_successor", ""
        if charge.ends_on is not None and charge.stopped_on is None and self._since(charge.ends_on) >= -30:
            yield "letter_ending", ""

    def _review_due(self, charge: Charge) -> date:
        held = sorted(charge.reviews, key=lambda review: review.held_on)
        if held and held[-1].next_review_on is not None:
            return held[-1].next_review_on
        last = max([charge.signed.starts_on, *(review.held_on for review in held)])
        match charge.signed.review_every:
            case mission.ReviewEvery.WEEKLY:
                return last + timedelta(weeks=1)
            case mission.ReviewEvery.MONTHLY:
                return months_after(last, 1)
            case mission.ReviewEvery.QUARTERLY:
                return months_after(last, 3)

    def readiness(self, mission_id: str) -> tuple[int, set[tuple[str, str | None]]]:
        """How many things are counted, and what is missing."""
        charge = self.charges[mission_id]
        holds: dict[tuple[str, str | None], bool] = {
            ("no_recent_review", None): any(self._since(review.held_on) <= 45 for review in charge.reviews)
        }
        for objective_id, objective in charge.objectives.items():
            if not objective.closed:
                fresh = any(self._since(read_on) <= 45 for read_on, _ in objective.readings)
                holds["objective_not_measured", objective_id] = fresh
        holds |= {("action_without_owner", name): owned for name, owned in charge.actions.items()}
        holds |= {("risk_without_backup", name): backed_up for name, backed_up in charge.risks.items()}
        holds |= {("access_without_custodian", name): in_custody for name, in_custody in charge.accesses.items()}
        if charge.leaving is not None:
            holds |= {("item_not_completed", item): item in charge.items for item in mission.HandoverItem}
        return len(holds), {thing for thing, held in holds.items() if not held}

    def _since(self, on: date) -> int:
        return (self.on - on).days


def _course(charge: Charge, event: Event) -> None:
    match event:
        case mission.MissionAmended():
            charge.amendments.append(event)
        case mission.MissionExtended():
            charge.ends_on = event.ends_on
        case mission.MissionStopped():
            charge.stopped_on = event.on
        case mission.MissionPaused():
            charge.pauses.append((event.from_on, None))
        case mission.MissionResumed() if charge.pauses:
            charge.pauses[-1] = (charge.pauses[-1][0], event.on)
        case mission.HandoverStarted():
            charge.leaving, charge.items = event, set()
        case mission.HandoverItemCompleted():
            charge.items.add(event.item_id)
        case mission.HandedOver():
            charge.leaving = None
            charge.holders.append((event.effective_on, event.to_cadre_id))
        case _:
            pass


def _results(charge: Charge, event: Event) -> None:
    match event:
        case mission.ObjectiveSet():
            way = Fraction(event.baseline), Fraction(event.target)
            charge.objectives[event.objective_id] = Objective(*way, event.set_on, event.due_on)
        case mission.ObjectiveRevised() if event.objective_id in charge.objectives:
            objective = charge.objectives[event.objective_id]
            objective.target = objective.target if event.target is None else Fraction(event.target)
            objective.due_on = event.due_on or objective.due_on
        case mission.ObjectiveClosed() if event.objective_id in charge.objectives:
            charge.objectives[event.objective_id].closed = True
        case mission.IndicatorMeasured() if event.objective_id in charge.objectives:
            charge.objectives[event.objective_id].readings.append((event.measured_on, Fraction(event.value)))
        case _:
            pass


def _follow_up(charge: Charge, event: Event) -> None:
    match event:
        case mission.ReviewHeld():
            charge.reviews.append(event)
        case mission.ActionOpened():
            charge.actions[event.action_id] = event.owner is not None
        case mission.ActionClosed():
            charge.actions.pop(event.action_id, None)
        case mission.RiskIdentified():
            charge.risks[event.risk_id] = event.backup is not None
        case mission.RiskClosed():
            charge.risks.pop(event.risk_id, None)
        case mission.AccessDocumented():
            charge.accesses[event.access_id] = event.custodian is not None
        case mission.AccessRevoked():
            charge.accesses.pop(event.access_id, None)
        case _:
            pass


def _time(charge: Charge, event: Event, occurred_on: date) -> None:
    match event:
        case mission.DayDelivered():
            days = Fraction(event.quantity) / (8 if event.unit is mission.Unit.HOUR else 1)
            charge.days[event.day_id] = Day(event.date, days, event.cadre_id)
        case mission.DayWithdrawn():
            charge.days[event.day_id].gone = True
        case mission.DayDisputed():
            charge.days[event.day_id].disputed_on = occurred_on
        case mission.DisputeSettled():
            settled = charge.days[event.day_id]
            settled.disputed_on, settled.settled = None, True
            settled.gone = event.outcome is mission.SettlementOutcome.WITHDRAWN
        case mission.DaysApproved() | mission.DaysInvoiced() | mission.DaysReleased():
            for day_id in event.day_ids:
                charge.days[day_id].settled = True
        case mission.DaysCredited():
            for day_id in event.day_ids:
                charge.days[day_id].gone = True
        case _:
            pass


def rounded(number: Fraction, digits: int) -> Fraction:
    """Half up, away from zero."""
    units = (2 * abs(number) * 10**digits + 1) // 2
    return Fraction(units if number >= 0 else -units, 10**digits)


def text(number: Fraction, digits: int) -> str:
    """A number with exactly so many digits; nothing has no sign."""
    units = int(rounded(number, digits) * 10**digits)
    whole, rest = divmod(abs(units), 10**digits)
    return f"{'-' if units < 0 else ''}{whole}.{rest:0{digits}}"


def share(part: int, whole: int) -> str | None:
    """In percent, one decimal."""
    return text(Fraction(100 * part, whole), 1) if whole else None


def months_after(on: date, months: int) -> date:
    """The same day of the month, or its last where the month is shorter."""
    year, month = on.year + (on.month - 1 + months) // 12, (on.month - 1 + months) % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def told(signals: Sequence[dict[str, object]]) -> set[Signal]:
    """The signals of an answer, one for each day that waits."""
    found: set[Signal] = set()
    for each in signals:
        code, subjects = str(each["code"]), each["subject_ids"]
        about = None if each["mission_id"] is None else str(each["mission_id"])
        assert isinstance(subjects, list)
        if code == "client_depends_on_one_cadre":
            found.add((code, None, str(each["client_id"])))
        else:
            found |= {(code, about, str(subject)) for subject in (subjects if code in OF_A_THING else [""])}
    return found


OF_A_THING = frozenset(
    {
        "invoice_late",
        "dispute_open",
        "days_awaiting_approval",
        "objective_unmeasured",
        "risk_without_backup",
        "access_without_custodian",
    }
)
