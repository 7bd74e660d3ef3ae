"""The rules of article A47 A-1 of the Livre des procédures fiscales, written apart from what they judge.

Nothing here knows how Relais writes its files: it reads bytes, and names every rule that they break.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

_FIRST = ("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib")
_PIECE = ("PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit")
_LAST = ("EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise")
HEADER = (*_FIRST, "CompAuxNum", "CompAuxLib", *_PIECE, *_LAST)
FILLED = (*_FIRST, *_PIECE, "ValidDate")
NAME = re.compile(r"[0-9A-Za-z._-]+FEC\d{8}\.txt")
NUMBER = re.compile(r"-?\d+(,\d{1,2})?")
Line = dict[str, str]


def lines_of(content: bytes) -> list[Line]:
    """The lines of a file, by column."""
    rows = content.decode("utf-8").split("\r\n")[1:-1]
    return [dict(zip(HEADER, row.split("\t"), strict=True)) for row in rows]


def broken_rules(name: str, content: bytes) -> list[str]:
    """Every rule that a file breaks, in words."""
    return list(_broken(name, content))


def _broken(name: str, content: bytes) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"{name} is no name of a FEC"
    text = content.decode("utf-8")
    if text.startswith("\ufeff") or not text.endswith("\r\n"):
        yield "the file begins with its header and ends its last line"
        return
    rows = [row.split("\t") for row in text.split("\r\n")[:-1]]
    if tuple(rows[0]) != tuple(HEADER):
        yield f"the header is {rows[0]}"
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(HEADER) or any("\n" in cell or "\r" in cell for cell in row):
            yield f"line {number} has {len(row)} columns"
            return
    lines = lines_of(content)
    for number, line in enumerate(lines, 2):
        yield from (f"line {number}: {fault}" for fault in _faults(line))
    yield from _numbering(lines)
    yield from _balance(lines)
    yield from _letters(lines)
    closing = name[-12:-4]
    yield from (
        f"{line['EcritureDate']} is after the closing {closing}" for line in lines if line["EcritureDate"] > closing
    )


def _faults(line: Line) -> Iterator[str]:
    yield from (f"{column} is empty" for column in FILLED if not line[column])
    for column in ("EcritureDate", "PieceDate", "ValidDate", "DateLet"):
        if line[column] and not _is_date(line[column]):
            yield f"{column} {line[column]} is no date"
    for column in ("Debit", "Credit"):
        if not NUMBER.fullmatch(line[column]):
            yield f"{column} {line[column]} is no number"
    if (money(line["Debit"]) == 0) == (money(line["Credit"]) == 0):
        yield "a line is a debit or a credit"
    if not re.fullmatch(r"[1-7]\d{2}\w*", line["CompteNum"]):
        yield f"{line['CompteNum']} is no account of the general chart"
    if bool(line["CompAuxNum"]) != bool(line["CompAuxLib"]):
        yield "an auxiliary account has a number and a name"
    if bool(line["EcritureLet"]) != bool(line["DateLet"]):
        yield "a letter has a date"
    if bool(line["Montantdevise"]) != bool(line["Idevise"]) or not re.fullmatch(r"([A-Z]{3})?", line["Idevise"]):
        yield "a foreign amount has an ISO currency"
    if line["ValidDate"] < line["EcritureDate"]:
        yield "an entry is final before its date"


def _is_date(text: str) -> bool:
    try:
        return len(text) == 8 and text == f"{date(int(text[:4]), int(text[4:6]), int(text[6:])):%Y%m%d}"
    except ValueError:
        return False


def _numbering(lines: Sequence[Line]) -> Iterator[str]:
    numbers = [int(line["EcritureNum"]) for line in lines]
    if numbers != sorted(numbers) or set(numbers) != set(range(1, len(set(numbers)) + 1)):
        yield "the entries are numbered without a gap, in order"
    valid = [line["ValidDate"] for line in lines]
    if valid != sorted(valid):
        yield "the entries stand in the order in which they were final"
    for number, entry in entries(lines).items():
        for column in ("JournalCode", "EcritureDate", "PieceRef", "PieceDate", "ValidDate"):
            if len({line[column] for line in entry}) != 1:
                yield f"entry {number} has more than one {column}"


def _balance(lines: Sequence[Line]) -> Iterator[str]:
    for number, entry in entries(lines).items():
        if sum(moved(line) for line in entry):
            yield f"entry {number} does not balance"
    if sum(moved(line) for line in lines):
        yield "the file does not balance"


def _letters(lines: Sequence[Line]) -> Iterator[str]:
    dates: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line["EcritureLet"]:
            dates[line["EcritureLet"]].add(line["DateLet"])
            if line["DateLet"] < line["EcritureDate"]:
                yield f"{line['EcritureLet']} is settled before it was asked"
    yield from (f"{letter} has several dates" for letter, found in dates.items() if len(found) > 1)


def entries(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """The lines of each entry."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line["EcritureNum"]].append(line)
    return found


def money(text: str) -> Decimal:
    """`1137,50`."""
    return Decimal(text.replace(",", "."))


def moved(line: Line) -> Decimal:
    """What a line moves: debit less credit."""
    return money(line["Debit"]) - money(line["Credit"])
