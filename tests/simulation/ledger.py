"""What a second set of books is about: missions, days and invoices, and how they are priced, rounded and taxed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What time costs, how it is taxed, when it is paid, and whether it is approved first."""

    kind: str
    rate: Decimal
    """Of a day, of an hour, or of a day beyond those that the month includes."""
    tax: Decimal
    approval: bool
    payment_days: int
    monthly: Decimal = ZERO
    included: Decimal = ZERO


@dataclass(slots=True)
class Day:
    """Time on one date, and what became of it."""

    day_id: str
    mission: Mission
    on: date
    quantity: Decimal
    state: str = "open"
    invoice: str | None = None
    released: bool = False

    @property
    def gone(self) -> bool:
        return self.state in {"withdrawn", "credited"}

    @property
    def bucket(self) -> str:
        """Exactly one of those that the reconciliation knows."""
        if self.gone:
            return self.state
        if self.invoice is not None:
            return "invoiced"
        if self.state == "disputed":
            return "disputed"
        accepted = self.state == "approved" or self.released or not self.mission.terms_on(self.on).approval
        return "ready" if accepted else "awaiting_approval"


@dataclass(slots=True)
class Mission:
    """A mission: its terms by the date they take effect on, its rests, its end, its days."""

    mission_id: str
    client_id: str
    issuer_id: str
    currency: str
    starts_on: date
    terms: list[tuple[date, Terms]]
    pauses: list[tuple[date, date | None]] = field(default_factory=list)
    stop: date | None = None
    days: dict[str, Day] = field(default_factory=dict)
    charged: set[str] = field(default_factory=set)

    def terms_on(self, on: date) -> Terms:
        return [terms for since, terms in self.terms if since <= on or since == self.terms[0][0]][-1]

    def rests_on(self, on: date) -> bool:
        return any(since <= on and (until is None or on < until) for since, until in self.pauses)

    def active_dates(self, month: str) -> list[date]:
        last = self.stop or date.max
        return [on for on in dates_of(month) if self.starts_on <= on <= last and not self.rests_on(on)]

    def rounded(self, amount: Decimal) -> Decimal:
        digits = Decimal(1) if self.currency == "XPF" else Decimal("0.01")
        return amount.quantize(digits, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Share:
    """A day, or the part of it that has one price."""

    day: Day
    quantity: Decimal
    price: Decimal
    tax: Decimal
    included: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What a document says of a mission's month, at one price and tax rate."""

    mission: Mission
    month: str
    price: Decimal
    tax: Decimal
    net: Decimal


@dataclass(slots=True)
class Invoice:
    """What was billed, and what was taken back, paid and not paid of it."""

    number: str
    client_id: str
    issuer_id: str
    currency: str
    issued_on: date
    due_on: date
    lines: Sequence[Line]
    shares: Sequence[Share]
    charges: Sequence[tuple[Mission, str]]
    net: Decimal
    tax: Decimal
    whole: bool = False
    gone: set[str] = field(default_factory=set)
    credited: tuple[Decimal, Decimal] = (ZERO, ZERO)
    paid: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        return self.net + self.tax - sum(self.credited) - self.paid


def lines_of(shares: Iterable[Share]) -> list[Line]:
    """One line per mission, month, price and tax rate, rounded once."""
    together: dict[tuple[str, str, Decimal, Decimal], list[Share]] = defaultdict(list)
    for share in shares:
        mission = share.day.mission
        together[mission.mission_id, month_of(share.day.on), share.price, share.tax].append(share)
    lines = []
    for (_, month, price, tax), alike in sorted(together.items(), key=lambda item: item[0]):
        mission = alike[0].day.mission
        net = mission.rounded(price * sum((share.quantity for share in alike), ZERO))
        lines.append(Line(mission, month, price, tax, net))
    return lines


def sum_of(lines: Sequence[Line]) -> tuple[Decimal, Decimal]:
    """Net, and the tax on it: per rate, rounded once."""
    nets: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[line.tax] += line.net
    taxes = [lines[0].mission.rounded(net * rate / 100) for rate, net in nets.items()]
    return sum(nets.values(), ZERO), sum(taxes, ZERO)


def month_of(on: date) -> str:
    return on.isoformat()[:7]


def dates_of(month: str) -> list[date]:
    first = date.fromisoformat(f"{month}-01")
    return [on for on in (first + timedelta(day) for day in range(31)) if month_of(on) == month]


def months(first: str, last: str) -> list[str]:
    found = []
    while first <= last:
        found.append(first)
        first = month_of(dates_of(first)[-1] + timedelta(1))
    return found
