"""What the law asks of an invoice, as dated data: tax rates, payment terms, the sentences a document carries.

What was in force on the date of issue is copied into the event; a later change of law is a row more, never an edit.
Rows marked `to_confirm` await the network's accountant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.billing.events import Mention, TaxAmount
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


@dataclass(frozen=True, slots=True)
class LegalMention:
    """A sentence that documents under a territory's law carry."""

    territory: Territory
    code: str
    text: str
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

_NC_COMMERCE = InForce(date(2014, 1, 1), None, "Code de commerce NC, art. Lp. 441-3")
_FR_COMMERCE = InForce(date(2013, 1, 1), None, "Code de commerce, art. L441-9, L441-10 et D441-5")
_ALWAYS = InForce(date(1970, 1, 1), None, "contrat de prestation : seul le temps livré et accepté se facture")
_DELIVERED = "Facturation des jours livrés et acceptés, au titre de la lettre de mission."
_NO_DISCOUNT = "Pas d'escompte pour paiement anticipé."

MENTIONS: tuple[LegalMention, ...] = (
    LegalMention(Territory.NEW_CALEDONIA, "basis", _DELIVERED, _ALWAYS),
    LegalMention(Territory.NEW_CALEDONIA, "early_payment", _NO_DISCOUNT, _NC_COMMERCE),
    LegalMention(
        Territory.NEW_CALEDONIA,
        "late_penalty",
        "En cas de retard de paiement, pénalités au taux de trois fois le taux d'intérêt légal, exigibles sans rappel.",
        _NC_COMMERCE,
    ),
    LegalMention(Territory.FRANCE, "basis", _DELIVERED, _ALWAYS),
    LegalMention(Territory.FRANCE, "early_payment", _NO_DISCOUNT, _FR_COMMERCE),
    LegalMention(
        Territory.FRANCE,
        "late_penalty",
        "En cas de retard de paiement, pénalités au taux de refinancement de la BCE majoré de dix points,"
        " au moins trois fois le taux d'intérêt légal, exigibles sans rappel.",
        _FR_COMMERCE,
    ),
    LegalMention(
        Territory.FRANCE,
        "recovery_indemnity",
        "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €.",
        _FR_COMMERCE,
    ),
)

EXEMPTIONS: tuple[LegalMention, ...] = (
    LegalMention(
        Territory.NEW_CALEDONIA,
        "exemption",
        "Franchise en base – TGC non applicable",
        InForce(date(2018, 10, 1), None, "Code des impôts de Nouvelle-Calédonie, franchise en base", to_confirm=True),
    ),
    LegalMention(
        Territory.FRANCE,
        "exemption",
        "TVA non applicable, art. 293 B du CGI",
        InForce(date(1999, 1, 1), None, "CGI, art. 293 B et 293 E"),
    ),
)
"""What an invoice without tax says where its terms give no reason of their own."""


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


def exemption_on(scheme: TaxScheme, currency: Currency, stated: str | None, on: date) -> str | None:
    """Why there is no tax: as the terms say, else as the law words it. Nothing where there is tax."""
    if scheme is not TaxScheme.NONE:
        return stated
    territory = territory_of(scheme, currency)
    worded = (row.text for row in EXEMPTIONS if row.territory is territory and row.in_force.on(on))
    return stated or next(worded, None)


def mentions_on(currency: Currency, taxes: Iterable[TaxAmount], on: date) -> tuple[Mention, ...]:
    """The sentences that a document issued on a date carries, its exemptions first."""
    amounts = tuple(taxes)
    exemptions = dict.fromkeys(tax.exemption_reason for tax in amounts if tax.exemption_reason is not None)
    territories = {territory_of(tax.scheme, currency) for tax in amounts}
    required = [row for row in MENTIONS if row.territory in territories and row.in_force.on(on)]
    return (
        *(Mention(code="exemption", text=reason) for reason in exemptions),
        *dict.fromkeys(Mention(code=row.code, text=row.text) for row in required),
    )
