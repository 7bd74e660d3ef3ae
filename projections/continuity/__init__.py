"""Would the mission notice if its cadre left: its rituals, its readiness, what depends on one person, its accesses."""

from __future__ import annotations

from domain.billing.events import BILLING_EVENTS
from domain.event import Event
from domain.mission.events import (
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
    ObjectiveRevised,
)
from domain.party.events import ClientCorrected, ClientRegistered, IssuerCorrected, IssuerRegistered
from projections.continuity.course import COURSES
from projections.continuity.practitioners import PRACTITIONERS
from projections.read_model import read_model

IGNORED: tuple[type[Event], ...] = (
    *BILLING_EVENTS,
    ClientRegistered,
    ClientCorrected,
    IssuerRegistered,
    IssuerCorrected,
    ObjectiveRevised,
    DayDelivered,
    DayWithdrawn,
    DaysApproved,
    DayDisputed,
    DisputeSettled,
    ExpenseRecorded,
    ExpenseWithdrawn,
    DecisionRecorded,
    DaysInvoiced,
    DaysCredited,
    DaysReleased,
)
"""What was worked and billed says nothing of who could go on."""

CONTINUITY = read_model("continuity", version=2, tables=[COURSES, PRACTITIONERS], ignores=IGNORED, reads_words=False)
