"""Delivered = billed = paid: whatever happened, a second adding-up agrees, and what was altered is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import cast

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.event import Event, Recorded
from domain.mission.events import DayDelivered, DaysCredited, DaysInvoiced, MissionEvent
from domain.mission.fold import fold
from domain.mission.state import DayStatus
from domain.party.events import Language
from projections.reconciliation import reconcile
from service.embedded import EmbeddedPostgres
from service.projections.generations import Action
from service.projections.status import ask
from service.reconciling.checking import Checked, check
from service.reconciling.identities import broken
from service.reconciling.refold import refold
from service.reconciling.words import report
from service.store.door import Door
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.journal_world import World, journal
from tests.projections.histories import Happened
from tests.servers import Database, cloned_database
from tests.service.reconciling.histories import STEPS, Billing, lived
from tests.service.test_cli import relais
from tests.service.worker.conftest import Bench, leading
from tests.service.worker.recording import Recorder
from tests.strategies import Asking

Steps = tuple[list[Asking], list[Billing | list[Asking]]]
JOURNALS = ("first-year", "careless")
random_histories = settings(max_examples=60, deadline=None)


def history_of(name: str) -> list[Recorded[Event]]:
    return World().run(journal(name)).network.recorded


@contextmanager
def told(database: Database, history: Sequence[Recorded[Event]]) -> Iterator[Bench]:
    """A history in PostgreSQL, its tables filled."""
    keys = KeyStore(database.keys_url, durable=False)
    with Door(database.app_url, durable=False) as door, leading(database, keys) as bench:
        Recorder(door, keys).record(Happened(each.stream, each.event, each.occurred_on) for each in history)
        bench.work()
        yield bench
    keys.close()


def checked(database: Database) -> Checked:
    """The check, by somebody who may read and no more."""
    reader = Reader(database.reader_url)
    with psycopg.connect(database.reader_url, autocommit=True) as connection:
        found = check(connection, reader)
    reader.close()
    return found


@random_histories
@given(STEPS)
def test_every_identity_holds_whatever_happens(steps: Steps) -> None:
    assert list(broken(refold(lived(*steps)))) == []


@random_histories
@given(STEPS)
def test_a_day_is_billed_at_most_once_and_stands_where_the_domain_has_it(steps: Steps) -> None:
    history = lived(*steps)
    books = refold(history)
    for stream in {each.stream for each in history if each.stream.startswith("mission:")}:
        mission = fold(None, [cast("MissionEvent", each.event) for each in history if each.stream == stream])
        assert mission is not None
        for day in mission.days.values():
            known = books.days[mission.mission_id, day.day_id]
            assert len(known.invoices) == (day.status is DayStatus.INVOICED)
            bucket = books.bucket((mission.mission_id, day.day_id))
            assert (bucket == "ready") == mission.is_ready(day)
            assert (bucket == "awaiting_approval") == mission.awaits_approval(day)


@random_histories
@given(STEPS)
def test_the_buckets_of_the_projection_are_those_of_the_books(steps: Steps) -> None:
    history = lived(*steps)
    books = refold(history)
    counted: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for key, day in books.days.items():
        counted[key[0], day.date.isoformat()[:7], books.bucket(key)] += day.quantity
    answer = reconcile(history)
    assert answer.balanced
    for line in answer.items:
        for bucket in ("withdrawn", "awaiting_approval", "disputed", "ready", "invoiced", "credited"):
            assert getattr(line, bucket) == counted[line.mission_id, line.month, bucket]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_tables_are_the_books_lived_or_rebuilt(postgres: EmbeddedPostgres, steps: Steps) -> None:
    with cloned_database(postgres) as database, told(database, lived(*steps)) as bench:
        assert checked(database).differences == ()
        for model in READ_MODELS:
            ask(bench.connection, Action.REBUILD, model.name)
        bench.work()
        assert checked(database).differences == ()


@pytest.mark.parametrize("name", JOURNALS)
def test_a_sample_year_agrees(name: str) -> None:
    assert list(broken(refold(history_of(name)))) == []


def test_whatever_is_altered_in_the_tables_is_named_to_the_day_and_the_invoice(database: Database) -> None:
    with told(database, history_of("careless")) as bench:
        assert checked(database).differences == ()
        for change in (
            "UPDATE rm.reconciliation_days__g1 SET standing = 'disputed' WHERE day_id = 'D-00001'",
            "UPDATE rm.mission_days__g1 SET quantity = 9 WHERE day_id = 'D-00002'",
            "UPDATE rm.invoices__g1 SET paid = paid + 1 WHERE invoice_number = 'F-2025-00003'",
            "DELETE FROM rm.credit_notes__g1 WHERE credit_note_number = 'A-I-001-2025-00001'",
            "UPDATE rm.payments__g1 SET allocated = allocated + 1 WHERE payment_id = 'P-00704'",
        ):
            assert bench.connection.execute(change.encode()).rowcount == 1, change
        found = checked(database)
    named = {(each.subject.split("/")[-1], each.figure) for each in found.differences}
    assert named == {
        ("D-00001", "bucket"),
        ("D-00002", "quantity in its mission"),
        ("invoice F-2025-00003", "paid"),
        ("invoice F-2025-00003", "outstanding"),
        ("credit-note A-I-001-2025-00001", "row"),
        ("payment P-00704", "allocated"),
    }
    french = "\n".join(report(found, None, Language.FRENCH))
    assert "écarts" in french
    assert "invoice F-2025-00003 : paid devrait être" in french
    month = found.of("2025-02")
    assert "payment P-00704" in {each.subject for each in month}
    assert {each.month for each in month} <= {"2025-02", None}


@pytest.mark.parametrize("kind", [InvoiceIssued, DaysInvoiced, CreditNoteIssued, DayDelivered])
def test_a_history_with_a_hole_in_it_does_not_agree(kind: type[Event]) -> None:
    history = history_of("first-year")
    taken_back = next(each.event for each in history if isinstance(each.event, DaysCredited) and each.event.day_ids)
    assert isinstance(taken_back, DaysCredited)
    names = {taken_back.credit_note_number, taken_back.invoice_number, taken_back.day_ids[0]}
    hole = next(each for each in history if isinstance(each.event, kind) and about(each.event) in names)
    assert list(broken(refold(each for each in history if each is not hole))) != []


def about(event: Event) -> str | None:
    """What is missed if the event was never recorded."""
    match event:
        case DayDelivered(day_id=name) | CreditNoteIssued(credit_note_number=name):
            return name
        case InvoiceIssued(invoice_number=name) | DaysInvoiced(invoice_number=name):
            return name
        case _:
            return None


def test_a_number_that_is_missing_or_a_sum_that_is_wrong_is_named() -> None:
    history = history_of("first-year")
    books = refold(history)
    number, account = next(iter(books.accounts.items()))
    account.issued = account.issued.model_copy(update={"net": account.issued.net + 1, "sequence": 7})
    named = {(each.subject, each.figure) for each in broken(books)}
    assert {
        (f"invoice {number}", "sum of lines = net"),
        (f"invoice {number}", "sum of bases = net"),
        (f"invoice {number}", "net + tax = gross"),
        ("series F-2025", "number"),
    } <= named


@pytest.mark.parametrize(("language", "agreed"), [(Language.FRENCH, "Tout concorde"), (Language.ENGLISH, "All agree")])
def test_books_that_agree_are_shown_in_columns(language: Language, agreed: str) -> None:
    lines = list(report(Checked(refold(history_of("careless")), ()), "2025-03", language))
    assert lines[-1].startswith(agreed)
    assert lines[0].startswith("mission")
    assert all("2025-03" in line for line in lines[1 : lines.index("")])


def test_the_books_are_checked_from_the_command_line(database: Database) -> None:
    settings = {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}
    with told(database, history_of("careless")) as bench:
        agreed = relais(settings, "reconcile", "2025-03")
        bench.connection.execute(b"UPDATE rm.mission_days__g1 SET quantity = 9 WHERE day_id = 'D-00002'")
        altered = relais(settings, "reconcile")
        assert (agreed.returncode, altered.returncode) == (0, 1), (agreed.stderr, altered.stderr)
        assert "Tout concorde" in agreed.stdout
        assert "day M-2025-001/D-00002 : quantity in its mission devrait être" in altered.stdout
    assert relais(settings, "reconcile", "March").returncode == 2
