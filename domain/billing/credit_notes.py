"""Issue a credit note (avoir): the only way to take back what an invoice billed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from domain.billing.account import Account
from domain.billing.crediting import Credit, credit_of
from domain.billing.events import CreditEffect, CreditNoteIssued, LineDay, LineKind
from domain.billing.mentions import credit_note_mentions
from domain.billing.rejections import IssuedOnGoesBackwards
from domain.billing.series import CREDIT_NOTES, InvoiceNumber, Series, credit_notes_stream, invoice_tag, number
from domain.event import Command, Context, Filed
from domain.mission.events import DaysCredited, DaysReleased
from domain.rejections import InTheFuture
from domain.streams import cadre_day_tag, mission_stream
from domain.values import Ids, IsoDate, NullIsLeftOut, Text


class IssueCreditNote(Command):
    """Credit days of an invoice, or the whole of it: the time was wrong (`withdraw`), or the invoice was (`rebill`)."""

    NAME: ClassVar[str] = "issue_credit_note"
    DATED: ClassVar[str | None] = "issued_on"
    invoice_number: InvoiceNumber
    issued_on: IsoDate
    reason: Text
    day_ids: Annotated[Ids, Field(min_length=1)] | None = None
    """Left out: the whole invoice."""
    effect: Annotated[CreditEffect, NullIsLeftOut] = CreditEffect.WITHDRAW


def issue_credit_note(command: IssueCreditNote, account: Account, series: Series, context: Context) -> list[Filed]:
    """The credit note and, per mission, what it takes back."""
    if command.issued_on > context.today:
        raise InTheFuture(f"today is {context.today}; issue no later than that")
    if command.issued_on < account.invoice.issued_on:
        raise IssuedOnGoesBackwards(f"the invoice is dated {account.invoice.issued_on}; credit it then or later")
    credit = credit_of(account, command.day_ids)
    series.refuse_backwards(command.issued_on)
    note = _credit_note(command, account, credit, series.last_sequence + 1)
    stream = credit_notes_stream(note.issuer_id, command.issued_on.year)
    return [Filed(stream, note, (invoice_tag(note.invoice_number),)), *_taken_back(note)]


def _credit_note(command: IssueCreditNote, account: Account, credit: Credit, sequence: int) -> CreditNoteIssued:
    invoice = account.invoice
    return CreditNoteIssued(
        credit_note_number=number(CREDIT_NOTES, invoice.issuer_id, command.issued_on.year, sequence),
        sequence=sequence,
        invoice_number=invoice.invoice_number,
        issuer_id=invoice.issuer_id,
        client_id=invoice.client_id,
        currency=invoice.currency,
        issued_on=command.issued_on,
        reason=command.reason,
        effect=command.effect,
        whole=credit.whole,
        lines=credit.lines,
        taxes=credit.taxes,
        net=credit.net,
        tax=credit.tax,
        gross=credit.net + credit.tax,
        mentions=credit_note_mentions(invoice, credit.taxes),
    )


def _taken_back(note: CreditNoteIssued) -> Iterator[Filed]:
    for mission_id in sorted({line.mission_id for line in note.lines}):
        lines = [line for line in note.lines if line.mission_id == mission_id]
        days = {day.day_id: day for line in lines for day in line.days}
        months = tuple(line.month for line in lines if line.kind is LineKind.RETAINER)
        expenses = tuple(line.expense_id for line in lines if line.expense_id is not None)
        if not (days or months or expenses):
            continue
        withdraws = note.effect is CreditEffect.WITHDRAW
        event_type = DaysCredited if withdraws else DaysReleased
        event = event_type(
            credit_note_number=note.credit_note_number,
            invoice_number=note.invoice_number,
            issued_on=note.issued_on,
            day_ids=tuple(days),
            retainer_months=months,
            expense_ids=expenses,
        )
        yield Filed(mission_stream(mission_id), event, _freed(days) if withdraws else ())


def _freed(days: dict[str, LineDay]) -> tuple[str, ...]:
    """Whose time on which dates is free again."""
    return tuple(dict.fromkeys(cadre_day_tag(day.cadre_id, day.date) for day in days.values()))
