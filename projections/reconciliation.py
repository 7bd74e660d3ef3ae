"""Is every delivered day accounted for, once? Days by bucket, per mission and month, to the half-day.

It stops at an event it cannot fold: no figure is better than a wrong one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple, assert_never

from pydantic import BaseModel, ConfigDict

from domain.billing.events import BILLING_EVENTS
from domain.event import Event, Recorded
from domain.mission.events import (
    AccessDocumented,
    AccessRevoked,
    ActionClosed,
    ActionOpened,
    DayDelivered,
    DecisionRecorded,
    ExpenseRecorded,
    ExpenseWithdrawn,
    HandedOver,
    HandoverItemCompleted,
    HandoverStarted,
    IndicatorMeasured,
    MissionAmended,
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
)
from domain.party.events import PARTY_EVENTS
from domain.values import Billing, Currency, DayRate, Hourly, Month, Number, Retainer, Terms, month_of, plain
from projections.delivered_days import DAY_EVENTS, Bucket, DayEvent, Standing, bucket, day_keys, moves
from projections.read_model import Fold, Key, Query, read_model, stream_id

FROM_THE_START = date.min
"""The terms of the letter hold until an amendment's, however early the day."""


class DayRow(NamedTuple):
    """A delivered day, and the last thing said of it."""

    mission_id: str
    day_id: str
    month: str
    date: date
    quantity: Decimal
    standing: Standing
    delivered_at: int
    """Where its delivery stands in history."""
    moved_at: int
    """Where the last word on it stands."""


class TermsRow(NamedTuple):
    """The terms in force in a mission from a date on, and what a day, or an hour, is worth under them."""

    mission_id: str
    effective_on: date
    approval_required: bool
    currency: Currency
    unit_price: Decimal


class ControlRow(NamedTuple):
    """What a mission's events say was delivered in a month, summed apart from the days themselves."""

    mission_id: str
    month: str
    delivered: Decimal
    days: int


DAYS = Fold("reconciliation_days", DayRow, key=("mission_id", "day_id"), indexes=(("mission_id", "month"), ("month",)))
TERMS = Fold("reconciliation_terms", TermsRow, key=("mission_id", "effective_on"))
CONTROL = Fold("reconciliation_control", ControlRow, key=("mission_id", "month"), indexes=(("month",),))


@DAYS.on(DayDelivered, keys=lambda event, recorded: [(stream_id(recorded), event.day_id)])
def delivered(_row: DayRow | None, event: DayDelivered, recorded: Recorded[Event]) -> DayRow:
    return DayRow(
        mission_id=stream_id(recorded),
        day_id=event.day_id,
        month=month_of(event.date),
        date=event.date,
        quantity=event.quantity,
        standing=Standing.DELIVERED,
        delivered_at=recorded.position,
        moved_at=recorded.position,
    )


def moved(row: DayRow | None, event: DayEvent, recorded: Recorded[Event]) -> DayRow | None:
    return None if row is None else row._replace(standing=moves(event), moved_at=recorded.position)


for _event_type in DAY_EVENTS:
    DAYS.on(_event_type, keys=day_keys)(moved)


@TERMS.on(MissionSigned, keys=lambda event, _: [(event.mission_id, FROM_THE_START)])
def signed(_row: TermsRow | None, event: MissionSigned, _recorded: Recorded[Event]) -> TermsRow:
    return _terms(event.mission_id, FROM_THE_START, event.terms)


@TERMS.on(
    MissionAmended,
    keys=lambda event, recorded: [] if event.terms is None else [(stream_id(recorded), event.effective_on)],
)
def amended(row: TermsRow | None, event: MissionAmended, recorded: Recorded[Event]) -> TermsRow | None:
    return row if event.terms is None else _terms(stream_id(recorded), event.effective_on, event.terms)


def _terms(mission_id: str, effective_on: date, terms: Terms) -> TermsRow:
    return TermsRow(mission_id, effective_on, terms.approval_required, terms.currency, _worth(terms.billing))


