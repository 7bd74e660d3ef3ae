"""Money that comes in: recorded, allocated to invoices, freed again, withdrawn; and refunds of what was overpaid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, ClassVar, TypeAlias, assert_never

from pydantic import Field

from domain.billing.account import Account, allocated_to
from domain.billing.events import (
    Allocation,
    MatchedBy,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    PaymentWithdrawn,
    RefundRecorded,
)
from domain.billing.rejections import (
    CurrencyMismatch,
    OverAllocated,
    PaymentIsWithdrawn,
    UnknownInvoice,
    UnknownPayment,
)
from domain.billing.series import InvoiceNumber, invoice_numbers_in, invoice_tag
from domain.event import NAMELESS, Command, Context, Filed, State
from domain.rejections import AlreadyExists, InTheFuture
from domain.values import Id, IsoDate, Money, OptionalText, PositiveMoney, Text, Value

ZERO = Decimal(0)


class StatedAllocation(Value):
    """What a payment is stated to pay."""

    invoice_number: InvoiceNumber
    amount: PositiveMoney


StatedAllocations = Annotated[tuple[StatedAllocation, ...], Field(min_length=1)]


class RecordPayment(Command):
    """Record money that came in, and what it pays where that is known."""

    NAME: ClassVar[str] = "record_payment"
    NAMES: ClassVar[str | None] = "payment_id"
    DATED: ClassVar[str | None] = "received_on"
    payment_id: Id = NAMELESS
    received_on: IsoDate
    amount: PositiveMoney
    payer: OptionalText | None = None
    """The client's id where it is known, else its name as the bank gives it."""
    reference: OptionalText | None = None
    allocations: tuple[StatedAllocation, ...] | None = None


class AllocatePayment(Command):
    """Allocate waiting money of a payment to invoices."""

    NAME: ClassVar[str] = "allocate_payment"
    payment_id: Id
    allocations: StatedAllocations


class DeallocatePayment(Command):
    """Undo an allocation, or a part of it."""

    NAME: ClassVar[str] = "deallocate_payment"
    payment_id: Id
    invoice_number: InvoiceNumber
    amount: PositiveMoney
    reason: Text


class WithdrawPayment(Command):
    """Take back a payment that was recorded by mistake."""

    NAME: ClassVar[str] = "withdraw_payment"
    payment_id: Id
    reason: Text


class RecordRefund(Command):
    """Record that a client got back what it had overpaid on an invoice."""

    NAME: ClassVar[str] = "record_refund"
    NAMES: ClassVar[str | None] = "refund_id"
    DATED: ClassVar[str | None] = "paid_on"
    refund_id: Id = NAMELESS
    invoice_number: InvoiceNumber
    amount: PositiveMoney
    paid_on: IsoDate
    reference: OptionalText | None = None


@dataclass(frozen=True, slots=True)
class Payment(State):
    """Money that changed hands, and the invoices that it pays."""

    payment_id: str
    amount: Money
    allocated: Mapping[str, Decimal]
    withdrawn: bool = False
    is_refund: bool = False

    @property
    def waiting(self) -> Decimal:
        """What is not allocated."""
        return ZERO if self.withdrawn else self.amount.amount - sum(self.allocated.values(), ZERO)


PaymentEvent: TypeAlias = PaymentRecorded | PaymentAllocated | PaymentDeallocated | PaymentWithdrawn | RefundRecorded


def fold(payment: Payment | None, events: Iterable[PaymentEvent]) -> Payment | None:
    """The payment after more events."""
    for event in events:
        match event:
            case PaymentRecorded():
                payment = Payment(event.payment_id, event.amount, _added({}, event.allocations))
            case RefundRecorded():
                payment = Payment(
                    event.refund_id, event.amount, {event.invoice_number: event.amount.amount}, is_refund=True
                )
            case PaymentAllocated() | PaymentDeallocated() | PaymentWithdrawn():
                payment = None if payment is None else evolve(payment, event)
            case _:
                assert_never(event)
    return payment


