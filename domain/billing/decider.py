"""Every command that billing answers, on one page: what each reads, and what it decides.

All that bears on an invoice carries its tag, so that its account is exact whatever is paid or credited at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.billing.account import Account, account_of
from domain.billing.credit_notes import IssueCreditNote, issue_credit_note
from domain.billing.engagement import engagement_of
from domain.billing.events import InvoiceIssued, PartyDetails
from domain.billing.invoicing import IssueInvoices, issue_invoices
from domain.billing.payments import (
    AllocatePayment,
    DeallocatePayment,
    Payer,
    Payment,
    RecordPayment,
    RecordRefund,
    WithdrawPayment,
    allocate_payment,
    deallocate_payment,
    invoices_named,
    is_asked_for,
    payment_stream,
    record_payment,
    record_refund,
    withdraw_payment,
)
from domain.billing.rejections import UnknownInvoice
from domain.billing.series import Series, credit_notes_stream, invoice_tag, invoices_stream, payer_tag
from domain.event import Command, Context, Filed
from domain.facts import Facts, Needs
from domain.mission.events import MissionSigned
from domain.mission.state import Mission
from domain.party.state import Client, Issuer
from domain.rejections import UnknownClient
from domain.streams import MISSIONS_TAG, client_stream, client_tag, issuer_stream, mission_stream

BILLING_COMMANDS: tuple[type[Command], ...] = (
    IssueInvoices,
    IssueCreditNote,
    RecordPayment,
    AllocatePayment,
    DeallocatePayment,
    WithdrawPayment,
    RecordRefund,
)


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def needs(command: Command, facts: Facts) -> Needs:
    """What a billing decision reads."""
    match command:
        case IssueInvoices():
            return _needs_of_a_run(command, facts)
        case IssueCreditNote():
            return _needs_of_a_credit_note(command, facts)
        case RecordPayment():
            return _needs_of_a_payment(command, facts)
        case AllocatePayment(payment_id=payment_id, allocations=allocations):
            return _needs(payment_id, (each.invoice_number for each in allocations))
        case DeallocatePayment(payment_id=payment_id, invoice_number=number):
            return _needs(payment_id, [number])
        case WithdrawPayment(payment_id=payment_id):
            known = _payment(payment_id, facts) if facts.has(payment_stream(payment_id)) else None
            return _needs(payment_id, () if known is None else known.allocated)
        case RecordRefund(refund_id=refund_id, invoice_number=number):
            return _needs(refund_id, [number])
        case _:
            raise TypeError(f"{command.NAME} is no command of billing")


def decide(command: Command, facts: Facts, context: Context) -> list[Filed]:
    """The facts that a command makes, or the rejection that says what stands in its way."""
    match command:
        case IssueInvoices():
            return _issue_invoices(command, facts, context)
        case IssueCreditNote():
            return _issue_credit_note(command, facts, context)
        case RecordPayment(payment_id=payment_id):
            accounts = _accounts(invoices_named(command), facts)
            return record_payment(command, _payment(payment_id, facts), accounts, _payer(command, facts), context)
        case AllocatePayment(payment_id=payment_id, allocations=allocations):
            accounts = _accounts((each.invoice_number for each in allocations), facts)
            return allocate_payment(command, _payment(payment_id, facts), accounts)
        case DeallocatePayment(payment_id=payment_id, invoice_number=number):
            return deallocate_payment(command, _payment(payment_id, facts), _accounts([number], facts))
        case WithdrawPayment(payment_id=payment_id):
            return withdraw_payment(command, _payment(payment_id, facts))
        case RecordRefund(refund_id=refund_id, invoice_number=number):
            return record_refund(command, _payment(refund_id, facts), _accounts([number], facts), context)
        case _:
            raise TypeError(f"{command.NAME} is no command of billing")


def _issue_invoices(command: IssueInvoices, facts: Facts, context: Context) -> list[Filed]:
    if command.client_id is not None and facts.client(command.client_id) is None:
        raise UnknownClient(f"no client has the id {command.client_id}; check it")
    missions = _missions(command, facts)
    engagements = [engagement_of(mission, command.month) for mission in missions]
    parties = {
        **{client_stream(each.client_id): _client_details(each.client_id, facts) for each in engagements},
        **{issuer_stream(each.issuer_id): _issuer_details(each.issuer_id, facts) for each in engagements},
    }
    streams = {invoices_stream(each.issuer_id, command.issued_on.year) for each in engagements}
    series = {stream: facts.state(stream, Series) or Series() for stream in streams}
    return issue_invoices(command, engagements, parties, series, context)


def _needs_of_a_run(command: IssueInvoices, facts: Facts) -> Needs:
    tag = _missions_tag(command)
    named = set() if command.client_id is None else {client_stream(command.client_id)}
    signed = _signed(facts, tag) if facts.has_tag(tag) else []
    missions = {mission_stream(event.mission_id) for event in signed}
    clients = {client_stream(event.client_id) for event in signed}
    issuers = {event.terms.issuer_id for event in signed}
    series = {invoices_stream(issuer_id, command.issued_on.year) for issuer_id in issuers}
    streams = named | missions | clients | {issuer_stream(issuer_id) for issuer_id in issuers} | series
    return Needs(frozenset(streams), frozenset({tag}))


def _missions_tag(command: IssueInvoices) -> str:
    return MISSIONS_TAG if command.client_id is None else client_tag(command.client_id)


def _signed(facts: Facts, tag: str) -> list[MissionSigned]:
    return [each.event for each in facts.tagged(tag) if isinstance(each.event, MissionSigned)]


def _missions(command: IssueInvoices, facts: Facts) -> list[Mission]:
    folded = (facts.mission(event.mission_id) for event in _signed(facts, _missions_tag(command)))
    return [mission for mission in folded if mission is not None]


def _client_details(client_id: str, facts: Facts) -> PartyDetails:
    client = facts.client(client_id) or Client(client_id)
    return PartyDetails(party_id=client_id, name=client.name, registration=client.registration, address=client.address)


def _issuer_details(issuer_id: str, facts: Facts) -> PartyDetails:
    issuer = facts.issuer(issuer_id) or Issuer(issuer_id)
    return PartyDetails(
        party_id=issuer_id,
        name=issuer.name,
        registration=issuer.registration,
        address=issuer.address,
        tax_number=issuer.tax_number,
        iban=issuer.iban,
    )


def _issue_credit_note(command: IssueCreditNote, facts: Facts, context: Context) -> list[Filed]:
    account = _account(command.invoice_number, facts)
    if account is None:
        raise UnknownInvoice(f"no invoice has the number {command.invoice_number}; check it")
    stream = credit_notes_stream(account.invoice.issuer_id, command.issued_on.year)
    return issue_credit_note(command, account, facts.state(stream, Series) or Series(), context)


def _needs_of_a_credit_note(command: IssueCreditNote, facts: Facts) -> Needs:
    tag = invoice_tag(command.invoice_number)
    account = _account(command.invoice_number, facts) if facts.has_tag(tag) else None
    if account is None:
        return Needs(tags=frozenset({tag}))
    missions = {mission_stream(line.mission_id) for line in account.invoice.lines}
    series = credit_notes_stream(account.invoice.issuer_id, command.issued_on.year)
    return Needs(frozenset(missions | {series}), frozenset({tag}))


def _needs_of_a_payment(command: RecordPayment, facts: Facts) -> Needs:
    client_id = _client_id(command)
    stated = _needs(command.payment_id, invoices_named(command))
    if client_id is None:
        return stated
    streams = stated.streams | {client_stream(client_id)}
    if command.allocations:
        return Needs(streams, stated.tags)
    payers = payer_tag(client_id)
    asked = _asked_for(command, facts) if facts.has_tag(payers) else []
    return Needs(streams, stated.tags | {payers} | {invoice_tag(number) for number in asked})


def _asked_for(command: RecordPayment, facts: Facts) -> list[str]:
    """The payer's invoices over exactly that amount of money."""
    issued = (each.event for each in facts.tagged(payer_tag(_client_id(command) or "")))
    invoices = [event for event in issued if isinstance(event, InvoiceIssued)]
    return [event.invoice_number for event in invoices if is_asked_for(command.amount, Account(event))]


def _payer(command: RecordPayment, facts: Facts) -> Payer | None:
    client_id = _client_id(command)
    if client_id is None or facts.client(client_id) is None:
        return None
    numbers = () if command.allocations else _asked_for(command, facts)
    return Payer(client_id, tuple(_accounts(numbers, facts).values()))


def _client_id(command: RecordPayment) -> str | None:
    """The payer, where it may be a client's id."""
    payer = (command.payer or "").strip()
    return payer if _ID.fullmatch(payer) else None


def _needs(payment_id: str, numbers: Iterable[str]) -> Needs:
    return Needs(frozenset({payment_stream(payment_id)}), frozenset(invoice_tag(number) for number in numbers))


def _payment(payment_id: str, facts: Facts) -> Payment | None:
    return facts.state(payment_stream(payment_id), Payment)


def _account(number: str, facts: Facts) -> Account | None:
    return account_of(each.event for each in facts.tagged(invoice_tag(number)))


def _accounts(numbers: Iterable[str], facts: Facts) -> dict[str, Account]:
    known = {number: _account(number, facts) for number in numbers}
    return {number: account for number, account in known.items() if account is not None}