def _worth(billing: Billing) -> Decimal:
    """What a day or an hour is worth; under a retainer, a day's share of the month that it is part of."""
    match billing:
        case DayRate(rate=rate) | Hourly(rate=rate):
            return rate
        case Retainer(monthly=monthly, included_days=included, extra_day_rate=extra):
            return monthly / included if included else extra
        case _:
            assert_never(billing)


@CONTROL.on(DayDelivered, keys=lambda event, recorded: [(stream_id(recorded), month_of(event.date))])
def counted(row: ControlRow | None, event: DayDelivered, recorded: Recorded[Event]) -> ControlRow:
    if row is None:
        return ControlRow(stream_id(recorded), month_of(event.date), event.quantity, 1)
    return row._replace(delivered=row.delivered + event.quantity, days=row.days + 1)


IGNORED: tuple[type[Event], ...] = (
    *PARTY_EVENTS,
    *BILLING_EVENTS,
    MissionExtended,
    MissionPaused,
    MissionResumed,
    MissionStopped,
    ObjectiveSet,
    ObjectiveRevised,
    ObjectiveClosed,
    IndicatorMeasured,
    ExpenseRecorded,
    ExpenseWithdrawn,
    ReviewHeld,
    DecisionRecorded,
    ActionOpened,
    ActionClosed,
    RiskIdentified,
    RiskClosed,
    AccessDocumented,
    AccessRevoked,
    HandoverStarted,
    HandoverItemCompleted,
    HandedOver,
)
"""Days are counted by what is said of the days themselves: the mission's events name each day that an invoice bills."""

RECONCILIATION = read_model(
    "reconciliation",
    version=4,
    tables=[DAYS, TERMS, CONTROL],
    ignores=IGNORED,
    reads_words=False,
    stops_at_poison=True,
)


@dataclass(frozen=True, slots=True)
class Portion:
    """The days of a mission and month that stand alike, at one price."""

    mission_id: str
    month: str
    bucket: Bucket
    currency: Currency | None
    unit_price: Decimal | None
    quantity: Decimal
    delivered_at: tuple[int, ...] = ()
    moved_at: tuple[int, ...] = ()

    @property
    def value(self) -> Decimal | None:
        """What they are worth; unknown where no terms were ever agreed."""
        if self.currency is None or self.unit_price is None:
            return None
        return self.currency.round(self.quantity * self.unit_price)


@dataclass(frozen=True, slots=True)
class Count:
    """What was delivered in a mission and month: as the days add up, and as the events say."""

    mission_id: str
    month: str
    rows: Decimal
    events: Decimal


class Buckets(BaseModel):
    """A quantity, or a value, for all that was delivered and for each bucket."""

    model_config = ConfigDict(frozen=True)
    delivered: Number
    withdrawn: Number
    awaiting_approval: Number
    disputed: Number
    ready: Number
    invoiced: Number
    credited: Number


class Values(BaseModel):
    """What the days of each bucket are worth, with the currency's digits; null where no terms were agreed."""

    model_config = ConfigDict(frozen=True)
    delivered: str | None
    withdrawn: str | None
    awaiting_approval: str | None
    disputed: str | None
    ready: str | None
    invoiced: str | None
    credited: str | None


class Facts(BaseModel):
    """Positions in history: where the days were delivered, and where the last word put those of each bucket."""

    model_config = ConfigDict(frozen=True)
    delivered: tuple[int, ...]
    withdrawn: tuple[int, ...]
    awaiting_approval: tuple[int, ...]
    disputed: tuple[int, ...]
    ready: tuple[int, ...]
    invoiced: tuple[int, ...]
    credited: tuple[int, ...]


class Line(Buckets):
    """The delivered days of one mission and month, each in one bucket: quantities, their values and their facts."""

    mission_id: str
    month: Month
    currency: Currency | None
    values: Values
    billed: str | None = None
    """What invoices charge for the month's time and retainer, net, less what credit notes took back."""
    facts: Facts


