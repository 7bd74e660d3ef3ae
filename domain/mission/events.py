"""What can happen to a mission. This is a storage format: a shipped event only ever gains optional fields."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, TypeAlias, get_args

from pydantic import Field

from domain.event import Event, PersonalText
from domain.values import Function, IsoDate, Letter, Money, Month, Number, Rhythm, Scope, Terms, Value


class ReviewEvery(StrEnum):
    """How often the mission is reviewed."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class StopDecidedBy(StrEnum):
    """Who decided to stop the mission."""

    CLIENT = "client"
    CADRE = "cadre"
    NETWORK = "network"
    BOTH = "both"


class ObjectiveOutcome(StrEnum):
    """How an objective ended."""

    ACHIEVED = "achieved"
    MISSED = "missed"
    ABANDONED = "abandoned"


class Unit(StrEnum):
    """What a delivered quantity counts: days, or hours on an hourly mission."""

    DAY = "day"
    HOUR = "hour"


class Half(StrEnum):
    """A half of a date: morning or afternoon (demi-journée)."""

    AM = "am"
    PM = "pm"


class Place(StrEnum):
    """Where the cadre worked."""

    ON_SITE = "on_site"
    REMOTE = "remote"


class SettlementOutcome(StrEnum):
    """How a disputed day was settled."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class ReviewKind(StrEnum):
    """What a meeting on the mission was for."""

    KICKOFF = "kickoff"
    FLASH = "flash"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    FINAL = "final"


class HandoverItem(StrEnum):
    """A point that both cadres tick off before a mission changes hands."""

    DOCUMENTS_TRANSFERRED = "documents_transferred"
    ACCESSES_TRANSFERRED = "accesses_transferred"
    SUCCESSOR_INTRODUCED = "successor_introduced"
    OPEN_POINTS_REVIEWED = "open_points_reviewed"


class Gap(StrEnum):
    """A line of the handover checklist that does not hold."""

    OBJECTIVE_NOT_MEASURED = "objective_not_measured"
    ACTION_WITHOUT_OWNER = "action_without_owner"
    RISK_WITHOUT_BACKUP = "risk_without_backup"
    ACCESS_WITHOUT_CUSTODIAN = "access_without_custodian"
    NO_RECENT_REVIEW = "no_recent_review"
    ITEM_NOT_COMPLETED = "item_not_completed"


class Missing(Value):
    """One thing that a handover lacks: what is wrong, and with which objective, action, risk, access or item."""

    gap: Gap
    id: str | None = None


class Indicator(Value):
    """The one figure that shows an objective's progress, its unit and where it is read."""

    name: str
    unit: str
    source: str


class DecisionTaken(Value):
    """A decision taken in a review."""

    decision_id: str
    text: PersonalText


class MissionSigned(Event):
    """Client and cadre signed the letter of engagement (lettre de mission)."""

    TOPIC: ClassVar[str] = "mission.signed"
    mission_id: str
    client_id: str
    cadre_id: str
    function: Function
    title: PersonalText
    scope: Scope
    letter: Letter
    starts_on: IsoDate
    ends_on: IsoDate | None = None
    rhythm: Rhythm
    terms: Terms
    review_every: ReviewEvery


class MissionAmended(Event):
    """A signed amendment (avenant) changed terms, rhythm or scope from a date on."""

    TOPIC: ClassVar[str] = "mission.amended"
    effective_on: IsoDate
    letter: Letter
    terms: Terms | None = None
    rhythm: Rhythm | None = None
    scope: Scope | None = None
    reason: PersonalText


class MissionExtended(Event):
    """A signed letter moved the mission's end later, or removed it."""

    TOPIC: ClassVar[str] = "mission.extended"
    ends_on: IsoDate | None = None
    letter: Letter


class MissionPaused(Event):
    """The mission rests from a date on."""

    TOPIC: ClassVar[str] = "mission.paused"
    from_on: IsoDate
    reason: PersonalText
    expected_resume_on: IsoDate | None = None


class MissionResumed(Event):
    """The pause ended; the mission is active again from that date on."""

    TOPIC: ClassVar[str] = "mission.resumed"
    on: IsoDate


