"""Small things with a name: ids, dates, money, quantities, as the contract writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticUseDefault, core_schema

Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""Names one thing for ever; carries no person's name."""


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("name each one once")
    return values


Ids = Annotated[tuple[Id, ...], AfterValidator(_each_once)]
"""Several ids, each once."""


def _stated(value: object) -> object:
    if value is None:
        raise PydanticUseDefault
    return value


NullIsLeftOut = BeforeValidator(_stated)
"""What may be left out may as well be `null`: both state nothing."""


def _written(value: str) -> str:
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("write text without NUL characters or lone surrogates")
    return unicodedata.normalize("NFC", value)


def _says_something(value: str) -> str:
    if not value.strip():
        raise ValueError("write at least one word")
    return value


OptionalText = Annotated[str, StringConstraints(strict=True, max_length=20_000), AfterValidator(_written)]
"""Words of a person, which may be none."""


def said(text: str) -> str | None:
    """The words, or nothing where there are none."""
    return text if text.strip() else None


Text = Annotated[OptionalText, AfterValidator(_says_something)]
"""Words of a person: at least one."""

Email = Annotated[
    str, StringConstraints(strict=True, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$"), AfterValidator(_written)
]
"""Where a person reads mail."""

Sha256 = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of a document, in lower case hexadecimal."""


@dataclass(frozen=True)
class InJson:
    """A value as JSON spells it, judged by pydantic alone: a history is read faster when no Python is called for it.

    The Python beside it judges the same of what comes from elsewhere, and has the words for who wrote it wrongly.
    """

    spelling: str
    value: Callable[[], CoreSchema]
    advice: str
    """What to tell who spelled it otherwise."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, pattern=f"^{self.spelling}$")
        spelled = core_schema.chain_schema([text, self.value()])
        return core_schema.json_or_python_schema(
            json_schema=core_schema.custom_error_schema(
                spelled, custom_error_type="spelling", custom_error_message=self.advice
            ),
            python_schema=handler(source),
        )


_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE_ADVICE = "write the date as YYYY-MM-DD"
_spells_date = re.compile(_DATE).fullmatch


def _iso_date(value: object) -> object:
    if isinstance(value, date) and type(value) is date:
        return value
    if isinstance(value, str) and _spells_date(value):
        return value
    raise ValueError(_DATE_ADVICE)


IsoDate = Annotated[
    date,
    BeforeValidator(_iso_date),
    InJson(_DATE, core_schema.date_schema, _DATE_ADVICE),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A calendar date, ISO 8601, in the network's time zone; ten characters and nothing else."""


_NUMBER = r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?"
_NUMBER_ADVICE = 'write the number as a decimal string, such as "12.5": at most 18 digits before the point, 12 after it'
_spells_number = re.compile(_NUMBER).fullmatch


def _decimal(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _spells_number(value):
        return Decimal(value)
    raise ValueError(_NUMBER_ADVICE)


def _sum(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"-?[1-9]\d{18,23}(\.\d{1,12})?", value, re.ASCII):
        return Decimal(value)
    return _decimal(value)


def plain(value: Decimal) -> str:
    """The shortest decimal string of a number: `0.5`, `1`, `1200`."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


Number = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    InJson(_NUMBER, core_schema.decimal_schema, _NUMBER_ADVICE),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?(0|[1-9]\d{0,17})(\.\d{1,12})?$"}),
]
"""A decimal number, as a string in JSON; never a float."""


Sum = Annotated[
    Decimal,
    BeforeValidator(_sum),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?(0|[1-9]\d{0,23})(\.\d{1,12})?$"}),
]
"""What numbers add up to: it may be longer than any of them, and what was recorded can always be read."""


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


def rounded(number: Decimal, step: Decimal) -> Decimal:
    """A number at so many digits: half up, away from zero. Nothing is nothing, from whichever side it was reached."""
    return number.quantize(step, rounding=ROUND_HALF_UP) + 0


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
        return rounded(amount, Decimal(1).scaleb(-self.digits))

    def fits(self, amount: Decimal) -> bool:
        """Whether the amount can be paid: `1500.00` francs can, as banks write them, half a franc cannot."""
        return self.round(amount) == amount

    def spells(self, amount: Decimal) -> bool:
        """Whether the amount is written with no more digits than the currency has: `1500.00` francs are not."""
        return len(format(amount, "f").partition(".")[2]) <= self.digits

    def text(self, amount: Decimal) -> str:
        """The amount with exactly the currency's digits: `85000`, `650.00`."""
        return format(self.round(amount), "f")


class Value(BaseModel):
    """A small thing known by its fields alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(Value):
    """An amount in one currency, given out with exactly the currency's digits."""

    amount: Number
    currency: Currency

    @field_serializer("amount")
    def _text(self, amount: Decimal) -> str:
        return self.currency.text(amount)

    @model_validator(mode="after")
    def _exact(self) -> Money:
        if not self.currency.spells(self.amount):
            raise ValueError(f"{self.currency} amounts have {self.currency.digits} digits after the point")
        return self


def _spent(money: Money) -> Money:
    if money.amount <= 0:
        raise ValueError("the amount must be more than zero")
    return money


PositiveMoney = Annotated[Money, AfterValidator(_spent)]
"""Money that changes hands: more than zero."""


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


def _month(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value, re.ASCII) and value >= "0001":
        return value
    raise ValueError("write the month as YYYY-MM")


Month = Annotated[
    str, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"})
]
"""A calendar month, `2026-03`."""


def month_of(on: date) -> str:
    """The month of a date."""
    return f"{on.year:04d}-{on.month:02d}"


def eve(on: date) -> date:
    """The date before; before the first date of the calendar there is none, and it is its own eve."""
    return on - timedelta(days=1) if on > date.min else on


class Turn(Protocol):
    """What holds from a date on."""

    @property
    def from_on(self) -> date: ...


T = TypeVar("T", bound=Turn)


def followed_by(turns: Sequence[T], turn: T) -> tuple[T, ...]:
    """Turns, and one more: the later word counts, and overtakes what was to hold from its date on or from a later one.

    The first one stays: something held before anything was said to change.
    """
    return (*turns[:1], *(each for each in turns[1:] if each.from_on < turn.from_on), turn)


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Scope(Value):
    """What the cadre answers for, what the client keeps in house, what neither of them means."""

    responsibilities: tuple[Text, ...]
    kept_in_house: tuple[Text, ...] = ()
    excluded: tuple[Text, ...] = ()


class Letter(Value):
    """The signed letter of engagement (lettre de mission), or a signed change to it."""

    signed_on: IsoDate
    document_sha256: Sha256 | None = None


class Rhythm(Value):
    """How often the cadre comes: half-days a week, and on which weekdays where that was agreed."""

    half_days_per_week: Annotated[int, Field(strict=True, ge=1, le=14)]
    weekdays: tuple[Weekday, ...] | None = None


Amount = Annotated[
    NonNegativeNumber,
    PlainSerializer(lambda amount: format(amount, "f"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(0|[1-9]\d{0,17})(\.\d{1,12})?$"}),
]
"""An amount whose currency stands beside it."""


class DayRate(Value):
    """Each day at one price (TJM)."""

    kind: Literal["day_rate"] = "day_rate"
    rate: Amount


class Hourly(Value):
    """Each hour at one price."""

    kind: Literal["hourly"] = "hourly"
    rate: Amount


class Retainer(Value):
    """A monthly amount that includes some days; the days beyond them at a price of their own."""

    kind: Literal["retainer"] = "retainer"
    monthly: Amount
    included_days: NonNegativeNumber
    extra_day_rate: Amount


Billing = Annotated[DayRate | Hourly | Retainer, Field(discriminator="kind")]
"""How the time of a mission is priced."""


class TaxScheme(StrEnum):
    """The tax on the mission's invoices: TGC in New Caledonia, TVA in France."""

    TGC = "TGC"
    TVA = "TVA"
    NONE = "none"


class Tax(Value):
    """A tax scheme and its rate in percent; why there is none where there is none."""

    scheme: TaxScheme
    rate: Annotated[NonNegativeNumber, Field(le=100)] = Decimal(0)
    exemption_reason: Text | None = None

    @model_validator(mode="after")
    def _none_is_nothing(self) -> Tax:
        if self.scheme is TaxScheme.NONE and self.rate != 0:
            raise ValueError('a tax of scheme "none" has the rate "0"')
        return self


NETWORK_ISSUER = "network"
"""The issuer that is there from the start: the network itself."""


class Terms(Value):
    """What the work costs, who invoices it, when it is paid and whether the client approves the time first."""

    issuer_id: Id = NETWORK_ISSUER
    currency: Currency
    billing: Billing
    tax: Tax
    payment_days: Annotated[int, Field(strict=True, ge=0)]
    approval_required: Annotated[bool, Field(strict=True)] = True
    notice_days: Annotated[int, Field(strict=True, ge=0)] | None = None

    @field_validator("billing")
    @classmethod
    def _priced_in_currency(
        cls, billing: DayRate | Hourly | Retainer, info: ValidationInfo
    ) -> DayRate | Hourly | Retainer:
        currency = info.data.get("currency")
        return billing if currency is None else _in_currency(billing, currency)


def _in_currency(billing: DayRate | Hourly | Retainer, currency: Currency) -> DayRate | Hourly | Retainer:
    prices = {name: value for name, value in billing if isinstance(value, Decimal) and name != "included_days"}
    if not all(currency.spells(price) for price in prices.values()):
        raise ValueError(f"{currency} prices have {currency.digits} digits after the point")
    return billing.model_copy(update={name: currency.round(price) for name, price in prices.items()})
