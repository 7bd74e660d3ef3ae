"""The sample journals come out as another model of the contract says they must, whatever happens on the way."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from projections.reconciliation import Reconciliation
from service.databases import databases
from service.journal import Outcome, Verdict, run_import
from service.main import looking, working, writing
from service.projections import questions
from service.read_models import catch_up
from service.settings import Settings
from tests.servers import Database

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
BUCKETS = {
    "delivered": "delivered",
    "withdrawn": "withdrawn",
    "awaiting": "awaiting_approval",
    "disputed": "disputed",
    "ready": "ready",
    "invoiced": "invoiced",
    "credited": "credited",
}
"""What the samples call a bucket, and what the contract calls it."""


@pytest.fixture
def settings(database: Database) -> Settings:
    return Settings(database_url=SecretStr(database.app_url), keys_database_url=SecretStr(database.keys_url))


def expected(name: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))
    return held


def imported(settings: Settings, name: str) -> list[Outcome]:
    with (DATA / f"{name}.jsonl").open("rb") as source, writing(settings) as service:
        return list(run_import(source, service, lambda: NOW, settings.zone))


def verdicts(outcomes: Sequence[Outcome]) -> dict[int, str]:
    return {each.line: each.code or each.verdict.value for each in outcomes if each.verdict is not Verdict.ACCEPTED}


def reconciled(settings: Settings) -> Reconciliation:
    async def asked(url: str) -> Reconciliation:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            return await questions.reconciled(connection)

    with databases(settings) as found, working(found), looking(found) as connection:
        catch_up(connection, patience=60)
        return asyncio.run(asked(found.history))


def quantities(reconciliation: Reconciliation) -> dict[str, dict[str, Decimal]]:
    return {
        f"{line.mission_id} {line.month}": {
            name: dict(line)[bucket] for name, bucket in BUCKETS.items() if dict(line)[bucket]
        }
        for line in reconciliation.items
    }


def history(database: Database) -> list[tuple[Any, ...]]:
    """What happened, in order: the parts of history that depend on no secret and no clock."""
    with psycopg.connect(database.reader_url) as connection:
        return connection.execute(
            "select notification_id, originator_id, originator_version, topic from relais.events order by 1"
        ).fetchall()


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_every_line_of_a_sample_gets_the_verdict_that_it_must(settings: Settings, name: str) -> None:
    outcomes, must = imported(settings, name), expected(name)
    counts = {verdict: sum(each.verdict is verdict for each in outcomes) for verdict in Verdict}
    assert counts == {verdict: must[verdict.value] for verdict in Verdict}
    assert verdicts(outcomes) == {int(line): code for line, code in must.get("verdicts", {}).items()}


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_every_delivered_day_of_a_sample_is_in_the_bucket_in_which_it_must_be(settings: Settings, name: str) -> None:
    imported(settings, name)
    found = reconciled(settings)
    assert found.balanced
    must = {
        month: {bucket: Decimal(quantity) for bucket, quantity in held.items()}
        for month, held in expected(name)["reconciliation"].items()
    }
    assert quantities(found) == must


def test_history_has_the_order_of_the_journal(settings: Settings, database: Database) -> None:
    imported(settings, "first-year")
    with psycopg.connect(database.reader_url) as connection:
        recorded = connection.execute(
            "select command_id from relais.commands where positions <> '{}' order by positions[1]"
        ).fetchall()
    assert recorded == sorted(recorded)


def test_a_sample_imported_twice_is_the_same_history(settings: Settings, database: Database) -> None:
    first = imported(settings, "careless")
    before = history(database)
    again = imported(settings, "careless")
    accepted = {each.line for each in first if each.verdict is not Verdict.REFUSED}
    assert {each.line for each in again if each.verdict is Verdict.REPEATED} == accepted
    assert not [each for each in again if each.verdict is Verdict.ACCEPTED]
    assert history(database) == before


def test_an_import_that_is_killed_half_way_and_run_again_loses_nothing_and_doubles_nothing(
    settings: Settings, database: Database
) -> None:
    must = expected("first-year")["accepted"]
    command = [sys.executable, "-m", "service.cli", "import", str(DATA / "first-year.jsonl")]
    external = {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}
    with subprocess.Popen(command, env={**os.environ, **external}, stderr=subprocess.DEVNULL) as importer:
        wait_for_position(database, must // 2)
        importer.send_signal(signal.SIGKILL)
    begun = len(answered(database))
    assert 0 < begun < must, "it was killed half-way"
    outcomes = imported(settings, "first-year")
    assert sum(each.verdict is Verdict.REPEATED for each in outcomes) == begun
    assert sum(each.verdict is Verdict.ACCEPTED for each in outcomes) == must - begun
    assert answered(database) == [f"journal:j-1-{number:06}" for number in range(1, must + 1)]
    found = reconciled(settings)
    assert found.balanced
    assert sum(line.delivered for line in found.items) == sum(
        Decimal(held["delivered"]) for held in expected("first-year")["reconciliation"].values()
    )


def wait_for_position(database: Database, position: int) -> None:
    with psycopg.connect(database.reader_url, autocommit=True) as connection:
        while connection.execute("select position from relais.log_head").fetchall()[0][0] < position:
            pass


def answered(database: Database) -> list[str]:
    """The commands that history knows, by id."""
    with psycopg.connect(database.reader_url) as connection:
        return [name for (name,) in connection.execute("select command_id from relais.commands order by 1")]
