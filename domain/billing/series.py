"""Numbers of invoices and credit notes: gapless, in order of issue, per issuer and calendar year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Annotated

from pydantic import StringConstraints

from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.billing.rejections import IssuedOnGoesBackwards
from domain.event import State
from domain.values import NETWORK_ISSUER

InvoiceNumber = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""An invoice's number, as a caller states it."""

INVOICES = "F"
CREDIT_NOTES = "A"


@dataclass(frozen=True, slots=True)
class Series(State):
    """The documents of one kind that an issuer issued in one year: how many, and the date of the last."""

    last_sequence: int = 0
    last_issued_on: date | None = None

    def refuse_backwards(self, issued_on: date) -> None:
        """A document is not dated before the one that precedes it in its series."""
        if self.last_issued_on is not None and issued_on < self.last_issued_on:
            raise IssuedOnGoesBackwards(
                f"the last document is dated {self.last_issued_on}; issue on that date or later"
            )


def evolve(_series: Series, document: InvoiceIssued | CreditNoteIssued) -> Series:
    """The series with one document more."""
    return Series(last_sequence=document.sequence, last_issued_on=document.issued_on)


def fold(series: Series | None, documents: Iterable[InvoiceIssued | CreditNoteIssued]) -> Series:
    """The series after more documents."""
    return reduce(evolve, documents, series or Series())


def invoice_tag(invoice_number: str) -> str:
    """On all that bears on an invoice: its issue, credit notes, payments and refunds."""
    return f"invoice:{invoice_number}"


def payer_tag(client_id: str) -> str:
    """On the invoices of a client: lists them."""
    return f"payer:{client_id}"


def invoices_stream(issuer_id: str, year: int) -> str:
    """The stream that an issuer's invoices of a year are the history of."""
    return f"invoices:{issuer_id}:{year:04d}"


def credit_notes_stream(issuer_id: str, year: int) -> str:
    """The stream that an issuer's credit notes of a year are the history of."""
    return f"credit-notes:{issuer_id}:{year:04d}"


def number(letter: str, issuer_id: str, year: int, sequence: int) -> str:
    """`F-2026-00001` for the network, `F-<issuer>-2026-00001` for the others."""
    issuer = "" if issuer_id == NETWORK_ISSUER else f"{issuer_id}-"
    return f"{letter}-{issuer}{year:04d}-{sequence:05d}"


_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*")
_NUMBER = re.compile(r"F-(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63}-)?\d{4}-\d{5,}")


def invoice_numbers_in(text: str) -> tuple[str, ...]:
    """What may be invoice numbers in free text, each a whole word: `F-2026-000012` does not name `F-2026-00001`."""
    words = dict.fromkeys(_TOKEN.findall(text))
    return tuple(word for word in words if _NUMBER.fullmatch(word))
