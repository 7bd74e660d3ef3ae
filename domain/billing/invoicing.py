"""Issue a month's invoices: all that became billable up to its end, in one run, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from domain.billing.draft import Draft, days_invoiced, drafts_of
from domain.billing.engagement import Engagement, last_date_of
from domain.billing.events import InvoiceIssued, PartyDetails
from domain.billing.mentions import invoice_mentions
from domain.billing.rejections import MonthNotOver
from domain.billing.series import INVOICES, Series, evolve, invoice_tag, invoices_stream, number, payer_tag
from domain.event import Command, Context, Filed
from domain.rejections import InTheFuture
from domain.streams import client_stream, issuer_stream, mission_stream
from domain.values import Id, IsoDate, Month


class IssueInvoices(Command):
    """Invoice a month, for all clients or one: days delivered and accepted, retainers and expenses not billed yet."""

    NAME: ClassVar[str] = "issue_invoices"
    DATED: ClassVar[str | None] = "issued_on"
    month: Month
    issued_on: IsoDate
    client_id: Id | None = None


def issue_invoices(
    command: IssueInvoices,
    engagements: Iterable[Engagement],
    parties: Mapping[str, PartyDetails],
    series: Mapping[str, Series],
    context: Context,
) -> list[Filed]:
    """The run's invoices and, per mission, what each bills; nothing where nothing is billable."""
    if command.issued_on > context.today:
        raise InTheFuture(f"today is {context.today}; issue no later than that")
    if command.issued_on < last_date_of(command.month):
        raise MonthNotOver(f"{command.month} ends on {last_date_of(command.month)}; issue on that date or later")
    return list(_numbered(command, drafts_of(engagements, command.month, command.issued_on), parties, dict(series)))


def _numbered(
    command: IssueInvoices, drafts: Iterable[Draft], parties: Mapping[str, PartyDetails], series: dict[str, Series]
) -> Iterator[Filed]:
    for draft in drafts:
        stream = invoices_stream(draft.issuer_id, command.issued_on.year)
        before = series.get(stream, Series())
        before.refuse_backwards(command.issued_on)
        invoice = _invoice(command, draft, parties, before.last_sequence + 1)
        series[stream] = evolve(before, invoice)
        yield Filed(stream, invoice, (invoice_tag(invoice.invoice_number), payer_tag(draft.client_id)))
        for mission_id in draft.mission_ids:
            billed = days_invoiced(draft, mission_id, invoice.invoice_number, command.month, command.issued_on)
            yield Filed(mission_stream(mission_id), billed)


def _invoice(command: IssueInvoices, draft: Draft, parties: Mapping[str, PartyDetails], sequence: int) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_number=number(INVOICES, draft.issuer_id, command.issued_on.year, sequence),
        sequence=sequence,
        issuer_id=draft.issuer_id,
        client_id=draft.client_id,
        currency=draft.currency,
        month=command.month,
        issued_on=command.issued_on,
        due_on=draft.due_on,
        issuer=parties.get(issuer_stream(draft.issuer_id), PartyDetails(party_id=draft.issuer_id)),
        client=parties.get(client_stream(draft.client_id), PartyDetails(party_id=draft.client_id)),
        lines=draft.lines,
        taxes=draft.taxes,
        net=draft.net,
        tax=draft.tax,
        gross=draft.net + draft.tax,
        mentions=invoice_mentions(draft.currency, draft.taxes, command.issued_on),
    )
