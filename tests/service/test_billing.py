"""Billing on a real history: whatever is asked at once, nothing is billed, paid or numbered twice."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.billing.account import account_of
from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.calendar import WorkingCalendar
from domain.catalogue import read_event
from domain.event import CommandRejected, Event
from domain.mission.events import DaysInvoiced
from service.command_service import CommandService
from service.journal import Verdict, run_import
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader
from service.submission import Accepted, Submission
from tests.journal_world import expected, journal
from tests.servers import Database
from tests.service.commands_by_hand import asked, client, day, running_missions

NOUMEA = ZoneInfo("Pacific/Noumea")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
EVERYBODY = 8


@pytest.fixture
def service(database: Database) -> Iterator[CommandService]:
    with CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False) as running:
        yield running


@pytest.fixture
def reader(database: Database) -> Iterator[Reader]:
    history = Reader(database.reader_url)
    yield history
    history.close()


def happened(reader: Reader) -> list[Event]:
    return [read_event(row.topic, row.state) for row in reader.read_all(0, 100_000)]


def invoices(reader: Reader) -> list[InvoiceIssued]:
    return [event for event in happened(reader) if isinstance(event, InvoiceIssued)]


def verdict(answer: Accepted | Exception) -> str:
    return answer.code if isinstance(answer, CommandRejected) else type(answer).__name__


def at_once(service: CommandService, submissions: Sequence[Submission]) -> Counter[str]:
    def ask(submission: Submission) -> str:
        return verdict(service.execute_many([submission])[0])

    with ThreadPoolExecutor(EVERYBODY) as everybody:
        return Counter(everybody.map(ask, submissions))


def run() -> Submission:
    return asked("issue_invoices", month="2026-03", issued_on="2026-03-31")


def done(service: CommandService, submissions: Sequence[Submission]) -> None:
    for answer in service.execute_many(submissions):
        assert isinstance(answer, Accepted), answer


@pytest.fixture
def worked(service: CommandService) -> CommandService:
    """Two missions with a day each, of 85000 francs, approved."""
    delivered = [day("M-0", "D-0", on="2026-03-03", quantity="1"), day("M-1", "D-1", on="2026-03-04", quantity="1")]
    approved = [asked("approve_days", mission_id, month="2026-03") for mission_id in ("M-0", "M-1")]
    done(service, [*running_missions(2), *delivered, *approved])
    return service


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_a_journal_brings_out_the_same_invoices_through_the_store(
    service: CommandService, reader: Reader, name: str
) -> None:
    outcomes = list(run_import(io.BytesIO(b"\n".join(journal(name))), service, lambda: NOW, NOUMEA))
    counted = Counter(outcome.verdict for outcome in outcomes)
    figures = expected(name)
    assert counted[Verdict.ACCEPTED] == figures["accepted"]
    told = {event.invoice_number: event.currency.text(event.gross) for event in invoices(reader)}
    assert told == {number: figure["gross"] for number, figure in figures["invoices"].items()}


def test_a_month_billed_by_everybody_at_once_is_billed_once(worked: CommandService, reader: Reader) -> None:
    assert at_once(worked, [run() for _ in range(EVERYBODY)]) == {"Accepted": EVERYBODY}
    (issued,) = invoices(reader)
    assert issued.gross == 180200
    assert len([event for event in happened(reader) if isinstance(event, DaysInvoiced)]) == 2


def test_payments_at_once_never_pay_more_than_is_outstanding(worked: CommandService, reader: Reader) -> None:
    done(worked, [run()])
    fifth = {"amount": "36040", "currency": "XPF"}
    payments = [
        asked(
            "record_payment",
            payment_id=f"P-{number}",
            received_on="2026-03-31",
            amount=fifth,
            allocations=[{"invoice_number": "F-2026-00001", "amount": fifth}],
        )
        for number in range(EVERYBODY)
    ]
    assert at_once(worked, payments) == {"Accepted": 5, "over_allocated": EVERYBODY - 5}
    account = account_of(event for event in happened(reader) if bears_on_an_invoice(event))
    assert account is not None
    assert account.outstanding == 0


def bears_on_an_invoice(event: Event) -> bool:
    return event.TOPIC.startswith("billing.")


def test_a_day_credited_by_everybody_at_once_is_credited_once(worked: CommandService, reader: Reader) -> None:
    done(worked, [run()])
    credit = asked(
        "issue_credit_note", invoice_number="F-2026-00001", issued_on="2026-03-31", reason="Erreur", day_ids=["D-0"]
    )
    assert at_once(worked, [credit] * EVERYBODY) == {"Accepted": 1, "already_credited": EVERYBODY - 1}
    notes = [event for event in happened(reader) if isinstance(event, CreditNoteIssued)]
    assert [note.credit_note_number for note in notes] == ["A-2026-00001"]


def test_days_delivered_while_the_month_is_billed_are_billed_now_or_later(
    worked: CommandService, reader: Reader
) -> None:
    late = [day("M-0", f"L-{number}", on=f"2026-03-{9 + number:02d}", quantity="1") for number in range(5)]
    at_once(worked, [run(), late[0], run(), late[1], run(), late[2], late[3], run(), late[4]])
    done(worked, [asked("approve_days", "M-0", month="2026-03"), run()])
    billed = Counter(day.day_id for each in invoices(reader) for line in each.lines for day in line.days)
    assert billed == dict.fromkeys(["D-0", "D-1", "L-0", "L-1", "L-2", "L-3", "L-4"], 1)
    assert [each.sequence for each in invoices(reader)] == list(range(1, len(invoices(reader)) + 1))


def test_an_invoice_names_its_client_in_words_of_its_own(
    worked: CommandService, reader: Reader, database: Database
) -> None:
    done(worked, [run(), asked("correct_client", client_id="CL-1", name="Menuiserie du Nord")])
    keys = KeyStore(database.keys_url, durable=False)
    try:
        rows = list(reader.read_stream("invoices:network:2026"))
        (opened,) = [recorded.event for recorded in open_rows(rows, reader, keys)]
    finally:
        keys.close()
    assert isinstance(opened, InvoiceIssued)
    assert opened.client.name == "Menuiserie du Mont-Dore"
    assert b"Menuiserie" not in b"".join(row.state for row in rows)


def test_a_client_registered_in_the_same_batch_is_named_on_its_invoice(
    service: CommandService, reader: Reader, database: Database
) -> None:
    delivered = [day("M-0", "D-0", on="2026-03-03", quantity="1"), asked("approve_days", "M-0", month="2026-03")]
    done(service, [*running_missions(1), *delivered, run()])
    keys = KeyStore(database.keys_url, durable=False)
    try:
        (opened,) = [each.event for each in open_rows(reader.read_stream("invoices:network:2026"), reader, keys)]
    finally:
        keys.close()
    assert isinstance(opened, InvoiceIssued)
    assert opened.client.name == "Menuiserie du Mont-Dore"


def test_a_client_of_nobody_is_billed_nothing(service: CommandService, reader: Reader) -> None:
    alone = asked("issue_invoices", month="2026-03", issued_on="2026-03-31", client_id="CL-9")
    assert verdict(service.execute_many([alone])[0]) == "unknown_client"
    done(service, [client("CL-9"), alone])
    assert invoices(reader) == []
