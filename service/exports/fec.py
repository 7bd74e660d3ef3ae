"""Journals in the format of the French file of accounting entries (fichier des écritures comptables, FEC).

Article A47 A-1 of the Livre des procédures fiscales: 18 columns, tabs, dates as AAAAMMJJ, a decimal comma, entries in
the order in which they were final. We hold sales and receipts only: this is not the FEC of the whole company.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.party.events import RegistrationScheme
from domain.values import Currency
from projections.invoices.invoices import InvoiceRow
from projections.read_model import words
from service.exports.bookkeeping import Bookkeeper, Conversion, Entry, Posting
from service.exports.books import Books
from service.exports.chart import Chart

COLUMNS = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
TAB, END = "\t", "\r\n"
SIREN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Volume:
    """Which part of the books a file holds: of one issuer, in one currency, over a period."""

    issuer_id: str
    currency: Currency
    first: date
    last: date
    zone: ZoneInfo
    """Where the date is told on which an entry became final."""


def sales_journal(books: Books, chart: Chart, volume: Volume) -> bytes:
    """The journal of sales."""
    keeper = Bookkeeper(books, chart, volume.issuer_id, volume.currency)
    return _file(keeper, {entry.position for entry in keeper.sales()}, books, chart, volume)


def bank_journal(books: Books, chart: Chart, volume: Volume) -> bytes:
    """The journal of the bank, and what is allocated of its money."""
    keeper = Bookkeeper(books, chart, volume.issuer_id, volume.currency)
    return _file(keeper, {entry.position for entry in keeper.bank()}, books, chart, volume)


def file_name(books: Books, issuer_id: str, last: date) -> str:
    """`<SIREN>FEC<AAAAMMJJ>.txt`; outside France the number of the issuer's own register, else its id."""
    return f"{_registered_as(books, issuer_id)}FEC{last:%Y%m%d}.txt"


def _file(keeper: Bookkeeper, wanted: set[int], books: Books, chart: Chart, volume: Volume) -> bytes:
    book = _currency_of_the_books(books, chart, volume)
    conversion = Conversion(volume.currency, book)
    kept = [
        (entry, amounts)
        for entry, amounts in ((entry, conversion.amounts(entry)) for entry in keeper.all())
        if entry.position in wanted and volume.first <= entry.on <= volume.last and any(amounts)
    ]
    lines = [TAB.join(COLUMNS), *_lines(kept, volume, book)]
    return "".join(line + END for line in lines).encode()


def _lines(entries: Iterable[tuple[Entry, Sequence[Decimal]]], volume: Volume, book: Currency) -> Iterator[str]:
    for number, (entry, amounts) in enumerate(entries, 1):
        for posting, amount in zip(entry.postings, amounts, strict=True):
            foreign = "" if volume.currency is book else _amount(posting.amount, volume.currency)
            if amount:
                cells = _cells(entry, posting, volume.zone)
                moved = (_amount(max(amount, Decimal(0)), book), _amount(max(-amount, Decimal(0)), book))
                stated = (foreign, volume.currency.value if foreign else "")
                yield TAB.join((*cells[:2], str(number), *cells[2:10], *moved, *cells[10:], *stated))


def _cells(entry: Entry, posting: Posting, zone: ZoneInfo) -> tuple[str, ...]:
    """All columns but the number and the amounts."""
    return (
        entry.journal.code,
        _plain(entry.journal.label),
        _day(entry.on),
        posting.account.number,
        _plain(posting.account.label),
        posting.client,
        _plain(posting.client_name),
        entry.piece,
        _day(entry.piece_on),
        _plain(entry.label),
        posting.letter,
        "" if posting.lettered_on is None else _day(posting.lettered_on),
        _day(entry.recorded_at.astimezone(zone).date()),
    )


def _day(on: date) -> str:
    return f"{on:%Y%m%d}"


def _amount(amount: Decimal, currency: Currency) -> str:
    return currency.text(amount).replace(".", ",")


def _plain(text: str) -> str:
    """Words on one line, without what separates the columns."""
    return re.sub(r"[\s|]+", " ", text).strip()


def _documents_of(books: Books, issuer_id: str) -> list[InvoiceRow]:
    return [row for row in books.invoices if row.issuer_id == issuer_id]


def _registered_as(books: Books, issuer_id: str) -> str:
    for row in reversed(_documents_of(books, issuer_id)):
        registration = row.issuer.registration
        number = re.sub(r"[^0-9A-Za-z]", "", words(registration.number) or "") if registration else ""
        if registration and number:
            return number if registration.scheme is RegistrationScheme.RIDET else number[:SIREN_DIGITS]
    return issuer_id


def _currency_of_the_books(books: Books, chart: Chart, volume: Volume) -> Currency:
    """That of the country whose register the issuer is entered in; the file's own where it is entered in none."""
    schemes = [
        row.issuer.registration.scheme for row in _documents_of(books, volume.issuer_id) if row.issuer.registration
    ]
    return chart.books.get(schemes[-1], volume.currency) if schemes else volume.currency
