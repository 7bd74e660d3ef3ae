"""A mission's results as of a date: time, cost so far, value so far, and whether a full-time hire would be cheaper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.billing.exposure import Exposure, exposure_of
from domain.mission.events import ObjectiveOutcome, Unit
from domain.values import Currency, Hourly
from projections.delivered_days import Bucket, bucket
from projections.kpi.billed import DocumentKind
from projections.kpi.figures import break_even_of, roi_of, text_of, total_of
from projections.kpi.objectives import ObjectiveAnswer, objective_answer
from projections.kpi.objectives import Status as ObjectiveStatus
from projections.missions.answers import in_force
from service.results.held import Held
from service.results.shapes import BreakEven, Costs, MissionResults, Results, StandingAnswer, TimeAnswer

ZERO = Decimal(0)


@dataclass(frozen=True)
class Hire:
    """A full-time hire to compare with: what it costs in a year, all charges included, for how many days of work."""

    yearly_cost: Decimal
    working_days: int


@dataclass(frozen=True)
class Told:
    """A mission's figures before they are written out."""

    held: Held
    on: date
    exposure: Exposure
    billed: Decimal
    credited: Decimal
    value: Decimal | None
    objectives: Sequence[ObjectiveAnswer]

    @property
    def currency(self) -> Currency:
        """The currency of the mission's terms."""
        return self.exposure.currency

    @property
    def is_hourly(self) -> bool:
        """Whether its time is counted in hours."""
        return isinstance(self.held.mission.agreements[0].terms.billing, Hourly)

    @property
    def invoiced(self) -> Decimal:
        """What invoices bill, net, less what credit notes took back."""
        return self.billed - self.credited

    @property
    def ready(self) -> Decimal:
        """What a run could bill: accepted time, the retainer up to the date, expenses."""
        return self.exposure.ready.net + self.exposure.retainer + self.exposure.expenses

    @property
    def cost(self) -> Decimal:
        """What the mission has cost so far."""
        return self.invoiced + self.ready


def told(held: Held, on: date, today: date) -> Told:
    """The figures of a mission as of a date; what has not happened yet has no cost."""
    mission_id = held.mission.mission_id
    objectives = [objective_answer(row, on) for row in held.objectives]
    nets = dict.fromkeys(DocumentKind, ZERO)
    for document in held.documents:
        nets[document.kind] += document.net_of(mission_id)
    return Told(
        held=held,
        on=on,
        exposure=exposure_of(held.for_billing(), min(on, today)),
        billed=nets[DocumentKind.INVOICE],
        credited=nets[DocumentKind.CREDIT_NOTE],
        value=_value(objectives),
        objectives=objectives,
    )


def _value(objectives: Iterable[ObjectiveAnswer]) -> Decimal | None:
    """What the improvements are worth together; unknown where nobody said what any is worth."""
    valued = [each for each in objectives if each.value_per_unit is not None]
    return total_of(Decimal(each.value or 0) for each in valued) if valued else None


def mission_results(told: Told, hire: Hire | None = None) -> MissionResults:
    """A mission's results, written out."""
    money, exposure, held = told.currency.text, told.exposure, told.held
    return MissionResults(
        **dict(results_of([told], told.currency)),
        mission_id=held.mission.mission_id,
        as_of=told.on,
        parts=Costs(
            billed=money(told.billed),
            credited=money(told.credited),
            time=money(exposure.ready.net),
            retainer=money(exposure.retainer),
            expenses=money(exposure.expenses),
        ),
        time=TimeAnswer(unit=Unit.HOUR if told.is_hourly else Unit.DAY, **by_name(quantities_of(held))),
        objectives=standing_of(told.objectives),
        break_even=None if hire is None else break_even(held, told.on, hire),
        ready_day_ids=sorted(day.day_id for day in exposure.ready.days),
        facts=_facts(held),
    )


def results_of(missions: Sequence[Told], currency: Currency) -> Results:
    """What missions in one currency have cost and brought together."""
    cost = total_of(each.cost for each in missions)
    values = [each.value for each in missions if each.value is not None]
    value = total_of(values) if values else None
    roi = None if value is None else roi_of(value, cost)
    return Results(
        currency=currency,
        invoiced=text_of(total_of(each.invoiced for each in missions), currency),
        ready=text_of(total_of(each.ready for each in missions), currency),
        cost=text_of(cost, currency),
        value=None if value is None else text_of(value, currency),
        roi=None if roi is None else format(roi, "f"),
        awaiting_approval=text_of(total_of(each.exposure.awaiting_approval.net for each in missions), currency),
        disputed=text_of(total_of(each.exposure.disputed.net for each in missions), currency),
    )


def _facts(held: Held) -> list[int]:
    mission_id = held.mission.mission_id
    bearing = {each.position for each in held.documents if each.names(mission_id)}
    return sorted(bearing.union(expense.position for expense in held.expenses))


def quantities_of(held: Held) -> dict[Bucket, Decimal]:
    """How much delivered time stands in each bucket."""
    counted = dict.fromkeys(Bucket, ZERO)
    for day in held.days:
        required = in_force(held.mission.agreements, day.date).terms.approval_required
        counted[bucket(day.standing, required)] += day.quantity
    return counted


def by_name(counted: Mapping[Bucket, Decimal]) -> dict[str, Decimal]:
    """The quantities as an answer names them, and what they add up to."""
    return {"delivered": sum(counted.values(), ZERO), **{name.value: quantity for name, quantity in counted.items()}}


def standing_of(objectives: Iterable[ObjectiveAnswer]) -> StandingAnswer:
    """How many objectives are open in each status, and how many ended in each outcome."""
    told = list(objectives)
    statuses = Counter(each.status for each in told if each.outcome is None)
    outcomes = Counter(each.outcome for each in told if each.outcome is not None)
    return StandingAnswer(
        open={status: statuses[status] for status in ObjectiveStatus},
        closed={outcome: outcomes[outcome] for outcome in ObjectiveOutcome},
    )


def break_even(held: Held, on: date, hire: Hire) -> BreakEven:
    """The hire against the terms and the rhythm in force on a date."""
    agreed = in_force(held.mission.agreements, on)
    days = break_even_of(agreed.terms.billing, hire.yearly_cost, hire.working_days)
    rhythm = Decimal(agreed.rhythm.half_days_per_week) / 2
    return BreakEven(
        yearly_cost=agreed.terms.currency.text(hire.yearly_cost),
        working_days=hire.working_days,
        days_per_week=days,
        agreed_days_per_week=rhythm,
        hire_is_cheaper=days is not None and rhythm >= days,
    )
