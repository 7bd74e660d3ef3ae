"""What every bank statement says, whatever its format: an account, a period, balances, entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.values import Currency

MAX_BYTES = 5_000_000
"""A year of a busy account; larger files come in parts."""
MAX_ENTRIES = 10_000


class StatementRefused(Exception):
    """A statement that cannot be taken: a code, where it went wrong, and what to do. Nothing of it was recorded."""

    def __init__(self, detail: str, *, code: str = "malformed", line: int | None = None, entry: int | None = None):
        places = [f"entry {entry}"] if entry is not None else []
        places += [f"line {line}"] if line is not None else []
        super().__init__(f"{', '.join(places)}: {detail}" if places else detail)
        self.code, self.line, self.entry = code, line, entry


class Nature(StrEnum):
    """What an entry is to us: a credit becomes a payment, all else is shown and not taken."""

    CREDIT = "credit"
    DEBIT = "debit"
    RETURN = "return"
    """Money of ours that came back, or a client's that the bank took back."""
    REVERSAL = "reversal"
    """An earlier entry undone, or put right, by the bank."""
    BANK = "bank"
    """The bank's own interest, fees and charges."""
    PENDING = "pending"
    """Not booked yet: it comes again when it is."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a statement is of, as the bank writes it."""

    number: str

    @property
    def key(self) -> str:
        """One spelling: a French IBAN holds bank, branch, account and key, as OFX writes them apart."""
        compact = compact_account(self.number)
        return compact[4:] if re.fullmatch(r"FR\d{2}[0-9A-Z]{23}", compact) else compact


def compact_account(number: str) -> str:
    """An account number without what only makes it easier to read."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement on the account."""

    number: int
    """Its place in the statement, from 1."""
    line: int
    """Where it stands in the file."""
    nature: Nature
    amount: Decimal
    """What it adds to the balance; negative where it takes."""
    booked_on: date | None
    """None only while it is pending."""
    bank_reference: str | None
    """The bank's own name for it, unique within the account."""
    payer: str | None = None
    payer_account: str | None = None
    references: tuple[str, ...] = ()
    """What the payer said: remittance information, end-to-end id."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one account did in one period."""

    statement_id: str | None
    line: int
    account: Account
    currency: Currency
    from_on: date | None
    until_on: date | None
    opening: Decimal | None
    closing: Decimal | None
    entries: Sequence[Entry]

    @property
    def booked(self) -> Decimal:
        """What the booked entries change."""
        return sum((entry.amount for entry in self.entries if entry.nature is not Nature.PENDING), Decimal(0))

    @property
    def is_checked(self) -> bool:
        """Whether the bank gave both balances, so that the entries could be added up."""
        return self.opening is not None and self.closing is not None


def require_that_it_adds_up(statement: Statement) -> None:
    """Refuses a statement whose balances are not explained by its entries: one is missing, doubled or wrong."""
    if statement.opening is None or statement.closing is None:
        return
    expected = statement.opening + statement.booked
    difference = statement.closing - expected
    if difference:
        text = statement.currency.text
        raise StatementRefused(
            f"the statement does not add up: {text(statement.opening)} and its entries make {text(expected)}, its "
            f"closing balance says {text(statement.closing)}, which is {text(abs(difference))} "
            f"{'more' if difference > 0 else 'less'}; ask the bank for the whole statement",
            code="statement_does_not_add_up",
            line=statement.line,
        )


def currency_named(code: str, line: int | None = None, entry: int | None = None) -> Currency:
    """A currency that the network bills in."""
    try:
        return Currency(code)
    except ValueError:
        detail = f"the network bills in {' and '.join(Currency)}, and this is in another currency; leave it out"
        raise StatementRefused(detail, code="currency_mismatch", line=line, entry=entry) from None


def exact(text: str, currency: Currency, line: int, entry: int | None = None) -> Decimal:
    """A decimal number as money: with no more digits than its currency has, but for zeros."""
    if not re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,12})?", text, re.ASCII):
        raise StatementRefused("this is no amount; ask the bank for the file anew", line=line, entry=entry)
    amount = Decimal(text)
    if not currency.fits(amount):
        detail = f"{currency} amounts have {currency.digits} digits after the point; ask the bank for the file anew"
        raise StatementRefused(detail, line=line, entry=entry)
    return currency.round(amount)


def calendar_date(text: str, form: str, line: int, entry: int | None = None) -> date:
    """A date of eight digits, in the order that a form such as `YMD` or `DMY` gives."""
    digits = re.sub(r"[-/.]", "", text)
    if re.fullmatch(r"\d{8}", digits, re.ASCII):
        sizes = {"Y": 4, "M": 2, "D": 2}
        parts, start = {}, 0
        for letter in form:
            parts[letter] = int(digits[start : start + sizes[letter]])
            start += sizes[letter]
        try:
            return date(parts["Y"], parts["M"], parts["D"])
        except ValueError:
            pass
    raise StatementRefused("there is no such date; ask the bank for the file anew", line=line, entry=entry)


def plain_words(text: str | None) -> str | None:
    """Text on one line with single spaces; None where nothing is said."""
    said = " ".join((text or "").split())
    return said or None


def bank_said(text: str | None) -> str | None:
    """A reference, unless it only says that there is none."""
    said = plain_words(text)
    return (
        None if said is None or said.upper().strip("/ ") in {"NONREF", "NOTPROVIDED", "NOT PROVIDED", "NONE"} else said
    )
