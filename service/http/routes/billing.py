"""Invoices, credit notes, payments and refunds over HTTP."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from domain.billing.credit_notes import IssueCreditNote
from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.billing.invoicing import IssueInvoices
from domain.billing.payments import AllocatePayment, DeallocatePayment, RecordPayment, RecordRefund, WithdrawPayment
from service.http.commands import Tells, command_route
from service.strict_json import Json
from service.submission import Accepted

router = APIRouter(tags=["billing"])


def _invoices_issued(accepted: Accepted) -> Json:
    events = [recorded.event for recorded in accepted.events]
    return [event.invoice_number for event in events if isinstance(event, InvoiceIssued)]


def _credit_note_issued(accepted: Accepted) -> Json:
    events = [recorded.event for recorded in accepted.events]
    return next((event.credit_note_number for event in events if isinstance(event, CreditNoteIssued)), None)


INVOICES = Tells("invoice_numbers", {"type": "array", "items": {"type": "string"}}, _invoices_issued)
"""The invoices that a run issued, in order of number; none where nothing was billable."""
CREDIT_NOTE = Tells("credit_note_number", {"type": ["string", "null"]}, _credit_note_issued)

command_route(router, "/billing/runs", IssueInvoices, HTTPStatus.CREATED, INVOICES)
command_route(router, "/invoices/{invoice_number}/credit-notes", IssueCreditNote, HTTPStatus.CREATED, CREDIT_NOTE)
command_route(router, "/invoices/{invoice_number}/refunds", RecordRefund, HTTPStatus.CREATED)
command_route(router, "/payments", RecordPayment, HTTPStatus.CREATED)
command_route(router, "/payments/{payment_id}/allocations", AllocatePayment)
command_route(router, "/payments/{payment_id}/deallocations", DeallocatePayment)
command_route(router, "/payments/{payment_id}/withdrawal", WithdrawPayment)
