"""The forms in which questions about results are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.mission.events import ObjectiveOutcome, Unit
from domain.values import Currency, Function, IsoDate, Number
from projections.kpi.objectives import ObjectiveAnswer
from projections.kpi.objectives import Status as ObjectiveStatus
from projections.kpi.risks import RiskAnswer
from projections.missions.answers import Status


class Answer(BaseModel):
    """What a question about results is answered with; amounts are net, strings with the currency's digits."""

    model_config = ConfigDict(frozen=True)


class Quantities(Answer):
    """Delivered time by bucket; the buckets add up to `delivered`."""

    delivered: Number
    withdrawn: Number
    awaiting_approval: Number
    disputed: Number
    ready: Number
    invoiced: Number
    credited: Number


class TimeAnswer(Quantities):
    """A mission's delivered time, in days or in hours."""

    unit: Unit


class BreakEven(Answer):
    """From how many days a week a full-time hire would cost less than the mission under the terms in force."""

    yearly_cost: str
    working_days: int
    """The days that a full-time person works in a year."""
    days_per_week: Number | None
    """Two decimals, rounded up; more than 5: never within a week; null: at no number of days."""
    agreed_days_per_week: Number
    """The rhythm in force."""
    hire_is_cheaper: bool


class Costs(Answer):
    """What the cost is made of: invoiced = billed - credited, ready = time + retainer + expenses."""

    billed: str
    credited: str
    time: str
    retainer: str
    expenses: str


class Results(Answer):
    """What was spent and what it brought, in one currency."""

    currency: Currency
    invoiced: str
    ready: str
    cost: str
    value: str | None
    """Null where no objective says what a unit of its indicator is worth."""
    roi: str | None
    """In percent, one decimal, half up: (value - cost) / cost; null without a value or a cost."""
    awaiting_approval: str
    """What the delivered time that waits for the client would add to the cost."""
    disputed: str
    """What the disputed time would add to that."""


class StandingAnswer(Answer):
    """How many objectives are open in each status, and how many ended in each outcome."""

    open: Mapping[ObjectiveStatus, int]
    closed: Mapping[ObjectiveOutcome, int]


class MissionResults(Results):
    """A mission's results as of a date."""

    mission_id: str
    as_of: IsoDate
    parts: Costs
    time: TimeAnswer
    objectives: StandingAnswer
    break_even: BreakEven | None
    """Null where no yearly cost was given to compare with."""
    ready_day_ids: Sequence[str]
    facts: Sequence[int]
    """Where the invoices, the credit notes and the expenses not invoiced stand in history."""


class ObjectiveList(Answer):
    """A mission's objectives in the order in which they were set, and its results beside them."""

    items: Sequence[ObjectiveAnswer]
    next_cursor: str | None = None
    results: MissionResults


class MissionReport(Answer):
    """A mission as a report tells it."""

    mission_id: str
    client_id: str
    cadre_id: str
    function: Function
    title: str | None
    status: Status
    starts_on: IsoDate
    ends_on: IsoDate | None
    results: MissionResults
    objectives: Sequence[ObjectiveAnswer]


class Owed(Answer):
    """What a client still has to pay in one currency, tax included."""

    currency: Currency
    outstanding: str
    late: str
    """What of it is past its due date."""


class Report(Answer):
    """Time, money, risks and objectives of several missions, as of one date. Currencies are never added."""

    as_of: IsoDate
    known_at: datetime | None
    days: Quantities
    """Hours count as eighths of a day."""
    money: Sequence[Results]
    objectives: StandingAnswer
    risks: Sequence[RiskAnswer]
    missions: Sequence[MissionReport]


class ClientReport(Report):
    """All missions of a client, and what it still has to pay."""

    client_id: str
    owed: Sequence[Owed]


class CadreReport(Report):
    """All missions that a cadre holds or held, each of those handed over as of the eve of its handover."""

    cadre_id: str
    worked: Number
    """The days that the cadre delivered itself, wherever, neither withdrawn nor credited."""
    lent: Number
    """Those of them on which another cadre held the mission."""
