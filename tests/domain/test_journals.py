"""The sample journals, carried out by the domain alone: every verdict, invoice, credit note and bucket as expected."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cache
from typing import assert_never

import pytest

from domain.billing.account import account_of
from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.billing.payments import Payment
from domain.billing.series import invoice_tag
from domain.catalogue import read_event, stored_topic
from domain.mission.state import Day, DayStatus, Mission
from domain.values import month_of, plain
from tests.journal_world import ACCEPTED, REPEATED, World, expected, journal

JOURNALS = ("first-year", "careless")


@cache
def lived(name: str) -> World:
    return World().run(journal(name))


@pytest.mark.parametrize("name", JOURNALS)
def test_every_line_gets_its_verdict(name: str) -> None:
    world, figures = lived(name), expected(name)
    assert (world.count(ACCEPTED), world.count(REPEATED)) == (figures["accepted"], figures["repeated"])
    unusual = {str(line): verdict for line, verdict in world.verdicts.items() if verdict != ACCEPTED}
    assert unusual == figures.get("verdicts", {})


@pytest.mark.parametrize("name", JOURNALS)
def test_accepted_lines_sent_again_change_nothing(name: str) -> None:
    world = World().run(journal(name))
    accepted = [text for line, text in enumerate(journal(name), start=1) if world.verdicts[line] == ACCEPTED]
    events = len(world.events())
    world.verdicts.clear()
    world.run(accepted)
    assert set(world.verdicts.values()) == {REPEATED}
    assert len(world.events()) == events


@pytest.mark.parametrize("name", JOURNALS)
def test_every_event_is_read_as_it_was_written(name: str) -> None:
    for event in lived(name).events():
        assert read_event(stored_topic(type(event)), event.model_dump_json(by_alias=True).encode()) == event


@pytest.mark.parametrize("name", JOURNALS)
def test_every_invoice_comes_out_to_the_franc_and_the_cent(name: str) -> None:
    assert {each.invoice_number: _invoice(lived(name), each) for each in _issued(lived(name))} == expected(name)[
        "invoices"
    ]


@pytest.mark.parametrize("name", JOURNALS)
def test_every_credit_note_comes_out(name: str) -> None:
    notes = {
        event.credit_note_number: {"invoice": event.invoice_number, "gross": event.currency.text(event.gross)}
        for event in lived(name).events()
        if isinstance(event, CreditNoteIssued)
    }
    assert notes == expected(name)["credit_notes"]


@pytest.mark.parametrize("name", JOURNALS)
def test_what_no_invoice_claims_waits_unallocated(name: str) -> None:
    world = lived(name)
    payments = world.network.states.values()
    waiting = {
        payment.payment_id: payment.amount.currency.text(payment.waiting)
        for payment in payments
        if isinstance(payment, Payment) and payment.waiting
    }
    assert waiting == expected(name)["unallocated"]


@pytest.mark.parametrize("name", JOURNALS)
def test_every_delivered_day_is_in_exactly_one_bucket(name: str) -> None:
    world = lived(name)
    missions = [state for state in world.network.states.values() if isinstance(state, Mission)]
    buckets = {key: row for mission in missions for key, row in _buckets(mission).items()}
    assert buckets == expected(name)["reconciliation"]


def _issued(world: World) -> list[InvoiceIssued]:
    return [event for event in world.events() if isinstance(event, InvoiceIssued)]


def _invoice(world: World, invoice: InvoiceIssued) -> dict[str, object]:
    number, money = invoice.invoice_number, invoice.currency.text
    account = account_of(recorded.event for recorded in world.network.tags[invoice_tag(number)])
    assert account is not None
    return {
        "client_id": invoice.client_id,
        "currency": invoice.currency,
        "net": money(invoice.net),
        "tax": money(invoice.tax),
        "gross": money(invoice.gross),
        "paid": money(account.paid),
        "credited": money(account.credited),
        "outstanding": money(account.outstanding),
        "due_on": invoice.due_on.isoformat(),
        "lines": len(invoice.lines),
    }


def _buckets(mission: Mission) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for day in mission.days.values():
        row = rows[f"{mission.mission_id} {month_of(day.date)}"]
        row["delivered"] += day.quantity
        row[_bucket(mission, day)] += day.quantity
    return {key: {name: plain(quantity) for name, quantity in row.items()} for key, row in rows.items()}


def _bucket(mission: Mission, day: Day) -> str:
    match day.status:
        case DayStatus.DELIVERED:
            return "awaiting" if mission.awaits_approval(day) else "ready"
        case DayStatus.APPROVED:
            return "ready"
        case DayStatus.DISPUTED | DayStatus.WITHDRAWN | DayStatus.INVOICED | DayStatus.CREDITED:
            return day.status.value
        case _:
            assert_never(day.status)
