"""A command is recorded once or refused for a true reason, however many ask and whatever breaks meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import ClassVar

import psycopg
import pytest
from typing_extensions import override

from domain.calendar import WorkingCalendar
from domain.catalogue import read_event
from domain.event import Actor, Command, CommandRejected, Role
from service.command_service import CommandService
from service.embedded import EmbeddedPostgres
from service.store.door import Append, CommandIdReused, Conflict, Door, Failure, Outcome, OutcomeUnknown
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader, StoredRow
from service.store_connections import StoreConnections
from service.submission import Accepted, Contended, Submission, VersionConflict
from tests.servers import Database, cloned_database
from tests.service.commands_by_hand import (
    asked,
    cadre,
    client,
    day,
    decision,
    mission,
    objective,
    running_missions,
)


@pytest.fixture
def server(database: Database) -> Iterator[Callable[[], CommandService]]:
    """Starts servers on one history; each has memories and connections of its own."""
    with ExitStack() as running:
        yield lambda: running.enter_context(started_on(database))


def started_on(database: Database) -> CommandService:
    return CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False)


@pytest.fixture
def service(server: Callable[[], CommandService]) -> CommandService:
    return server()


@pytest.fixture
def history(database: Database) -> Iterator[Reader]:
    reader = Reader(database.reader_url)
    yield reader
    reader.close()


def accepted(answers: Sequence[Accepted | Exception]) -> list[Accepted]:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [answer for answer in answers if isinstance(answer, Accepted)]


def verdict(answer: Accepted | Exception) -> str:
    return answer.code if isinstance(answer, CommandRejected) else type(answer).__name__


def outcome(service: CommandService, submission: Submission) -> Accepted | Exception:
    try:
        return service.execute(submission)
    except (CommandRejected, CommandIdReused, VersionConflict) as refusal:
        return refusal


def in_parallel(calls: Sequence[Callable[[], Accepted | Exception]]) -> list[Accepted | Exception]:
    start = Barrier(len(calls))

    def call(ask: Callable[[], Accepted | Exception]) -> Accepted | Exception:
        start.wait()
        return ask()

    with ThreadPoolExecutor(len(calls)) as callers:
        return list(callers.map(call, calls))


# One command


def test_a_command_answers_where_its_facts_stand(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many(running_missions(1)))
    answer = service.execute(day("M-0", "D-1"))
    (row,) = history.read_all(after=answer.position - 1)
    assert (answer.stream, answer.version, answer.position) == ("mission:M-0", 3, 5)
    assert (row.stream, row.version, row.topic) == ("mission:M-0", 3, "mission.day_delivered#1")
    assert answer.events[0].recorded_at == row.recorded_at


def test_a_refused_command_records_nothing(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many([client(), cadre(), mission("M-1")]))
    with pytest.raises(CommandRejected) as refusal:
        service.execute(replace(day("M-1", "D-1"), command_id="journal:1"))
    assert refusal.value.code == "no_objective"
    assert history.head() == 3
    assert history.answered(["journal:1"]) == {}


def test_a_refused_command_is_judged_anew_when_it_comes_again(service: CommandService) -> None:
    accepted(service.execute_many([client(), cadre(), mission("M-1")]))
    again = day("M-1", "D-1", command_id="journal:1")
    assert verdict(outcome(service, again)) == "no_objective"
    service.execute(objective("M-1"))
    assert not service.execute(again).replayed


def test_what_an_actor_may_not_see_does_not_exist_for_it(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    stranger = Actor(Role.CLIENT, "CL-2")
    approval = asked("approve_days", "M-0", by=stranger, month="2026-03")
    assert verdict(outcome(service, approval)) == "unknown_mission"
    assert verdict(outcome(service, replace(approval, mission_id="M-9"))) == "unknown_mission"


def test_a_role_that_may_not_is_told_so(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    auditor = replace(day("M-0", "D-1"), actor=Actor(Role.AUDITOR))
    assert verdict(outcome(service, auditor)) == "not_allowed"


@pytest.mark.parametrize(("expected", "verdict_"), [(2, "Accepted"), (1, "VersionConflict"), (3, "VersionConflict")])
def test_a_command_for_another_version_is_refused(service: CommandService, expected: int, verdict_: str) -> None:
    accepted(service.execute_many(running_missions(1)))
    assert verdict(outcome(service, replace(day("M-0", "D-1"), expected_version=expected))) == verdict_


def test_a_party_has_versions_too(service: CommandService) -> None:
    service.execute(client())
    corrected = asked("correct_client", client_id="CL-1", name="Menuiserie du Sud", expected_version=1)
    assert service.execute(corrected).version == 2
    assert verdict(outcome(service, corrected)) == "VersionConflict"


def test_a_failing_decision_harms_no_other_command(service: CommandService) -> None:
    class Unheard(Command):
        """A command that nobody decides."""

        NAME: ClassVar[str] = "unheard"

    answers = service.execute_many([client(), replace(client("CL-2"), command=Unheard()), cadre()])
    assert [verdict(answer) == "Accepted" for answer in answers] == [True, False, True]


# Batches


def test_commands_of_a_batch_build_on_each_other(service: CommandService, history: Reader) -> None:
    answers = accepted(service.execute_many([*running_missions(3), day("M-1", "D-1"), day("M-1", "D-2")]))
    assert [answer.version for answer in answers[-2:]] == [3, 4]
    assert history.head() == len(answers)


def test_a_batch_refuses_what_its_own_commands_rule_out(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(4)))
    answers = service.execute_many([day(f"M-{number}", f"D-{number}") for number in range(4)])
    assert list(map(verdict, answers)) == ["Accepted", "Accepted", "cadre_overbooked", "cadre_overbooked"]


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_decides_as_one_after_the_other_would(postgres: EmbeddedPostgres, seed: int) -> None:
    chance = random.Random(seed)
    commands = running_missions(3) + [_any_command(chance, number) for number in range(120)]
    for _ in range(20):  # some come too early: what they need comes later
        at, to = chance.randrange(2, len(commands)), chance.randrange(2, 40)
        commands.insert(to, commands.pop(at))
    with (
        cloned_database(postgres) as together_on,
        cloned_database(postgres) as apart_on,
        started_on(together_on) as together,
        started_on(apart_on) as apart,
    ):
        size = chance.choice([1, 7, 50, 500])
        batched: list[Accepted | Exception] = []
        for at in range(0, len(commands), size):
            batched += together.execute_many(commands[at : at + size])
        single = [outcome(apart, command) for command in commands]
        assert list(map(verdict, batched)) == list(map(verdict, single))
        assert _streams(together_on) == _streams(apart_on)


def _any_command(chance: random.Random, number: int) -> Submission:
    mission_id = f"M-{chance.randrange(3)}"
    on = f"2026-03-{chance.randrange(2, 6):02d}"
    days = [f"D-{chance.randrange(number + 1)}" for _ in range(2)]
    return chance.choice(
        [
            day(mission_id, f"D-{number}", on=on, quantity=chance.choice(["0.5", "1"])),
            day(mission_id, f"D-{number}", on=on),
            asked("withdraw_day", mission_id, day_id=days[0], reason="erreur"),
            asked("approve_days", mission_id, month="2026-03"),
            asked("dispute_day", mission_id, day_id=days[1], reason="pas vu"),
            decision(mission_id, f"R-{chance.randrange(30)}"),
            decision(mission_id, "R-0", command_id=f"journal:{chance.randrange(5)}"),
        ]
    )


def _streams(database: Database) -> dict[str, list[tuple[int, str]]]:
    reader = Reader(database.reader_url)
    found: dict[str, list[tuple[int, str]]] = {}
    for row in reader.read_all():
        found.setdefault(row.stream, []).append((row.version, row.topic))
    reader.close()
    return found


# The same command again


def test_the_same_command_again_answers_the_same(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many(running_missions(1)))
    first = service.execute(day("M-0", "D-1", command_id="http:p:1"))
    service.execute(decision("M-0", "R-1"))
    again = service.execute(day("M-0", "D-1", command_id="http:p:1"))
    assert again == replace(first, replayed=True)
    assert history.head() == 6


def test_a_command_id_with_another_request_is_refused(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    service.execute(day("M-0", "D-1", command_id="http:p:1"))
    with pytest.raises(CommandIdReused):
        service.execute(day("M-0", "D-2", command_id="http:p:1"))


def test_a_command_id_twice_in_a_batch_counts_once(service: CommandService) -> None:
    accepted(service.execute_many(running_missions(1)))
    first, again, other = service.execute_many(
        [
            day("M-0", "D-1", command_id="journal:1"),
            day("M-0", "D-1", command_id="journal:1"),
            day("M-0", "D-2", command_id="journal:1"),
        ]
    )
    assert isinstance(first, Accepted)
    assert again == replace(first, replayed=True)
    assert isinstance(other, CommandIdReused)


def test_a_journal_twice_changes_nothing(service: CommandService, history: Reader) -> None:
    journal = [
        replace(line, command_id=f"journal:{number}")
        for number, line in enumerate([*running_missions(3), day("M-0", "D-1"), day("M-1", "D-2")])
    ]
    first = accepted(service.execute_many(journal))
    again = accepted(service.execute_many(journal))
    assert again == [replace(answer, replayed=True) for answer in first]
    assert history.head() == len(journal)


def test_a_nervous_caller_records_once_on_any_server(server: Callable[[], CommandService], history: Reader) -> None:
    servers = [server(), server()]
    accepted(servers[0].execute_many(running_missions(1)))
    answers = accepted(
        in_parallel([partial(outcome, servers[n % 2], day("M-0", "D-1", command_id="http:p:1")) for n in range(16)])
    )
    assert {answer.positions for answer in answers} == {(5,)}
    assert [answer.replayed for answer in answers].count(False) == 1
    assert history.head() == 5


def test_a_lost_reply_is_found_again_under_its_command_id(database: Database, history: Reader) -> None:
    with started_on(database) as service:
        accepted(service.execute_many(running_missions(1)))
    with _service_behind(LosesItsFirstReply(database.app_url, durable=False), database) as service:
        with pytest.raises(OutcomeUnknown):
            service.execute(day("M-0", "D-1", command_id="http:p:1"))
        again = service.execute(day("M-0", "D-1", command_id="http:p:1"))
    assert again.replayed
    assert again.position == history.head() == 5


def test_nobody_is_kept_waiting_for_ever_by_faster_ones(database: Database) -> None:
    door = AlwaysTooLate(database.app_url, durable=False)
    with _service_behind(door, database) as service, pytest.raises(Contended):
        service.execute(client())
    assert door.tries > 10


class IsOvertaken(Door):
    """Somebody else gets through between the decision and the append, once."""

    meanwhile: Callable[[], object] | None = None

    @override
    def append_many(self, requests: Sequence[Append]) -> list[Outcome | Failure]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().append_many(requests)


class LosesItsFirstReply(Door):
    """Records, and breaks before it says so, once."""

    lost = False

    @override
    def append_many(self, requests: Sequence[Append]) -> list[Outcome | Failure]:
        answers = super().append_many(requests)
        if self.lost:
            return answers
        self.lost = True
        return [OutcomeUnknown("the connection broke") for _ in answers]


class AlwaysTooLate(Door):
    """Somebody else was always faster."""

    tries = 0

    @override
    def append_many(self, requests: Sequence[Append]) -> list[Outcome | Failure]:
        self.tries += 1
        return [Conflict({}, {}) for _ in requests]


def _service_behind(door: Door, database: Database) -> CommandService:
    store = StoreConnections.to(database.app_url, database.keys_url, durable=False, door=door)
    return CommandService(store, WorkingCalendar())


# Many at once


def test_a_cadre_is_never_overbooked_however_many_ask_at_once(
    server: Callable[[], CommandService], history: Reader
) -> None:
    servers = [server(), server()]
    accepted(servers[0].execute_many(running_missions(40)))
    answers = in_parallel([partial(outcome, servers[n % 2], day(f"M-{n}", f"D-{n}")) for n in range(40)])
    assert Counter(map(verdict, answers)) == {"Accepted": 2, "cadre_overbooked": 38}
    halves = [row for row in history.read_all() if row.topic == "mission.day_delivered#1"]
    assert len(halves) == 2


@pytest.fixture
def overtaken(database: Database, service: CommandService) -> Iterator[Callable[..., list[str]]]:
    """The verdicts on commands, where another server carries out others after they were decided."""
    door = IsOvertaken(database.app_url, durable=False)
    with _service_behind(door, database) as slow:

        def verdicts(*submissions: Submission, by: Sequence[Submission]) -> list[str]:
            door.meanwhile = lambda: accepted(service.execute_many(by))
            return list(map(verdict, slow.execute_many(submissions)))

        yield verdicts


def test_a_day_that_another_mission_took_meanwhile_is_refused(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many(running_missions(2)))
    verdicts = overtaken(day("M-0", "D-0", quantity="1"), by=[day("M-1", "D-1", quantity="1")])
    assert verdicts == ["cadre_overbooked"]


def test_a_party_that_changed_meanwhile_is_looked_at_again(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many([client(), cadre()]))
    elsewhere = asked("correct_cadre", cadre_id="C-1", functions=["marketing"])
    assert overtaken(mission("M-0"), by=[elsewhere]) == ["function_not_practised"]


def test_a_mission_that_changed_meanwhile_is_decided_anew(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many(running_missions(1)))
    assert overtaken(decision("M-0", "R-1"), by=[decision("M-0", "R-1")]) == ["already_exists"]
    assert overtaken(decision("M-0", "R-3"), by=[decision("M-0", "R-2")]) == ["Accepted"]


def test_a_refusal_falls_with_the_facts_that_it_was_expected_to_stand_on(
    service: CommandService, overtaken: Callable[..., list[str]]
) -> None:
    accepted(service.execute_many(running_missions(1)))
    paused = asked("pause_mission", "M-0", from_on="2026-03-02", reason="congés")
    stopped = asked("stop_mission", "M-0", on="2026-03-20", decided_by="client", reason="fin")
    assert overtaken(paused, day("M-0", "D-1"), by=[stopped]) == ["mission_stopped", "Accepted"]


def test_servers_that_race_on_one_mission_lose_nothing(server: Callable[[], CommandService], history: Reader) -> None:
    servers = [server(), server(), server()]
    accepted(servers[0].execute_many(running_missions(1)))
    answers = accepted(in_parallel([partial(outcome, servers[n % 3], decision("M-0", f"R-{n}")) for n in range(36)]))
    assert sorted(answer.version for answer in answers) == list(range(3, 39))
    assert [row.version for row in history.read_stream("mission:M-0")] == list(range(1, 39))


def test_servers_that_race_with_batches_lose_nothing(server: Callable[[], CommandService], history: Reader) -> None:
    servers = [server(), server()]
    accepted(servers[0].execute_many(running_missions(4)))
    batches = [[decision(f"M-{n % 4}", f"R-{half}-{n}") for n in range(60)] for half in range(2)]
    with ThreadPoolExecutor(2) as importers:
        answers = list(importers.map(lambda pair: pair[0].execute_many(pair[1]), zip(servers, batches, strict=True)))
    for batch in answers:
        accepted(batch)
    recorded = Counter(row.stream for row in history.read_all() if row.topic == "mission.decision_recorded#1")
    assert recorded == dict.fromkeys([f"mission:M-{n}" for n in range(4)], 30)


def test_callers_that_wait_are_answered_by_the_writer(service: CommandService, history: Reader) -> None:
    accepted(service.execute_many(running_missions(4)))
    futures = [service.submit(decision(f"M-{n % 4}", f"R-{n % 40}")) for n in range(80)]
    verdicts = Counter("already" if future.exception(30) else "recorded" for future in futures)
    assert verdicts == {"recorded": 80} or verdicts == {"recorded": 40, "already": 40}
    assert len(history.read_all()) == 10 + verdicts["recorded"]


def test_a_refusal_never_stands_on_what_another_server_has_changed(server: Callable[[], CommandService]) -> None:
    here, there = server(), server()
    accepted(here.execute_many(running_missions(1)))
    accepted(there.execute_many([day("M-0", "D-1")]))
    assert verdict(outcome(here, asked("withdraw_day", "M-0", day_id="D-1", reason="erreur"))) == "Accepted"
    assert verdict(outcome(there, asked("approve_days", "M-0", day_ids=["D-1"]))) == "day_withdrawn"
    assert verdict(outcome(there, day("M-0", "D-2", quantity="1"))) == "Accepted"
    assert verdict(outcome(here, day("M-0", "D-3"))) == "cadre_overbooked"


# Personal words


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
