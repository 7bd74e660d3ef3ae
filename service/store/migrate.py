"""Brings a PostgreSQL to the shape that Relais needs: `install` once as a superuser, `migrate` at every release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql

HERE = Path(__file__).parent
HISTORY = HERE / "migrations"
KEYS = HERE / "keys_migrations"
OWNER, APP, READER, SEALER = "relais_owner", "relais_app", "relais_reader", "relais_sealer"
ROLES = (OWNER, APP, READER, SEALER)
MIGRATION_LOCK = 0x72656C616973
"""One migration at a time in a database."""


class MigrationRefused(Exception):
    """A database cannot be brought to today's shape; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step, in plain SQL, never changed once it was released."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> bytes:
        return sha256(self.text.encode()).digest()


def migrations(folder: Path) -> list[Migration]:
    """The steps in a folder, in order, without a gap."""
    steps = [
        Migration(int(file.name[:4]), file.stem, file.read_text(encoding="utf-8"))
        for file in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    ]
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        raise MigrationRefused(f"number the files in {folder.name} 0001, 0002, … without a gap or a repetition")
    return steps


def install(
    superuser_conninfo: str,
    *,
    database: str = "relais",
    keys_database: str = "relais_keys",
    passwords: Mapping[str, str] | None = None,
) -> None:
    """Makes roles and databases, guards the history, and approves the migrations of this release. Repeatable.

    Passwords by role are needed where the server asks for them; a private Unix socket does without.
    """
    with psycopg.connect(superuser_conninfo, autocommit=True) as server:
        _make_roles(server, passwords or {})
        for name in (database, keys_database):
            _make_database(server, name)
    with _installing(superuser_conninfo, database) as history:
        _make_schemas(history)
        if _is_superuser(history):
            _guard(history)
    with _installing(superuser_conninfo, keys_database) as keys:
        keys.execute("revoke all on schema public from public")
        keys.execute("grant usage, create on schema public to relais_owner")
        keys.execute("grant usage on schema public to relais_app, relais_sealer")


def migrate(owner_url: str, keys_owner_url: str) -> None:
    """Applies, as the owner, the steps that a database has not seen yet, each in one transaction."""
    _apply(owner_url, HISTORY, "relais")
    _apply(keys_owner_url, KEYS, "public")


def pending(owner_url: str, keys_owner_url: str) -> list[str]:
    """The names of the steps that `migrate` would apply."""
    names = []
    for url, folder, schema in ((owner_url, HISTORY, "relais"), (keys_owner_url, KEYS, "public")):
        with psycopg.connect(url, autocommit=True) as connection:
            applied = _applied(connection, schema)
            names += [step.name for step in migrations(folder) if step.number not in applied]
    return names


def _apply(url: str, folder: Path, schema: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection, _one_at_a_time(connection):
        applied = _applied(connection, schema)
        steps = migrations(folder)
        _refuse_a_rewritten_past(steps, applied)
        for step in steps[len(applied) :]:
            _apply_step(connection, step, schema)


def _refuse_a_rewritten_past(steps: list[Migration], applied: Mapping[int, bytes]) -> None:
    if len(applied) > len(steps):
        raise MigrationRefused(f"the database is at migration {len(applied)}: it needs a newer release than this one")
    for step in steps[: len(applied)]:
        if applied.get(step.number) != step.checksum:
            raise MigrationRefused(f"{step.name} was changed after it was applied: restore it and add a new migration")


def _apply_step(connection: psycopg.Connection, step: Migration, schema: str) -> None:
    try:
        with connection.transaction():
            # Sent alone and unaltered: the guard knows an approved migration by the text of the query.
            connection.execute(step.text.encode())
            connection.execute(
                sql.SQL("insert into {} (number, name, checksum) values (%s, %s, %s)").format(
                    sql.Identifier(schema, "migrations")
                ),
                (step.number, step.name, step.checksum),
            )
    except psycopg.errors.InsufficientPrivilege as refusal:
        raise MigrationRefused(
            f"{step.name} may not be applied ({refusal.diag.message_primary}): a superuser has to run the install first"
        ) from refusal


def _applied(connection: psycopg.Connection, schema: str) -> dict[int, bytes]:
    table = sql.Identifier(schema, "migrations")
    found = connection.execute("select to_regclass(%s)", (f"{schema}.migrations",)).fetchone()
    if found is None or found[0] is None:
        return {}
    return dict(connection.execute(sql.SQL("select number, checksum from {} order by number").format(table)).fetchall())


@contextmanager
def _installing(superuser_conninfo: str, database: str) -> Iterator[psycopg.Connection]:
    with (
        psycopg.connect(superuser_conninfo, dbname=database, autocommit=True) as connection,
        _one_at_a_time(connection),
        connection.transaction(),
    ):
        yield connection


@contextmanager
def _one_at_a_time(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (MIGRATION_LOCK,))


def _make_roles(server: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    with _one_at_a_time(server):
        known = {name for (name,) in server.execute("select rolname from pg_roles").fetchall()}
        for role in ROLES:
            name = sql.Identifier(role)
            if role not in known:
                server.execute(sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole").format(name))
            if role in passwords:
                # Sent as its verifier: statements get logged.
                verifier = server.pgconn.encrypt_password(passwords[role].encode(), role.encode(), b"scram-sha-256")
                server.execute(sql.SQL("alter role {} password {}").format(name, sql.Literal(verifier.decode())))


def _make_database(server: psycopg.Connection, name: str) -> None:
    identifier = sql.Identifier(name)
    with _one_at_a_time(server):
        if server.execute("select from pg_database where datname = %s", (name,)).fetchone() is None:
            server.execute(sql.SQL("create database {} encoding 'UTF8' template template0").format(identifier))
        # Temporary tables and public schemas are places to shadow or stage what the guard watches elsewhere.
        server.execute(sql.SQL("revoke all on database {} from public").format(identifier))
        server.execute(
            sql.SQL("grant connect on database {} to {}").format(
                identifier, sql.SQL(", ").join(sql.Identifier(role) for role in ROLES)
            )
        )


def _make_schemas(history: psycopg.Connection) -> None:
    for statement in (
        "create schema if not exists relais",
        "create schema if not exists rm",
        "revoke all on schema public from public",
        "grant usage, create on schema relais to relais_owner",
        "grant usage on schema relais to relais_app, relais_reader, relais_sealer",
        "grant usage, create on schema rm to relais_app",
        "grant usage on schema rm to relais_reader",
        "alter default privileges for role relais_app in schema rm grant select on tables to relais_reader",
    ):
        history.execute(statement)


def _is_superuser(connection: psycopg.Connection) -> bool:
    return connection.execute("select current_setting('is_superuser')").fetchone() == ("on",)


def _guard(history: psycopg.Connection) -> None:
    history.execute((HERE / "guard.sql").read_bytes())
    for step in migrations(HISTORY):
        history.execute(
            "insert into guard.approved_migrations (checksum, name) values (%s, %s) on conflict do nothing",
            (step.checksum, step.name),
        )


__all__ = [
    "APP",
    "OWNER",
    "READER",
    "SEALER",
    "Migration",
    "MigrationRefused",
    "install",
    "migrate",
    "migrations",
    "pending",
]
