"""Invoices, credit notes, payments and refunds over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter

from domain.billing.credit_notes import IssueCreditNote
from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.billing.invoicing import IssueInvoices
from domain.billing.payments import AllocatePayment, DeallocatePayment, RecordPayment, RecordRefund, WithdrawPayment
from service.http.body import Json
from service.http.commands import command_route
from service.submission import Accepted

router = APIRouter(tags=["billing"])


def invoices_issued(accepted: Accepted) -> Mapping[str, Json]:
    """The numbers of the invoices that a run issued; none where nothing was billable."""
    events = [recorded.event for recorded in accepted.events]
    return {"invoice_numbers": [event.invoice_number for event in events if isinstance(event, InvoiceIssued)]}


def credit_note_issued(accepted: Accepted) -> Mapping[str, Json]:
    """The number of the credit note."""
    events = [recorded.event for recorded in accepted.events]
    numbers = [event.credit_note_number for event in events if isinstance(event, CreditNoteIssued)]
    return {"credit_note_number": numbers[0]} if numbers else {}


command_route(router, "/billing/runs", IssueInvoices, HTTPStatus.CREATED, invoices_issued)
command_route(
    router, "/invoices/{invoice_number}/credit-notes", IssueCreditNote, HTTPStatus.CREATED, credit_note_issued
)
command_route(router, "/invoices/{invoice_number}/refunds", RecordRefund, HTTPStatus.CREATED)
command_route(router, "/payments", RecordPayment, HTTPStatus.CREATED)
command_route(router, "/payments/{payment_id}/allocations", AllocatePayment)
command_route(router, "/payments/{payment_id}/deallocations", DeallocatePayment)
command_route(router, "/payments/{payment_id}/withdrawal", WithdrawPayment)
