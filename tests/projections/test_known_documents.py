"""Documents and money as they were known at a position: nothing recorded since is told."""

from __future__ import annotations

from datetime import date

import pytest

from domain.event import Event, Recorded
from projections.invoices.answers import credit_notes_view, invoices_view, payments_view
from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.invoices import INVOICES
from projections.invoices.knowing import (
    credit_notes_known,
    invoices_known,
    owed_of,
    payments_known,
    pays,
    pays_only,
    waits,
)
from projections.invoices.payments import PAYMENTS
from tests.journal_world import World, journal

ON = date(2026, 12, 31)


@pytest.fixture(scope="module")
def history() -> list[Recorded[Event]]:
    return World().run(journal("first-year")).network.recorded


def test_rows_cut_at_any_position_are_those_of_a_history_cut_there(history: list[Recorded[Event]]) -> None:
    invoices, payments = INVOICES.rows(history).values(), PAYMENTS.rows(history).values()
    notes = CREDIT_NOTES.rows(history).values()
    assert invoices
    assert payments
    assert notes
    billing = [each.position for each in history if each.event.TOPIC.startswith("billing.")]
    for upto in [0, *billing, len(history)]:
        cut = history[:upto]
        assert [(row.invoice_number, row.movements) for row in invoices_known(invoices, upto)] == [
            (row.invoice_number, row.movements) for row in INVOICES.rows(cut).values()
        ]
        assert [str(owed) for _, _, owed in owed_of(invoices_known(invoices, upto), ON)] == [
            each.outstanding for each in invoices_view(cut, ON)
        ]
        assert credit_notes_known(notes, upto) == list(CREDIT_NOTES.rows(cut).values())
        assert len(credit_notes_view(cut, ON)) == len(credit_notes_known(notes, upto))
        known, told = payments_known(payments, upto), payments_view(cut, ON)
        assert [(row.payment_id, row.shares, row.withdrawn) for row in known] == [
            (row.payment_id, row.shares, row.withdrawn) for row in PAYMENTS.rows(cut).values()
        ]
        for row, answer in zip(known, told, strict=True):
            assert waits(row, ON) == (float(answer.unallocated) != 0)
            paid = {each.invoice_number for each in answer.allocations}
            assert all(pays(row, number, ON) for number in paid)
            assert pays_only(row, paid, ON) or not paid or len(paid) < len({each.invoice_number for each in row.shares})
            assert not pays_only(row, (), ON)
            assert not pays(row, "F-1", ON)
            assert not pays(row, next(iter(paid), ""), date(2020, 1, 1))


def test_a_payment_withdrawn_later_was_there_before(history: list[Recorded[Event]]) -> None:
    withdrawn = [row for row in PAYMENTS.rows(history).values() if row.withdrawn is not None]
    for row in withdrawn:
        assert row.withdrawn is not None
        (before,) = payments_known([row], row.withdrawn.position - 1)
        assert before.withdrawn is None
        assert not waits(row, ON)
