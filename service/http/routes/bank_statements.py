"""Bank statements come in as the bank wrote them; what of them waits is shown with what it may pay."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from domain.streams import client_stream
from domain.values import IsoDate
from projections.contacts import contact_view
from projections.invoices import BILLING
from projections.invoices.invoices import InvoiceRow
from projections.invoices.knowing import invoices_known, owed_of, payments_known, waits
from projections.invoices.payments import PaymentRow
from projections.invoices.queries import invoices_for, payments_for
from projections.missions import MISSIONS
from projections.missions.parties import PartyRow
from projections.missions.queries import parties_for
from service.banking.answers import StatementsAnswer, WaitingAnswer
from service.banking.formats import MEDIA_TYPES, StatementFormat, kind_of
from service.banking.questions import OPEN_INVOICES, client_names, open_invoice, payments_waiting
from service.banking.statements import MAX_BYTES, StatementRefused
from service.banking.telling import Books
from service.http.commands import command_id, idempotency_key
from service.http.exchange import REQUEST_ID
from service.http.openapi import KEY_HEADER, problems
from service.http.paging import Page, cursor_after
from service.http.policy import principal_of
from service.http.problems import Problem, malformed
from service.http.reading import Instant, Items, caught_up, listed
from service.http.routes.invoices import position_known
from service.http.services import services_of
from service.http.taking import Sender, take_statements

router = APIRouter(tags=["billing"])

_FILE = {"schema": {"type": "string", "format": "binary"}}
_DESCRIBED: dict[str, Any] = {
    "parameters": [KEY_HEADER],
    "requestBody": {
        "required": True,
        "description": "The file as the bank wrote it.",
        "content": dict.fromkeys((*MEDIA_TYPES, "application/octet-stream"), _FILE),
    },
}
_PROBLEMS = problems(401, 403, 409, 413, 415, 422, 503)
_STATUSES = {"unknown_account": 409, "currency_mismatch": 409, "in_the_future": 409, "body_too_large": 413}


class StatementAsked(BaseModel):
    """What kind of file it is, where its media type does not say; for CSV, whose."""

    model_config = ConfigDict(extra="forbid")
    format: StatementFormat | None = None
    profile: Annotated[str, Field(max_length=32)] | None = None


class WaitingAsked(Page):
    """Which part of the payments that wait is asked for, as of which date, and as known when."""

    as_of: IsoDate | None = None
    known_at: Instant | None = None

    @property
    def is_of_now(self) -> bool:
        """Whether they are asked for as they stand."""
        return self.as_of is None and self.known_at is None


@router.post(
    "/bank-statements",
    status_code=HTTPStatus.CREATED,
    response_model=StatementsAnswer,
    responses={200: {"model": StatementsAnswer, "description": "Nothing new."}, **_PROBLEMS},
    openapi_extra=_DESCRIBED,
    max_body_size=MAX_BYTES,
)
async def take_bank_statement(request: Request, asked: Annotated[StatementAsked, Query()]) -> Response:
    """Record the credits of a bank statement as payments, each once; debits, returns and pending entries are shown."""
    principal, key = principal_of(request), idempotency_key(request)
    data = await request.body()
    named = None if key is None else command_id(principal, key)
    sender = Sender(principal.actor, principal.name, named or request.scope[REQUEST_ID], named)
    try:
        answer = await take_statements(services_of(request), data, _format(request, asked, data), asked.profile, sender)
    except StatementRefused as refused:
        raise _problem(refused) from refused
    is_new = any(statement.recorded for statement in answer.statements)
    return Response(answer.model_dump_json(), 201 if is_new else 200, media_type="application/json")


@router.get("/payments/unallocated", response_model=Items[WaitingAnswer], responses=problems(401, 403, 422, 503))
async def list_waiting(request: Request, asked: Annotated[WaitingAsked, Query()]) -> Response:
    """Payments of which something waits, each with the open invoices that it may pay and the reasons."""
    await caught_up(request, asked.min_position, MISSIONS.name, BILLING.name)
    payments, books = await (_now(request, asked) if asked.is_of_now else _then(request, asked))
    page = payments[: asked.limit]
    cursor = cursor_after((str(page[-1].position),)) if len(payments) > asked.limit else None
    return listed(request, [each for row in page if (each := books.waiting(row)) is not None], cursor)


async def _now(request: Request, asked: WaitingAsked) -> tuple[Sequence[PaymentRow], Books]:
    """What waits, one payment more than the page holds, and the books to compare it with."""
    services = services_of(request)
    rows = services.questions.rows
    payments = await rows(payments_waiting(asked.after_position(), asked.limit + 1), PaymentRow)
    invoices = [open_invoice(row) for row in await rows(OPEN_INVOICES, InvoiceRow)]
    return payments, Books({}, invoices, client_names(await rows(parties_for("client"), PartyRow)), services.today())


async def _then(request: Request, asked: WaitingAsked) -> tuple[Sequence[PaymentRow], Books]:
    """The same as of a date and as known at an instant: the payments, the invoices, and what clients were called."""
    services = services_of(request)
    on, rows = asked.as_of or services.today(), services.questions.rows
    upto = None if asked.known_at is None else await position_known(request, asked.known_at)
    paid = await rows(payments_for(on, after=asked.after_position()), PaymentRow)
    issued = await rows(invoices_for(on), InvoiceRow)
    if upto is not None:
        paid, issued = payments_known(paid, upto), invoices_known(issued, upto)
    owed = [amount for _, _, amount in owed_of(issued, on)]
    invoices = [open_invoice(row, amount) for row, amount in zip(issued, owed, strict=True) if amount > 0]
    clients = {}
    for client_id in sorted({each.client_id for each in invoices}):
        history = await services.records.stream(client_stream(client_id))
        clients[client_id] = contact_view(client_id, history, as_of=asked.as_of, known_at=asked.known_at)
    names = {client_id: client.name for client_id, client in clients.items() if client.name is not None}
    waiting = [row for row in paid if waits(row, on)]
    return waiting[: asked.limit + 1], Books({}, invoices, names, on)


def _format(request: Request, asked: StatementAsked, data: bytes) -> StatementFormat:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    found = asked.format or kind_of(message.get_content_type(), data)
    if found is None:
        raise Problem(
            415,
            detail="Say what the file is: `?format=camt053`, `ofx` or `csv`, "
            "or a Content-Type of application/xml, application/x-ofx or text/csv.",
        )
    return found


def _problem(refused: StatementRefused) -> Problem:
    """What is wrong with a file, and on which line of it."""
    if refused.code == "malformed":
        return malformed("" if refused.line is None else f"/{refused.line}", str(refused))
    return Problem(_STATUSES.get(refused.code, 422), refused.code, str(refused))