class Difference(BaseModel):
    """A figure that two ways of counting do not agree on: it must never be there."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    month: Month
    figure: str
    rows: str
    events: str


class Reconciliation(BaseModel):
    """Delivered days by bucket, and whether they add up to what the events say was delivered."""

    model_config = ConfigDict(frozen=True)
    balanced: bool
    differences: tuple[Difference, ...]
    items: tuple[Line, ...]
    next_cursor: str | None = None


def reconcile(history: Iterable[Recorded[Event]], month: str | None = None) -> Reconciliation:
    """The reconciliation as the events alone give it: as of a date, or to check the read model's."""
    events = list(history)
    days, terms, control = DAYS.rows(events), TERMS.rows(events), CONTROL.rows(events)
    items = [line for line in lines(_portions(days, terms)) if month is None or line.month == month]
    counts = [Count(line.mission_id, line.month, line.delivered, _counted(control, line)) for line in items]
    return reconciliation(items, counts)


def reconciliation(items: Sequence[Line], counts: Iterable[Count], next_cursor: str | None = None) -> Reconciliation:
    """The answer: the lines, and each count of theirs that two ways of counting do not agree on."""
    differences = tuple(
        Difference(
            mission_id=count.mission_id,
            month=count.month,
            figure="delivered",
            rows=plain(count.rows),
            events=plain(count.events),
        )
        for count in counts
        if count.rows != count.events
    )
    return Reconciliation(
        balanced=not differences, differences=differences, items=tuple(items), next_cursor=next_cursor
    )


def with_billed(answer: Reconciliation, billed: Mapping[tuple[str, str], Decimal]) -> Reconciliation:
    """The answer, with what was billed per mission and month of delivery."""
    items = tuple(
        line.model_copy(update={"billed": line.currency.text(billed.get((line.mission_id, line.month), Decimal(0)))})
        if line.currency is not None
        else line
        for line in answer.items
    )
    return answer.model_copy(update={"items": items})


def compare(rows: Sequence[Line], events: Sequence[Line]) -> list[Difference]:
    """Each quantity of the read model that the fold of the events does not confirm."""
    told = {(line.mission_id, line.month): line for line in rows}
    folded = {(line.mission_id, line.month): line for line in events}
    return [
        Difference(mission_id=key[0], month=key[1], figure=figure, rows=plain(read), events=plain(counted))
        for key in sorted({*told, *folded})
        for figure in Buckets.model_fields
        if (read := _quantity(told.get(key), figure)) != (counted := _quantity(folded.get(key), figure))
    ]


def lines(portions: Iterable[Portion]) -> list[Line]:
    """The portions of each mission and month, side by side."""
    ordered = sorted(portions, key=lambda portion: (portion.mission_id, portion.month))
    grouped = groupby(ordered, key=lambda portion: (portion.mission_id, portion.month))
    return [_line(mission_id, month, list(alike)) for (mission_id, month), alike in grouped]


