"""What is owed, as the events alone tell it: the sample journals to the franc, and any date in between."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cache

import pytest

from domain.billing.events import (
    Allocation,
    InvoiceIssued,
    LineKind,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
)
from domain.catalogue import ALL_EVENTS
from domain.event import Event, Recorded
from domain.values import Currency, Money
from projections.invoices import BILLING
from projections.invoices.answers import (
    age_of,
    aging_of,
    billed_by_month,
    credit_notes_view,
    days_late,
    invoice_answer,
    invoices_view,
    payment_answer,
    payments_view,
)
from projections.invoices.credit_notes import CREDIT_NOTES
from projections.invoices.invoices import INVOICES
from projections.invoices.payments import PAYMENTS
from projections.invoices.shapes import Age
from projections.invoices.sources import sources_of
from tests.domain.billing.ledger import a_day_at, days, invoice, mission, on, terms
from tests.journal_world import World, expected, journal
from tests.projections.histories import Happened, recorded

JOURNALS = ("first-year", "careless")


@cache
def lived(name: str) -> list[Recorded[Event]]:
    return World().run(journal(name)).network.recorded


def test_every_event_is_handled_or_ignored() -> None:
    assert BILLING.handles | BILLING.ignores == set(ALL_EVENTS)
    assert not BILLING.handles & BILLING.ignores


@pytest.mark.parametrize("name", JOURNALS)
def test_invoices_come_out_as_expected(name: str) -> None:
    figures = expected(name)
    told = {
        each.invoice_number: {
            **each.model_dump(mode="json", include={"client_id", "currency", "net", "tax", "gross", "due_on"}),
            **each.model_dump(mode="json", include={"paid", "credited", "outstanding"}),
            "lines": len(each.lines),
        }
        for each in invoices_view(lived(name), on(figures["today"]))
    }
    assert told == figures["invoices"]


@pytest.mark.parametrize("name", JOURNALS)
def test_credit_notes_come_out_as_expected(name: str) -> None:
    figures = expected(name)
    notes = credit_notes_view(lived(name), on(figures["today"]))
    assert {
        each.credit_note_number: {"invoice": each.invoice_number, "gross": each.gross} for each in notes
    } == figures["credit_notes"]


@pytest.mark.parametrize("name", JOURNALS)
def test_what_waits_of_payments_comes_out_as_expected(name: str) -> None:
    figures = expected(name)
    payments = payments_view(lived(name), on(figures["today"]))
    assert {each.payment_id: each.unallocated for each in payments if Decimal(each.unallocated)} == figures[
        "unallocated"
    ]
    for each in payments:
        assert Decimal(each.amount) == Decimal(each.allocated) + Decimal(each.unallocated)


@pytest.mark.parametrize("name", JOURNALS)
@pytest.mark.parametrize("day", ["2025-03-31", "2025-05-31", "2025-07-15", "2026-01-31"])
def test_todays_rows_tell_any_date_as_its_history_does(name: str, day: str) -> None:
    known = [row for row in INVOICES.rows(lived(name)).values() if row.occurred_on <= on(day)]
    received = [row for row in PAYMENTS.rows(lived(name)).values() if row.occurred_on <= on(day)]
    sources = sources_of(lived(name))
    assert [invoice_answer(row, on(day), sources) for row in known] == invoices_view(lived(name), on(day))
    assert [payment_answer(row, on(day)) for row in received] == payments_view(lived(name), on(day))


@pytest.mark.parametrize("name", JOURNALS)
def test_every_invoice_balances(name: str) -> None:
    for each in invoices_view(lived(name), on("2030-01-01")):
        assert Decimal(each.gross) == Decimal(each.paid) + Decimal(each.credited) + Decimal(each.outstanding)


@pytest.mark.parametrize("name", JOURNALS)
def test_net_billed_by_mission_and_month_is_the_sum_of_the_documents(name: str) -> None:
    issued = list(INVOICES.rows(lived(name)).values())
    notes = list(CREDIT_NOTES.rows(lived(name)).values())
    billed = sum(billed_by_month([*issued, *notes]).values())
    spent = {
        sign: sum(line.net for row in rows for line in row.lines if line.kind is LineKind.EXPENSE)
        for sign, rows in ((1, issued), (-1, notes))
    }
    nets = sum(row.net for row in issued) - sum(row.net for row in notes)
    assert billed == nets - spent[1] + spent[-1]


@pytest.mark.parametrize("name", JOURNALS)
def test_aging_adds_up_per_currency(name: str) -> None:
    told = invoices_view(lived(name), on(expected(name)["today"]))
    owed: dict[Currency, Decimal] = defaultdict(Decimal)
    for each in told:
        owed[each.currency] += Decimal(each.outstanding)
    accounts = [(each.currency, each.due_on, Decimal(each.outstanding)) for each in told]
    for row in aging_of(accounts, on(expected(name)["today"])):
        buckets = row.model_dump(exclude={"currency"})
        assert sum(Decimal(amount) for amount in buckets.values()) == owed[row.currency]


@pytest.mark.parametrize(
    ("day", "late", "age"),
    [
        ("2026-05-02", 0, Age.NOT_DUE),
        ("2026-05-03", 0, Age.NOT_DUE),
        ("2026-05-04", 1, Age.LATE_1_30),
        ("2026-06-02", 30, Age.LATE_1_30),
        ("2026-06-03", 31, Age.LATE_31_60),
        ("2026-07-02", 60, Age.LATE_31_60),
        ("2026-07-03", 61, Age.LATE_61_90),
        ("2026-08-01", 90, Age.LATE_61_90),
        ("2026-08-02", 91, Age.LATE_OVER_90),
    ],
)
def test_what_is_owed_ages_from_the_day_after_it_is_due(day: str, late: int, age: Age) -> None:
    due_on = on("2026-05-03")
    assert days_late(due_on, Decimal(1), on(day)) == late
    assert age_of(due_on, Decimal(1), on(day)) is age
    assert days_late(due_on, Decimal(-1), on(day)) == 0
    assert age_of(due_on, Decimal(-1), on(day)) is Age.NOT_DUE


def xpf(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency=Currency.XPF)


def share(number: str, amount: int) -> Allocation:
    return Allocation(invoice_number=number, amount=xpf(amount))


def paid_and_refunded() -> list[Recorded[Event]]:
    """An invoice over 106000, paid twice over by mistake and put right step by step."""
    issued: InvoiceIssued = invoice(
        mission(terms(a_day_at("100000")), ready=days("D-1 2026-03-02 1")), month="2026-03", issued_on="2026-04-03"
    )
    number = issued.invoice_number
    payment = PaymentRecorded(
        payment_id="P-1",
        received_on=on("2026-04-10"),
        amount=xpf(300000),
        payer="Menuiserie",
        allocations=(share(number, 106000), share("F-2026-00002", 50000)),
    )
    undone = PaymentDeallocated(payment_id="P-1", invoice_number=number, amount=xpf(6000), reason="Erreur")
    refund = RefundRecorded(refund_id="R-1", invoice_number=number, amount=xpf(1000), paid_on=on("2026-04-12"))
    withdrawn = PaymentWithdrawn(
        payment_id="P-1", reason="Saisi deux fois", undone=(share(number, 100000), share("F-2026-00002", 50000))
    )
    return recorded(
        [
            Happened("invoices:network:2026", issued, on("2026-04-03")),
            Happened("payment:P-1", payment, on("2026-04-10")),
            Happened("payment:P-1", undone, on("2026-04-11")),
            Happened("payment:R-1", refund, on("2026-04-12")),
            Happened("payment:P-1", withdrawn, on("2026-04-13")),
        ]
    )


@pytest.mark.parametrize(
    ("day", "paid", "outstanding", "waiting"),
    [
        ("2026-04-03", "0", "106000", None),
        ("2026-04-10", "106000", "0", "144000"),
        ("2026-04-11", "100000", "6000", "150000"),
        ("2026-04-12", "99000", "7000", "150000"),
        ("2026-04-13", "-1000", "107000", "0"),
    ],
)
def test_an_account_is_told_as_of_any_date(day: str, paid: str, outstanding: str, waiting: str | None) -> None:
    history = paid_and_refunded()
    (told,) = invoices_view(history, on(day))
    assert (told.paid, told.outstanding) == (paid, outstanding)
    payments = {each.payment_id: each for each in payments_view(history, on(day))}
    assert (payments["P-1"].unallocated if "P-1" in payments else None) == waiting
    today = [row for row in PAYMENTS.rows(history).values() if row.occurred_on <= on(day)]
    assert [payment_answer(row, on(day)) for row in today] == list(payments.values())


def test_a_payment_tells_which_invoices_it_pays() -> None:
    payment, refund = payments_view(paid_and_refunded(), on("2026-04-12"))
    assert [(each.invoice_number, each.amount) for each in payment.allocations] == [
        ("F-2026-00001", "100000"),
        ("F-2026-00002", "50000"),
    ]
    assert refund.is_refund
    assert refund.unallocated == "0"


def test_money_moves_between_invoices_and_waits() -> None:
    number = "F-2026-00001"
    moved = PaymentAllocated(payment_id="P-1", allocations=(share(number, 6000),))
    history = [(each.event, each.stream) for each in paid_and_refunded()[:3]]
    later = recorded([*(Happened(stream, event) for event, stream in history), Happened("payment:P-1", moved)])
    assert [each.outstanding for each in invoices_view(later, on("2026-04-30"))] == ["0"]
    assert [each.unallocated for each in payments_view(later, on("2026-04-30"))] == ["144000"]


def test_what_never_had_an_invoice_or_payment_makes_no_row() -> None:
    moved = PaymentAllocated(payment_id="P-1", allocations=(share("F-2026-00001", 6000),))
    undone, withdrawn = paid_and_refunded()[2].event, paid_and_refunded()[4].event
    for orphan in (moved, undone, withdrawn):
        alone = recorded([Happened("payment:P-1", orphan)])
        assert INVOICES.rows(alone) == {}
        assert PAYMENTS.rows(alone) == {}
