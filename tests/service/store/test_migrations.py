"""Databases reach today's shape by approved, numbered steps, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from service.embedded import EmbeddedPostgres
from service.store import migrate as migrating
from service.store.migrate import HISTORY, KEYS, MigrationRefused, install, migrate, migrations, pending
from tests.servers import Database, superuser


@pytest.fixture
def bare(any_postgres: EmbeddedPostgres) -> Iterator[Database]:
    """Two databases that were installed and never migrated."""
    database = Database(any_postgres, "bare", "bare_keys")
    install(any_postgres.url(), database=database.name, keys_database=database.keys_name)
    yield database
    with superuser(any_postgres) as connection:
        for name in (database.name, database.keys_name):
            connection.execute(f"drop database {name} with (force)")


def migrated(database: Database) -> list[int]:
    with psycopg.connect(database.owner_url) as connection:
        return [
            number for (number,) in connection.execute("select number from relais.migrations order by 1").fetchall()
        ]


def test_every_step_is_applied_once(bare: Database) -> None:
    assert len(pending(bare.owner_url, bare.keys_owner_url)) == len(migrations(HISTORY)) + len(migrations(KEYS))
    migrate(bare.owner_url, bare.keys_owner_url)
    migrate(bare.owner_url, bare.keys_owner_url)
    assert migrated(bare) == [step.number for step in migrations(HISTORY)]
    assert pending(bare.owner_url, bare.keys_owner_url) == []


def test_several_servers_may_start_at_once(bare: Database) -> None:
    with ThreadPoolExecutor(6) as servers:
        starts = [servers.submit(migrate, bare.owner_url, bare.keys_owner_url) for _ in range(6)]
    assert [start.result() for start in starts] == [None] * 6
    assert migrated(bare) == [step.number for step in migrations(HISTORY)]


def test_installing_again_is_harmless(bare: Database) -> None:
    migrate(bare.owner_url, bare.keys_owner_url)
    with ThreadPoolExecutor(3) as installers:
        again = [
            installers.submit(
                install, bare.postgres.url(), database=bare.name, keys_database=bare.keys_name, passwords={}
            )
            for _ in range(3)
        ]
    assert [done.result() for done in again] == [None] * 3
    migrate(bare.owner_url, bare.keys_owner_url)


def test_a_password_never_reaches_the_server_in_the_clear(bare: Database) -> None:
    install(bare.postgres.url(), database=bare.name, keys_database=bare.keys_name, passwords={"relais_reader": "p'ass"})
    with superuser(bare.postgres) as connection:
        kept = connection.execute("select rolpassword from pg_authid where rolname = 'relais_reader'").fetchone()
    assert kept is not None
    assert kept[0].startswith("SCRAM-SHA-256$")


def test_a_step_that_was_changed_after_it_was_applied_is_noticed(
    bare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(bare.owner_url, bare.keys_owner_url)
    for file in HISTORY.glob("*.sql"):
        (tmp_path / file.name).write_text(file.read_text() + "\n-- one word more")
    monkeypatch.setattr(migrating, "HISTORY", tmp_path)
    with pytest.raises(MigrationRefused, match="0001_history was changed"):
        migrate(bare.owner_url, bare.keys_owner_url)


def test_an_older_release_does_not_touch_a_newer_database(
    bare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(bare.owner_url, bare.keys_owner_url)
    (tmp_path / "0001_history.sql").write_text((HISTORY / "0001_history.sql").read_text())
    monkeypatch.setattr(migrating, "HISTORY", tmp_path)
    with pytest.raises(MigrationRefused, match="newer release"):
        migrate(bare.owner_url, bare.keys_owner_url)


def test_the_owner_runs_only_what_the_installer_approved(
    bare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in HISTORY.glob("*.sql"):
        (tmp_path / file.name).write_text(file.read_text())
    number = len(migrations(HISTORY)) + 1
    (tmp_path / f"{number:04}_notes.sql").write_text("create table relais.notes (note text); drop table relais.notes;")
    monkeypatch.setattr(migrating, "HISTORY", tmp_path)
    with pytest.raises(MigrationRefused, match="a superuser has to run the install first"):
        migrate(bare.owner_url, bare.keys_owner_url)
    assert migrated(bare) == [*range(1, number)]
    install(bare.postgres.url(), database=bare.name, keys_database=bare.keys_name)
    migrate(bare.owner_url, bare.keys_owner_url)
    assert migrated(bare) == [*range(1, number + 1)]


def test_a_step_that_fails_leaves_nothing_behind(
    bare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_broken.sql").write_text("create table relais.half (done int); select 1 / 0;")
    monkeypatch.setattr(migrating, "HISTORY", tmp_path)
    install(bare.postgres.url(), database=bare.name, keys_database=bare.keys_name)
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(bare.owner_url, bare.keys_owner_url)
    with psycopg.connect(bare.superuser_url) as connection:
        assert connection.execute("select to_regclass('relais.half')").fetchone() == (None,)


@pytest.mark.parametrize("names", [["0002_late.sql"], ["0001_a.sql", "0001_b.sql"], ["0001_a.sql", "0003_c.sql"]])
def test_steps_are_numbered_without_gaps(names: list[str], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).write_text("select 1;")
    with pytest.raises(MigrationRefused, match="without a gap"):
        migrations(tmp_path)


def test_read_models_are_the_applications_own(any_database: Database) -> None:
    with psycopg.connect(any_database.app_url, autocommit=True) as application:
        for statement in (
            "create table rm.statements (id bigint generated always as identity primary key, month text default '1')",
            "create unique index on rm.statements (month)",
            "alter table rm.statements add column amount numeric",
            "alter table rm.statements alter column amount type text",
            "insert into rm.statements (amount) values ('1')",
            "create table if not exists rm.statements ()",
            "create view rm.totals as select count(*) from rm.statements",
            "truncate rm.statements",
            "alter table rm.statements rename to old_statements",
            "create table rm.copy as select * from rm.old_statements",
            "drop view rm.totals",
            "drop table rm.old_statements cascade",
        ):
            application.execute(statement.encode())
    with psycopg.connect(any_database.reader_url) as reader:
        assert reader.execute("select * from rm.copy").fetchall() == []