def portions_for(
    month: str | None = None,
    mission_ids: Sequence[str] | None = None,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> Query:
    """The portions of the missions and months asked for, whole months at a time, in order."""
    return Query(
        """
        WITH asked AS (
            SELECT DISTINCT mission_id, month FROM rm.reconciliation_days
            WHERE (%(month)s::text IS NULL OR month = %(month)s)
              AND (%(mission_ids)s::text[] IS NULL OR mission_id = ANY(%(mission_ids)s))
              AND (%(after_mission)s::text IS NULL OR (mission_id, month) > (%(after_mission)s, %(after_month)s::text))
            ORDER BY mission_id, month LIMIT %(limit)s
        )
        SELECT d.mission_id, d.month, d.standing, coalesce(t.approval_required, true) AS approval_required,
               t.currency, t.unit_price, sum(d.quantity) AS quantity,
               array_agg(d.delivered_at) AS delivered_at, array_agg(d.moved_at) AS moved_at
        FROM asked JOIN rm.reconciliation_days d USING (mission_id, month)
        LEFT JOIN LATERAL (
            SELECT * FROM rm.reconciliation_terms t
            WHERE t.mission_id = d.mission_id AND t.effective_on <= d.date ORDER BY t.effective_on DESC LIMIT 1
        ) t ON true
        GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2
        """,
        {
            "month": month,
            "mission_ids": None if mission_ids is None else list(mission_ids),
            "after_mission": None if after is None else after[0],
            "after_month": None if after is None else after[1],
            "limit": limit,
        },
    )


def portion_of(
    row: tuple[str, str, str, bool, str | None, Decimal | None, Decimal, list[int], list[int]],
) -> Portion:
    """A row of `portions_for`, read."""
    mission_id, month, standing, approval_required, currency, unit_price, quantity, delivered_at, moved_at = row
    return Portion(
        mission_id,
        month,
        bucket(Standing(standing), approval_required),
        None if currency is None else Currency(currency),
        unit_price,
        quantity,
        tuple(delivered_at),
        tuple(moved_at),
    )


def counts_for(month: str | None = None, mission_ids: Sequence[str] | None = None) -> Query:
    """Mission, month, delivered as the days add up and as the events say, wherever the two differ."""
    return Query(
        """
        SELECT mission_id, month, coalesce(d.delivered, 0) AS rows, coalesce(c.delivered, 0) AS events
        FROM rm.reconciliation_control c FULL JOIN (
            SELECT mission_id, month, sum(quantity) AS delivered FROM rm.reconciliation_days GROUP BY 1, 2
        ) d USING (mission_id, month)
        WHERE c.delivered IS DISTINCT FROM d.delivered
          AND (%(month)s::text IS NULL OR month = %(month)s)
          AND (%(mission_ids)s::text[] IS NULL OR mission_id = ANY(%(mission_ids)s))
        ORDER BY 1, 2
        """,
        {"month": month, "mission_ids": None if mission_ids is None else list(mission_ids)},
    )


def _portions(days: Mapping[Key, DayRow], terms: Mapping[Key, TermsRow]) -> Iterator[Portion]:
    by_mission: dict[str, list[TermsRow]] = defaultdict(list)
    for row in sorted(terms.values(), key=lambda row: row.effective_on):
        by_mission[row.mission_id].append(row)
    alike: dict[tuple[str, str, Standing, TermsRow | None], list[DayRow]] = defaultdict(list)
    for day in days.values():
        in_force = [row for row in by_mission[day.mission_id] if row.effective_on <= day.date]
        agreed = in_force[-1]._replace(effective_on=FROM_THE_START) if in_force else None
        alike[day.mission_id, day.month, day.standing, agreed].append(day)
    for (mission_id, month, standing, agreed), found in alike.items():
        yield Portion(
            mission_id,
            month,
            bucket(standing, agreed is None or agreed.approval_required),
            None if agreed is None else agreed.currency,
            None if agreed is None else agreed.unit_price,
            sum((day.quantity for day in found), Decimal(0)),
            tuple(day.delivered_at for day in found),
            tuple(day.moved_at for day in found),
        )


def _line(mission_id: str, month: str, portions: Sequence[Portion]) -> Line:
    quantities = {name: sum((each.quantity for each in portions if each.bucket == name), Decimal(0)) for name in Bucket}
    currency = next((each.currency for each in portions if each.currency is not None), None)
    values = {name: _value([each for each in portions if each.bucket == name], currency) for name in Bucket}
    return Line(
        mission_id=mission_id,
        month=month,
        delivered=sum(quantities.values(), Decimal(0)),
        currency=currency,
        values=Values(delivered=_value(portions, currency), **values),
        billed=None,
        facts=_facts(portions),
        **quantities,
    )


def _facts(portions: Sequence[Portion]) -> Facts:
    moved = {name: {at for each in portions if each.bucket == name for at in each.moved_at} for name in Bucket}
    return Facts(
        delivered=tuple(sorted({at for each in portions for at in each.delivered_at})),
        **{name: tuple(sorted(positions)) for name, positions in moved.items()},
    )


def _value(portions: Sequence[Portion], currency: Currency | None) -> str | None:
    priced = [each.value for each in portions]
    if currency is None or None in priced:
        return None
    return currency.text(sum((value for value in priced if value is not None), Decimal(0)))


def _counted(control: Mapping[Key, ControlRow], line: Line) -> Decimal:
    counted_apart = control.get((line.mission_id, line.month))
    return Decimal(0) if counted_apart is None else counted_apart.delivered


def _quantity(line: Line | None, figure: str) -> Decimal:
    return Decimal(0) if line is None else dict(line)[figure]
