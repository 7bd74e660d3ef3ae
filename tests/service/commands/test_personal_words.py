"""Personal words stay outside history, and go when a person is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import psycopg

from domain.catalogue import read_event
from domain.event import Actor, Role
from service.command_service import CommandService
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader, StoredRow
from tests.servers import Database
from tests.service.commands.asking import accepted, in_parallel, outcome, verdict
from tests.service.commands_by_hand import (
    asked,
    cadre,
    client,
    day,
    mission,
    objective,
    running_missions,
)


def test_no_personal_word_reaches_history_and_all_of_them_open_again(
    database: Database, service: CommandService, history: Reader
) -> None:
    service.execute(client(name="Canari & fils"))
    assert "Canari" not in _dump(database)
    assert "Noémie" not in _dump(database)
    keys = KeyStore(database.keys_url, durable=False)
    (registered,) = open_rows(history.read_stream("client:CL-1"), history, keys)
    keys.close()
    assert "Canari & fils" in repr(registered.event)


def test_a_forgotten_person_cannot_be_read_again_and_history_stays(
    database: Database, service: CommandService, history: Reader
) -> None:
    accepted(service.execute_many([client(), asked("correct_client", client_id="CL-1", name="Canari & fils")]))
    before = history.read_stream("client:CL-1")
    forgetting = asked("forget_person", party_id="CL-1", reason="asked in writing", command_id="http:p:1")
    service.execute(forgetting)
    keys = KeyStore(database.keys_url, durable=False)
    assert keys.stream_secrets(["client:CL-1"])["client:CL-1"].key is None
    assert history.personal_values([row.position for row in before]) == []
    assert _bytes(history.read_stream("client:CL-1")[:2]) == _bytes(before)
    assert "Canari" not in repr(open_rows(before, history, keys))
    keys.close()
    assert service.execute(forgetting).replayed
    assert verdict(outcome(service, asked("correct_client", client_id="CL-1", name="Autre"))) != "Accepted"


def test_an_invoice_keeps_the_words_of_its_parties_when_they_are_forgotten(
    database: Database, service: CommandService, history: Reader
) -> None:
    accepted(service.execute_many([*running_missions(1), day("M-0", "D-1")]))
    service.execute(asked("approve_days", "M-0", month="2026-03"))
    accountant = Actor(Role.ACCOUNTANT)
    issued = service.execute(asked("issue_invoices", by=accountant, month="2026-03", issued_on="2026-03-31"))
    assert issued.stream == "invoices:network:2026"
    assert "Menuiserie" not in _dump(database)
    service.execute(asked("forget_person", party_id="CL-1", reason="asked in writing"))
    keys = KeyStore(database.keys_url, durable=False)
    (invoice,) = open_rows(history.read_stream("invoices:network:2026"), history, keys)
    keys.close()
    assert "Menuiserie du Mont-Dore" in repr(invoice.event)


def test_a_billing_run_with_nothing_to_bill_adds_nothing_and_is_answered_once(
    service: CommandService, history: Reader
) -> None:
    accepted(service.execute_many(running_missions(1)))
    run = asked("issue_invoices", command_id="http:p:1", month="2026-03", issued_on="2026-03-31")
    first, again = service.execute(run), service.execute(run)
    assert (first.positions, first.events, again) == ((), (), replace(first, replayed=True))
    assert history.head() == 4


def test_invoice_numbers_are_gapless_however_many_runs_race(
    server: Callable[[], CommandService], history: Reader
) -> None:
    servers = [server(), server()]
    clients = [f"CL-{number}" for number in range(6)]
    accepted(
        servers[0].execute_many(
            [
                cadre(),
                *map(client, clients),
                *(mission(f"M-{name}", name) for name in clients),
                *(objective(f"M-{name}") for name in clients),
                *(day(f"M-{name}", f"D-{name}", on=f"2026-03-{at + 2:02d}") for at, name in enumerate(clients)),
                *(asked("approve_days", f"M-{name}", month="2026-03") for name in clients),
            ]
        )
    )
    runs = [asked("issue_invoices", client_id=name, month="2026-03", issued_on="2026-03-31") for name in clients]
    answers = in_parallel([partial(outcome, servers[n % 2], runs[n % 6]) for n in range(12)])
    assert set(map(verdict, answers)) == {"Accepted"}
    numbers = [
        read_event(row.topic, row.state).model_dump()["invoice_number"]
        for row in history.read_stream("invoices:network:2026")
    ]
    assert numbers == [f"F-2026-{number:05d}" for number in range(1, 7)]


def _bytes(rows: Sequence[StoredRow]) -> list[tuple[bytes, bytes]]:
    return [(row.state, row.leaf) for row in rows]


def _dump(database: Database) -> str:
    with psycopg.connect(database.superuser_url) as connection:
        return "".join(
            "".join(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row)
            for table in ("events", "event_tags", "commands", "personal_values")
            for row in connection.execute(f"select * from relais.{table}").fetchall()
        )
