"""Invoices, payments and days as tables. Credit notes are negative; currencies stand in a column, never in one sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.values import Currency
from projections.invoices.credit_notes import CreditNoteRow
from projections.invoices.invoices import InvoiceRow
from projections.invoices.payments import PaymentRow
from projections.missions.answers import day_answer
from projections.read_model import words
from service.exports.books import Books, Delivered, Document
from service.exports.sheets import Amount, Cell, Sheet, total, typed

INVOICE_COLUMNS = (
    ("row", "Ligne"),
    ("document", "Document"),
    ("number", "Numéro"),
    ("invoice_number", "Facture"),
    ("issued_on", "Date d'émission"),
    ("due_on", "Échéance"),
    ("month", "Mois facturé"),
    ("issuer_id", "Émetteur"),
    ("client_id", "Client"),
    ("client_name", "Nom du client"),
    ("mission_id", "Mission"),
    ("delivered_month", "Mois de livraison"),
    ("kind", "Nature"),
    ("label", "Libellé"),
    ("quantity", "Quantité"),
    ("unit", "Unité"),
    ("unit_price", "Prix unitaire"),
    ("tax_scheme", "Taxe"),
    ("tax_rate", "Taux"),
    ("currency", "Devise"),
    ("net", "HT"),
    ("tax", "Taxe due"),
    ("gross", "TTC"),
    ("paid", "Réglé"),
    ("credited", "Avoirs"),
    ("outstanding", "Reste dû"),
)
TOTAL_COLUMNS = (
    ("issuer_id", "Émetteur"),
    ("currency", "Devise"),
    ("invoices", "Factures"),
    ("credit_notes", "Avoirs"),
    ("net", "HT"),
    ("tax", "Taxe due"),
    ("gross", "TTC"),
)
PAYMENT_COLUMNS = (
    ("row", "Ligne"),
    ("payment_id", "Règlement"),
    ("received_on", "Date"),
    ("payer", "Payeur"),
    ("client_id", "Client"),
    ("reference", "Référence"),
    ("withdrawn_on", "Annulé le"),
    ("matched_by", "Rapproché par"),
    ("invoice_number", "Facture"),
    ("issuer_id", "Émetteur"),
    ("currency", "Devise"),
    ("amount", "Montant"),
    ("allocated", "Affecté"),
    ("unallocated", "En attente"),
)
DAY_COLUMNS = (
    ("mission_id", "Mission"),
    ("client_id", "Client"),
    ("client_name", "Nom du client"),
    ("cadre_id", "Cadre"),
    ("cadre_name", "Nom du cadre"),
    ("function", "Fonction"),
    ("day_id", "Jour"),
    ("date", "Date"),
    ("quantity", "Quantité"),
    ("unit", "Unité"),
    ("bucket", "Situation"),
    ("invoice_number", "Facture"),
    ("credit_note_number", "Avoir"),
    ("summary", "Travail réalisé"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the books is asked for."""

    first: date | None = None
    last: date | None = None
    issuer_id: str | None = None

    def holds(self, on: date, issuer_id: str) -> bool:
        """Whether something of that date and issuer is part of it."""
        return (
            (self.first is None or self.first <= on)
            and (self.last is None or on <= self.last)
            and self.issuer_id in (None, issuer_id)
        )


def invoices(books: Books, asked: Asked) -> tuple[Sheet, Sheet]:
    """Invoices and credit notes: a row for each line, one for each tax rate, one for the whole; and the sums."""
    names = {row.invoice_number: words(row.client.name) for row in books.invoices}
    labels = {(row.mission_id, row.expense_id): row.label for row in books.expenses}
    documents = [row for row in books.documents if asked.holds(row.issued_on, row.issuer_id)]
    rows = [cells for row in documents for cells in _document(row, names.get(row.invoice_number), labels)]
    return Sheet("invoices", "Factures", INVOICE_COLUMNS, rows), _totals(documents)


