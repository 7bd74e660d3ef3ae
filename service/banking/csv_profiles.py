"""CSV exports, each bank's by a profile: a dated data file that says where its columns are and how it writes."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.values import Currency
from service.banking.statements import (
    Account,
    Entry,
    Nature,
    Statement,
    StatementRefused,
    calendar_date,
    exact,
    plain_words,
)

FOLDER = Path(__file__).parent / "profiles"
MAX_PREAMBLE = 40
"""Rows before the heading at most."""
SPACES = " \u00a0\u202f\u2009"
"""What stands between thousands: spaces, also those that do not break and narrow ones."""
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Columns(BaseModel):
    """The headings of the columns that are read: one amount with its sign, or debit and credit apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    booked_on: str
    label: str
    details: tuple[str, ...] = ()
    amount: str | None = None
    debit: str | None = None
    credit: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Columns:
        if (self.amount is None) == (self.debit is None or self.credit is None):
            raise ValueError("name the column `amount`, or both `debit` and `credit`")
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        """Those without which a file is not of this profile."""
        amounts = (self.amount, self.debit, self.credit)
        return (self.booked_on, self.label, *self.details, *(each for each in amounts if each is not None))


class Preamble(BaseModel):
    """The words before the heading after which the account and the balances stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    account: str
    opening: str | None = None
    closing: str | None = None


class Profile(BaseModel):
    """How one bank writes its export, since when."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    title: str
    valid_from: date
    encodings: tuple[Literal["utf-8", "cp1252"], ...]
    delimiter: Literal[";", ",", "\t"]
    currency: Currency
    dates: Literal["DMY", "YMD"]
    decimal_mark: Literal[",", "."]
    payer: str | None = None
    """A pattern with the group `payer`, where labels name who paid."""
    preamble: Preamble
    columns: Columns


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile of the package, by name."""
    read = (Profile.model_validate(tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.toml")))
    return {profile.name: profile for profile in read}


def read_csv(data: bytes, profile_name: str | None = None) -> list[Statement]:
    """The one statement of a file, by the profile named or by the only one whose heading it has."""
    known = profiles()
    if profile_name is not None and profile_name not in known:
        raise StatementRefused(f"there is no profile of that name; choose among {', '.join(known)}")
    tried = [known[profile_name]] if profile_name is not None else list(known.values())
    found = [(profile, rows) for profile in tried if (rows := _rows(data, profile)) is not None]
    if len(found) != 1:
        detail = f"no row has the headings of the profile; choose among {', '.join(known)}, or export the file anew"
        raise StatementRefused(detail)
    return [_statement(*found[0])]


class _Rows:
    """A file by one profile: what stands before the heading, and what after it."""

    def __init__(self, before: Sequence[Sequence[str]], heading: Sequence[str], after: Sequence[tuple[int, list[str]]]):
        self.before, self.heading, self.after = before, heading, after


def _rows(data: bytes, profile: Profile) -> _Rows | None:
    """The rows, if one of the first is the profile's heading."""
    text = _decoded(data, profile)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=profile.delimiter, strict=True)
    before: list[Sequence[str]] = []
    try:
        for row in reader:
            cells = [plain_words(cell) or "" for cell in row]
            if set(profile.columns.headings) <= set(cells):
                rest = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
                return _Rows(before, cells, rest)
            before.append(cells)
            if len(before) > MAX_PREAMBLE:
                return None
    except csv.Error:
        raise StatementRefused("this row is no CSV; export the file anew", line=reader.line_num) from None
    return None


def _decoded(data: bytes, profile: Profile) -> str | None:
    data = data.removeprefix(b"\xef\xbb\xbf")
    for encoding in profile.encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _UNSTORABLE.search(text):
            raise StatementRefused("the file holds control characters, which are no text")
        return text
    return None


