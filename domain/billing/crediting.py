"""What a credit note gives back: named days at their invoice's prices, or exactly all that is left."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from domain.billing.account import Account
from domain.billing.events import Line, LineKind, TaxAmount
from domain.billing.lines import ZERO, taxes_of
from domain.billing.rejections import AlreadyCredited, DayNotOnInvoice


@dataclass(frozen=True, slots=True)
class Credit:
    """What one credit note will say."""

    lines: tuple[Line, ...]
    taxes: tuple[TaxAmount, ...]
    whole: bool

    @property
    def net(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """The sum of the taxes."""
        return sum((amount.tax for amount in self.taxes), ZERO)


def credit_of(account: Account, day_ids: Collection[str] | None) -> Credit:
    """The credit of the days named, or of the whole invoice where none are."""
    if account.is_wholly_credited:
        raise AlreadyCredited(f"nothing is left of {account.invoice.invoice_number} to credit")
    if day_ids is None:
        return _rest(account)
    named = frozenset(day_ids)
    _refuse_days(account, named)
    if _is_the_rest(account, named):
        return _rest(account)
    lines = tuple(_lines_for(account, named))
    return Credit(lines, taxes_of(lines, account.invoice.currency, account.invoice.issued_on), whole=False)


def _refuse_days(account: Account, named: frozenset[str]) -> None:
    number = account.invoice.invoice_number
    foreign = sorted(named - _days_on(account))
    if foreign:
        raise DayNotOnInvoice(f"{number} does not bill {', '.join(foreign)}; name days that stand on it")
    taken_back = sorted(named & account.credited_days)
    if taken_back:
        raise AlreadyCredited(f"{', '.join(taken_back)} was credited before; leave it out")


def _days_on(account: Account) -> frozenset[str]:
    return frozenset(day.day_id for line in account.invoice.lines for day in line.days)


def _is_the_rest(account: Account, named: frozenset[str]) -> bool:
    """Whether these are the last days of an invoice of nothing but days."""
    nothing_but_days = all(line.kind is LineKind.TIME for line in account.invoice.lines)
    return nothing_but_days and named >= _days_on(account) - account.credited_days


def _lines_for(account: Account, named: frozenset[str]) -> Iterator[Line]:
    for line in account.invoice.lines:
        days = tuple(day for day in line.days if day.day_id in named)
        if days:
            quantity = sum((day.quantity for day in days), ZERO)
            net = account.invoice.currency.round(quantity * line.unit_price)
            yield line.model_copy(update={"days": days, "quantity": quantity, "net": net})


def _rest(account: Account) -> Credit:
    """Exactly what is left of the net and the tax, to the last cent that rounding moved."""
    lines = tuple(_remainders(account))
    taxes = tuple(_tax_left(account, tax) for tax in account.invoice.taxes)
    return Credit(lines, tuple(tax for tax in taxes if tax.net or tax.tax or _stands_in(tax, lines)), whole=True)


def _remainders(account: Account) -> Iterator[Line]:
    for line in account.invoice.lines:
        days = tuple(day for day in line.days if day.day_id not in account.credited_days)
        if days == line.days:
            yield line
            continue
        net = line.net - sum((other.net for other in _credited_on(account, line)), ZERO)
        quantity = sum((day.quantity for day in days), ZERO)
        kind = LineKind.TIME if days else LineKind.ROUNDING
        if days or net:
            yield line.model_copy(update={"kind": kind, "days": days, "quantity": quantity, "net": net})


def _credited_on(account: Account, line: Line) -> Iterator[Line]:
    key = _key(line)
    return (other for note in account.credit_notes for other in note.lines if _key(other) == key)


def _key(line: Line) -> tuple[str, str, str, Decimal, Decimal]:
    return line.kind, line.mission_id, line.month, line.unit_price, line.tax.rate


def _tax_left(account: Account, tax: TaxAmount) -> TaxAmount:
    earlier = [other for note in account.credit_notes for other in note.taxes if other.rate == tax.rate]
    net = tax.net - sum((other.net for other in earlier), ZERO)
    left = tax.tax - sum((other.tax for other in earlier), ZERO)
    return tax.model_copy(update={"net": net, "tax": left})


def _stands_in(tax: TaxAmount, lines: tuple[Line, ...]) -> bool:
    return any(line.tax.rate == tax.rate for line in lines)
