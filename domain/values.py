"""Small things with a name: ids, dates, money, quantities, as the contract writes them."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""Names one thing for ever; carries no person's name."""


def _iso_date(value: Any) -> Any:
    if isinstance(value, date) and type(value) is date:
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return value
    raise ValueError("write the date as YYYY-MM-DD")


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
"""A calendar date, ISO 8601, in the network's time zone; ten characters and nothing else."""


def _decimal(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.\d{1,12})?", value, re.ASCII):
        return Decimal(value)
    raise ValueError('write the number as a decimal string, such as "12.5"')


def plain(value: Decimal) -> str:
    """The shortest decimal string of a number: `0.5`, `1`, `1200`."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


Number = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?(0|[1-9]\d{0,17})(\.\d{1,12})?$"}),
]
"""A decimal number, as a string in JSON; never a float."""


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be more than zero")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("must not be negative")
    return value


PositiveNumber = Annotated[Number, AfterValidator(_positive)]
NonNegativeNumber = Annotated[Number, AfterValidator(_not_negative)]


class Currency(StrEnum):
    """ISO 4217 codes of the currencies that the network bills in."""

    XPF = "XPF"
    EUR = "EUR"

    @property
    def digits(self) -> int:
        """Digits after the decimal point (ISO 4217): XPF 0, EUR 2."""
        return {"XPF": 0, "EUR": 2}[self.value]

    def round(self, amount: Decimal) -> Decimal:
        """Half up, away from zero, to the currency's digits."""
        return amount.quantize(Decimal(1).scaleb(-self.digits), rounding=ROUND_HALF_UP)

    def fits(self, amount: Decimal) -> bool:
        """Whether the amount has no more digits than the currency."""
        return self.round(amount) == amount

    def text(self, amount: Decimal) -> str:
        """The amount with exactly the currency's digits: `85000`, `650.00`."""
        return format(self.round(amount), "f")


class Money(BaseModel):
    """An amount in one currency, with no more digits than the currency has."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    amount: Number
    currency: Currency

    @model_validator(mode="after")
    def _exact(self) -> Money:
        if not self.currency.fits(self.amount):
            raise ValueError(f"{self.currency} amounts have {self.currency.digits} digits after the point")
        return self


class Function(StrEnum):
    """The charge that a cadre takes at a client."""

    GENERAL_MANAGEMENT = "general_management"
    INFORMATION_SYSTEMS = "information_systems"
    FINANCE = "finance"
    HUMAN_RESOURCES = "human_resources"
    MARKETING = "marketing"
    SALES = "sales"
    OPERATIONS = "operations"
    ADMINISTRATION = "administration"
    OTHER = "other"


def _month(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value, re.ASCII) and value >= "0001":
        return value
    raise ValueError("write the month as YYYY-MM")


Month = Annotated[str, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"})]
"""A calendar month, `2026-03`."""


def month_of(on: date) -> str:
    """The month of a date."""
    return f"{on.year:04d}-{on.month:02d}"