def evolve(payment: Payment, event: PaymentAllocated | PaymentDeallocated | PaymentWithdrawn) -> Payment:
    """The payment after one more of its events."""
    match event:
        case PaymentAllocated(allocations=allocations):
            return replace(payment, allocated=_added(payment.allocated, allocations))
        case PaymentDeallocated(invoice_number=number, amount=amount):
            left = payment.allocated.get(number, ZERO) - amount.amount
            return replace(payment, allocated={**payment.allocated, number: left})
        case PaymentWithdrawn():
            return replace(payment, allocated={}, withdrawn=True)
        case _:
            assert_never(event)


def payment_stream(payment_id: str) -> str:
    """The stream that a payment, or a refund, is the history of."""
    return f"payment:{payment_id}"


@dataclass(frozen=True, slots=True)
class Payer:
    """The client that a payment names by its id, and the accounts of its invoices."""

    client_id: str
    accounts: tuple[Account, ...] = ()


def record_payment(
    command: RecordPayment,
    known: Payment | None,
    accounts: Mapping[str, Account],
    payer: Payer | None,
    context: Context,
) -> list[Filed]:
    """The payment, allocated as stated, else by the number in its reference, else by its payer's exact amount."""
    _refuse_known(known, command.payment_id)
    if command.received_on > context.today:
        raise InTheFuture(f"today is {context.today}; record money once it is there")
    allocations, matched_by = _allocations(command, accounts, payer.accounts if payer else ())
    event = PaymentRecorded(
        payment_id=command.payment_id,
        received_on=command.received_on,
        amount=command.amount,
        payer=command.payer,
        client_id=payer.client_id if payer else None,
        reference=command.reference,
        allocations=allocations,
        matched_by=matched_by,
    )
    return [Filed(payment_stream(command.payment_id), event, _tags(allocations))]


def allocate_payment(command: AllocatePayment, known: Payment | None, accounts: Mapping[str, Account]) -> list[Filed]:
    """The payment's waiting money pays the invoices stated."""
    payment = _in_force(known, command.payment_id)
    allocations = _stated(command.allocations, payment.amount, payment.waiting, accounts)
    event = PaymentAllocated(payment_id=command.payment_id, allocations=allocations)
    return [Filed(payment_stream(command.payment_id), event, _tags(allocations))]


def deallocate_payment(
    command: DeallocatePayment, known: Payment | None, accounts: Mapping[str, Account]
) -> list[Filed]:
    """An allocation is undone, and its money waits again."""
    payment = _in_force(known, command.payment_id)
    _refuse_currency(command.amount, payment.amount)
    _account(command.invoice_number, accounts)
    allocated = payment.allocated.get(command.invoice_number, ZERO)
    if command.amount.amount > allocated:
        raise OverAllocated(f"{allocated:f} of it is allocated to {command.invoice_number}; undo no more than that")
    event = PaymentDeallocated(
        payment_id=command.payment_id,
        invoice_number=command.invoice_number,
        amount=command.amount,
        reason=command.reason,
    )
    return [Filed(payment_stream(command.payment_id), event, (invoice_tag(command.invoice_number),))]


def withdraw_payment(command: WithdrawPayment, known: Payment | None) -> list[Filed]:
    """The payment never came in: all its allocations are undone."""
    payment = _in_force(known, command.payment_id)
    undone = tuple(
        Allocation(invoice_number=number, amount=Money(amount=amount, currency=payment.amount.currency))
        for number, amount in sorted(payment.allocated.items())
        if amount
    )
    event = PaymentWithdrawn(payment_id=command.payment_id, reason=command.reason, undone=undone)
    return [Filed(payment_stream(command.payment_id), event, _tags(undone))]


def record_refund(
    command: RecordRefund, known: Payment | None, accounts: Mapping[str, Account], context: Context
) -> list[Filed]:
    """The client got back what it had overpaid, and no more."""
    _refuse_known(known, command.refund_id)
    if command.paid_on > context.today:
        raise InTheFuture(f"today is {context.today}; record a refund once it is paid")
    account = _account(command.invoice_number, accounts)
    _refuse_currency(command.amount, Money(amount=ZERO, currency=account.invoice.currency))
    overpaid = max(ZERO, -account.outstanding)
    if command.amount.amount > overpaid:
        raise OverAllocated(f"{command.invoice_number} is overpaid by {overpaid:f}; give back no more than that")
    event = RefundRecorded(
        refund_id=command.refund_id,
        invoice_number=command.invoice_number,
        amount=command.amount,
        paid_on=command.paid_on,
        reference=command.reference,
    )
    return [Filed(payment_stream(command.refund_id), event, (invoice_tag(command.invoice_number),))]