def _document(
    row: Document, name: str | None, labels: Mapping[tuple[str, str], str | None]
) -> Iterator[Sequence[Cell]]:
    def money(value: Decimal) -> Amount:
        return Amount(value, row.currency)

    known: tuple[Cell, ...]
    account: tuple[Cell, ...]
    if isinstance(row, InvoiceRow):
        sign = 1
        known = ("invoice", row.invoice_number, row.invoice_number, row.issued_on, row.due_on, row.month)
        account = (money(row.paid), money(row.credited), money(row.gross - row.paid - row.credited))
    else:
        sign = -1
        known = ("credit_note", row.credit_note_number, row.invoice_number, row.issued_on, None, None)
        account = (None, None, None)
    head: tuple[Cell, ...] = (*known, row.issuer_id, row.client_id, typed(name))
    for line in row.lines:
        yield (
            *(
                "line",
                *head,
                line.mission_id,
                line.month,
                line.kind.value,
                typed(labels.get((line.mission_id, line.expense_id or ""))),
            ),
            *(sign * line.quantity, line.unit.value, money(line.unit_price), line.tax.scheme.value, line.tax.rate),
            *(row.currency.value, money(sign * line.net), None, None, None, None, None),
        )
    for tax in row.taxes:
        yield (
            *("tax", *head, None, None, None, typed(tax.exemption_reason)),
            *(None, None, None, tax.scheme.value, tax.rate),
            *(row.currency.value, money(sign * tax.net), money(sign * tax.tax), None, None, None, None),
        )
    yield (
        *("total", *head, None, None, None, None, None, None, None, None, None, row.currency.value),
        *(money(sign * row.net), money(sign * row.tax), money(sign * row.gross), *account),
    )


def _totals(documents: Iterable[Document]) -> Sheet:
    kept: dict[tuple[str, Currency], list[Document]] = defaultdict(list)
    for row in documents:
        kept[row.issuer_id, row.currency].append(row)
    rows = [
        (
            issuer_id,
            currency.value,
            Decimal(sum(isinstance(row, InvoiceRow) for row in alike)),
            Decimal(sum(isinstance(row, CreditNoteRow) for row in alike)),
            total((Amount(_signed(row, row.net), row.currency) for row in alike), currency),
            total((Amount(_signed(row, row.tax), row.currency) for row in alike), currency),
            total((Amount(_signed(row, row.gross), row.currency) for row in alike), currency),
        )
        for (issuer_id, currency), alike in sorted(kept.items())
    ]
    return Sheet("totals", "Totaux", TOTAL_COLUMNS, rows)


def _signed(row: Document, amount: Decimal) -> Decimal:
    return amount if isinstance(row, InvoiceRow) else -amount


def payments(books: Books, asked: Asked) -> tuple[Sheet]:
    """Payments and refunds: a row for the whole of each, and one for each invoice that it pays."""
    issuers = {row.invoice_number: row.issuer_id for row in books.invoices}
    rows = [
        cells
        for row in sorted(books.payments, key=lambda row: (row.received_on, row.position))
        if _is_asked(row, asked, issuers)
        for cells in _payment(row, issuers)
    ]
    return (Sheet("payments", "Règlements", PAYMENT_COLUMNS, rows),)


def _is_asked(row: PaymentRow, asked: Asked, issuers: dict[str, str]) -> bool:
    """A payment that waits is shown to every issuer: nobody knows yet whose it is."""
    paid = {issuers[share.invoice_number] for share in row.shares}
    return any(asked.holds(row.received_on, issuer_id) for issuer_id in paid or {asked.issuer_id or ""})


def _payment(row: PaymentRow, issuers: dict[str, str]) -> Iterator[Sequence[Cell]]:
    sign = -1 if row.is_refund else 1
    gone = row.withdrawn is not None

    def money(value: Decimal) -> Amount:
        return Amount(sign * value, row.currency)

    head: tuple[Cell, ...] = (
        row.payment_id,
        row.received_on,
        typed(row.payer),
        row.client_id,
        typed(row.reference),
        row.withdrawn.occurred_on if row.withdrawn else None,
    )
    waiting = Decimal(0) if gone else row.amount - row.allocated
    yield (
        *("refund" if row.is_refund else "payment", *head, row.matched_by.value if row.matched_by else None),
        *(None, None, row.currency.value, money(row.amount), money(row.allocated), money(waiting)),
    )
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for share in row.shares:
        shares[share.invoice_number] += share.amount
    for number, amount in sorted(shares.items()):
        if amount:
            yield (
                *("allocation", *head, None, number, issuers[number], row.currency.value),
                *(None, money(amount), None),
            )


def days(delivered: Delivered, asked: Asked) -> tuple[Sheet]:
    """Delivered days, each in its bucket."""
    missions = {row.mission_id: row for row in delivered.missions}
    names = {row.party_id: row.name for row in delivered.parties}
    rows = []
    for row in delivered.days:
        mission = missions[row.mission_id]
        if not asked.holds(row.date, mission.agreements[0].terms.issuer_id):
            continue
        day = day_answer(row, mission.agreements)
        rows.append(
            (
                *(row.mission_id, mission.client_id, typed(names.get(mission.client_id))),
                *(row.cadre_id, typed(names.get(row.cadre_id)), mission.function.value),
                *(row.day_id, row.date, row.quantity, row.unit.value, day.bucket.value),
                *(row.invoice_number, row.credit_note_number, typed(row.summary)),
            )
        )
    return (Sheet("days", "Jours", DAY_COLUMNS, rows),)
