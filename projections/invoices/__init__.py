"""What is owed: invoices with what was paid and credited, credit notes, payments and what of them waits.

It stops at an event it cannot fold: no figure is better than a wrong one.
"""

from __future__ import annotations

from domain.event import Event
from domain.mission.events import MISSION_EVENTS, ExpenseRecorded, MissionAmended, MissionSigned
from domain.party.events import PARTY_EVENTS
from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.expenses import EXPENSES
from projections.invoices.invoices import INVOICES
from projections.invoices.payments import PAYMENTS
from projections.invoices.sources import AGREED_TERMS
from projections.read_model import read_model

_READ = (ExpenseRecorded, MissionSigned, MissionAmended)
IGNORED: tuple[type[Event], ...] = (*PARTY_EVENTS, *(each for each in MISSION_EVENTS if each not in _READ))
"""A document says what it says: what is delivered, corrected or forgotten later changes none."""

BILLING = read_model(
    "invoices",
    version=4,
    tables=[INVOICES, CREDIT_NOTES, PAYMENTS, EXPENSES, AGREED_TERMS],
    ignores=IGNORED,
    stops_at_poison=True,
)