def invoices_named(command: RecordPayment) -> tuple[str, ...]:
    """The invoice numbers that a payment states, or else that its reference may hold."""
    if command.allocations:
        return tuple(dict.fromkeys(each.invoice_number for each in command.allocations))
    return invoice_numbers_in(command.reference or "")


def _allocations(
    command: RecordPayment, accounts: Mapping[str, Account], payers: Sequence[Account]
) -> tuple[tuple[Allocation, ...], MatchedBy | None]:
    if command.allocations:
        return _stated(command.allocations, command.amount, command.amount.amount, accounts), MatchedBy.STATED
    named = [accounts[number] for number in invoices_named(command) if number in accounts]
    if len(named) == 1:
        found, matched_by = _up_to_outstanding(command.amount, named[0]), MatchedBy.REFERENCE
    else:
        found, matched_by = _exact(command.amount, payers), MatchedBy.AMOUNT
    return found, matched_by if found else None


def _stated(
    stated: Iterable[StatedAllocation], paid: Money, waiting: Decimal, accounts: Mapping[str, Account]
) -> tuple[Allocation, ...]:
    allocations = tuple(Allocation(invoice_number=each.invoice_number, amount=each.amount) for each in stated)
    for number in dict.fromkeys(each.invoice_number for each in allocations):
        account = _account(number, accounts)
        _refuse_currency(Money(amount=ZERO, currency=account.invoice.currency), paid)
        if allocated_to(number, allocations) > account.outstanding:
            raise OverAllocated(f"{number} has {account.outstanding:f} outstanding; allocate no more than that")
    for each in allocations:
        _refuse_currency(each.amount, paid)
    if sum((each.amount.amount for each in allocations), ZERO) > waiting:
        raise OverAllocated(f"{waiting:f} of the payment waits to be allocated; allocate no more than that")
    return allocations


def _up_to_outstanding(paid: Money, account: Account) -> tuple[Allocation, ...]:
    amount = min(paid.amount, account.outstanding)
    if paid.currency is not account.invoice.currency or amount <= 0:
        return ()
    money = Money(amount=amount, currency=paid.currency)
    return (Allocation(invoice_number=account.invoice.invoice_number, amount=money),)


def _exact(paid: Money, payers: Sequence[Account]) -> tuple[Allocation, ...]:
    matching = [account for account in payers if is_asked_for(paid, account) and account.is_wholly_outstanding]
    return _up_to_outstanding(paid, matching[0]) if len(matching) == 1 else ()


def is_asked_for(paid: Money, account: Account) -> bool:
    """Whether an invoice asks for exactly that amount of money."""
    return account.invoice.currency is paid.currency and account.invoice.gross == paid.amount


def _added(allocated: Mapping[str, Decimal], allocations: Iterable[Allocation]) -> dict[str, Decimal]:
    total = dict(allocated)
    for each in allocations:
        total[each.invoice_number] = total.get(each.invoice_number, ZERO) + each.amount.amount
    return total


def _tags(allocations: Iterable[Allocation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(invoice_tag(each.invoice_number) for each in allocations))


def _account(number: str, accounts: Mapping[str, Account]) -> Account:
    if number not in accounts:
        raise UnknownInvoice(f"no invoice has the number {number}; check it")
    return accounts[number]


def _refuse_known(known: Payment | None, payment_id: str) -> None:
    if known is not None:
        raise AlreadyExists(f"{payment_id} was used already; choose another id")


def _in_force(known: Payment | None, payment_id: str) -> Payment:
    if known is None or known.is_refund:
        raise UnknownPayment(f"no payment has the id {payment_id}; check it")
    if known.withdrawn:
        raise PaymentIsWithdrawn(f"{payment_id} was withdrawn; record the payment anew, under a new id")
    return known


def _refuse_currency(amount: Money, other: Money) -> None:
    if amount.currency is not other.currency:
        raise CurrencyMismatch(f"one is in {amount.currency}, the other in {other.currency}; state one currency")
