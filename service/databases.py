"""Where history, read models and keys are: in an embedded PostgreSQL of our own, or on a server that others run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from service.embedded import SUPERUSER, EmbeddedPostgres
from service.postgres_programs import EmbeddedPostgresError
from service.settings import Settings
from service.store import migrate as store_migrate
from service.store.migrate import APP, HISTORY, OWNER, ROLES, SEALER, MigrationRefused, migrations
from service.trouble import Trouble

HISTORY_NAME, KEYS_NAME = "relais", "relais_keys"
"""How the two databases are called on the embedded server."""


@dataclass(frozen=True, slots=True)
class Databases:
    """The two databases as the application's role reaches them, and where their data lies, for people to read."""

    history: str
    keys: str
    place: str
    sealer: str | None = None
    """History for the role that seals it; without one, nothing is sealed from here."""
    sealer_keys: str | None = None
    """The keys for that role, which opens no personal word."""
    superuser: tuple[str, str] | None = None
    """Both as the superuser reaches them, where the server is ours: for housekeeping that no other role may do."""


@contextmanager
def databases(settings: Settings) -> Iterator[Databases]:
    """The databases at this version's schema, reached by a role that cannot rewrite history."""
    if settings.database_url is None or settings.keys_database_url is None:
        with embedded(settings.data_dir) as found:
            yield found
        return
    found = Databases(
        settings.database_url.get_secret_value(),
        settings.keys_database_url.get_secret_value(),
        place(settings.database_url.get_secret_value()),
        _secret(settings.sealer_database_url),
        _secret(settings.sealer_keys_database_url),
    )
    check(found)
    yield found


@contextmanager
def embedded(data_dir: Path, server_settings: Mapping[str, str] | None = None) -> Iterator[Databases]:
    """Our own PostgreSQL in a folder, installed and migrated."""
    with ExitStack() as closing:
        with _told_plainly():
            server = closing.enter_context(EmbeddedPostgres(data_dir, server_settings))
            store_migrate.install(server.url())
            store_migrate.migrate(server.url(OWNER, HISTORY_NAME), server.url(OWNER, KEYS_NAME))
        yield Databases(
            server.url(APP, HISTORY_NAME),
            server.url(APP, KEYS_NAME),
            str(server.data_dir),
            server.url(SEALER, HISTORY_NAME),
            server.url(SEALER, KEYS_NAME),
            (server.url(SUPERUSER, HISTORY_NAME), server.url(SUPERUSER, KEYS_NAME)),
        )


def install(superuser_url: str, settings: Settings) -> None:
    """Prepare a server that others run, as its superuser: roles, databases, and the guard of history. Repeatable."""
    history = conninfo_to_dict(_required(settings.database_url, "RELAIS_DATABASE_URL"))
    keys = conninfo_to_dict(_required(settings.keys_database_url, "RELAIS_KEYS_DATABASE_URL"))
    owner = conninfo_to_dict(_required(settings.database_owner_url, "RELAIS_DATABASE_OWNER_URL"))
    sealer = conninfo_to_dict(_secret(settings.sealer_database_url) or "")
    passwords = {str(url["user"]): str(url["password"]) for url in (history, owner, sealer) if "password" in url}
    with _told_plainly():
        store_migrate.install(
            superuser_url,
            database=str(history["dbname"]),
            keys_database=str(keys["dbname"]),
            passwords={role: password for role, password in passwords.items() if role in ROLES},
        )


def migrate(settings: Settings) -> list[str]:
    """Bring the databases to this version's schema, as their owner; the steps that were missing."""
    if settings.database_url is None:
        with _told_plainly(), EmbeddedPostgres(settings.data_dir) as server:
            store_migrate.install(server.url())
            return _migrate(server.url(OWNER, HISTORY_NAME), server.url(OWNER, KEYS_NAME))
    owner = _required(settings.database_owner_url, "RELAIS_DATABASE_OWNER_URL")
    keys_owner = _required(settings.keys_database_owner_url, "RELAIS_KEYS_DATABASE_OWNER_URL")
    with _told_plainly():
        return _migrate(owner, keys_owner)


def _migrate(owner: str, keys_owner: str) -> list[str]:
    missing = store_migrate.pending(owner, keys_owner)
    store_migrate.migrate(owner, keys_owner)
    return missing


def check(found: Databases) -> None:
    """Refuse databases that are behind this version, and a role that could rewrite history."""
    with _told_plainly(), psycopg.connect(found.history, connect_timeout=10) as history:
        _refuse_the_owner(history)
        _refuse_what_is_behind(history)
    with _told_plainly(), psycopg.connect(found.keys, connect_timeout=10) as keys:
        if keys.execute("select to_regclass('public.stream_keys')").fetchone() == (None,):
            raise Trouble(f"the database of keys, {place(found.keys)}, is empty: run `relais migrate` as its owner")


def _refuse_the_owner(history: psycopg.Connection) -> None:
    owned = history.execute(
        "select current_user from pg_roles where rolname = current_user and (rolsuper or exists ("
        " select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'relais' and pg_has_role(current_user, c.relowner, 'member')))"
    ).fetchone()
    if owned is not None:
        raise Trouble(
            f"the role {owned[0]} owns the tables of history and could rewrite it: "
            f"name {APP} in RELAIS_DATABASE_URL, and {OWNER} in RELAIS_DATABASE_OWNER_URL only"
        )


def _refuse_what_is_behind(history: psycopg.Connection) -> None:
    steps = migrations(HISTORY)
    if history.execute("select to_regclass('relais.migrations')").fetchone() == (None,):
        raise Trouble(
            "the database has no history yet: run `relais install` as its superuser, then `relais migrate` as its owner"
        )
    applied: dict[int, bytes] = dict(history.execute("select number, checksum from relais.migrations").fetchall())
    missing = [step.name for step in steps if step.number not in applied]
    if missing:
        raise Trouble(
            f"the database lacks {', '.join(missing)}: run `relais migrate` with RELAIS_DATABASE_OWNER_URL set"
        )
    if len(applied) > len(steps):
        raise Trouble("the database was migrated by a later version of Relais: run that version, or a later one")


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What goes wrong with a database, as a line that says what to do."""
    try:
        yield
    except (EmbeddedPostgresError, MigrationRefused) as refused:
        raise Trouble(str(refused)) from refused
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise Trouble(f"the database does not answer: {reason}. Start it, or correct RELAIS_DATABASE_URL") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise Trouble(
            f"the role may not do this: {error.diag.message_primary}. Name another role in the URL"
        ) from error


def place(url: str) -> str:
    """Where a database is, without the password."""
    parts = conninfo_to_dict(url)
    return f"{parts.get('dbname', '')} at {parts.get('host', 'localhost')}:{parts.get('port', 5432)}"


def _secret(url: SecretStr | None) -> str | None:
    return None if url is None else url.get_secret_value()


def _required(url: SecretStr | None, name: str) -> str:
    if url is None:
        raise Trouble(f"{name} is not set: write the postgresql:// URL there")
    return url.get_secret_value()
