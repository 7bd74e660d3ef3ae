"""The books as an accountant reads them: delivered, billed, paid, and whatever does not agree; French first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from domain.party.events import Language
from domain.values import Currency
from service.reconciling.checking import Checked
from service.reconciling.identities import Difference
from service.reconciling.refold import ZERO

BUCKETS = ("withdrawn", "awaiting_approval", "disputed", "ready", "invoiced", "credited")

WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "days": "mission|mois|livré|retiré|à approuver|contesté|à facturer|facturé|avoir",
        "money": "mois|factures|montant TTC|réglé|avoirs|restant dû",
        "balanced": "Tout concorde : {days} jours, {invoices} factures, relus jusqu'à la position {position}.",
        "different": "{count} écarts, relus jusqu'à la position {position} :",
        "difference": "{subject} : {figure} devrait être {expected}, se lit {found}",
    },
    Language.ENGLISH: {
        "days": "mission|month|delivered|withdrawn|awaiting|disputed|ready|invoiced|credited",
        "money": "month|invoices|gross|paid|credited|outstanding",
        "balanced": "All agree: {days} days, {invoices} invoices, read again up to position {position}.",
        "different": "{count} differences, read again up to position {position}:",
        "difference": "{subject}: {figure} should be {expected}, reads {found}",
    },
}


def report(checked: Checked, month: str | None, language: Language) -> Iterator[str]:
    """Line by line."""
    words = WORDS[language]
    yield from _table(words["days"], _days(checked, month))
    yield ""
    yield from _table(words["money"], _money(checked, month))
    yield ""
    differences, position = checked.of(month), checked.books.position
    if differences:
        yield words["different"].format(count=len(differences), position=position)
        yield from (f"  {_said(each, words)}" for each in differences)
    else:
        days, invoices = len(checked.books.days), len(checked.books.accounts)
        yield words["balanced"].format(days=days, invoices=invoices, position=position)


def _said(difference: Difference, words: Mapping[str, str]) -> str:
    return words["difference"].format(
        subject=difference.subject, figure=difference.figure, expected=difference.expected, found=difference.found
    )


def _days(checked: Checked, month: str | None) -> Iterator[Sequence[str]]:
    quantities: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for key, day in checked.books.days.items():
        quantities[key[0], day.date.isoformat()[:7]][checked.books.bucket(key)] += day.quantity
    for (mission_id, of), counted in sorted(quantities.items()):
        if month in (None, of):
            buckets = [counted[name] for name in BUCKETS]
            yield mission_id, of, *(f"{each.normalize():f}" for each in (sum(buckets, ZERO), *buckets))


def _money(checked: Checked, month: str | None) -> Iterator[Sequence[str]]:
    sums: dict[tuple[str, Currency], list[Decimal]] = defaultdict(lambda: [ZERO] * 5)
    for each in checked.books.accounts.values():
        figures = (Decimal(1), each.issued.gross, each.paid, each.credited, each.outstanding)
        key = (each.issued.month, each.issued.currency)
        sums[key] = [before + more for before, more in zip(sums[key], figures, strict=True)]
    for (of, currency), (count, *amounts) in sorted(sums.items()):
        if month in (None, of):
            yield f"{of} {currency}", f"{count:f}", *(currency.text(amount) for amount in amounts)


def _table(titles: str, rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; names to the left, figures to the right."""
    table = [titles.split("|"), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [
            cell.ljust(width) if not _is_figure(place, titles) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _is_figure(place: int, titles: str) -> bool:
    return place >= (2 if titles.startswith("mission") else 1)