class MissionStopped(Event):
    """The mission ends for good with that date, its last one."""

    TOPIC: ClassVar[str] = "mission.stopped"
    on: IsoDate
    decided_by: StopDecidedBy
    reason: PersonalText


class ObjectiveSet(Event):
    """A result that the cadre answers for was agreed, with its indicator, baseline and target."""

    TOPIC: ClassVar[str] = "mission.objective_set"
    objective_id: str
    statement: PersonalText
    indicator: Indicator
    baseline: Number
    target: Number
    due_on: IsoDate
    set_on: IsoDate
    value_per_unit: Money | None = None


class ObjectiveRevised(Event):
    """An objective got another target or due date, for a stated reason."""

    TOPIC: ClassVar[str] = "mission.objective_revised"
    objective_id: str
    target: Number | None = None
    due_on: IsoDate | None = None
    reason: PersonalText
    on: IsoDate


class ObjectiveClosed(Event):
    """An objective ended: achieved, missed or abandoned."""

    TOPIC: ClassVar[str] = "mission.objective_closed"
    objective_id: str
    outcome: ObjectiveOutcome
    on: IsoDate
    note: PersonalText | None = None


class IndicatorMeasured(Event):
    """An objective's indicator was read."""

    TOPIC: ClassVar[str] = "mission.indicator_measured"
    objective_id: str
    value: Number
    measured_on: IsoDate
    note: PersonalText | None = None


class DayDelivered(Event):
    """A cadre worked a day, half of one, or some hours for the client."""

    TOPIC: ClassVar[str] = "mission.day_delivered"
    day_id: str
    date: IsoDate
    quantity: Number
    unit: Unit = Unit.DAY
    half: Half | None = None
    """The half that half a day takes; a whole day takes both, hours take none."""
    place: Place | None = None
    summary: PersonalText
    objective_ids: tuple[str, ...] = ()
    cadre_id: str
    exceptional: bool = False


class DayWithdrawn(Event):
    """A delivered day was taken back: it was not worked, or wrongly entered."""

    TOPIC: ClassVar[str] = "mission.day_withdrawn"
    day_id: str
    reason: PersonalText


class DaysApproved(Event):
    """The client approved delivered days; `month` where it approved all that waited in that month."""

    TOPIC: ClassVar[str] = "mission.days_approved"
    day_ids: tuple[str, ...]
    month: Month | None = None


class DayDisputed(Event):
    """The client disputed a delivered day: it is neither approved nor billed until settled."""

    TOPIC: ClassVar[str] = "mission.day_disputed"
    day_id: str
    reason: PersonalText


class DisputeSettled(Event):
    """A disputed day was settled: approved, or withdrawn."""

    TOPIC: ClassVar[str] = "mission.dispute_settled"
    day_id: str
    outcome: SettlementOutcome
    note: PersonalText


class ExpenseRecorded(Event):
    """The cadre spent money for the client, to be billed at cost."""

    TOPIC: ClassVar[str] = "mission.expense_recorded"
    expense_id: str
    date: IsoDate
    amount: Money
    label: PersonalText
    receipt_sha256: str | None = None


class ExpenseWithdrawn(Event):
    """An expense was taken back before it was billed."""

    TOPIC: ClassVar[str] = "mission.expense_withdrawn"
    expense_id: str
    reason: PersonalText


class ReviewHeld(Event):
    """Client and cadre met on the mission."""

    TOPIC: ClassVar[str] = "mission.review_held"
    review_id: str
    held_on: IsoDate
    kind: ReviewKind
    attendees: tuple[PersonalText, ...]
    summary: PersonalText
    satisfaction: int | None = None
    acts_as_cadre: bool | None = None
    """The dirigeant's answer to: does this person run the function, or advise on it?"""
    decisions: tuple[DecisionTaken, ...] = ()
    next_review_on: IsoDate | None = None


class DecisionRecorded(Event):
    """A decision on the mission was taken outside a review."""

    TOPIC: ClassVar[str] = "mission.decision_recorded"
    decision_id: str
    text: PersonalText
    decided_on: IsoDate
    decided_by: PersonalText


class ActionOpened(Event):
    """Something is to be done by an owner until a date."""

    TOPIC: ClassVar[str] = "mission.action_opened"
    action_id: str
    text: PersonalText
    owner: PersonalText | None = None
    due_on: IsoDate


