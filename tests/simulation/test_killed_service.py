"""The whole service, killed again and again under people who write and retry, over a line that loses replies."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import httpx2
import psycopg
import pytest

from service.http.security import Principal, accountant, cadre, issue_token, network_admin, token_key
from service.read_models import catch_up, rebuild
from service.store.door import Append, Door, NewEvent
from service.store.keys import BEARERS, KeyStore
from tests.journeys.agreed import bakery, closing_time, finance_cadre, finance_mission
from tests.simulation.accounts import Fact, faults, gaps_in_series
from tests.simulation.fickle_proxy import Fate, FickleProxy, fates, fickle_proxy
from tests.simulation.served import ServedRelais
from tests.simulation.writers import Answers, Writer, approvals_of, billing, days_of

KILLS = int(os.environ.get("RELAIS_TEST_SERVICE_KILLS", "20"))
SEED = int(os.environ.get("RELAIS_TEST_SEED", "0")) or SystemRandom().randrange(1, 10**9)
CADRES = 3
BEGINS = {"mission.day_delivered#1": "day_id", "mission.expense_recorded#1": "expense_id"}
NUMBERED = {"billing.invoice_issued#1": "invoice_number", "billing.credit_note_issued#1": "credit_note_number"}


@dataclass
class World:
    """The service, the line to it, who writes over that line, and what they were told."""

    served: ServedRelais
    proxy: FickleProxy
    port: int
    answers: Answers

    def writer(self, name: str, principal: Principal) -> Writer:
        with_keys = self.served.postgres.url("relais_app", "relais_keys")
        keys = KeyStore(with_keys, durable=False)
        try:
            token = issue_token(token_key(keys.network_secret(BEARERS)), replace(principal, name=name), seconds=3_600)
        finally:
            keys.close()
        return Writer(name, token, self.port, self.answers, SEED)

    def history(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.served.postgres.url("relais_app", "relais"), autocommit=True)


@pytest.fixture
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="relais-", ignore_cleanup_errors=True) as folder:
        served = ServedRelais(Path(folder))
        served.postgres.data_dir.chmod(0o711)
        served.start()
        try:
            served.wait_until_ready()
            with fickle_proxy(served.port, fates(SEED)) as (port, proxy):
                yield World(served, proxy, port, Answers())
        finally:
            served.stop()


def agree(admin: Writer) -> None:
    """Each cadre has a mission; every other one bills without asking for approval."""
    wishes = [("/clients", bakery("E-0")), ("/clients", bakery("E-1"))]
    for number in range(CADRES):
        mission = finance_mission(f"M-{number}", f"E-{number % 2}", f"C-{number}")
        mission |= {"starts_on": "2025-03-01", "letter": {"signed_on": "2025-02-20"}}
        mission["terms"] = {**mission["terms"], "approval_required": number % 2 == 0}
        goal = closing_time() | {"set_on": "2025-03-01", "due_on": "2025-12-31"}
        wishes += [
            ("/cadres", finance_cadre(f"C-{number}")),
            ("/missions", mission),
            (f"/missions/M-{number}/objectives", goal),
        ]
    for number, wish in enumerate(wishes):
        assert admin.settle(f"agreed-{number}", wish) == 201, wish


@contextmanager
def people_at_work(world: World, admin: Writer) -> Iterator[None]:
    """Cadres, a client and an accountant, all writing until the block ends; each has settled its last command."""
    scripts = [(world.writer(f"cadre{n}", cadre(f"C-{n}")), f"M-{n}") for n in range(CADRES)]
    clerk = world.writer("clerk", accountant())
    writers = [writer for writer, _ in scripts] + [admin, clerk]
    with ThreadPoolExecutor(len(writers)) as threads:
        calls = [threads.submit(writer.write, days_of(writer.chance, mission)) for writer, mission in scripts]
        calls.append(threads.submit(admin.write, approvals_of(admin.chance, CADRES)))
        calls.append(threads.submit(clerk.write, billing(clerk.chance)))
        try:
            yield
        finally:
            for writer in writers:
                writer.stopped.set()
        for call in calls:
            call.result()


def victims(chance: Random) -> list[str]:
    """Who is killed, one after the other: PostgreSQL most often, for it is back soonest."""
    chosen = ["service", "both", *["postgres"] * 8] * (KILLS // 10 + 1)
    return chance.sample(chosen[:KILLS], KILLS)


def kill(world: World, victim: str, acknowledged: int) -> None:
    """After some more acknowledgments, in the middle of the next: the service, its PostgreSQL, or both."""
    world.answers.wait_for(acknowledged)
    if victim in {"postgres", "both"}:
        world.served.kill_postgres()
    if victim in {"service", "both"}:
        world.served.kill()


def facts(connection: psycopg.Connection[tuple[Any, ...]]) -> list[Fact]:
    """All history as it lies in the database, read without any of our code."""
    rows = connection.execute(
        "SELECT notification_id, originator_id, originator_version, topic, envelope, state"
        " FROM relais.events ORDER BY notification_id"
    )
    return [
        Fact(position, stream, version, topic, json.loads(envelope).get("command_id"), _names(topic, json.loads(state)))
        for position, stream, version, topic, envelope, state in rows
    ]


def _names(topic: str, state: dict[str, Any]) -> str | None:
    field = (BEGINS | NUMBERED).get(topic)
    return None if field is None else str(state[field])


def figures_differ(connection: psycopg.Connection[tuple[Any, ...]], admin: httpx2.Client, position: int) -> list[str]:
    """What the reconciliation says of delivered days against a count over the facts, and whether it balances."""
    (halves,) = connection.execute(
        "SELECT count(*) FROM relais.events WHERE topic = 'mission.day_delivered#1'"
    ).fetchall()[0]
    told = admin.get("/billing/reconciliation", params={"min_position": position}).json()
    delivered = sum(float(item["delivered"]) for item in told["items"])
    differs = [] if delivered == halves / 2 else [f"{delivered} days are reconciled, and {halves / 2} were delivered"]
    return differs + ([] if told["balanced"] else ["the reconciliation does not balance"])


def numbers(history: Sequence[Fact], topic: str) -> list[str]:
    return [fact.names or "" for fact in history if fact.topic == topic]


@pytest.mark.slow
def test_killing_the_service_loses_and_doubles_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}, {KILLS} kills (RELAIS_TEST_SEED, RELAIS_TEST_SERVICE_KILLS)\n")
    admin = world.writer("admin", network_admin())
    agree(admin)
    chance = Random(SEED)
    with people_at_work(world, admin):
        for victim in victims(chance):
            kill(world, victim, chance.randrange(3, 15))
        world.answers.wait_for(20)
    world.served.wait_until_ready()

    with world.history() as connection:
        history = facts(connection)
        kept = dict(connection.execute("SELECT command_id, positions FROM relais.commands").fetchall())
        told = world.answers.told
        assert faults(history, kept, told) == []
        assert kept.keys() == told.keys()
        assert gaps_in_series(numbers(history, "billing.invoice_issued#1")) == []
        assert gaps_in_series(numbers(history, "billing.credit_note_issued#1")) == []
        catch_up(connection)
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{world.served.port}", headers=admin.headers, timeout=20
        ) as asking:
            assert figures_differ(connection, asking, history[-1].position) == []
        assert all("serves" in line for line in rebuild(connection, ())), "a read model is not the fold of history"

        assert numbers(history, "billing.invoice_issued#1"), "nothing was billed"
        assert world.proxy.met[Fate.LOST_REPLY] > 0
        again = carried_out_again(world, connection, history)
        assert f"{again} is not in history exactly once" in faults(facts(connection), kept, told)
        assert faults([fact for fact in history if fact.command_id != again], kept, told) != []


def carried_out_again(
    world: World, connection: psycopg.Connection[tuple[Any, ...]], history: Sequence[Fact]
) -> str | None:
    """Records the last delivered day once more, as a service without idempotency would; whose command it was."""
    last = next(fact for fact in reversed(history) if fact.topic == "mission.day_delivered#1")
    version = max(fact.version for fact in history if fact.stream == last.stream) + 1
    topic, state, envelope = connection.execute(
        "SELECT topic, state, envelope FROM relais.events WHERE notification_id = %s", [last.position]
    ).fetchall()[0]
    with Door(world.served.postgres.url("relais_app", "relais")) as door:
        door.append(Append([NewEvent(last.stream, version, topic, state, envelope, (), (), bytes(32), bytes(32))]))
    return last.command_id
