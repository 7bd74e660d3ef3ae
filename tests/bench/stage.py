"""Where the benchmarks play: durable servers of our own, and on each a database for the limit and for the peer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from service.databases import HISTORY_NAME, KEYS_NAME
from service.embedded import EmbeddedPostgres
from service.postgres_programs import bundled_binaries
from service.store.migrate import APP, OWNER, install, migrate
from tests.bench.pgbench import Pgbench

SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB", "max_connections": "200"}
"""Durability is PostgreSQL's own default throughout: fsync, synchronous_commit and full_page_writes stay on."""

MILLISECOND_DISK = {**SERVER, "commit_delay": "1000", "commit_siblings": "0"}
"""Every flush waits one millisecond more, as on a cloud disk; commits that wait together still flush together."""

REFERENCE = "bench"


@dataclass(frozen=True)
class Stage:
    """One server: our databases, and one for what we compare with."""

    history: str
    keys: str
    reference: str
    superuser: str
    pgbench: Pgbench


@contextmanager
def stage(folder: Path, settings: dict[str, str]) -> Iterator[Stage]:
    """A server in a folder, installed and migrated; one that holds a history already goes on with it."""
    with EmbeddedPostgres(folder, settings) as server:
        install(server.url())
        migrate(server.url(OWNER, HISTORY_NAME), server.url(OWNER, KEYS_NAME))
        with psycopg.connect(server.url(), autocommit=True) as connection:
            if connection.execute("select from pg_database where datname = %s", [REFERENCE]).fetchone() is None:
                connection.execute(f"create database {REFERENCE}")
        reference = server.url(database=REFERENCE)
        yield Stage(
            server.url(APP, HISTORY_NAME),
            server.url(APP, KEYS_NAME),
            reference,
            server.url(database=HISTORY_NAME),
            Pgbench(bundled_binaries() / "pgbench", reference),
        )
