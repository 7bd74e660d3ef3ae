"""What holds in every history of billing: random weeks of two missions, billed, credited, paid and refunded."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias, cast

from hypothesis import given
from hypothesis import strategies as st

from domain.billing.account import Account, account_of
from domain.billing.credit_notes import IssueCreditNote, issue_credit_note
from domain.billing.engagement import dates_of, engagement_of
from domain.billing.events import CreditEffect, CreditNoteIssued, InvoiceIssued
from domain.billing.invoicing import IssueInvoices, issue_invoices
from domain.billing.payments import (
    Payment,
    PaymentEvent,
    RecordPayment,
    RecordRefund,
    StatedAllocation,
    WithdrawPayment,
    record_payment,
    record_refund,
    withdraw_payment,
)
from domain.billing.payments import fold as fold_payment
from domain.billing.series import Series
from domain.billing.series import fold as fold_series
from domain.event import CommandRejected, Event, Filed
from domain.mission.events import (
    DayDelivered,
    ExpenseRecorded,
    MissionEvent,
    MissionSigned,
    ReviewEvery,
)
from domain.mission.fold import fold
from domain.mission.state import DayStatus, Mission
from domain.values import Currency, DayRate, Function, Letter, Money, Retainer, Rhythm, Scope, Tax, TaxScheme, Terms
from tests.domain.billing.ledger import context, on, said

MONTHS = ("2026-03", "2026-04")
AGREED: dict[str, DayRate | Retainer] = {
    "M-1": DayRate(rate=Decimal("333.33")),
    "M-2": Retainer(monthly=Decimal("1000.01"), included_days=Decimal("1.5"), extra_day_rate=Decimal("250.55")),
}


@dataclass
class Books:
    """An in-memory history, as far as billing reads it."""

    filed: list[Filed] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def stream(self, name: str) -> list[Event]:
        return [each.event for each in self.filed if each.stream == name]

    def series(self, name: str) -> Series:
        return fold_series(None, cast("list[InvoiceIssued | CreditNoteIssued]", self.stream(name)))

    def mission(self, mission_id: str) -> Mission:
        folded = fold(None, cast("list[MissionEvent]", self.stream(f"mission:{mission_id}")))
        assert folded is not None
        return folded

    def invoices(self) -> list[InvoiceIssued]:
        return [each.event for each in self.filed if isinstance(each.event, InvoiceIssued)]

    def notes(self) -> list[CreditNoteIssued]:
        return [each.event for each in self.filed if isinstance(each.event, CreditNoteIssued)]

    def account(self, number: str) -> Account:
        tagged = (each.event for each in self.filed if f"invoice:{number}" in each.tags)
        account = account_of(tagged)
        assert account is not None
        return account

    def accounts(self) -> dict[str, Account]:
        return {each.invoice_number: self.account(each.invoice_number) for each in self.invoices()}

    def payment(self, payment_id: str) -> Payment | None:
        return fold_payment(None, cast("list[PaymentEvent]", self.stream(f"payment:{payment_id}")))


def signed(mission_id: str, tax: str) -> Filed:
    terms = Terms(
        currency=Currency.EUR,
        billing=AGREED[mission_id],
        tax=Tax(scheme=TaxScheme.TVA, rate=Decimal(tax)),
        payment_days=30,
        approval_required=False,
    )
    event = MissionSigned(
        mission_id=mission_id,
        client_id="E-1",
        cadre_id="C-1",
        function=Function.FINANCE,
        title="Direction financière",
        scope=Scope(responsibilities=("Trésorerie",)),
        letter=Letter(signed_on=on("2026-02-20")),
        starts_on=on("2026-03-10"),
        rhythm=Rhythm(half_days_per_week=2),
        terms=terms,
        review_every=ReviewEvery.MONTHLY,
    )
    return Filed(f"mission:{mission_id}", event)


QUANTITIES = st.sampled_from(["0.5", "1"])
DATES = st.sampled_from([*dates_of("2026-03")[10:15], *dates_of("2026-04")[:5]])
WORK = st.tuples(st.just("work"), st.sampled_from(sorted(AGREED)), DATES, QUANTITIES)
SPEND = st.tuples(st.just("spend"), st.sampled_from(sorted(AGREED)), DATES, st.just("12.34"))
BILL = st.tuples(st.just("bill"), st.sampled_from(MONTHS))
CREDIT = st.tuples(
    st.just("credit"), st.integers(0, 3), st.sets(st.integers(0, 5), max_size=3), st.sampled_from(list(CreditEffect))
)
PAY = st.tuples(st.just("pay"), st.integers(0, 3), st.integers(1, 4))
REFUND = st.tuples(st.just("refund"), st.integers(0, 3))
UNPAY = st.tuples(st.just("unpay"), st.integers(0, 12))
Step: TypeAlias = tuple[object, ...]
Steps: TypeAlias = list[Step]
STEPS = st.lists(st.one_of(WORK, WORK, WORK, SPEND, BILL, BILL, CREDIT, PAY, REFUND, UNPAY), max_size=24)


def live(steps: Steps) -> Books:
    """The books after the steps; what is refused changes nothing."""
    books = Books([signed("M-1", "8.5"), signed("M-2", "20")])
    for number, step in enumerate(steps):
        try:
            books.filed.extend(_take(books, number, step))
        except CommandRejected as refusal:
            books.refused[refusal.code] += 1
    return books


def _take(books: Books, number: int, step: Step) -> list[Filed]:
    match step:
        case ("work", str() as mission_id, date() as day, str() as quantity):
            delivered = DayDelivered(
                day_id=f"D-{number}", date=day, quantity=Decimal(quantity), summary="Travail", cadre_id="C-1"
            )
            return [Filed(f"mission:{mission_id}", delivered)]
        case ("spend", str() as mission_id, date() as day, str() as amount):
            money = Money(amount=Decimal(amount), currency=Currency.EUR)
            spent = ExpenseRecorded(expense_id=f"X-{number}", date=day, amount=money, label="Billet")
            return [Filed(f"mission:{mission_id}", spent)]
        case ("bill", str() as month):
            return _bill(books, month)
        case ("credit", int() as which, set() as days, CreditEffect() as effect) if books.invoices():
            account = list(books.accounts().values())[which % len(books.invoices())]
            on_it = sorted({day.day_id for line in account.invoice.lines for day in line.days})
            named = tuple(sorted({on_it[index % len(on_it)] for index in days if on_it}))
            command = IssueCreditNote(
                invoice_number=account.invoice.invoice_number,
                issued_on=on("2026-06-01"),
                reason="Erreur",
                day_ids=named or None,
                effect=effect,
            )
            return issue_credit_note(command, account, books.series("credit-notes:network:2026"), context())
        case ("pay", int() as which, int() as parts) if books.invoices():
            account = list(books.accounts().values())[which % len(books.invoices())]
            money = Money(amount=Currency.EUR.round(account.invoice.gross / parts), currency=Currency.EUR)
            stated = StatedAllocation(invoice_number=account.invoice.invoice_number, amount=money)
            payment = RecordPayment(
                payment_id=f"P-{number}", received_on=on("2026-06-01"), amount=money, allocations=(stated,)
            )
            return record_payment(payment, None, books.accounts(), None, context())
        case ("refund", int() as which) if books.invoices():
            account = list(books.accounts().values())[which % len(books.invoices())]
            owed = Money(amount=max(Decimal("0.01"), -account.outstanding), currency=Currency.EUR)
            refund = RecordRefund(
                refund_id=f"R-{number}",
                invoice_number=account.invoice.invoice_number,
                amount=owed,
                paid_on=on("2026-06-01"),
            )
            return record_refund(refund, None, books.accounts(), context())
        case ("unpay", int() as which):
            return withdraw_payment(
                WithdrawPayment(payment_id=f"P-{which}", reason="Erreur"), books.payment(f"P-{which}")
            )
        case _:
            return []


def _bill(books: Books, month: str) -> list[Filed]:
    engagements = [engagement_of(books.mission(mission_id), month) for mission_id in AGREED]
    stream = "invoices:network:2026"
    run = IssueInvoices(month=month, issued_on=on("2026-05-01"))
    return issue_invoices(run, engagements, {}, {stream: books.series(stream)}, context())


@given(STEPS)
def test_a_day_stands_on_one_uncredited_invoice_at_most(steps: Steps) -> None:
    books = live(steps)
    standing: Counter[str] = Counter()
    for invoice in books.invoices():
        standing.update({day.day_id for line in invoice.lines for day in line.days})
    for note in books.notes():
        standing.subtract({day.day_id for line in note.lines for day in line.days})
    for mission_id in AGREED:
        for day in books.mission(mission_id).days.values():
            assert standing.pop(day.day_id, 0) == (1 if day.status is DayStatus.INVOICED else 0)
    assert not standing


@given(STEPS)
def test_the_whole_of_a_day_is_billed_in_one_or_two_parts(steps: Steps) -> None:
    books = live(steps)
    quantities = {day.day_id: day.quantity for each in AGREED for day in books.mission(each).days.values()}
    for invoice in books.invoices():
        billed: dict[str, Decimal] = defaultdict(Decimal)
        for line in invoice.lines:
            for day in line.days:
                billed[day.day_id] += day.quantity
        assert all(quantities[day_id] == quantity for day_id, quantity in billed.items())


@given(STEPS)
def test_documents_add_up(steps: Steps) -> None:
    books = live(steps)
    documents: list[InvoiceIssued | CreditNoteIssued] = [*books.invoices(), *books.notes()]
    for document in documents:
        assert sum(line.net for line in document.lines) == document.net == sum(tax.net for tax in document.taxes)
        assert document.gross == document.net + document.tax == document.net + sum(tax.tax for tax in document.taxes)
    for invoice in books.invoices():
        for line in invoice.lines:
            assert line.quantity == sum((day.quantity for day in line.days), Decimal(0)) or not line.days, said(line)


@given(STEPS)
def test_every_invoice_balances_and_nothing_is_credited_beyond_it(steps: Steps) -> None:
    books = live(steps)
    for account in books.accounts().values():
        assert account.invoice.gross == account.paid + account.credited + account.outstanding
        if account.is_wholly_credited:
            assert account.credited == account.invoice.gross
            assert sum(note.net for note in account.credit_notes) == account.invoice.net


@given(STEPS)
def test_numbers_are_dense_and_in_order_of_issue(steps: Steps) -> None:
    books = live(steps)
    assert [each.invoice_number for each in books.invoices()] == [
        f"F-2026-{n:05d}" for n in range(1, len(books.invoices()) + 1)
    ]
    assert [each.credit_note_number for each in books.notes()] == [
        f"A-2026-{n:05d}" for n in range(1, len(books.notes()) + 1)
    ]


@given(STEPS)
def test_a_run_leaves_nothing_for_a_second_run(steps: Steps) -> None:
    books = live([*steps, ("bill", "2026-04")])
    assert _bill(books, "2026-04") == []


@given(STEPS)
def test_a_retainers_month_is_charged_once_and_its_days_are_included_once(steps: Steps) -> None:
    books = live(steps)
    standing: Counter[tuple[str, str]] = Counter()
    for invoice in books.invoices():
        standing.update((line.mission_id, line.month) for line in invoice.lines if line.kind == "retainer")
    for note in books.notes():
        months = [(line.mission_id, line.month) for line in note.lines if line.kind == "retainer"]
        standing.subtract(months if note.effect is CreditEffect.REBILL else [])
    assert all(count <= 1 for count in standing.values())
    included = [engagement_of(books.mission("M-2"), month).included for month in MONTHS]
    assert all(quantity <= Decimal("1.5") for by_month in included for quantity in by_month.values())


@given(st.lists(st.one_of(WORK, SPEND), max_size=12))
def test_what_is_credited_to_be_billed_again_is_billed_again_the_same(steps: Steps) -> None:
    books = live([*steps, ("bill", "2026-04")])
    (first,) = books.invoices()
    rebill = IssueCreditNote(
        invoice_number=first.invoice_number, issued_on=on("2026-06-01"), reason="Erreur", effect=CreditEffect.REBILL
    )
    books.filed.extend(issue_credit_note(rebill, books.account(first.invoice_number), Series(), context()))
    again = _bill(books, "2026-04")[0].event
    assert isinstance(again, InvoiceIssued)
    assert (again.lines, again.taxes, again.gross) == (first.lines, first.taxes, first.gross)
