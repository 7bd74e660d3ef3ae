"""Money finds its invoices: as stated, by the number in its reference, by its payer's exact amount, or it waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import cast

import pytest

from domain.billing.account import Account
from domain.billing.account import evolve as account_evolve
from domain.billing.events import (
    Allocation,
    MatchedBy,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
)
from domain.billing.payments import (
    AllocatePayment,
    DeallocatePayment,
    Payer,
    Payment,
    PaymentEvent,
    RecordPayment,
    RecordRefund,
    StatedAllocation,
    WithdrawPayment,
    allocate_payment,
    deallocate_payment,
    evolve,
    fold,
    record_payment,
    record_refund,
    withdraw_payment,
)
from domain.billing.rejections import (
    CurrencyMismatch,
    OverAllocated,
    PaymentIsWithdrawn,
    UnknownInvoice,
    UnknownPayment,
)
from domain.event import CommandRejected, Filed
from domain.party.events import PersonForgotten
from domain.rejections import AlreadyExists, InTheFuture
from domain.values import Currency, Money, Tax, TaxScheme
from tests.domain.billing.ledger import a_day_at, context, credit_note, days, invoices, mission, on, terms
from tests.refusals import refusing

FRENCH = Tax(scheme=TaxScheme.TVA, rate=Decimal(20))


def ledger() -> dict[str, Account]:
    """To one client, F-2026-00001 over 780 EUR and F-2026-00002 over 106000 XPF; to another, F-2026-00003 alike."""
    run = invoices(
        mission(terms(a_day_at("100000")), mission_id="M-1", ready=days("D-1 2026-03-02 1")),
        mission(
            terms(a_day_at("650"), currency=Currency.EUR, tax=FRENCH), mission_id="M-2", ready=days("D-2 2026-03-02 1")
        ),
        mission(terms(a_day_at("100000")), mission_id="M-3", client_id="E-2", ready=days("D-3 2026-03-02 1")),
        month="2026-03",
        issued_on="2026-04-03",
    )
    return {each.invoice_number: Account(each) for each in run}


EUROS, FRANCS, ELSEWHERE = "F-2026-00001", "F-2026-00002", "F-2026-00003"


def xpf(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=Currency.XPF)


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=Currency.EUR)


def stated(*pairs: tuple[str, Money]) -> tuple[StatedAllocation, ...]:
    return tuple(StatedAllocation(invoice_number=number, amount=amount) for number, amount in pairs)


def received(
    amount: Money,
    *,
    allocations: tuple[StatedAllocation, ...] | None = None,
    reference: str | None = None,
    payer: bool = False,
    accounts: Mapping[str, Account] | None = None,
) -> PaymentRecorded:
    known = ledger() if accounts is None else accounts
    command = RecordPayment(
        payment_id="P-1",
        received_on=on("2026-05-02"),
        amount=amount,
        payer="E-1" if payer else None,
        reference=reference,
        allocations=allocations,
    )
    client = Payer("E-1", tuple(each for each in known.values() if each.invoice.client_id == "E-1")) if payer else None
    (filed,) = record_payment(command, None, known, client, context())
    assert filed.stream == "payment:P-1"
    assert isinstance(filed.event, PaymentRecorded)
    assert filed.tags == tuple(dict.fromkeys(f"invoice:{each.invoice_number}" for each in filed.event.allocations))
    return filed.event


def found(event: PaymentRecorded) -> tuple[str | None, dict[str, Decimal]]:
    return event.matched_by, {each.invoice_number: each.amount.amount for each in event.allocations}


NOTHING = (None, dict[str, Decimal]())


@pytest.mark.parametrize(
    ("why", "arriving", "expected"),
    [
        (
            "as stated",
            partial(received, xpf("200000"), allocations=stated((FRANCS, xpf("106000")), (ELSEWHERE, xpf("94000")))),
            (MatchedBy.STATED, {FRANCS: 106000, ELSEWHERE: 94000}),
        ),
        (
            "what is not stated waits",
            partial(received, xpf("200000"), allocations=stated((FRANCS, xpf("1")))),
            (MatchedBy.STATED, {FRANCS: 1}),
        ),
        (
            "the only invoice in the reference",
            partial(received, xpf("5000"), reference=f"VIR {FRANCS} MERCI"),
            (MatchedBy.REFERENCE, {FRANCS: 5000}),
        ),
        (
            "up to what it has outstanding",
            partial(received, xpf("500000"), reference=FRANCS),
            (MatchedBy.REFERENCE, {FRANCS: 106000}),
        ),
        (
            "a number that no invoice bears names none",
            partial(received, xpf("5000"), reference=f"{FRANCS} F-2026-00099"),
            (MatchedBy.REFERENCE, {FRANCS: 5000}),
        ),
        (
            "two invoices named are one too many",
            partial(received, xpf("5000"), reference=f"{FRANCS} {ELSEWHERE}"),
            NOTHING,
        ),
        (
            "then the payer's exact amount decides",
            partial(received, xpf("106000"), reference=f"{FRANCS} {ELSEWHERE}", payer=True),
            (MatchedBy.AMOUNT, {FRANCS: 106000}),
        ),
        ("an invoice in another currency", partial(received, eur("106000"), reference=FRANCS, payer=True), NOTHING),
        ("the payer's exact amount", partial(received, eur("780"), payer=True), (MatchedBy.AMOUNT, {EUROS: 780})),
        ("not quite the amount", partial(received, xpf("105999"), payer=True), NOTHING),
        ("the amount in another currency", partial(received, xpf("780"), payer=True), NOTHING),
        ("nobody knows the payer", partial(received, xpf("106000")), NOTHING),
    ],
)
def test_a_payment_finds_its_invoices(why: str, arriving: Callable[[], PaymentRecorded], expected: object) -> None:
    assert found(arriving()) == expected, why


def test_a_payment_that_names_a_settled_invoice_waits_whatever_its_payer_owes() -> None:
    accounts = ledger()
    accounts[EUROS] = account_evolve(accounts[EUROS], received(eur("780"), reference=EUROS))
    assert found(received(xpf("106000"), reference=EUROS, payer=True, accounts=accounts)) == NOTHING
    assert found(received(eur("780"), reference=EUROS, payer=True, accounts=accounts)) == NOTHING


def test_a_payment_is_recorded_as_the_bank_told_it() -> None:
    told = received(xpf("106000"), reference=f"VIR {FRANCS}", payer=True)
    assert told == PaymentRecorded(
        payment_id="P-1",
        received_on=on("2026-05-02"),
        amount=xpf("106000"),
        payer="E-1",
        client_id="E-1",
        reference=f"VIR {FRANCS}",
        allocations=(Allocation(invoice_number=FRANCS, amount=xpf("106000")),),
        matched_by=MatchedBy.REFERENCE,
    )
    assert received(xpf("1")).client_id is None


def test_what_is_stated_twice_for_one_invoice_is_added_up() -> None:
    twice = lived(received(xpf("100"), allocations=stated((FRANCS, xpf("1")), (FRANCS, xpf("2")))))
    assert twice == Payment("P-1", xpf("100"), {FRANCS: Decimal(3)})


def test_a_partly_paid_or_credited_invoice_is_not_matched_by_amount() -> None:
    paid, noted = ledger(), ledger()
    paid[FRANCS] = account_evolve(paid[FRANCS], received(xpf("1"), reference=FRANCS))
    noted[FRANCS] = account_evolve(noted[FRANCS], credit_note(noted[FRANCS]))
    assert found(received(xpf("106000"), payer=True, accounts=paid)) == NOTHING
    assert found(received(xpf("106000"), payer=True, accounts=noted)) == NOTHING


def test_two_invoices_of_the_exact_amount_leave_the_payment_waiting() -> None:
    twins = ledger()
    twins[ELSEWHERE] = Account(twins[ELSEWHERE].invoice.model_copy(update={"client_id": "E-1"}))
    assert found(received(xpf("106000"), payer=True, accounts=twins)) == NOTHING


@pytest.mark.parametrize(
    ("amount", "allocations", "refusal"),
    [
        (xpf("200000"), stated((FRANCS, xpf("106001"))), OverAllocated),
        (xpf("200000"), stated((FRANCS, xpf("106000")), (FRANCS, xpf("1"))), OverAllocated),
        (xpf("1000"), stated((FRANCS, xpf("1001"))), OverAllocated),
        (xpf("1000"), stated((FRANCS, xpf("501")), (ELSEWHERE, xpf("500"))), OverAllocated),
        (xpf("1000"), stated(("F-2026-00099", xpf("1"))), UnknownInvoice),
        (xpf("1000"), stated((EUROS, xpf("1"))), CurrencyMismatch),
        (xpf("1000"), stated((FRANCS, eur("1"))), CurrencyMismatch),
        (eur("1000"), stated((FRANCS, eur("1"))), CurrencyMismatch),
    ],
)
def test_what_cannot_be_allocated_as_stated_is_refused(
    amount: Money, allocations: tuple[StatedAllocation, ...], refusal: type[CommandRejected]
) -> None:
    with refusing(refusal):
        received(amount, allocations=allocations)
    command = AllocatePayment(payment_id="P-1", allocations=allocations)
    with refusing(refusal):
        allocate_payment(command, Payment("P-1", amount, {}), ledger())


def test_an_id_names_one_payment_or_refund() -> None:
    used = Payment("P-1", xpf("1"), {})
    payment = RecordPayment(payment_id="P-1", received_on=on("2026-05-02"), amount=xpf("1"))
    refund = RecordRefund(refund_id="P-1", invoice_number=FRANCS, amount=xpf("1"), paid_on=on("2026-05-02"))
    with refusing(AlreadyExists, "P-1"):
        record_payment(payment, used, {}, None, context())
    with refusing(AlreadyExists, "P-1"):
        record_refund(refund, used, {}, context())


@pytest.mark.parametrize(("today", "refused"), [("2026-05-01", True), ("2026-05-02", False)])
def test_money_is_recorded_once_it_is_there(today: str, refused: bool) -> None:
    command = RecordPayment(payment_id="P-1", received_on=on("2026-05-02"), amount=xpf("1"))
    if refused:
        with refusing(InTheFuture):
            record_payment(command, None, {}, None, context(today))
    else:
        assert record_payment(command, None, {}, None, context(today))


def lived(*events: PaymentEvent) -> Payment:
    payment = fold(None, events)
    assert payment is not None
    return payment


def moved(filed: list[Filed]) -> PaymentAllocated | PaymentDeallocated:
    (only,) = filed
    assert isinstance(only.event, PaymentAllocated | PaymentDeallocated)
    return only.event


def test_waiting_money_is_allocated_and_freed_again() -> None:
    payment = lived(received(xpf("100"), allocations=stated((FRANCS, xpf("60")))))
    assert payment.waiting == 40
    more = AllocatePayment(payment_id="P-1", allocations=stated((ELSEWHERE, xpf("40"))))
    payment = evolve(payment, moved(allocate_payment(more, payment, ledger())))
    assert payment.waiting == 0
    undo = DeallocatePayment(payment_id="P-1", invoice_number=FRANCS, amount=xpf("10"), reason="Mauvaise facture")
    less = deallocate_payment(undo, payment, ledger())
    assert less[0].tags == (f"invoice:{FRANCS}",)
    assert evolve(payment, moved(less)).waiting == 10
    all_of_it = deallocate_payment(undo.model_copy(update={"amount": xpf("60")}), payment, ledger())
    assert evolve(payment, moved(all_of_it)).allocated == {FRANCS: 0, ELSEWHERE: 40}


@pytest.mark.parametrize(
    ("number", "amount", "refusal"),
    [
        (FRANCS, xpf("61"), OverAllocated),
        (ELSEWHERE, xpf("1"), OverAllocated),
        ("F-2026-00099", xpf("1"), UnknownInvoice),
        (FRANCS, eur("1"), CurrencyMismatch),
    ],
)
def test_no_more_is_freed_than_was_allocated(number: str, amount: Money, refusal: type[CommandRejected]) -> None:
    payment = lived(received(xpf("100"), allocations=stated((FRANCS, xpf("60")))))
    undo = DeallocatePayment(payment_id="P-1", invoice_number=number, amount=amount, reason="Erreur")
    with refusing(refusal):
        deallocate_payment(undo, payment, ledger())


def test_a_withdrawn_payment_pays_nothing_any_more() -> None:
    recorded = received(xpf("106000"), reference=FRANCS)
    account = account_evolve(ledger()[FRANCS], recorded)
    (filed,) = withdraw_payment(WithdrawPayment(payment_id="P-1", reason="Saisi deux fois"), lived(recorded))
    assert isinstance(filed.event, PaymentWithdrawn)
    assert filed.tags == (f"invoice:{FRANCS}",)
    assert filed.stream == "payment:P-1"
    assert account_evolve(account, filed.event).outstanding == account.invoice.gross
    withdrawn = lived(recorded, filed.event)
    assert withdrawn.waiting == 0
    assert withdrawn.allocated == {}
    with refusing(PaymentIsWithdrawn, "P-1"):
        withdraw_payment(WithdrawPayment(payment_id="P-1", reason="Encore"), withdrawn)


@pytest.mark.parametrize("known", [None, Payment("P-1", xpf("1"), {}, is_refund=True)])
def test_only_a_recorded_payment_is_allocated_freed_or_withdrawn(known: Payment | None) -> None:
    undo = DeallocatePayment(payment_id="P-1", invoice_number=FRANCS, amount=xpf("1"), reason="?")
    with refusing(UnknownPayment, "P-1"):
        withdraw_payment(WithdrawPayment(payment_id="P-1", reason="?"), known)
    with refusing(UnknownPayment, "P-1"):
        allocate_payment(AllocatePayment(payment_id="P-1", allocations=stated((FRANCS, xpf("1")))), known, ledger())
    with refusing(UnknownPayment, "P-1"):
        deallocate_payment(undo, known, ledger())


@pytest.mark.parametrize(
    ("amount", "refused"), [(xpf("106000"), None), (xpf("106001"), OverAllocated), (eur("1"), CurrencyMismatch)]
)
def test_a_refund_gives_back_what_was_overpaid_and_no_more(
    amount: Money, refused: type[CommandRejected] | None
) -> None:
    accounts = ledger()
    accounts[FRANCS] = account_evolve(accounts[FRANCS], received(xpf("106000"), reference=FRANCS))
    accounts[FRANCS] = account_evolve(accounts[FRANCS], credit_note(accounts[FRANCS]))
    assert accounts[FRANCS].outstanding == -106000
    command = RecordRefund(
        refund_id="R-1", invoice_number=FRANCS, amount=amount, paid_on=on("2026-05-02"), reference="VIR RETOUR"
    )
    if refused is not None:
        with refusing(refused):
            record_refund(command, None, accounts, context())
        return
    (filed,) = record_refund(command, None, accounts, context())
    assert (filed.stream, filed.tags) == ("payment:R-1", (f"invoice:{FRANCS}",))
    assert isinstance(filed.event, RefundRecorded)
    assert filed.event.reference == "VIR RETOUR"
    assert lived(filed.event) == Payment("R-1", amount, {FRANCS: amount.amount}, is_refund=True)
    settled = account_evolve(accounts[FRANCS], filed.event)
    assert settled.paid == settled.outstanding == 0


@pytest.mark.parametrize(("number", "refusal"), [("F-2026-00099", UnknownInvoice), (FRANCS, OverAllocated)])
def test_nothing_is_given_back_where_nothing_was_overpaid(number: str, refusal: type[CommandRejected]) -> None:
    command = RecordRefund(refund_id="R-1", invoice_number=number, amount=xpf("1"), paid_on=on("2026-05-02"))
    with refusing(refusal):
        record_refund(command, None, ledger(), context())


@pytest.mark.parametrize(("today", "refused"), [("2026-05-01", True), ("2026-05-02", False)])
def test_a_refund_is_recorded_once_it_is_paid(today: str, refused: bool) -> None:
    accounts = ledger()
    accounts[FRANCS] = account_evolve(accounts[FRANCS], received(xpf("106000"), reference=FRANCS))
    accounts[FRANCS] = account_evolve(accounts[FRANCS], credit_note(accounts[FRANCS]))
    command = RecordRefund(refund_id="R-1", invoice_number=FRANCS, amount=xpf("1"), paid_on=on("2026-05-02"))
    if refused:
        with refusing(InTheFuture):
            record_refund(command, None, accounts, context(today))
    else:
        assert record_refund(command, None, accounts, context(today))


def test_what_happened_is_never_refused_however_strange() -> None:
    withdrawn = PaymentWithdrawn(payment_id="P-1", reason="Saisi deux fois")
    freed = PaymentDeallocated(payment_id="P-1", invoice_number=FRANCS, amount=xpf("1"), reason="Erreur")
    assert fold(None, [withdrawn]) is None
    assert evolve(Payment("P-1", xpf("5"), {}), freed).allocated == {FRANCS: -1}


def test_a_payments_history_holds_its_own_events_alone() -> None:
    stranger = cast("PaymentWithdrawn", PersonForgotten(party_id="E-1", reason="Demande"))
    with pytest.raises(AssertionError, match="E-1"):
        fold(None, [stranger])
    with pytest.raises(AssertionError, match="E-1"):
        evolve(Payment("P-1", xpf("5"), {}), stranger)
