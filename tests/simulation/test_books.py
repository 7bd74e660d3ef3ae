"""Two sets of books of the same careless journals, kept by the product and from the contract's words, agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import TypeVar

import pytest

from domain.billing.events import CreditNoteIssued, InvoiceIssued, PaymentRecorded
from projections.delivered_days import Bucket
from projections.reconciliation import reconcile
from tests.simulation.careless_hand import Hand
from tests.simulation.ledger import month_of

Kind = TypeVar("Kind")


@pytest.fixture(scope="module", params=range(12))
def hand(request: pytest.FixtureRequest) -> Hand:
    """Three hundred things happened; every line got the verdict that it had to get."""
    written = Hand(Random(request.param))
    written.writes(300)
    return written


def recorded(hand: Hand, kind: type[Kind]) -> Iterator[Kind]:
    return (event for event in hand.world.events() if isinstance(event, kind))


def test_every_invoice_has_its_number_its_lines_its_tax_and_its_due_date(hand: Hand) -> None:
    issued = {
        each.invoice_number: (
            each.client_id,
            each.due_on,
            [(line.mission_id, line.month, line.unit_price, line.tax.rate, line.net) for line in each.lines],
            (each.net, each.tax),
        )
        for each in recorded(hand, InvoiceIssued)
    }
    assert issued == {
        each.number: (
            each.client_id,
            each.due_on,
            [(line.mission.mission_id, line.month, line.price, line.tax, line.net) for line in each.lines],
            (each.net, each.tax),
        )
        for each in hand.books.invoices.values()
    }


def test_every_credit_note_takes_back_what_it_must(hand: Hand) -> None:
    issued = {each.credit_note_number: (each.net, each.tax) for each in recorded(hand, CreditNoteIssued)}
    assert issued == hand.books.notes


def test_every_payment_pays_what_it_was_meant_for(hand: Hand) -> None:
    paid = {
        each.payment_id: {part.invoice_number: part.amount.amount for part in each.allocations}
        for each in recorded(hand, PaymentRecorded)
    }
    assert paid == hand.books.allocated


def test_every_day_is_in_the_bucket_in_which_it_must_be(hand: Hand) -> None:
    told: dict[tuple[str, str, str], Decimal] = {
        (line.mission_id, line.month, bucket.value): dict(line)[bucket.value]
        for line in reconcile(hand.world.network.recorded).items
        for bucket in Bucket
        if dict(line)[bucket.value]
    }
    must: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for day in hand.books.days.values():
        must[day.mission.mission_id, month_of(day.on), day.bucket] += day.quantity
    assert told == must
