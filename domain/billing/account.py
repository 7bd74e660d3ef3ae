"""An invoice's account: what it asked, what was paid, given back and credited, and what is outstanding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce

from domain.billing.events import (
    Allocation,
    CreditNoteIssued,
    InvoiceIssued,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
)
from domain.event import Event


@dataclass(frozen=True, slots=True)
class Account:
    """The fold of all events that bear on one invoice: those tagged with its number."""

    invoice: InvoiceIssued
    paid: Decimal = Decimal(0)
    """What payments allocate to it, less what was refunded."""
    credit_notes: tuple[CreditNoteIssued, ...] = ()

    @property
    def credited(self) -> Decimal:
        """What its credit notes took back."""
        return sum((note.gross for note in self.credit_notes), Decimal(0))

    @property
    def outstanding(self) -> Decimal:
        """What the client still owes; negative: what is owed to the client."""
        return self.invoice.gross - self.paid - self.credited

    @property
    def is_wholly_outstanding(self) -> bool:
        """Whether nobody paid or credited any of it."""
        return self.outstanding == self.invoice.gross

    @property
    def is_wholly_credited(self) -> bool:
        """Whether nothing is left to credit."""
        return any(note.whole for note in self.credit_notes)

    @property
    def credited_days(self) -> frozenset[str]:
        """The days that its credit notes took back."""
        return frozenset(day.day_id for note in self.credit_notes for line in note.lines for day in line.days)


def account_of(events: Iterable[Event]) -> Account | None:
    """The account of an invoice, from the events tagged with its number; None where no such invoice was issued."""
    tagged = iter(events)
    issued = next(tagged, None)
    return reduce(evolve, tagged, Account(issued)) if isinstance(issued, InvoiceIssued) else None


def evolve(account: Account, event: Event) -> Account:
    """The account after one more of the events that bear on its invoice."""
    number = account.invoice.invoice_number
    match event:
        case CreditNoteIssued():
            return replace(account, credit_notes=(*account.credit_notes, event))
        case PaymentRecorded(allocations=allocations) | PaymentAllocated(allocations=allocations):
            return replace(account, paid=account.paid + allocated_to(number, allocations))
        case PaymentWithdrawn(undone=undone):
            return replace(account, paid=account.paid - allocated_to(number, undone))
        case PaymentDeallocated(amount=amount) | RefundRecorded(amount=amount):
            return replace(account, paid=account.paid - amount.amount)
        case _:
            return account


def allocated_to(number: str, allocations: Iterable[Allocation]) -> Decimal:
    """What allocations give to one invoice."""
    return sum((each.amount.amount for each in allocations if each.invoice_number == number), Decimal(0))
