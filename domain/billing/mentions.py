"""The sentences that the law asks invoices and credit notes to carry, as dated data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.billing.events import InvoiceIssued, Mention, TaxAmount
from domain.law import InForce, Territory, territory_of
from domain.values import Currency, TaxScheme


@dataclass(frozen=True, slots=True)
class LegalMention:
    """A sentence that documents under a territory's law carry."""

    territory: Territory
    code: str
    text: str
    in_force: InForce


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


def exemption_on(scheme: TaxScheme, currency: Currency, stated: str | None, on: date) -> str | None:
    """Why there is no tax: as the terms say, else as the law words it. Nothing where there is tax."""
    if scheme is not TaxScheme.NONE:
        return stated
    territory = territory_of(scheme, currency)
    worded = (row.text for row in EXEMPTIONS if row.territory is territory and row.in_force.on(on))
    return stated or next(worded, None)


def invoice_mentions(currency: Currency, taxes: Iterable[TaxAmount], on: date) -> tuple[Mention, ...]:
    """The sentences that an invoice issued on a date carries, its exemptions first."""
    amounts = tuple(taxes)
    territories = {territory_of(tax.scheme, currency) for tax in amounts}
    required = [row for row in MENTIONS if row.territory in territories and row.in_force.on(on)]
    return (*_exemptions(amounts), *dict.fromkeys(Mention(code=row.code, text=row.text) for row in required))


def credit_note_mentions(invoice: InvoiceIssued, taxes: Iterable[TaxAmount]) -> tuple[Mention, ...]:
    """A credit note names the invoice that it credits, and repeats its exemptions."""
    credited = f"Avoir sur la facture {invoice.invoice_number} du {invoice.issued_on:%d/%m/%Y}."
    return (*_exemptions(taxes), Mention(code="credited_invoice", text=credited))


def _exemptions(taxes: Iterable[TaxAmount]) -> tuple[Mention, ...]:
    reasons = dict.fromkeys(tax.exemption_reason for tax in taxes if tax.exemption_reason is not None)
    return tuple(Mention(code="exemption", text=reason) for reason in reasons)
