"""What became of a statement, told from its entries and from the payments as the read models have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from domain.values import Currency
from projections.invoices.answers import payment_answer
from projections.invoices.payments import PaymentRow
from service.banking.answers import (
    CreditAnswer,
    IgnoredAnswer,
    RefusedAnswer,
    StatementAnswer,
    SuggestionAnswer,
    WaitingAnswer,
)
from service.banking.matching import OpenInvoice, Suggestion, Waiting, suggestions
from service.banking.references import Credit
from service.banking.statements import Entry, Nature, Statement

REUSED = (
    "reference_reused",
    "the bank used this reference before for another amount or date; compare them, and record new money by hand",
)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a credit: recorded now, known before, or refused with a code and what to do."""

    credit: Credit
    is_new: bool = False
    refusal: tuple[str, str] | None = None
    position: int = 0


@dataclass(frozen=True)
class Books:
    """The payments, open invoices and clients that a statement is told with."""

    payments: Mapping[str, PaymentRow]
    """Those of the statement, and all others of its dates."""
    invoices: Sequence[OpenInvoice]
    clients: Mapping[str, str]
    today: date
    own: frozenset[str] = frozenset()
    """The payments that the file itself names."""

    def waiting(self, row: PaymentRow) -> WaitingAnswer | None:
        """A payment with the invoices to look at first; None where nothing of it waits."""
        payment = payment_answer(row, self.today)
        amount = Decimal(payment.unallocated)
        if amount <= 0:
            return None
        asked = Waiting(amount, row.currency, row.payer, row.client_id, row.reference)
        found = suggestions(asked, self.invoices, self.clients)
        return WaitingAnswer.model_validate({**dict(payment), "suggestions": [_suggestion(each) for each in found]})

    def statement(self, statement: Statement, fates: Iterable[Fate]) -> StatementAnswer:
        """Each entry of a statement in its place."""
        own = [self._compared(fate) for fate in fates if fate.credit.statement is statement]
        taken = [fate for fate in own if fate.refusal is None]
        rows = {fate.credit.payment_id: self.payments[fate.credit.payment_id] for fate in taken}
        text = statement.currency.text
        return StatementAnswer(
            statement_id=statement.statement_id,
            account=statement.account.number,
            currency=statement.currency,
            from_on=statement.from_on,
            until_on=statement.until_on,
            opening_balance=None if statement.opening is None else text(statement.opening),
            closing_balance=None if statement.closing is None else text(statement.closing),
            balances_checked=statement.is_checked,
            recorded=[self._credit(fate.credit) for fate in taken if fate.is_new],
            known_already=[self._credit(fate.credit) for fate in taken if not fate.is_new],
            ignored=[_ignored(each, statement) for each in statement.entries if each.nature is not Nature.CREDIT],
            refused=[_refused(fate.credit, *fate.refusal) for fate in own if fate.refusal is not None],
            unallocated=[waiting for row in rows.values() if (waiting := self.waiting(row)) is not None],
        )

    def _compared(self, fate: Fate) -> Fate:
        """A payment that was there before is the same only if it says the same."""
        row, entry = self.payments[fate.credit.payment_id], fate.credit.entry
        same = (row.amount, row.currency, row.received_on) == (
            entry.amount,
            fate.credit.statement.currency,
            entry.booked_on,
        )
        return fate if same or fate.refusal is not None else replace(fate, refusal=REUSED)

    def _credit(self, credit: Credit) -> CreditAnswer:
        payment = payment_answer(self.payments[credit.payment_id], self.today)
        entry = credit.entry
        place = {"entry": entry.number, "line": entry.line, "bank_reference": entry.bank_reference}
        return CreditAnswer.model_validate({**dict(payment), **place, "resembles": self._resembling(credit)})

    def _resembling(self, credit: Credit) -> list[str]:
        """Payments that may be the same money, known by another id; not those of the same file."""
        asked = (credit.entry.amount, credit.statement.currency, credit.entry.booked_on)
        return self._others.get(asked, [])

    @cached_property
    def _others(self) -> Mapping[tuple[Decimal, Currency, date | None], list[str]]:
        """Payments that the file does not name, by what they look like."""
        found: dict[tuple[Decimal, Currency, date | None], list[str]] = defaultdict(list)
        for row in self.payments.values():
            if row.payment_id not in self.own and not row.is_refund and row.withdrawn is None:
                found[row.amount, row.currency, row.received_on].append(row.payment_id)
        return dict(found)


def _ignored(entry: Entry, statement: Statement) -> IgnoredAnswer:
    return IgnoredAnswer(
        entry=entry.number,
        line=entry.line,
        nature=entry.nature,
        booked_on=entry.booked_on,
        amount=statement.currency.text(entry.amount),
        bank_reference=entry.bank_reference,
        words=" / ".join(filter(None, [entry.payer, *entry.references])) or None,
    )


def _refused(credit: Credit, code: str, detail: str) -> RefusedAnswer:
    return RefusedAnswer(
        entry=credit.entry.number,
        line=credit.entry.line,
        payment_id=credit.payment_id,
        amount=credit.statement.currency.text(credit.entry.amount),
        code=code,
        detail=detail,
    )


def _suggestion(suggestion: Suggestion) -> SuggestionAnswer:
    invoice = suggestion.invoice
    return SuggestionAnswer(
        invoice_number=invoice.invoice_number,
        client_id=invoice.client_id,
        outstanding=invoice.currency.text(invoice.outstanding),
        amount=invoice.currency.text(suggestion.amount),
        reasons=suggestion.reasons,
    )
