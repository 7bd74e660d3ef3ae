"""From documents and payments to entries in two journals: every entry balances, every invoice has its letter.

An entry is booked in one issuer's books and in one currency. What a payment gives to another issuer's invoice passes
through an account between the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from domain.billing.events import LineKind
from domain.values import NETWORK_ISSUER, Currency
from projections.invoices.invoices import InvoiceRow
from projections.invoices.payments import PaymentRow, Share
from projections.read_model import words
from service.exports.books import Books, Document
from service.exports.chart import Account, Chart, DatedChart, Journal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry."""

    account: Account
    amount: Decimal
    """Debit where positive, credit where negative."""
    client: str = ""
    client_name: str = ""
    invoice_number: str = ""
    """The invoice whose account with the client it moves."""
    letter: str = ""
    lettered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: its postings add up to nothing."""

    journal: Journal
    on: date
    piece: str
    piece_on: date
    label: str
    postings: tuple[Posting, ...]
    recorded_at: datetime
    """When history took it: it is final from then on."""
    position: int


class Bookkeeper:
    """Keeps the books of one issuer in one currency."""

    def __init__(self, books: Books, chart: Chart, issuer_id: str, currency: Currency) -> None:
        self._books, self._chart = books, chart
        self._issuer_id, self._currency = issuer_id, currency
        self._invoices = {row.invoice_number: row for row in books.invoices}

    def sales(self) -> list[Entry]:
        """The journal of sales: invoices, and credit notes the other way round."""
        entries = [self._document(row) for row in self._books.documents if self._is_kept(row)]
        return [entry for entry in entries if entry.postings]

    def all(self) -> list[Entry]:
        """Both journals, in the order in which history took them."""
        return sorted([*self.sales(), *self.bank()], key=lambda entry: entry.position)

    def bank(self) -> list[Entry]:
        """The journal of the bank: payments, refunds, and what is allocated of them later."""
        entries = [
            entry for row in self._books.payments if row.currency is self._currency for entry in self._payment(row)
        ]
        return sorted(entries, key=lambda entry: entry.position)

    def _is_kept(self, row: Document) -> bool:
        return (row.issuer_id, row.currency) == (self._issuer_id, self._currency)

    def _document(self, row: Document) -> Entry:
        chart = self._chart.on(row.issued_on)
        if isinstance(row, InvoiceRow):
            sign, piece, label = 1, row.invoice_number, f"Facture {row.invoice_number}"
        else:
            sign, piece = -1, row.credit_note_number
            label = f"Avoir {piece} sur facture {row.invoice_number}"
        earned = [Posting(account, -sign * amount) for account, amount in _earned(row, chart)]
        return Entry(
            journal=self._chart.journals.sales,
            on=row.issued_on,
            piece=piece,
            piece_on=row.issued_on,
            label=label,
            postings=_moved([self._with_client(chart, row.invoice_number, sign * row.gross), *earned]),
            recorded_at=row.recorded_at,
            position=row.position,
        )

    def _with_client(self, chart: DatedChart, invoice_number: str, amount: Decimal) -> Posting:
        invoice = self._invoices[invoice_number]
        settled_on = _settled_on(invoice)
        return Posting(
            account=chart.accounts.client,
            amount=amount,
            client=invoice.client_id,
            client_name=words(invoice.client.name) or invoice.client_id,
            invoice_number=invoice_number,
            letter="" if settled_on is None else invoice_number,
            lettered_on=settled_on,
        )

    def _payment(self, row: PaymentRow) -> Iterator[Entry]:
        """What each event of a payment means to these books."""
        is_ours = self._home(row) == self._issuer_id
        sign = -1 if row.is_refund else 1
        for moved in _moves(row):
            chart = self._chart.on(moved.on)
            ours = [share for share in moved.shares if self._issuer(share) == self._issuer_id]
            others = sum((share.amount for share in moved.shares if self._issuer(share) != self._issuer_id), ZERO)
            given = [self._with_client(chart, share.invoice_number, -sign * share.amount) for share in ours]
            known = sum((posting.amount for posting in given), ZERO)
            if is_ours:
                bank = Posting(chart.accounts.bank, sign * moved.received)
                between = Posting(chart.accounts.other_issuer, -sign * others)
                waits = Posting(chart.accounts.advance, -bank.amount - known - between.amount, row.client_id or "")
                postings = [bank, *given, between, self._named(waits)]
            else:
                postings = [Posting(chart.accounts.other_issuer, -known), *given]
            if kept := _moved(postings):
                yield Entry(
                    journal=self._journal(is_ours and bool(moved.received)),
                    on=moved.on,
                    piece=row.payment_id,
                    piece_on=row.received_on,
                    label=_said(row, moved),
                    postings=kept,
                    recorded_at=moved.recorded_at,
                    position=moved.position,
                )

    def _journal(self, through_the_bank: bool) -> Journal:
        journals = self._chart.journals
        return journals.bank if through_the_bank else journals.allocations

    def _issuer(self, share: Share) -> str:
        return self._invoices[share.invoice_number].issuer_id

    def _home(self, row: PaymentRow) -> str:
        """Whose bank a payment came to: that of the first invoice it paid, else of the client's only issuer."""
        if row.shares:
            return self._issuer(row.shares[0])
        issuers = {
            invoice.issuer_id
            for invoice in self._books.invoices
            if (invoice.client_id, invoice.currency) == (row.client_id, row.currency)
        }
        return issuers.pop() if len(issuers) == 1 else NETWORK_ISSUER

    def _named(self, posting: Posting) -> Posting:
        named = [row for row in self._books.invoices if row.client_id == posting.client]
        name = words(named[-1].client.name) if named else None
        return Posting(posting.account, posting.amount, posting.client, name or posting.client)


