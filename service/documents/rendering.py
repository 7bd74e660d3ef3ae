"""Templates into HTML: one page, its style inside it, nothing fetched, every word of a fact escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.values import Currency

LOCALE = "fr"
SYMBOLS: Mapping[Currency, str] = {Currency.XPF: "F CFP", Currency.EUR: "€"}


def render(template: str, **told: object) -> str:
    """The page of a template; a name that it uses and is not told is an error, never an empty place."""
    return _environment().get_template(template).render(told)


def french_date(on: date) -> str:
    """`1er mars 2026`."""
    day, rest = format_date(on, "d 'of' MMMM y", locale=LOCALE).split(" of ")
    return f"{'1er' if on.day == 1 else day} {rest}"


def french_number(number: Decimal) -> str:
    """`1 234,50`, with all the digits that it has."""
    places = max(0, -int(number.as_tuple().exponent))
    return format_decimal(number, f"#,##0.{'0' * places}", locale=LOCALE)


def french_money(amount: Decimal, currency: Currency) -> str:
    """`85 000 F CFP`, with all the digits that it has."""
    return f"{french_number(amount)}\xa0{SYMBOLS[currency]}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service.documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"date": french_date, "number": french_number, "money": french_money}
    return environment
