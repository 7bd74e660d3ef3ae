"""Real PostgreSQL servers for tests: started once for a run, migrated once, cloned for each test."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from service.embedded import EmbeddedPostgres
from service.store.migrate import install, migrate

ROOM_NEEDED = 1_000_000_000
SETTINGS = {"max_connections": "200", "max_wal_size": "4GB", "checkpoint_timeout": "1h", "autovacuum_naptime": "1h"}
TEMPLATES = ("relais", "relais_keys")


@dataclass(frozen=True, slots=True)
class Database:
    """One network's pair of databases, history and keys, as each role reaches them."""

    postgres: EmbeddedPostgres
    name: str
    keys_name: str

    @property
    def app_url(self) -> str:
        return self.postgres.url("relais_app", self.name)

    @property
    def reader_url(self) -> str:
        return self.postgres.url("relais_reader", self.name)

    @property
    def owner_url(self) -> str:
        return self.postgres.url("relais_owner", self.name)

    @property
    def superuser_url(self) -> str:
        return self.postgres.url("postgres", self.name)

    @property
    def keys_url(self) -> str:
        return self.postgres.url("relais_app", self.keys_name)

    @property
    def sealer_url(self) -> str:
        return self.postgres.url("relais_sealer", self.name)

    @property
    def sealer_keys_url(self) -> str:
        return self.postgres.url("relais_sealer", self.keys_name)

    @property
    def keys_owner_url(self) -> str:
        return self.postgres.url("relais_owner", self.keys_name)


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """A folder in memory where the machine has room, with a path short enough for sockets."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free >= ROOM_NEEDED
    with tempfile.TemporaryDirectory(
        prefix="relais-", dir=memory if roomy else None, ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


@contextmanager
def running_server(binaries: Path | None = None) -> Iterator[EmbeddedPostgres]:
    """A server with the schema of today in its two template databases."""
    with scratch_directory() as folder, EmbeddedPostgres(folder, SETTINGS, binaries) as postgres:
        prepare(Database(postgres, *TEMPLATES))
        yield postgres


def prepare(database: Database) -> None:
    """Bring a fresh server to the schema of today, as an operator would."""
    install(database.postgres.url())
    migrate(database.owner_url, database.keys_owner_url)


_numbers = itertools.count(1)


@contextmanager
def cloned_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A test's own copy of the two databases, gone afterwards."""
    number = next(_numbers)
    database = Database(postgres, f"relais_{number}", f"relais_keys_{number}")
    clones = dict(zip((database.name, database.keys_name), TEMPLATES, strict=True))
    with superuser(postgres) as connection:
        for clone, template in clones.items():
            _clone(connection, clone, template)
        yield database
        for clone in clones:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(clone)))


def _clone(connection: psycopg.Connection, clone: str, template: str) -> None:
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
            sql.Identifier(clone), sql.Identifier(template)
        )
    )
    # CREATE DATABASE copies what is inside a database, not what the server knows about it.
    connection.execute(
        "UPDATE pg_database SET datdba = t.datdba, datacl = t.datacl FROM pg_database t"
        " WHERE pg_database.datname = %s AND t.datname = %s",
        [clone, template],
    )
    connection.execute(
        "INSERT INTO pg_db_role_setting SELECT c.oid, s.setrole, s.setconfig FROM pg_db_role_setting s"
        " JOIN pg_database t ON t.oid = s.setdatabase JOIN pg_database c ON c.datname = %s WHERE t.datname = %s",
        [clone, template],
    )


def superuser(postgres: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(postgres.url(), autocommit=True)
