"""Whose money it is, where that is certain; and where it is not, what it may pay, each with the reason."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from domain.values import Currency

MOST = 5
"""As many suggestions are made at most."""
ALIKE = 0.8
LEGAL_FORMS = {
    "sarl",
    "sas",
    "sasu",
    "sa",
    "eurl",
    "sci",
    "scp",
    "snc",
    "selarl",
    "selas",
    "scop",
    "ei",
    "ste",
    "societe",
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Reason(StrEnum):
    """Why an invoice may be what a payment pays."""

    NUMBER = "number"
    """A part of its number stands in the reference."""
    AMOUNT = "amount"
    """Exactly its outstanding amount waits."""
    CLIENT = "client"
    """It is the payer's."""
    CLIENT_NAME = "client_name"
    """Its client's name is like the payer's, or stands in the reference."""
    SUM = "sum"
    """All that its client owes is exactly what waits."""


WEIGHTS = {Reason.NUMBER: 4, Reason.AMOUNT: 3, Reason.SUM: 3, Reason.CLIENT: 2, Reason.CLIENT_NAME: 2}


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice with something outstanding."""

    invoice_number: str
    client_id: str
    currency: Currency
    outstanding: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a payment waits to be allocated, and what is known of it."""

    amount: Decimal
    currency: Currency
    payer: str | None
    client_id: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An invoice that a payment may pay, how much of it, and why."""

    invoice: OpenInvoice
    amount: Decimal
    reasons: tuple[Reason, ...]


def payer_of(name: str | None, clients: Mapping[str, str]) -> str | None:
    """The id of the only client that has exactly that name; else the name, unless it could be read as an id."""
    if name is None:
        return None
    asked = name_words(name)
    found = [client_id for client_id, known in clients.items() if asked and name_words(known) == asked]
    if len(found) == 1:
        return found[0]
    return None if _ID.fullmatch(name) and name in clients else name


def suggestions(waiting: Waiting, invoices: Sequence[OpenInvoice], clients: Mapping[str, str]) -> list[Suggestion]:
    """The open invoices of the payment's currency that there is a reason for, the likeliest first."""
    candidates = [each for each in invoices if each.currency is waiting.currency and each.outstanding > 0]
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for each in candidates:
        owed[each.client_id] += each.outstanding
    named = {client_id for client_id, name in clients.items() if _is_named(name, waiting)}
    found = [
        Suggestion(each, min(each.outstanding, waiting.amount), reasons)
        for each in candidates
        if (reasons := tuple(_reasons(waiting, each, owed[each.client_id], named)))
    ]
    return sorted(found, key=_likelihood)[:MOST]


def _likelihood(suggestion: Suggestion) -> tuple[int, date, str]:
    weight = sum(WEIGHTS[reason] for reason in suggestion.reasons)
    return -weight, suggestion.invoice.due_on, suggestion.invoice.invoice_number


def _reasons(waiting: Waiting, invoice: OpenInvoice, owed: Decimal, named: set[str]) -> Iterable[Reason]:
    if _holds_part_of(invoice.invoice_number, waiting.reference or ""):
        yield Reason.NUMBER
    if invoice.outstanding == waiting.amount:
        yield Reason.AMOUNT
    elif owed == waiting.amount:
        yield Reason.SUM
    if waiting.client_id == invoice.client_id:
        yield Reason.CLIENT
    elif waiting.client_id is None and invoice.client_id in named:
        yield Reason.CLIENT_NAME


def _holds_part_of(number: str, reference: str) -> bool:
    """Whether year and sequence stand in the text in any spelling (`F 2026/00012`), or the sequence with its zeros."""
    return _parts_of(number).search(reference) is not None


@lru_cache(maxsize=4_096)
def _parts_of(number: str) -> re.Pattern[str]:
    year, sequence = number.split("-")[-2:]
    return re.compile(rf"(?<!\d)(?:{year}\W{{0,3}}0*{int(sequence)}|{sequence})(?!\d)")


@lru_cache(maxsize=4_096)
def name_words(name: str) -> tuple[str, ...]:
    """A name's words as names are compared: without accents, case, signs and legal form."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign))
    return tuple(word for word in re.findall(r"[a-z0-9]+", plain) if word not in LEGAL_FORMS)


def _is_named(client: str, waiting: Waiting) -> bool:
    known = name_words(client)
    if not known:
        return False
    if f" {' '.join(known)} " in f" {' '.join(name_words(waiting.reference or ''))} ":
        return True
    return waiting.payer is not None and _are_alike(known, name_words(waiting.payer))


def _are_alike(known: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """The same words in another order, one name cut short, or a slip of the pen."""
    if not said:
        return False
    first, second = " ".join(known), " ".join(said)
    if set(known) <= set(said) or (set(said) <= set(known) and len(second) >= 6):
        return True
    if min(len(first), len(second)) >= 6 and (first.startswith(second) or second.startswith(first)):
        return True
    slips = SequenceMatcher(None, first, second)
    return slips.real_quick_ratio() >= ALIKE and slips.quick_ratio() >= ALIKE and slips.ratio() >= ALIKE
