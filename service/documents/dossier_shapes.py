"""The handover dossier as programs read it: in the order in which a successor needs it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.mission.events import ReviewEvery, Unit
from domain.party.events import Language
from domain.values import Function, IsoDate, Number, Rhythm
from projections.contacts import Contact
from projections.continuity.rituals import Counts
from projections.dossier.lines import (
    AccessLine,
    ActionLine,
    DayLine,
    DecisionLine,
    DisputeLine,
    HandoverLine,
    LessonLine,
    ReviewLine,
    RiskLine,
)
from projections.kpi.objectives import ObjectiveAnswer
from projections.letter.shapes import LetterAnswer
from projections.missions.answers import HeldBy, Status
from service.owed import ExposureAnswer


class Part(BaseModel):
    """A part of the dossier."""

    model_config = ConfigDict(frozen=True)


class TaskKind(StrEnum):
    """What asks for something within the week."""

    ACTION = "action"
    DISPUTE = "dispute"
    APPROVAL = "approval"
    REVIEW = "review"
    MEASUREMENT = "measurement"
    OBJECTIVE_DUE = "objective_due"
    HANDOVER_ITEM = "handover_item"
    SUCCESSOR = "successor"
    LATE_INVOICE = "late_invoice"
    RESUMPTION = "resumption"
    END = "end"


class Task(Part):
    """Something to do this week, or late already; in a sentence too, in the language that was asked for."""

    kind: TaskKind
    id: str | None
    due_on: IsoDate | None
    days_late: int
    sentence: str
    facts: tuple[int, ...]


class Lack(Part):
    """Something that a successor would look for and not find."""

    code: str
    """A line of the handover checklist (rule 13), or another of the dossier's own."""
    in_checklist: bool
    id: str | None
    since: IsoDate | None
    """Since when, where it was there once."""
    sentence: str
    facts: tuple[int, ...]


class ContactRole(StrEnum):
    """Who somebody is for the mission."""

    CLIENT = "client"
    CADRE = "cadre"
    SUCCESSOR = "successor"
    PREDECESSOR = "predecessor"
    HELPER = "helper"
    """A cadre who lent a hand."""
    ISSUER = "issuer"


class ContactLine(Part):
    """Somebody to call."""

    role: ContactRole
    contact: Contact


class MetLine(Part):
    """Somebody who came to the reviews, as they were named there; null: the words were erased."""

    attendee: str | None
    reviews: int
    last_on: IsoDate


class OpenPart(Part):
    """What is not settled: actions by due date, disputes, days that wait for the client."""

    actions: tuple[ActionLine, ...]
    disputes: tuple[DisputeLine, ...]
    waiting: tuple[DayLine, ...]


class RitualsPart(Part):
    """When people meet, and what was said the last times."""

    review_every: ReviewEvery
    rhythm: Rhythm
    counts: Counts
    """Planned reviews against those that were held, and when the next is due."""
    reviews: tuple[ReviewLine, ...]
    """The latest first."""


class DeliveredBy(Part):
    """What a cadre delivered, withdrawn and credited days left out."""

    cadre_id: str
    unit: Unit
    quantity: Number
    first_on: IsoDate
    last_on: IsoDate
    days: int


class DeliveredIn(Part):
    """What was delivered in a month."""

    month: str
    unit: Unit
    quantity: Number


class DeliveredPart(Part):
    """What was delivered and by whom: per cadre, per month, day by day."""

    by_cadre: tuple[DeliveredBy, ...]
    by_month: tuple[DeliveredIn, ...]
    days: tuple[DayLine, ...]


class DossierAnswer(Part):
    """All that a successor needs (dossier de passation), as of a date; each line with the facts behind it."""

    mission_id: str
    as_of: IsoDate
    known_at: datetime | None
    language: Language
    position: int
    """The last of the mission's facts that counts."""
    title: str | None
    function: Function
    status: Status
    client_id: str
    cadre_id: str
    to_do: tuple[Task, ...]
    contacts: tuple[ContactLine, ...]
    met: tuple[MetLine, ...]
    open: OpenPart
    handover: HandoverLine | None
    """The one that is under way."""
    readiness: str
    """The share of the handover checklist that holds, in percent."""
    missing: tuple[Lack, ...]
    objectives: tuple[ObjectiveAnswer, ...]
    rituals: RitualsPart
    accesses: tuple[AccessLine, ...]
    risks: tuple[RiskLine, ...]
    letter: LetterAnswer
    money: ExposureAnswer
    decisions: tuple[DecisionLine, ...]
    """The latest first."""
    delivered: DeliveredPart
    lessons: tuple[LessonLine, ...]
    """The latest first."""
    holders: tuple[HeldBy, ...]
    handovers: tuple[HandoverLine, ...]
    """Those that are over."""
