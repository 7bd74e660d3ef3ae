"""What is answered to a bank statement: each of its entries in exactly one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.values import Currency
from projections.invoices.shapes import Answer, PaymentAnswer
from service.banking.formats import StatementFormat
from service.banking.matching import Reason
from service.banking.statements import Nature


class SuggestionAnswer(Answer):
    """An invoice that waiting money may pay, how much of it, and why."""

    invoice_number: str
    client_id: str
    outstanding: str
    amount: str
    reasons: Sequence[Reason]


class CreditAnswer(PaymentAnswer):
    """A credit, where it stands in the file, and the payment that it is."""

    entry: int
    line: int
    bank_reference: str | None
    resembles: Sequence[str]
    """Other payments of that amount on that date: recorded by hand, or from a file of another format?"""


class WaitingAnswer(PaymentAnswer):
    """A payment of which something waits, and what it may pay."""

    suggestions: Sequence[SuggestionAnswer]


class IgnoredAnswer(Answer):
    """An entry that is shown and not taken, and what it is."""

    entry: int
    line: int
    nature: Nature
    booked_on: date | None
    amount: str
    bank_reference: str | None
    words: str | None


class RefusedAnswer(Answer):
    """A credit that could not be recorded, and why."""

    entry: int
    line: int
    payment_id: str
    amount: str
    code: str
    detail: str


class StatementAnswer(Answer):
    """What became of a statement's entries."""

    statement_id: str | None
    account: str
    currency: Currency
    from_on: date | None
    until_on: date | None
    opening_balance: str | None
    closing_balance: str | None
    balances_checked: bool
    recorded: Sequence[CreditAnswer]
    known_already: Sequence[CreditAnswer]
    ignored: Sequence[IgnoredAnswer]
    refused: Sequence[RefusedAnswer]
    unallocated: Sequence[WaitingAnswer]


class StatementsAnswer(Answer):
    """What became of a file. `position` is the place in all history of the last payment that it holds."""

    format: StatementFormat
    position: int
    statements: Sequence[StatementAnswer]
