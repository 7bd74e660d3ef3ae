"""Tables as an Excel workbook: exact numbers, one number format per currency, the same bytes for the same tables."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.values import Currency, plain
from service.exports.sheets import Amount, Cell, Sheet, Words

MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A workbook says when it was made; ours always says the same, so that the same tables give the same bytes."""
FORMATS: Mapping[Currency, str] = {Currency.XPF: '#,##0 "F CFP"', Currency.EUR: '#,##0.00 "€"'}
EXACT_DIGITS = 15
"""A spreadsheet keeps as many; a number with more is written as text rather than altered."""
LONGEST_WORDS = 32_767
WIDEST = 48


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook's bytes."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": MADE, "author": "Relais"})
        formats = _Formats(book)
        for sheet in sheets:
            _write(book.add_worksheet(sheet.title), sheet, formats)
    return content.getvalue()


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.head: Format = book.add_format({"bold": True, "bottom": 1})
        self.date: Format = book.add_format({"num_format": "dd/mm/yyyy"})
        self.amounts = {currency: book.add_format({"num_format": FORMATS[currency]}) for currency in Currency}


def _write(page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    for column, (_, title) in enumerate(sheet.columns):
        page.write_string(0, column, title, formats.head)
        longest = max((len(_shown(row[column])) for row in sheet.rows), default=0)
        page.set_column(column, column, min(WIDEST, max(len(title), longest) + 3))
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            _write_cell(page, number, column, cell, formats)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.columns) - 1)


def _write_cell(page: Worksheet, row: int, column: int, cell: Cell, formats: _Formats) -> None:
    match cell:
        case None | "":
            return
        case Amount(value=value, currency=currency):
            if _fits(value):
                page.write(row, column, value, formats.amounts[currency])
            else:
                page.write_string(row, column, currency.text(value))
        case Decimal():
            if _fits(cell):
                page.write(row, column, cell)
            else:
                page.write_string(row, column, plain(cell))
        case date():
            page.write_datetime(row, column, datetime.combine(cell, time()), formats.date)
        case Words(text=text) | str(text):
            page.write_string(row, column, text[:LONGEST_WORDS])


def _fits(value: Decimal) -> bool:
    """Whether a spreadsheet keeps the number as it is. The file holds its decimal digits, never a binary fraction."""
    return len(value.normalize().as_tuple().digits) <= EXACT_DIGITS


def _shown(cell: Cell) -> str:
    match cell:
        case Amount(value=value, currency=currency):
            return f"{currency.text(value)} F CFP"
        case Words(text=text) | str(text):
            return text
        case _:
            return "" if cell is None else str(cell)