@dataclass(frozen=True, slots=True)
class _Move:
    """One event of a payment: what came in, and what invoices were given of it."""

    on: date
    received: Decimal
    shares: Sequence[Share]
    recorded_at: datetime
    position: int


def _moves(row: PaymentRow) -> Iterator[_Move]:
    at = {position: list(shares) for position, shares in groupby(row.shares, key=lambda share: share.position)}
    yield _Move(row.received_on, row.amount, at.pop(row.position, []), row.recorded_at, row.position)
    gone = row.withdrawn
    undone = [] if gone is None else at.pop(gone.position, [])
    for position, shares in at.items():
        yield _Move(shares[0].occurred_on, ZERO, shares, shares[0].recorded_at, position)
    if gone is not None:
        yield _Move(gone.occurred_on, -row.amount, undone, gone.recorded_at, gone.position)


def _said(row: PaymentRow, moved: _Move) -> str:
    kind = "Remboursement" if row.is_refund else "Règlement"
    if moved.received < 0:
        kind = "Annulation règlement"
    elif not moved.received:
        kind = "Affectation règlement" if moved.shares[0].amount > 0 else "Désaffectation règlement"
    return " ".join((kind, row.payment_id, *(share.invoice_number for share in moved.shares)))


def _earned(row: Document, chart: DatedChart) -> Iterator[tuple[Account, Decimal]]:
    """What a document earns and owes in tax, by account."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    accounts: dict[str, Account] = {}
    for line in row.lines:
        account = chart.accounts.expenses if line.kind is LineKind.EXPENSE else chart.accounts.revenue
        accounts[account.number], amounts[account.number] = account, amounts[account.number] + line.net
    for tax in row.taxes:
        account = chart.tax_account(tax.scheme, tax.rate)
        accounts[account.number], amounts[account.number] = account, amounts[account.number] + tax.tax
    for number in sorted(accounts, reverse=True):
        yield accounts[number], amounts[number]


def _moved(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    return tuple(posting for posting in postings if posting.amount)


def _settled_on(invoice: InvoiceRow) -> date | None:
    """The date from which nothing is outstanding, if that is so."""
    if invoice.paid + invoice.credited != invoice.gross or not invoice.movements:
        return None
    return max(invoice.issued_on, *(movement.occurred_on for movement in invoice.movements))


FIXED_PARITY: Mapping[tuple[Currency, Currency], Decimal] = {
    (Currency.EUR, Currency.XPF): Decimal(1000) / Decimal("8.38"),
    (Currency.XPF, Currency.EUR): Decimal("0.00838"),
}
"""1000 XPF = 8.38 EUR, by law since 1999: the only currencies here, so that no rate is ever a matter of a day."""


class Conversion:
    """Amounts of one currency in the books of another; a settled account is settled in both."""

    def __init__(self, currency: Currency, book: Currency) -> None:
        self._book = book
        self._rate = Decimal(1) if currency is book else FIXED_PARITY[currency, book]
        self._so_far: dict[str, Decimal] = defaultdict(Decimal)

    def amounts(self, entry: Entry) -> list[Decimal]:
        """The postings of an entry in the books' currency; the largest but a client's takes what rounding leaves."""
        converted = [self._one(posting) for posting in entry.postings]
        free = [place for place, posting in enumerate(entry.postings) if not posting.invoice_number]
        converted[max(free, key=lambda place: abs(converted[place]))] -= sum(converted, ZERO)
        return converted

    def _one(self, posting: Posting) -> Decimal:
        before = self._so_far[posting.invoice_number] if posting.invoice_number else ZERO
        after = before + posting.amount
        if posting.invoice_number:
            self._so_far[posting.invoice_number] = after
        return self._book.round(after * self._rate) - self._book.round(before * self._rate)
