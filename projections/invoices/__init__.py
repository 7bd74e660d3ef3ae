"""What is owed: invoices with what was paid and credited, credit notes, payments and what of them waits.

It stops at an event it cannot fold: no figure is better than a wrong one.
"""

from __future__ import annotations

from domain.event import Event
from domain.mission.events import MISSION_EVENTS, ExpenseRecorded
from domain.party.events import PARTY_EVENTS
from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.expenses import EXPENSES
from projections.invoices.invoices import INVOICES
from projections.invoices.payments import PAYMENTS
from projections.read_model import read_model

IGNORED: tuple[type[Event], ...] = (*PARTY_EVENTS, *(each for each in MISSION_EVENTS if each is not ExpenseRecorded))
"""A document says what it says: what is delivered, corrected or forgotten later changes none."""

BILLING = read_model(
    "invoices",
    version=2,
    tables=[INVOICES, CREDIT_NOTES, PAYMENTS, EXPENSES],
    ignores=IGNORED,
    stops_at_poison=True,
)
