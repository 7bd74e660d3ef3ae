"""What was invoiced, credited and paid, and what is outstanding: as of any date, each figure tied to its facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from domain.streams import day_tag
from domain.values import Currency, Id, IsoDate, Month
from projections import read_model
from projections.invoices import BILLING
from projections.invoices.answers import aging_of, credit_note_answer, invoice_answer, payment_answer
from projections.invoices.credit_notes import CreditNoteRow
from projections.invoices.expenses import ExpenseRow
from projections.invoices.invoices import InvoiceRow
from projections.invoices.knowing import (
    credit_notes_known,
    invoices_known,
    owed_of,
    payments_known,
    pays,
    pays_only,
    waits,
)
from projections.invoices.payments import PaymentRow
from projections.invoices.queries import (
    InvoicesAsked,
    credit_notes_for,
    expenses_of,
    invoice_by_number,
    invoices_for,
    outstanding_of,
    payments_for,
    terms_of,
)
from projections.invoices.shapes import CreditNoteList, InvoiceAnswer, InvoiceList, PaymentList
from projections.invoices.sources import Sources, TermsRow
from projections.kpi.queries import known_upto
from service.http.checkpoints import PrintedCheckpoint, printed_checkpoint
from service.http.commands import ID
from service.http.openapi import problems
from service.http.paging import Page, cursor_after, link_next
from service.http.policy import principal_of
from service.http.problems import not_found
from service.http.reading import Asked, Instant, caught_up, shown
from service.http.services import services_of

router = APIRouter(tags=["billing"])


class PrintedInvoice(InvoiceAnswer):
    """An invoice, and the newest checkpoint of the log; null before the first."""

    checkpoint: PrintedCheckpoint | None


D = TypeVar("D", InvoiceRow, CreditNoteRow, PaymentRow)


class InvoicesPage(Page):
    """Which invoices are asked for, as of which date, and as known when."""

    client_id: Id | None = None
    issuer_id: Id | None = None
    mission_id: Id | None = None
    month: Month | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None


class InvoiceAsked(Asked):
    """As of which date, and as known when, an invoice is asked for."""

    as_of: IsoDate | None = None
    known_at: Instant | None = None


class CreditNotesPage(Page):
    """Which credit notes are asked for, as of which date, and as known when."""

    client_id: Id | None = None
    mission_id: Id | None = None
    invoice_number: Id | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None


class PaymentsPage(Page):
    """Which payments are asked for, as of which date, and as known when; `unallocated`: whether money of them waits."""

    client_id: Id | None = None
    invoice_number: Id | None = None
    unallocated: bool | None = None
    as_of: IsoDate | None = None
    known_at: Instant | None = None


@router.get("/invoices", response_model=InvoiceList, responses=problems(401, 403, 422, 503))
async def list_invoices(request: Request, page: Annotated[InvoicesPage, Query()]) -> Response:
    """The invoices that this token may see, in order of issue, and what all of them have outstanding by age."""
    on = await _date(request, page.min_position, page.as_of)
    asked = InvoicesAsked(
        _clients(request, page.client_id), page.issuer_id, page.month, page.mission_id, _within(request)
    )
    ask = services_of(request).questions
    if page.known_at is None:
        rows = await ask.rows(invoices_for(on, asked, after=page.after_position(), limit=page.limit + 1), InvoiceRow)
        owed = [(Currency(currency), *rest) for currency, *rest in await ask.ask(outstanding_of(on, asked))]
    else:
        upto = await position_known(request, page.known_at)
        known = invoices_known(await ask.rows(invoices_for(on, asked), InvoiceRow), upto)
        rows, owed = _after(known, page), [each for each in owed_of(known, on) if each[-1]]
    told, cursor = _page(rows, page)
    sources = await _sources(request, told)
    return _listed(
        request,
        InvoiceList(
            items=tuple(invoice_answer(row, on, sources) for row in told),
            aging=aging_of([(currency, due_on, amount) for currency, due_on, amount in owed], on),
            next_cursor=cursor,
        ),
    )


@router.get("/invoices/{invoice_number}", response_model=PrintedInvoice, responses=problems(401, 403, 404, 422, 503))
async def show_invoice(request: Request, invoice_number: str, asked: Annotated[InvoiceAsked, Query()]) -> Response:
    """An invoice: its lines with the facts behind them, what was paid and credited of it, what is outstanding.

    It carries the log's newest checkpoint: whoever keeps it can tell later whether history was rewritten.
    """
    on = await _date(request, asked.min_position, asked.as_of)
    row = await seen_invoice(request, invoice_number, on)
    if asked.known_at is not None:
        known = invoices_known([row], await position_known(request, asked.known_at))
        row = known[0] if known else _unknown()
    answer = invoice_answer(row, on, await _sources(request, [row]))
    checkpoint = await printed_checkpoint(services_of(request))
    return shown(request, PrintedInvoice(**dict(answer), checkpoint=checkpoint))


async def seen_invoice(request: Request, invoice_number: str, on: date) -> InvoiceRow:
    """An invoice that was issued by a date and that this token may see."""
    if ID.fullmatch(invoice_number):
        for row in await services_of(request).questions.rows(invoice_by_number(invoice_number), InvoiceRow):
            if row.occurred_on <= on and _is_seen(request, row):
                return row
    raise not_found("unknown_invoice")


def _unknown() -> InvoiceRow:
    raise not_found("unknown_invoice")


@router.get("/credit-notes", response_model=CreditNoteList, responses=problems(401, 403, 422, 503))
async def list_credit_notes(request: Request, page: Annotated[CreditNotesPage, Query()]) -> Response:
    """The credit notes that this token may see, in order of issue."""
    on = await _date(request, page.min_position, page.as_of)
    query = credit_notes_for(
        on,
        client_id=_clients(request, page.client_id),
        invoice_number=page.invoice_number,
        mission_id=page.mission_id,
        within=_within(request),
        after=page.after_position(),
        limit=None if page.known_at else page.limit + 1,
    )
    rows = await services_of(request).questions.rows(query, CreditNoteRow)
    if page.known_at is not None:
        rows = credit_notes_known(rows, await position_known(request, page.known_at))
    told, cursor = _page(rows, page)
    sources = await _sources(request, told)
    items = tuple(credit_note_answer(row, sources) for row in told)
    return _listed(request, CreditNoteList(items=items, next_cursor=cursor))


@router.get("/payments", response_model=PaymentList, responses=problems(401, 403, 422, 503))
async def list_payments(request: Request, page: Annotated[PaymentsPage, Query()]) -> Response:
    """The payments and refunds that this token may see, what each pays, and what of it waits unallocated."""
    on = await _date(request, page.min_position, page.as_of)
    if page.known_at is not None:
        rows = await _payments_known(request, page, on, page.known_at)
        told, cursor = _page(_after(rows, page), page)
        return _listed(request, PaymentList(items=tuple(payment_answer(row, on) for row in told), next_cursor=cursor))
    principal = principal_of(request)
    query = payments_for(
        on,
        client_id=page.client_id,
        seen_by=principal.actor.id if principal.role is Role.CLIENT else None,
        invoice_number=page.invoice_number,
        unallocated=page.unallocated,
        after=page.after_position(),
        limit=page.limit + 1,
    )
    told, cursor = _page(await services_of(request).questions.rows(query, PaymentRow), page)
    return _listed(request, PaymentList(items=tuple(payment_answer(row, on) for row in told), next_cursor=cursor))


async def _payments_known(request: Request, page: PaymentsPage, on: date, known_at: datetime) -> Sequence[PaymentRow]:
    """The payments asked for as they were known then: what they paid and what waited is judged on that alone."""
    ask, principal = services_of(request).questions, principal_of(request)
    upto = await position_known(request, known_at)
    rows = payments_known(await ask.rows(payments_for(on, client_id=page.client_id), PaymentRow), upto)
    own = InvoicesAsked(principal.actor.id) if principal.role is Role.CLIENT else None
    numbers = {row.invoice_number for row in await ask.rows(invoices_for(on, own), InvoiceRow)} if own else set()
    return [
        row
        for row in rows
        if (own is None or row.client_id == own.client_id or (row.client_id is None and pays_only(row, numbers, on)))
        and (page.invoice_number is None or pays(row, page.invoice_number, on))
        and (page.unallocated is None or page.unallocated == waits(row, on))
    ]


async def position_known(request: Request, known_at: datetime) -> int:
    """The position of the last fact that was recorded by an instant."""
    [[position]] = await services_of(request).questions.ask(known_upto(known_at))
    return int(position)


def _after(rows: Sequence[D], page: Page) -> list[D]:
    """What follows the page before."""
    after = page.after_position() or 0
    return [row for row in rows if row.position > after]


async def _date(request: Request, min_position: int | None, as_of: date | None) -> date:
    """The date as of which the figures are asked for, once the read model is far enough."""
    await caught_up(request, min_position, BILLING.name)
    return as_of or services_of(request).today()


def _clients(request: Request, asked: str | None) -> str | None:
    """The client whose documents are shown: its own to a client, and none to one that asks for another's."""
    principal = principal_of(request)
    if principal.role is not Role.CLIENT:
        return asked
    return principal.actor.id if asked in (None, principal.actor.id) else ""


