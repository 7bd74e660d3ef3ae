"""One export as a file: the same bytes whether somebody asks at the command line or over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from domain.values import NETWORK_ISSUER, Currency
from projections.missions.queries import parties_for
from projections.read_model import Query
from service.exports import tables
from service.exports.books import BOOKS, DELIVERED, Books, books_of, delivered_of
from service.exports.chart import read_chart
from service.exports.csv_file import csv_file
from service.exports.fec import Volume, bank_journal, file_name, sales_journal
from service.exports.sheets import Sheet
from service.exports.workbook import workbook


class Name(StrEnum):
    """What there is to export."""

    INVOICES = "invoices"
    PAYMENTS = "payments"
    DAYS = "days"
    SALES_JOURNAL = "sales-journal"
    BANK_JOURNAL = "bank-journal"


class Format(StrEnum):
    """What file a table ends in. Journals have a format of their own."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
JOURNAL_TYPE = "text/plain; charset=utf-8"


class Source(Protocol):
    """The read models, asked about one moment."""

    async def together(self, queries: Sequence[Query]) -> Sequence[Sequence[tuple[Any, ...]]]: ...


class CannotExport(Exception):
    """What is asked for makes no file: which option is at fault, and what to write."""

    def __init__(self, option: str, detail: str) -> None:
        super().__init__(f"--{option}: {detail}")
        self.option, self.detail = option, detail


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, and in which form."""

    name: Name
    first: date | None = None
    last: date | None = None
    issuer_id: str | None = None
    currency: Currency | None = None
    format: Format = Format.CSV
    marked: bool = False
    """Whether a CSV file begins with the mark that tells spreadsheet programs its encoding."""


@dataclass(frozen=True, slots=True)
class House:
    """What the network has chosen about its books."""

    today: date
    zone: ZoneInfo
    chart: Path | None = None


@dataclass(frozen=True, slots=True)
class File:
    """What an accountant takes away."""

    name: str
    media_type: str
    content: bytes


async def export(wanted: Wanted, source: Source, house: House) -> File:
    """The file, from what the read models hold at one moment."""
    if wanted.first and wanted.last and wanted.first > wanted.last:
        raise CannotExport("to", f"the period begins on {wanted.first}: name that date or a later one")
    queries = DELIVERED if wanted.name is Name.DAYS else BOOKS
    *answers, issuers = await source.together((*queries, parties_for("issuer")))
    _refuse_unknown_issuer(wanted, {NETWORK_ISSUER, *(str(cells[0]) for cells in issuers)})
    if wanted.name is Name.DAYS:
        return _table(wanted, tables.days(delivered_of(answers), _asked(wanted)))
    books = books_of(answers)
    match wanted.name:
        case Name.INVOICES:
            return _table(wanted, tables.invoices(books, _asked(wanted)))
        case Name.PAYMENTS:
            return _table(wanted, tables.payments(books, _asked(wanted)))
        case Name.SALES_JOURNAL | Name.BANK_JOURNAL:
            return _journal(wanted, books, house)


def _refuse_unknown_issuer(wanted: Wanted, known: set[str]) -> None:
    if wanted.issuer_id is not None and wanted.issuer_id not in known:
        raise CannotExport("issuer", f"no issuer has this id; those who invoice are {', '.join(sorted(known))}")


def _asked(wanted: Wanted) -> tables.Asked:
    return tables.Asked(wanted.first, wanted.last, wanted.issuer_id)


def _table(wanted: Wanted, sheets: Sequence[Sheet]) -> File:
    """A workbook holds all sheets, a CSV file the first: sums are for who reads, not for who adds up."""
    content = workbook(sheets) if wanted.format is Format.XLSX else csv_file(sheets[0], marked=wanted.marked)
    period = [on.isoformat() for on in (wanted.first, wanted.last) if on is not None]
    name = "_".join(["relais", wanted.name.value, *([wanted.issuer_id] if wanted.issuer_id else []), *period])
    return File(f"{name}.{wanted.format.value}", MEDIA_TYPES[wanted.format], content)


def _journal(wanted: Wanted, books: Books, house: House) -> File:
    issuer_id = wanted.issuer_id or NETWORK_ISSUER
    last = wanted.last or house.today
    volume = Volume(
        issuer_id=issuer_id,
        currency=wanted.currency or _only_currency(books, issuer_id),
        first=wanted.first or date(last.year, 1, 1),
        last=last,
        zone=house.zone,
    )
    write = sales_journal if wanted.name is Name.SALES_JOURNAL else bank_journal
    return File(file_name(books, issuer_id, last), JOURNAL_TYPE, write(books, read_chart(house.chart), volume))


def _only_currency(books: Books, issuer_id: str) -> Currency:
    currencies = sorted({row.currency for row in books.invoices if row.issuer_id == issuer_id})
    if len(currencies) > 1:
        choices = " and ".join(currencies)
        raise CannotExport("currency", f"{issuer_id} invoices in {choices}, and a file holds one: name it")
    return currencies[0] if currencies else Currency.XPF
