"""A table as CSV (RFC 4180): UTF-8, ISO dates, decimal points, every amount with exactly its currency's digits."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from domain.values import plain
from service.exports.sheets import Amount, Cell, Sheet, Words

MARK = "\ufeff".encode()
"""Tells a spreadsheet program that the file is UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet program would take as the beginning of a formula."""


def csv_file(sheet: Sheet, *, marked: bool = False) -> bytes:
    """The table's bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([name for name, _ in sheet.columns])
    writer.writerows([[_text(cell) for cell in row] for row in sheet.rows])
    return (MARK if marked else b"") + text.getvalue().encode()


def _text(cell: Cell) -> str:
    match cell:
        case Amount(value=value, currency=currency):
            return currency.text(value)
        case Words(text=text):
            return harmless(text)
        case Decimal():
            return plain(cell)
        case date():
            return cell.isoformat()
        case _:
            return cell or ""


def harmless(text: str) -> str:
    """Free text that no spreadsheet program will carry out: an apostrophe keeps it text."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text.startswith(FORMULA) else text
