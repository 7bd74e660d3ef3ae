"""What must hold of the books whatever happened: every sum, every number, every day billed once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from domain.billing.events import CreditNoteIssued, InvoiceIssued
from service.reconciling.refold import ZERO, Books, DayKey

Document: TypeAlias = InvoiceIssued | CreditNoteIssued


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what it must be, down to the day or the document."""

    subject: str
    """`day M-1/D-7`, `invoice F-2026-00001`, `credit-note A-…`, `payment P-…`, `series F-2026`."""
    figure: str
    expected: str
    found: str
    month: str | None = None


def broken(books: Books) -> Iterator[Difference]:
    """Every identity that does not hold, by what the events alone say."""
    yield from _days(books)
    for account in books.accounts.values():
        yield from _document(f"invoice {account.issued.invoice_number}", account.issued, account.issued.month)
        for figure, owed, most in (
            ("credited", account.credited, account.issued.gross),
            ("net_credited", account.net_credited, account.issued.net),
        ):
            if owed > most:
                yield Difference(
                    f"invoice {account.issued.invoice_number}", figure, f"≤ {most:f}", f"{owed:f}", account.issued.month
                )
        yield from _same_days(books, account.issued.invoice_number, account.issued, account.issued.month)
    for number, note in books.notes.items():
        yield from _document(f"credit-note {number}", note, None)
        yield from _same_days(books, number, note, None)
    for payment_id, payment in books.payments.items():
        if not ZERO <= payment.allocated <= payment.amount:
            yield Difference(f"payment {payment_id}", "allocated", f"≤ {payment.amount:f}", f"{payment.allocated:f}")
    for number in sorted(books.never_issued | (books.said.keys() - books.accounts.keys() - books.notes.keys())):
        yield Difference(f"document {number}", "issued", "once", "never")
    yield from _numbers(books)


def _days(books: Books) -> Iterator[Difference]:
    for (mission_id, day_id), day in books.days.items():
        subject, month = f"day {mission_id}/{day_id}", day.date.isoformat()[:7]
        times = 1 if day.last_word == "invoiced" else 0
        if len(day.invoices) != times:
            yield Difference(subject, "times billed", str(times), f"{len(day.invoices)} {day.invoices}", month)
        if books.entered[mission_id, day_id] != 1:
            yield Difference(subject, "times delivered", "1", str(books.entered[mission_id, day_id]), month)


def _document(subject: str, document: Document, month: str | None) -> Iterator[Difference]:
    lines = sum((line.net for line in document.lines), ZERO)
    taxes = sum((tax.tax for tax in document.taxes), ZERO)
    bases = sum((tax.net for tax in document.taxes), ZERO)
    for figure, expected, found in (
        ("sum of lines = net", document.net, lines),
        ("sum of taxes = tax", document.tax, taxes),
        ("sum of bases = net", document.net, bases),
        ("net + tax = gross", document.gross, document.net + document.tax),
    ):
        if expected != found:
            yield Difference(subject, figure, f"{expected:f}", f"{found:f}", month)


def _same_days(books: Books, number: str, document: Document, month: str | None) -> Iterator[Difference]:
    """The document's lines and the missions' own events name the same days; an invoice bills each in full."""
    billed: dict[DayKey, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        for day in line.days:
            billed[line.mission_id, day.day_id] += day.quantity
    said = books.said.get(number, set())
    for mission_id, day_id in sorted({*billed} ^ said):
        where = "the mission" if (mission_id, day_id) in said else "the document"
        yield Difference(f"day {mission_id}/{day_id}", number, "in both", f"only in {where}", month)
    for (mission_id, day_id), quantity in billed.items():
        known = books.days.get((mission_id, day_id))
        if known is None or known.quantity != quantity:
            delivered = "unknown" if known is None else f"{known.quantity:f}"
            yield Difference(f"day {mission_id}/{day_id}", f"quantity on {number}", delivered, f"{quantity:f}", month)


def _numbers(books: Books) -> Iterator[Difference]:
    """Gapless, in order of issue, one number a document, per issuer and calendar year."""
    series: dict[tuple[str, str, int], list[tuple[str, Document]]] = defaultdict(list)
    documents: list[tuple[str, str, Document]] = [("F", number, each.issued) for number, each in books.accounts.items()]
    documents += [("A", number, note) for number, note in books.notes.items()]
    for letter, number, document in documents:
        series[letter, document.issuer_id, document.issued_on.year].append((number, document))
    for (letter, issuer_id, year), issued in series.items():
        prefix = f"{letter}-" if issuer_id == "network" else f"{letter}-{issuer_id}-"
        for place, (number, document) in enumerate(issued, 1):
            expected = f"{prefix}{year:04d}-{place:05d}"
            if (number, document.sequence) != (expected, place):
                yield Difference(f"series {prefix}{year}", "number", expected, f"{number} ({document.sequence})")
        dates = [document.issued_on for _, document in issued]
        if dates != sorted(dates):
            yield Difference(f"series {prefix}{year}", "order of issue", "ascending dates", "a date goes backwards")
