"""The chart of accounts: dated data, ours or the network's own, and never a number in code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from domain.party.events import RegistrationScheme
from domain.values import Currency, TaxScheme, plain
from service.trouble import Trouble

OURS = Path(__file__).with_name("chart-of-accounts.toml")

Number = Annotated[str, StringConstraints(pattern=r"^[1-7][0-9]{2}[0-9A-Z]{0,9}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\t\r\n|]+$")]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Account(_Data):
    """An account: three digits or more of the general chart, and its name."""

    number: Number
    label: Label


class Journal(_Data):
    """A book of entries."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
    label: Label


class Journals(_Data):
    """The books that entries are kept in."""

    sales: Journal
    bank: Journal
    allocations: Journal
    """What moves between accounts without touching the bank."""


class Accounts(_Data):
    """What each amount is booked to."""

    client: Account
    revenue: Account
    expenses: Account
    """What the client is re-invoiced at cost."""
    bank: Account
    advance: Account
    """Money that came in and pays no invoice yet."""
    other_issuer: Account
    """Money that came in on the account of another issuer of the network."""


class DatedChart(_Data):
    """The accounts in use from a date on."""

    since: date
    accounts: Accounts
    tax: Mapping[str, Account]
    other_tax: Account

    def tax_account(self, scheme: TaxScheme, rate: Decimal) -> Account:
        """Where the tax of a scheme and rate is booked."""
        return self.tax.get(f"{scheme.value} {plain(rate)}", self.other_tax)


class Chart(_Data):
    """The whole file: the currencies of the books, the journals, and the accounts by date."""

    books: Mapping[RegistrationScheme, Currency]
    journals: Journals
    chart: Annotated[tuple[DatedChart, ...], Field(min_length=1)]

    def on(self, day: date) -> DatedChart:
        """The accounts in use on a date; the first also before it."""
        dated = sorted(self.chart, key=lambda each: each.since)
        return next((each for each in reversed(dated) if each.since <= day), dated[0])


def read_chart(path: Path | None = None) -> Chart:
    """The chart of the network, or ours."""
    source = path or OURS
    try:
        return Chart.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as error:
        raise Trouble(f"the chart of accounts {source} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"the chart of accounts {source} is not TOML: {error}") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise Trouble(f"the chart of accounts {source}: {place}: {fault['msg']}") from None
