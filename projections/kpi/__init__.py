"""Are the results there, and what have they cost: objectives, risks, and what was billed of each mission.

Figures come first: it stops at an event it cannot fold, for no figure is better than a wrong one.
"""

from __future__ import annotations

from domain.billing.events import BILLING_EVENTS, CreditNoteIssued, InvoiceIssued
from domain.event import Event
from domain.mission.events import (
    MISSION_EVENTS,
    DaysCredited,
    DaysInvoiced,
    DaysReleased,
    ExpenseRecorded,
    ExpenseWithdrawn,
    IndicatorMeasured,
    ObjectiveClosed,
    ObjectiveRevised,
    ObjectiveSet,
    RiskClosed,
    RiskIdentified,
)
from domain.party.events import PARTY_EVENTS, PersonForgotten
from projections.kpi.billed import CHARGES, DOCUMENTS, EXPENSES
from projections.kpi.objectives import OBJECTIVES
from projections.kpi.risks import RISKS
from projections.read_model import read_model

_READ = (
    ObjectiveSet,
    ObjectiveRevised,
    ObjectiveClosed,
    IndicatorMeasured,
    RiskIdentified,
    RiskClosed,
    ExpenseRecorded,
    ExpenseWithdrawn,
    DaysInvoiced,
    DaysCredited,
    DaysReleased,
    InvoiceIssued,
    CreditNoteIssued,
    PersonForgotten,
)
IGNORED: tuple[type[Event], ...] = tuple(
    each for each in (*PARTY_EVENTS, *BILLING_EVENTS, *MISSION_EVENTS) if each not in _READ
)
"""Terms, pauses and days are told by the read model of missions; what was paid, by that of billing."""

KPI = read_model(
    "kpi",
    version=1,
    tables=[OBJECTIVES, RISKS, EXPENSES, CHARGES, DOCUMENTS],
    ignores=IGNORED,
    forgets=[PersonForgotten],
    stops_at_poison=True,
)
