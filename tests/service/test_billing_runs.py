"""Runs asked for by many servers at once, some of which die: no number is lost or doubled, nothing is half done."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from structlog.testing import capture_logs

from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.calendar import WorkingCalendar
from domain.catalogue import read_event
from domain.event import Event
from domain.mission.events import DaysInvoiced
from service.command_service import CommandService
from service.store.reader import Reader
from service.store.series_lock import SeriesBusy, SeriesLock
from service.submission import Accepted, Submission
from tests.servers import Database
from tests.service.billing_server import RUN, SERVICES
from tests.service.commands_by_hand import asked, cadre, client, day, mission, objective

SERVERS = 4
CLIENTS = 3
MISSIONS = [f"M-{number}" for number in range(6)]
DATES = [f"2026-03-{number:02d}" for number in (2, 3, 4, 5, 6, 9)]


def another(database: Database) -> CommandService:
    """A service with connections of its own, as on a machine of its own."""
    return CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False)


@pytest.fixture
def service(database: Database) -> Iterator[CommandService]:
    with another(database) as running:
        yield running


@pytest.fixture
def month(service: CommandService) -> CommandService:
    """Three clients with two missions each, and a day in each, approved."""
    clients = [client(f"CL-{number}") for number in range(CLIENTS)]
    cadres = [cadre(f"C-{mission_id}") for mission_id in MISSIONS]
    missions = [
        mission(mission_id, f"CL-{number % CLIENTS}", f"C-{mission_id}") for number, mission_id in enumerate(MISSIONS)
    ]
    done(service, [*clients, *cadres, *missions, *map(objective, MISSIONS)])
    done(service, [worked(mission_id, 0) for mission_id in MISSIONS])
    done(service, [approved(mission_id, 0) for mission_id in MISSIONS])
    return service


def worked(mission_id: str, number: int) -> Submission:
    return day(mission_id, f"D-{mission_id}-{number}", on=DATES[number], quantity="1")


def approved(mission_id: str, number: int) -> Submission:
    return asked("approve_days", mission_id, day_ids=[f"D-{mission_id}-{number}"])


def done(service: CommandService, submissions: list[Submission]) -> None:
    for answer in service.execute_many(submissions):
        assert isinstance(answer, Accepted), answer


def happened(database: Database) -> list[Event]:
    reader = Reader(database.reader_url)
    try:
        return [read_event(row.topic, row.state) for row in reader.read_all(0, 100_000)]
    finally:
        reader.close()


def invoices(database: Database) -> list[InvoiceIssued]:
    return [event for event in happened(database) if isinstance(event, InvoiceIssued)]


def server(database: Database, does: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.service.billing_server", database.app_url, database.keys_url, does]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_sixteen_runs_of_four_servers_bill_a_month_once_though_a_fifth_dies_at_the_door(
    database: Database, month: CommandService
) -> None:
    with ExitStack() as ends:
        servers = [ends.enter_context(server(database, "bills")) for _ in range(SERVERS)]
        dying = ends.enter_context(server(database, "stalls"))
        for each in (*servers, dying):
            ends.callback(each.kill)
        assert says(dying) == "at the door"
        assert [says(each) for each in servers] == ["ready"] * SERVERS
        for each in servers:
            tell(each)
        assert invoices(database) == []
        dying.send_signal(signal.SIGKILL)
        reports = [json.loads(says(each)) for each in servers]

    assert Counter(answer for report in reports for answer in report["answers"]) == {"Accepted": SERVERS * SERVICES}
    assert sum(report["conflicts"] for report in reports) == 0
    issued = invoices(database)
    assert [each.sequence for each in issued] == [1, 2, 3]
    assert [each.client_id for each in issued] == ["CL-0", "CL-1", "CL-2"]
    assert Counter(each.gross for each in issued) == {180200: CLIENTS}
    assert len([event for event in happened(database) if isinstance(event, DaysInvoiced)]) == len(MISSIONS)


def test_a_month_is_billed_while_days_of_it_are_approved(database: Database, month: CommandService) -> None:
    with ExitStack() as closing:
        others = [
            closing.enter_context(
                CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False)
            )
            for _ in range(2)
        ]
        for number in range(1, len(DATES)):
            done(month, [worked(mission_id, number) for mission_id in MISSIONS])
        approvals = [approved(mission_id, number) for number in range(1, len(DATES)) for mission_id in MISSIONS]
        with ThreadPoolExecutor(len(others)) as at_once:
            runs = [at_once.submit(other.execute_many, [RUN] * 3) for other in others]
            for approval in approvals:
                assert isinstance(month.execute(approval), Accepted)
            answers = [answer for each in runs for answer in each.result()]
    assert {type(answer) for answer in answers} == {Accepted}
    done(month, [RUN])

    issued = invoices(database)
    billed = Counter(each.day_id for invoice in issued for line in invoice.lines for each in line.days)
    assert billed == {f"D-{mission_id}-{number}": 1 for mission_id in MISSIONS for number in range(len(DATES))}
    assert [each.sequence for each in issued] == list(range(1, len(issued) + 1))


def test_credit_notes_of_many_servers_are_numbered_without_deciding_twice(
    database: Database, month: CommandService
) -> None:
    done(month, [RUN])
    notes = [
        asked("issue_credit_note", invoice_number=f"F-2026-0000{number + 1}", issued_on="2026-03-31", reason="Erreur")
        for number in range(CLIENTS)
    ]
    with ExitStack() as closing:
        services = [
            closing.enter_context(
                CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False)
            )
            for _ in notes
        ]
        with capture_logs() as logs, ThreadPoolExecutor(len(notes)) as at_once:
            answers = list(at_once.map(lambda service, note: service.execute_many([note])[0], services, notes))
    assert {type(answer) for answer in answers} == {Accepted}
    assert sum(line["conflicts"] for line in logs if line["event"] == "commands_answered") == 0
    numbers = [event.sequence for event in happened(database) if isinstance(event, CreditNoteIssued)]
    assert numbers == [1, 2, 3]


def test_a_run_that_waits_too_long_says_so_and_decides_nothing(database: Database, month: CommandService) -> None:
    others, late = SeriesLock(database.app_url), SeriesLock(database.app_url, wait=0.05)
    with others.held(), pytest.raises(SeriesBusy, match="nothing was decided"), late.held():
        pass
    with late.held():
        pass
    others.close()
    late.close()
    assert invoices(database) == []


def test_other_commands_do_not_wait_for_a_run(database: Database, month: CommandService) -> None:
    held = SeriesLock(database.app_url)
    with held.held():
        assert isinstance(month.execute(worked("M-0", 1)), Accepted)
    held.close()
