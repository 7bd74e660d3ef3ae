"""Why billing says no."""

from __future__ import annotations

from typing import ClassVar

from domain.event import CommandRejected


class MonthNotOver(CommandRejected):
    """A month is billed on its last day or later."""

    code: ClassVar[str] = "month_not_over"


class IssuedOnGoesBackwards(CommandRejected):
    """The documents of a series follow each other in time; a credit note follows its invoice."""

    code: ClassVar[str] = "issued_on_goes_backwards"


class UnknownInvoice(CommandRejected):
    """No invoice has that number."""

    code: ClassVar[str] = "unknown_invoice"


class DayNotOnInvoice(CommandRejected):
    """The invoice does not bill that day."""

    code: ClassVar[str] = "unknown_day"


class AlreadyCredited(CommandRejected):
    """A credit note took that back already."""

    code: ClassVar[str] = "already_credited"


class UnknownPayment(CommandRejected):
    """No payment has that id."""

    code: ClassVar[str] = "unknown_payment"


class PaymentIsWithdrawn(CommandRejected):
    """The payment was recorded by mistake and withdrawn."""

    code: ClassVar[str] = "payment_withdrawn"


class OverAllocated(CommandRejected):
    """More than is outstanding, than was paid, than was allocated, or than was overpaid."""

    code: ClassVar[str] = "over_allocated"


class CurrencyMismatch(CommandRejected):
    """A payment pays invoices in its own currency."""

    code: ClassVar[str] = "currency_mismatch"
