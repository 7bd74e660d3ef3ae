"""The law as dated data: tax rates and payment terms, each row with its dates and its source.

What was in force is copied into the events; a later change of law is a row more, never an edit.
Rows marked `to_confirm` await the network's accountant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.values import Currency, TaxScheme


class Territory(StrEnum):
    """Whose law an invoice obeys."""

    NEW_CALEDONIA = "NC"
    FRANCE = "FR"


@dataclass(frozen=True, slots=True)
class InForce:
    """From when to when a row holds, both included, and where it is written."""

    since: date
    until: date | None
    source: str
    to_confirm: bool = False

    def on(self, day: date) -> bool:
        """Whether the row held on a date."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate, in percent, that a tax scheme knows."""

    scheme: TaxScheme
    rate: Decimal
    in_force: InForce


@dataclass(frozen=True, slots=True)
class PaymentTerm:
    """The longest time that a periodic invoice may be left unpaid."""

    territory: Territory
    days: int
    in_force: InForce


_TGC = InForce(date(2018, 10, 1), None, "TGC, Code des impôts de Nouvelle-Calédonie", to_confirm=True)
_TVA = InForce(date(2014, 1, 1), None, "CGI, art. 278 à 281 nonies et 296")

TAX_RATES: tuple[TaxRate, ...] = (
    *(TaxRate(TaxScheme.TGC, Decimal(rate), _TGC) for rate in ("3", "6", "11", "22")),
    *(TaxRate(TaxScheme.TVA, Decimal(rate), _TVA) for rate in ("2.1", "5.5", "8.5", "10", "20")),
)

PAYMENT_TERMS: tuple[PaymentTerm, ...] = (
    PaymentTerm(Territory.NEW_CALEDONIA, 30, InForce(date(2014, 1, 1), None, "Code de commerce NC, art. Lp. 443-2")),
    PaymentTerm(Territory.FRANCE, 45, InForce(date(2009, 1, 1), None, "Code de commerce, art. L441-10")),
)

RECORDS_KEPT_FOR = 10
"""Years after that of the document (Code de commerce, art. L123-22; the accountant confirms it for New Caledonia)."""


def records_kept_until(issued_on: date) -> date:
    """The last day on which invoices, credit notes and payments must still be shown, whoever asks to be forgotten."""
    return date(issued_on.year + RECORDS_KEPT_FOR, 12, 31)


def territory_of(scheme: TaxScheme, currency: Currency) -> Territory:
    """Under TGC or in XPF, New Caledonia's law; else France's."""
    caledonian = scheme is TaxScheme.TGC or currency is Currency.XPF
    return Territory.NEW_CALEDONIA if caledonian else Territory.FRANCE


def longest_payment_days(scheme: TaxScheme, currency: Currency, on: date) -> int:
    """The longest payment term, in days, that the law of a date allows."""
    territory = territory_of(scheme, currency)
    lawful = [term.days for term in PAYMENT_TERMS if term.territory is territory and term.in_force.on(on)]
    return min(lawful, default=min(term.days for term in PAYMENT_TERMS if term.territory is territory))


def known_rates(scheme: TaxScheme, on: date) -> tuple[Decimal, ...]:
    """The rates of a tax scheme in force on a date, ascending."""
    return tuple(sorted(rate.rate for rate in TAX_RATES if rate.scheme is scheme and rate.in_force.on(on)))
