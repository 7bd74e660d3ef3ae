"""Beside the API runs one worker of its own process: replaced when it dies, gone when the API is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import psycopg
import pytest

from service.databases import Databases
from service.worker import LOCK
from service.working_beside import working_beside
from tests.servers import Database

SOON = 60.0
SERVE = "import sys; from service.databases import Databases; from service.working_beside import working_beside\n"
SERVE += "with working_beside(Databases(sys.argv[1], sys.argv[2], '')): sys.stdin.read()"


@pytest.fixture
def leader(database: Database) -> Iterator[Callable[[], int | None]]:
    """The session that leads the read models, if one does."""
    with psycopg.connect(database.superuser_url, autocommit=True) as looks:

        def look() -> int | None:
            found = looks.execute(
                "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted"
                " AND l.classid::bigint << 32 | l.objid::bigint = %s",
                (LOCK,),
            ).fetchone()
            return None if found is None else int(found[0])

        yield look


def wait_until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < give_up
        Event().wait(0.02)


def children() -> list[int]:
    return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def test_a_worker_leads_until_the_api_ends(database: Database, leader: Callable[[], int | None]) -> None:
    with working_beside(Databases(database.app_url, database.keys_url, "")):
        wait_until(lambda: leader() is not None)
    wait_until(lambda: leader() is None)


def test_a_worker_that_dies_is_replaced(database: Database, leader: Callable[[], int | None]) -> None:
    before = set(children())
    with working_beside(Databases(database.app_url, database.keys_url, "")):
        wait_until(lambda: leader() is not None)
        first = leader()
        (worker,) = set(children()) - before
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: leader() not in (None, first))


def test_no_worker_outlives_an_api_that_was_killed(database: Database, leader: Callable[[], int | None]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, database.app_url, database.keys_url], stdin=subprocess.PIPE
    ) as api:
        wait_until(lambda: leader() is not None)
        api.kill()
    wait_until(lambda: leader() is None)