class ActionClosed(Event):
    """An action was done, or dropped."""

    TOPIC: ClassVar[str] = "mission.action_closed"
    action_id: str
    on: IsoDate
    note: PersonalText | None = None


class RiskIdentified(Event):
    """Something may go wrong: how likely, how bad, what is done about it, who or what takes over."""

    TOPIC: ClassVar[str] = "mission.risk_identified"
    risk_id: str
    text: PersonalText
    likelihood: int
    impact: int
    mitigation: PersonalText | None = None
    backup: PersonalText | None = None


class RiskClosed(Event):
    """A risk is over."""

    TOPIC: ClassVar[str] = "mission.risk_closed"
    risk_id: str
    on: IsoDate
    note: PersonalText | None = None


class AccessDocumented(Event):
    """An access that the mission uses was written down: who holds it and where the procedure stands, never a secret."""

    TOPIC: ClassVar[str] = "mission.access_documented"
    access_id: str
    system: str
    level: str
    custodian: PersonalText | None = None
    documented_at: str


class AccessRevoked(Event):
    """An access is no longer in force."""

    TOPIC: ClassVar[str] = "mission.access_revoked"
    access_id: str
    on: IsoDate


class HandoverStarted(Event):
    """The cadre is to leave; the handover (passation) and its four items are open."""

    TOPIC: ClassVar[str] = "mission.handover_started"
    reason: PersonalText
    leaving_on: IsoDate
    successor_id: str | None = None


class HandoverItemCompleted(Event):
    """An item of the handover was completed."""

    TOPIC: ClassVar[str] = "mission.handover_item_completed"
    item_id: HandoverItem
    note: PersonalText | None = None


class HandedOver(Event):
    """A successor holds the mission from that date on; `missing` is what an override let pass."""

    TOPIC: ClassVar[str] = "mission.handed_over"
    to_cadre_id: str
    effective_on: IsoDate
    accepted_by: PersonalText
    override_reason: PersonalText | None = None
    missing: tuple[Missing, ...] = ()


class DaysInvoiced(Event):
    """An invoice billed days, retainer months and expenses of the mission."""

    TOPIC: ClassVar[str] = "mission.days_invoiced"
    invoice_number: str
    month: Month
    issued_on: IsoDate
    day_ids: tuple[str, ...] = ()
    included: dict[str, Number] = Field(default_factory=dict)
    """By day: the quantity that the invoice counted as included in a retainer."""
    retainer_months: tuple[Month, ...] = ()
    expense_ids: tuple[str, ...] = ()


class DaysCredited(Event):
    """A credit note took days, retainer months and expenses back for good: the time was wrong."""

    TOPIC: ClassVar[str] = "mission.days_credited"
    credit_note_number: str
    invoice_number: str
    issued_on: IsoDate
    day_ids: tuple[str, ...] = ()
    retainer_months: tuple[Month, ...] = ()
    expense_ids: tuple[str, ...] = ()


class DaysReleased(Event):
    """A credit note took days, retainer months and expenses off a wrong invoice: they are ready to be billed again."""

    TOPIC: ClassVar[str] = "mission.days_released"
    credit_note_number: str
    invoice_number: str
    issued_on: IsoDate
    day_ids: tuple[str, ...] = ()
    retainer_months: tuple[Month, ...] = ()
    expense_ids: tuple[str, ...] = ()


MissionEvent: TypeAlias = (
    MissionSigned
    | MissionAmended
    | MissionExtended
    | MissionPaused
    | MissionResumed
    | MissionStopped
    | ObjectiveSet
    | ObjectiveRevised
    | ObjectiveClosed
    | IndicatorMeasured
    | DayDelivered
    | DayWithdrawn
    | DaysApproved
    | DayDisputed
    | DisputeSettled
    | ExpenseRecorded
    | ExpenseWithdrawn
    | ReviewHeld
    | DecisionRecorded
    | ActionOpened
    | ActionClosed
    | RiskIdentified
    | RiskClosed
    | AccessDocumented
    | AccessRevoked
    | HandoverStarted
    | HandoverItemCompleted
    | HandedOver
    | DaysInvoiced
    | DaysCredited
    | DaysReleased
)

MISSION_EVENTS: tuple[type[Event], ...] = get_args(MissionEvent)
