"""A small ledger for billing's tests: missions written in one line each, invoices read in one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from domain.billing.account import Account
from domain.billing.credit_notes import IssueCreditNote, issue_credit_note
from domain.billing.draft import drafts_of
from domain.billing.engagement import Engagement, OpenExpense, ReadyDay
from domain.billing.events import CreditEffect, CreditNoteIssued, InvoiceIssued, Line
from domain.billing.invoicing import IssueInvoices, issue_invoices
from domain.billing.series import Series
from domain.calendar import WorkingCalendar
from domain.event import Actor, Context, Filed, Role
from domain.values import Currency, DayRate, Function, Hourly, Retainer, Tax, TaxScheme, Terms

ACCOUNTANT = Actor(Role.ACCOUNTANT)


def on(text: str) -> date:
    """`2026-03-31` as a date."""
    return date.fromisoformat(text)


def context(today: str = "2030-01-01") -> Context:
    return Context(today=on(today), actor=ACCOUNTANT, calendar=WorkingCalendar())


def tgc(rate: str = "6") -> Tax:
    return Tax(scheme=TaxScheme.TGC, rate=Decimal(rate))


def terms(
    billing: DayRate | Hourly | Retainer,
    *,
    currency: Currency = Currency.XPF,
    tax: Tax | None = None,
    payment_days: int = 30,
    issuer_id: str = "network",
) -> Terms:
    return Terms(issuer_id=issuer_id, currency=currency, billing=billing, tax=tax or tgc(), payment_days=payment_days)


def a_day_at(rate: str) -> DayRate:
    return DayRate(rate=Decimal(rate))


def an_hour_at(rate: str) -> Hourly:
    return Hourly(rate=Decimal(rate))


def a_retainer(monthly: str, included: str, extra: str) -> Retainer:
    return Retainer(monthly=Decimal(monthly), included_days=Decimal(included), extra_day_rate=Decimal(extra))


def days(*written: str) -> tuple[ReadyDay, ...]:
    """Days as `D-1 2026-03-02 0.5`."""
    parts = (text.split() for text in written)
    return tuple(ReadyDay(day_id, on(day), Decimal(quantity), "C-001") for day_id, day, quantity in parts)


def expenses(*written: str) -> tuple[OpenExpense, ...]:
    """Expenses as `X-1 2026-03-02 1500`."""
    parts = (text.split() for text in written)
    return tuple(OpenExpense(expense_id, on(day), Decimal(amount)) for expense_id, day, amount in parts)


def mission(
    *agreed: Terms | tuple[str, Terms],
    mission_id: str = "M-1",
    client_id: str = "E-1",
    starts_on: str = "2026-01-01",
    last_on: str | None = None,
    pauses: Iterable[tuple[str, str | None]] = (),
    ready: tuple[ReadyDay, ...] = (),
    spent: tuple[OpenExpense, ...] = (),
    charged: Iterable[str] = (),
    included: Mapping[str, str] | None = None,
) -> Engagement:
    """A mission as billing sees it; its first terms hold from its start."""
    dated = [each if isinstance(each, tuple) else (starts_on, each) for each in agreed]
    return Engagement(
        mission_id=mission_id,
        client_id=client_id,
        function=Function.FINANCE,
        terms=tuple((on(day), each) for day, each in dated),
        starts_on=on(starts_on),
        last_on=None if last_on is None else on(last_on),
        pauses=tuple((on(start), None if end is None else on(end)) for start, end in pauses),
        ready=ready,
        expenses=spent,
        charged_months=frozenset(charged),
        included={month: Decimal(quantity) for month, quantity in (included or {}).items()},
    )


def said(line: Line) -> str:
    """A line as an accountant reads it: `M-1 2026-03 time 1.5 × 85000 at 6 % = 127500`."""
    return (
        f"{line.mission_id} {line.month} {line.kind} {line.quantity:f} × {line.unit_price:f}"
        f" at {line.tax.rate:f} % = {line.net:f}"
    )


def lines_said(*engagements: Engagement, month: str, issued_on: str | None = None) -> list[str]:
    """The lines of a run, one invoice after the other."""
    dated = on(issued_on) if issued_on else on("2029-12-31")
    return [said(line) for draft in drafts_of(engagements, month, dated) for line in draft.lines]


def filed(
    *engagements: Engagement, month: str, issued_on: str = "2029-12-31", series: Mapping[str, Series] | None = None
) -> list[Filed]:
    command = IssueInvoices(month=month, issued_on=on(issued_on))
    return issue_invoices(command, engagements, {}, series or {}, context())


def invoices(
    *engagements: Engagement, month: str, issued_on: str = "2029-12-31", series: Mapping[str, Series] | None = None
) -> list[InvoiceIssued]:
    """The invoices of a run."""
    events = (each.event for each in filed(*engagements, month=month, issued_on=issued_on, series=series))
    return [event for event in events if isinstance(event, InvoiceIssued)]


def invoice(*engagements: Engagement, month: str, issued_on: str = "2029-12-31") -> InvoiceIssued:
    """The only invoice of a run."""
    (only,) = invoices(*engagements, month=month, issued_on=issued_on)
    return only


def credited(
    account: Account,
    *day_ids: str,
    effect: CreditEffect = CreditEffect.WITHDRAW,
    issued_on: str = "2029-12-31",
    series: Series | None = None,
) -> list[Filed]:
    """A credit note on days, or on the whole invoice where none is named, with what it means to the missions."""
    command = IssueCreditNote(
        invoice_number=account.invoice.invoice_number,
        issued_on=on(issued_on),
        reason="Jour facturé à tort",
        day_ids=day_ids or None,
        effect=effect,
    )
    return issue_credit_note(command, account, series or Series(), context())


def credit_note(account: Account, *day_ids: str, effect: CreditEffect = CreditEffect.WITHDRAW) -> CreditNoteIssued:
    """The credit note alone."""
    event = credited(account, *day_ids, effect=effect)[0].event
    assert isinstance(event, CreditNoteIssued)
    return event
