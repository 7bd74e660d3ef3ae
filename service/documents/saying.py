"""Sentences in the language of a document, from its words and from facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from domain.party.events import Language
from domain.values import Currency, plain
from projections.letter.shapes import Clause
from service.documents.rendering import written_date, written_money, written_number
from service.documents.words import WORDS

Told: TypeAlias = str | int | date | Decimal | None
PRICES = ("rate", "monthly", "extra_day_rate")
NUMBERS = ("target", "included_days")
DATES = ("ends_on", "due_on")


@dataclass(frozen=True)
class Saying:
    """One language, ready to speak."""

    language: Language

    def __call__(self, key: str, **told: Told) -> str:
        """The words of a key, with what is told in its places; what was erased is said to be."""
        return WORDS[self.language][key].format_map({name: self._said(value) for name, value in told.items()})

    def count(self, key: str, count: int, **told: Told) -> str:
        """The same, for one or for many; French counts nothing as one, English as many."""
        is_one = count == 1 or (count == 0 and self.language is Language.FRENCH)
        return self(f"{key}.{'one' if is_one else 'many'}", count=count, **told)

    def money(self, amount: str, currency: Currency) -> str:
        """An amount, with the digits that its string has."""
        return written_money(Decimal(amount), currency, self.language)

    def day(self, on: date) -> str:
        """A date in words."""
        return written_date(on, self.language)

    def clause(self, place: str, said: Clause, currency: Currency) -> str:
        """What a clause of the letter says, by its place in it."""
        name = place.rpartition(".")[2]
        match said:
            case None:
                return self("no_end" if place == "ends_on" else "nothing")
            case bool():
                return self("yes" if said else "no")
            case tuple():
                parts = [self(f"weekday.{part}") for part in said] if name == "weekdays" else said
                return "\u202f; ".join(parts) or self("nothing")
            case int():
                return self.count("days", said) if name in ("payment_days", "notice_days") else str(said)
            case str():
                return self._text(place, name, said, currency)

    def _text(self, place: str, name: str, said: str, currency: Currency) -> str:
        if place.startswith("terms.billing.") and name in PRICES:
            return self.money(said, currency)
        if name in DATES:
            return self.day(date.fromisoformat(said))
        if name == "kind":
            return self(f"billing.{said}")
        if place == "terms.tax.rate":
            return f"{self._said(Decimal(said))}\xa0%"
        return self._said(Decimal(said)) if name in NUMBERS else said

    def _said(self, value: Told) -> str:
        match value:
            case None:
                return WORDS[self.language]["erased"]
            case date():
                return self.day(value)
            case Decimal():
                return written_number(Decimal(plain(value)), self.language)
            case _:
                return str(value)
