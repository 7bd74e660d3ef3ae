"""All events added up anew, by code that shares nothing with the projections: an error in one is not in the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from domain.billing import events as billing
from domain.event import Event, Recorded
from domain.mission import events as mission

DayKey: TypeAlias = tuple[str, str]
"""A mission and a day of it."""
ZERO = Decimal(0)


@dataclass(slots=True)
class Day:
    """What was said of a delivered day."""

    date: date
    quantity: Decimal
    last_word: str = "delivered"
    invoices: list[str] = field(default_factory=list)
    """Those that bill it and did not give it back."""
    invoice_number: str | None = None


@dataclass(slots=True)
class Account:
    """An invoice, and what came of it."""

    issued: billing.InvoiceIssued
    paid: Decimal = ZERO
    credited: Decimal = ZERO
    net_credited: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        """What is left to pay."""
        return self.issued.gross - self.paid - self.credited


@dataclass(slots=True)
class Payment:
    """Money that came in, or went back."""

    amount: Decimal
    allocated: Decimal = ZERO
    withdrawn: bool = False


@dataclass
class Books:
    """What all events add up to, as far as days and money go."""

    position: int = 0
    days: dict[DayKey, Day] = field(default_factory=dict)
    entered: Counter[DayKey] = field(default_factory=Counter)
    approvals: dict[str, list[tuple[date, bool]]] = field(default_factory=lambda: defaultdict(list))
    accounts: dict[str, Account] = field(default_factory=dict)
    notes: dict[str, billing.CreditNoteIssued] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    never_issued: set[str] = field(default_factory=set)
    """What was paid or credited without ever having been issued."""
    said: dict[str, set[DayKey]] = field(default_factory=lambda: defaultdict(set))
    """By document, the days that the missions' own events say it is about."""

    def bucket(self, key: DayKey) -> str:
        """Where a day stands: the one bucket of the contract."""
        day = self.days[key]
        match day.last_word:
            case "delivered":
                known = [needed for from_on, needed in self.approvals[key[0]] if from_on <= day.date]
                return "awaiting_approval" if not known or known[-1] else "ready"
            case "approved" | "released":
                return "ready"
            case word:
                return word

    def add(self, recorded: Recorded[Event]) -> None:
        """Takes one more event into account, in the order of history."""
        self.position = recorded.position
        kind, _, name = recorded.stream.partition(":")
        if kind == "mission":
            self._add_to_mission(name, recorded.event)
        else:
            self._add_to_accounts(recorded.event)

    def _add_to_mission(self, name: str, event: Event) -> None:
        match event:
            case mission.MissionSigned(terms=terms):
                self.approvals[name].append((date.min, terms.approval_required))
            case mission.MissionAmended(terms=terms, effective_on=from_on) if terms is not None:
                self.approvals[name].append((from_on, terms.approval_required))
                self.approvals[name].sort(key=lambda known: known[0])
            case mission.DayDelivered(day_id=day_id):
                self.days[name, day_id] = Day(event.date, event.quantity)
                self.entered[name, day_id] += 1
            case mission.DayWithdrawn(day_id=day_id):
                self._say("withdrawn", name, [day_id])
            case mission.DaysApproved(day_ids=day_ids):
                self._say("approved", name, day_ids)
            case mission.DayDisputed(day_id=day_id):
                self._say("disputed", name, [day_id])
            case mission.DisputeSettled(day_id=day_id, outcome=outcome):
                self._say(outcome.value, name, [day_id])
            case mission.DaysInvoiced(day_ids=day_ids, invoice_number=number):
                self._bill(name, day_ids, number)
            case mission.DaysCredited(day_ids=day_ids):
                self._give_back("credited", name, day_ids, event)
            case mission.DaysReleased(day_ids=day_ids):
                self._give_back("released", name, day_ids, event)
            case _:
                pass

    def _say(self, word: str, name: str, day_ids: Iterable[str]) -> None:
        for day_id in day_ids:
            if (name, day_id) in self.days:
                self.days[name, day_id].last_word = word

    def _bill(self, name: str, day_ids: Iterable[str], number: str) -> None:
        day_ids = list(day_ids)
        self._say("invoiced", name, day_ids)
        for key in ((name, day_id) for day_id in day_ids):
            self.said[number].add(key)
            if key in self.days:
                self.days[key].invoices.append(number)
                self.days[key].invoice_number = number

    def _give_back(
        self, word: str, name: str, day_ids: Iterable[str], event: mission.DaysCredited | mission.DaysReleased
    ) -> None:
        day_ids = list(day_ids)
        self._say(word, name, day_ids)
        for key in ((name, day_id) for day_id in day_ids):
            self.said[event.credit_note_number].add(key)
            day = self.days.get(key)
            if day is not None and event.invoice_number in day.invoices:
                day.invoices.remove(event.invoice_number)
            if day is not None and word == "released":
                day.invoice_number = None

    def _add_to_accounts(self, event: Event) -> None:
        match event:
            case billing.InvoiceIssued(invoice_number=number):
                self.accounts[number] = Account(event)
            case billing.CreditNoteIssued(credit_note_number=number, invoice_number=invoice_number):
                self.notes[number] = event
                self._credit(invoice_number, event)
            case billing.PaymentRecorded(payment_id=payment_id, amount=amount, allocations=allocations):
                self.payments[payment_id] = Payment(amount.amount)
                self._pay(payment_id, [(each.invoice_number, each.amount.amount) for each in allocations])
            case billing.RefundRecorded(refund_id=refund_id, amount=amount, invoice_number=number):
                self.payments[refund_id] = Payment(amount.amount)
                self._pay(refund_id, [(number, amount.amount)], sign=-1)
            case billing.PaymentAllocated(payment_id=payment_id, allocations=allocations):
                self._pay(payment_id, [(each.invoice_number, each.amount.amount) for each in allocations])
            case billing.PaymentDeallocated(payment_id=payment_id, invoice_number=number, amount=amount):
                self._pay(payment_id, [(number, -amount.amount)])
            case billing.PaymentWithdrawn(payment_id=payment_id, undone=undone):
                self._pay(payment_id, [(each.invoice_number, -each.amount.amount) for each in undone])
                self.payments[payment_id].withdrawn = True
            case _:
                pass

    def _credit(self, number: str, note: billing.CreditNoteIssued) -> None:
        account = self.accounts.get(number)
        if account is None:
            self.never_issued.add(number)
            return
        account.credited += note.gross
        account.net_credited += note.net

    def _pay(self, payment_id: str, shares: Iterable[tuple[str, Decimal]], sign: int = 1) -> None:
        for number, amount in shares:
            self.payments[payment_id].allocated += amount
            account = self.accounts.get(number)
            if account is None:
                self.never_issued.add(number)
            else:
                account.paid += sign * amount


def refold(history: Iterable[Recorded[Event]]) -> Books:
    """The books of a whole history."""
    books = Books()
    for recorded in history:
        books.add(recorded)
    return books
