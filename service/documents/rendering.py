"""Templates into HTML: one page, its style inside it, nothing fetched, every word of a fact escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from domain.party.events import Language
from domain.values import Currency, plain

SYMBOLS: Mapping[Currency, str] = {Currency.XPF: "F CFP", Currency.EUR: "€"}


def render(template: str, **told: object) -> str:
    """The page of a template; a name that it uses and is not told is an error, never an empty place."""
    return _environment().get_template(template).render(told)


@lru_cache(maxsize=1)
def style() -> str:
    """What every page looks like, on a phone, on a screen and on paper."""
    return _environment().get_template("page.css").render()


@lru_cache(maxsize=1)
def content_policy() -> str:
    """What a browser may do with a page: show it with its own style, and fetch, run, send or frame nothing."""
    digest = b64encode(sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def written_date(on: date, language: Language = Language.FRENCH) -> str:
    """`1er mars 2026`, `1 March 2026`."""
    day, rest = format_date(on, "d 'of' MMMM y", locale=language.value).split(" of ")
    return f"{'1er' if on.day == 1 and language is Language.FRENCH else day} {rest}"


def written_month(month: str, language: Language = Language.FRENCH) -> str:
    """`mars 2026`."""
    return format_date(date.fromisoformat(f"{month}-01"), "MMMM y", locale=language.value)


def written_number(number: Decimal, language: Language = Language.FRENCH) -> str:
    """`1 234,50`, with all the digits that it has."""
    places = max(0, -int(number.as_tuple().exponent))
    return format_decimal(number, f"#,##0.{'0' * places}", locale=language.value)


def written_money(amount: Decimal, currency: Currency, language: Language = Language.FRENCH) -> str:
    """`85 000 F CFP`, with all the digits that it has."""
    return f"{written_number(amount, language)}\xa0{SYMBOLS[currency]}"


def _language(context: Context) -> Language:
    return Language(context["language"])


@pass_context
def _date(context: Context, on: date) -> str:
    return written_date(on, _language(context))


@pass_context
def _month(context: Context, month: str) -> str:
    return written_month(month, _language(context))


@pass_context
def _number(context: Context, number: Decimal | str) -> str:
    """A number without idle zeros; a text as it was rounded."""
    return written_number(Decimal(number if isinstance(number, str) else plain(number)), _language(context))


@pass_context
def _money(context: Context, amount: Decimal | str, currency: Currency) -> str:
    return written_money(Decimal(amount), currency, _language(context))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service.documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"date": _date, "month": _month, "number": _number, "money": _money}
    environment.globals["content_policy"] = content_policy
    return environment
