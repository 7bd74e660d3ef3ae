"""How a billing run is told: a table on a terminal, lines for programs elsewhere; French first, English second."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.billing.events import InvoiceIssued
from domain.party.events import Language
from domain.values import Currency

SYMBOLS: Mapping[Currency, str] = {Currency.XPF: "F CFP", Currency.EUR: "€"}
LAST = 5
"""The last column of a drawn table, of dates; between it and the first stand numbers."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that a run says, in one language."""

    about: str
    issued: str
    columns: tuple[str, ...]
    total: str
    date_format: str
    question: str
    changed: str
    nothing: str
    before: str
    left: str
    thousands: str
    point: str

    def date(self, on: date) -> str:
        """A date as it is written in this language."""
        return on.strftime(self.date_format)


FRENCH = Words(
    about="Factures à émettre pour {month}, datées du {on}",
    issued="Factures émises pour {month}",
    columns=("Facture", "Lignes", "HT", "Taxe", "TTC", "Échéance"),
    total="Total {currency}",
    date_format="%d/%m/%Y",
    question="Émettre {count} facture(s) ? [o/N] ",
    changed="L'historique a changé depuis : voici ce qui serait émis maintenant.",
    nothing="Rien à facturer pour {month}.",
    before="Déjà émises pour ce mois : {numbers}.",
    left="Rien n'a été émis.",
    thousands="\u202f",
    point=",",
)
ENGLISH = Words(
    about="Invoices to be issued for {month}, dated {on}",
    issued="Invoices issued for {month}",
    columns=("Invoice", "Lines", "Net", "Tax", "Gross", "Due on"),
    total="Total {currency}",
    date_format="%Y-%m-%d",
    question="Issue {count} invoice(s)? [y/N] ",
    changed="History has changed since: this is what would be issued now.",
    nothing="Nothing to bill for {month}.",
    before="Issued for this month before: {numbers}.",
    left="Nothing was issued.",
    thousands=",",
    point=".",
)
WORDS: Mapping[Language, Words] = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH}


def table(
    title: str, invoices: Sequence[InvoiceIssued], names: Mapping[str, str], words: Words, *, numbered: bool
) -> None:
    """Shows invoices on standard output: drawn for people, tab-separated for programs."""
    if sys.stdout.isatty():
        _drawn(title, invoices, names, words, numbered)
        return
    for invoice in invoices:
        cells = (*_known(invoice, names, numbered), *(invoice.currency.text(amount) for amount in _amounts(invoice)))
        sys.stdout.write("\t".join((*cells, invoice.due_on.isoformat())) + "\n")
    sys.stdout.flush()


def _drawn(
    title: str, invoices: Sequence[InvoiceIssued], names: Mapping[str, str], words: Words, numbered: bool
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    drawn = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for place, column in enumerate(words.columns):
        drawn.add_column(column, justify="right" if 0 < place < LAST else "left", no_wrap=place > 0)
    for invoice in invoices:
        number, client_id, name, issuer_id, _, count = _known(invoice, names, numbered)
        about = " · ".join((*([number] if numbered else []), client_id, issuer_id))
        amounts = (shown(amount, invoice.currency, words) for amount in _amounts(invoice))
        drawn.add_row(f"{name or client_id}\n{about}", count, *amounts, words.date(invoice.due_on))
    for currency in sorted({invoice.currency for invoice in invoices}):
        alike = [_amounts(invoice) for invoice in invoices if invoice.currency is currency]
        sums = (shown(sum(column, Decimal(0)), currency, words) for column in zip(*alike, strict=True))
        drawn.add_row(words.total.format(currency=currency.value), "", *sums, "", style="bold")
    Console().print(drawn)


def _known(invoice: InvoiceIssued, names: Mapping[str, str], numbered: bool) -> tuple[str, ...]:
    return (
        invoice.invoice_number if numbered else "-",
        invoice.client_id,
        " ".join(names.get(invoice.client_id, "").split()),
        invoice.issuer_id,
        invoice.currency.value,
        str(len(invoice.lines)),
    )


def _amounts(invoice: InvoiceIssued) -> tuple[Decimal, Decimal, Decimal]:
    return invoice.net, invoice.tax, invoice.gross


def shown(amount: Decimal, currency: Currency, words: Words) -> str:
    """An amount as people read it: `654 550 F CFP`."""
    grouped = f"{currency.round(amount):,f}"
    translated = grouped.translate({ord(","): words.thousands, ord("."): words.point})
    return f"{translated}\u00a0{SYMBOLS[currency]}"
