"""Tables for accountants, whatever file they end in: columns with a name for machines and a title for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from domain.values import Currency


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in its currency."""

    value: Decimal
    currency: Currency


@dataclass(frozen=True, slots=True)
class Words:
    """Free text, as somebody typed it."""

    text: str


Cell: TypeAlias = str | Words | Amount | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, its columns as machines and as people call them, its rows."""

    name: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Sequence[Cell]]


def typed(text: str | None) -> Words | None:
    """Free text where there is any."""
    return None if text is None else Words(text)


def total(amounts: Iterable[Amount], currency: Currency) -> Amount:
    """The sum of amounts of one currency; others are refused, for currencies are never added."""
    values = []
    for amount in amounts:
        if amount.currency is not currency:
            raise ValueError(f"{amount.currency} cannot be added to {currency}")
        values.append(amount.value)
    return Amount(sum(values, Decimal(0)), currency)
