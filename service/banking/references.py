"""What a credit is called for ever: from its account and the bank's own reference, so that it is recorded once.

Where the bank gives no reference, as in CSV, the content stands for it, and equal lines of one file are counted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.billing.payments import RecordPayment
from domain.values import Money
from service.banking.statements import Entry, Nature, Statement


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit of a statement, under the id of the payment that it is."""

    statement: Statement
    entry: Entry
    payment_id: str

    @property
    def request(self) -> bytes:
        """What it is, in one spelling: the same reference with another amount or date is not the same credit."""
        said = [str(self.entry.booked_on), self.statement.currency.text(self.entry.amount), self.statement.currency]
        return json.dumps([self.payment_id, *said]).encode()

    def command(self, payer: str | None) -> RecordPayment:
        """The decision asked of the service; what it pays is the domain's to say."""
        if self.entry.booked_on is None:
            raise TypeError("only what is booked is recorded")
        return RecordPayment(
            payment_id=self.payment_id,
            received_on=self.entry.booked_on,
            amount=Money(amount=self.entry.amount, currency=self.statement.currency),
            payer=payer,
            reference=" / ".join(self.entry.references) or None,
        )


def credits_of(statements: Sequence[Statement]) -> Iterator[Credit]:
    """Every credit of a file; one that the file repeats has the same id again."""
    equal: Counter[str] = Counter()
    for statement in statements:
        for entry in statement.entries:
            if entry.nature is Nature.CREDIT:
                yield Credit(statement, entry, _payment_id(statement.account.key, _key(entry, statement, equal)))


def _key(entry: Entry, statement: Statement, equal: Counter[str]) -> str:
    if entry.bank_reference is not None:
        return f"reference {entry.bank_reference}"
    said = [str(entry.booked_on), statement.currency.text(entry.amount), entry.payer, *entry.references]
    content = json.dumps([statement.account.key, *said], ensure_ascii=False)
    equal[content] += 1
    return f"content {content} {equal[content]}"


def _payment_id(account: str, key: str) -> str:
    return f"bank-{hashlib.sha256(json.dumps([account, key]).encode()).hexdigest()[:32]}"