def _within(request: Request) -> Sequence[str] | None:
    """The missions that a document may be about: an auditor sees those of its missions and nobody else's."""
    principal = principal_of(request)
    return sorted(principal.missions) if principal.role is Role.AUDITOR else None


def _is_seen(request: Request, row: InvoiceRow) -> bool:
    within = _within(request)
    return _clients(request, row.client_id) == row.client_id and (within is None or set(row.mission_ids) <= {*within})


def _page(rows: Sequence[D], page: Page) -> tuple[Sequence[D], str | None]:
    """What stands on the page, and where the next one begins."""
    told = rows[: page.limit]
    return told, cursor_after((str(told[-1].position),)) if len(rows) > page.limit else None


def _listed(request: Request, answer: InvoiceList | CreditNoteList | PaymentList) -> Response:
    response = shown(request, answer)
    link_next(request, response, answer.next_cursor)
    return response


async def _sources(request: Request, rows: Iterable[InvoiceRow | CreditNoteRow]) -> Sources:
    """Where the days, the expenses and the terms behind these documents stand in history."""
    lines = [line for row in rows for line in row.lines]
    missions = sorted({line.mission_id for line in lines})
    tags = {day_tag(day.day_id): day.day_id for line in lines for day in line.days}
    questions = services_of(request).questions
    return Sources(
        await questions.rows(expenses_of(missions), ExpenseRow),
        await questions.rows(terms_of(missions), TermsRow),
        {tags[tag]: position for tag, position in await questions.ask(_tagged([*tags]))},
    )


def _tagged(tags: Sequence[str]) -> read_model.Query:
    """Where history has them: a day's id is used once in the network."""
    return read_model.Query("SELECT tag, position FROM relais.event_tags WHERE tag = ANY(%(tags)s)", {"tags": tags})