def _statement(profile: Profile, rows: _Rows) -> Statement:
    entries = [_entry(profile, rows, line, cells, n) for n, (line, cells) in enumerate(rows.after, start=1)]
    dates = [entry.booked_on for entry in entries if entry.booked_on is not None]
    account = _after(rows.before, profile.preamble.account)
    if account is None:
        raise StatementRefused(f"no row before the heading says {profile.preamble.account!r}; export the file anew")
    return Statement(
        statement_id=None,
        line=1,
        account=Account(account[1]),
        currency=profile.currency,
        from_on=min(dates, default=None),
        until_on=max(dates, default=None),
        opening=_balance(profile, rows.before, profile.preamble.opening),
        closing=_balance(profile, rows.before, profile.preamble.closing),
        entries=entries,
    )


def _balance(profile: Profile, before: Sequence[Sequence[str]], label: str | None) -> Decimal | None:
    found = None if label is None else _after(before, label)
    return None if found is None else _amount(found[1], profile, found[0], None)


def _after(before: Sequence[Sequence[str]], label: str) -> tuple[int, str] | None:
    """What stands beside a label before the heading, and on which line."""
    for line, cells in enumerate(before, start=1):
        if cells and cells[0].rstrip(" :").casefold() == label.casefold():
            said = next((cell for cell in cells[1:] if cell), None)
            return None if said is None else (line, said)
    return None


def _entry(profile: Profile, rows: _Rows, line: int, cells: Sequence[str], number: int) -> Entry:
    if len(cells) != len(rows.heading):
        detail = f"this row has {len(cells)} cells, the heading {len(rows.heading)}; export the file anew"
        raise StatementRefused(detail, line=line, entry=number)
    named = {heading: plain_words(cell) or "" for heading, cell in zip(rows.heading, cells, strict=True)}
    columns = profile.columns
    amount = _signed(named, profile, line, number)
    label = named[columns.label]
    said = (label, *(named[each] for each in columns.details))
    return Entry(
        number=number,
        line=line,
        nature=Nature.CREDIT if amount > 0 else Nature.DEBIT,
        amount=amount,
        booked_on=calendar_date(named[columns.booked_on], profile.dates, line, number),
        bank_reference=None,
        payer=_payer(label, profile.payer),
        references=tuple(dict.fromkeys(each for each in said if each)),
    )


def _signed(named: Mapping[str, str], profile: Profile, line: int, number: int) -> Decimal:
    columns = profile.columns
    if columns.amount is not None:
        return _amount(named[columns.amount], profile, line, number)
    debit, credit = named[columns.debit or ""], named[columns.credit or ""]
    if bool(debit) == bool(credit):
        raise StatementRefused("fill in either debit or credit; export the file anew", line=line, entry=number)
    if debit:
        return -abs(_amount(debit, profile, line, number))
    amount = _amount(credit, profile, line, number)
    if amount < 0:
        raise StatementRefused("a credit is not negative; export the file anew", line=line, entry=number)
    return amount


def _amount(text: str, profile: Profile, line: int, entry: int | None) -> Decimal:
    """An amount as the bank writes it: `1 234 567,89`, a sign before it; never guessed at."""
    mark = re.escape(profile.decimal_mark)
    written = text.replace("\u2212", "-").strip(SPACES)
    form = rf"([+-]?)[{SPACES}]?(\d{{1,3}}(?:[{SPACES}]\d{{3}})+|\d+)(?:{mark}(\d+))?"
    found = re.fullmatch(form, written, re.ASCII)
    if found is None:
        raise StatementRefused(
            "this is no amount as the profile writes it; export the file anew", line=line, entry=entry
        )
    whole = re.sub(rf"[{SPACES}]", "", found[2])
    return exact(f"{found[1]}{whole}.{found[3] or '0'}", profile.currency, line, entry)


def _payer(label: str, pattern: str | None) -> str | None:
    found = re.search(pattern, label) if pattern is not None else None
    return None if found is None else plain_words(found["payer"])
