"""The books of a history: billing's folds, as the read models hold them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from zoneinfo import ZoneInfo

from domain.event import Event, Recorded
from domain.values import Currency
from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.expenses import EXPENSES
from projections.invoices.invoices import INVOICES
from projections.invoices.payments import PAYMENTS
from projections.missions.days import DAYS
from projections.missions.mission import MISSION
from projections.missions.parties import PARTIES
from service.exports.books import Books, Delivered
from service.exports.fec import Volume
from tests.domain.billing.ledger import on
from tests.journal_world import World, journal

NOUMEA = ZoneInfo("Pacific/Noumea")


def books(history: Sequence[Recorded[Event]]) -> Books:
    """What the tables hold after a history."""
    return Books(
        invoices=sorted(INVOICES.rows(history).values(), key=lambda row: row.position),
        credit_notes=sorted(CREDIT_NOTES.rows(history).values(), key=lambda row: row.position),
        payments=sorted(PAYMENTS.rows(history).values(), key=lambda row: row.position),
        expenses=list(EXPENSES.rows(history).values()),
    )


def delivered(history: Sequence[Recorded[Event]]) -> Delivered:
    """The delivered days after a history."""
    days = sorted(DAYS.rows(history).values(), key=lambda row: (row.date, row.mission_id, row.day_id))
    return Delivered(days, list(MISSION.rows(history).values()), list(PARTIES.rows(history).values()))


@cache
def history(name: str) -> Sequence[Recorded[Event]]:
    """A sample journal, lived."""
    return World().run(journal(name)).network.recorded


@cache
def sample(name: str) -> Books:
    """The books of a sample journal."""
    return books(history(name))


def volume(
    issuer_id: str = "network", currency: Currency = Currency.XPF, first: str = "2020-01-01", last: str = "2029-12-31"
) -> Volume:
    """A part of the books."""
    return Volume(issuer_id, currency, on(first), on(last), NOUMEA)
