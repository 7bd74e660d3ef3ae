"""Each command of the command line, as somebody types it, on a real PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

import httpx2
import psycopg
import pytest

from service.read_models import catch_up
from service.worker import READ_MODELS
from tests.servers import Database, scratch_directory

CADRE = {
    "id": "t-1",
    "command": "register_cadre",
    "at": "2026-03-03T17:40:00+11:00",
    "by": {"role": "network_admin"},
    "data": {"cadre_id": "C-1", "name": "Anne A.", "email": "anne@example.nc", "functions": ["finance"]},
}
STRANGER = {**CADRE, "id": "t-2", "command": "correct_cadre", "data": {"cadre_id": "C-9", "name": "B."}}
SECONDS = 60


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """What the command sees: our settings, and nobody else's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")}
    return {**kept, **settings}


def relais(settings: Mapping[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *words],
        env=environment(settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def running(settings: Mapping[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is told to stop."""
    with subprocess.Popen(
        [sys.executable, "-m", "service.cli", *words],
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=SECONDS)


def said(lines: IO[str] | None, words: str) -> str:
    """The line in which a running command says these words."""
    assert lines is not None
    heard = []
    for line in lines:
        heard.append(line)
        if words in line:
            return line
    raise AssertionError(f"never said {words!r}: {heard}")


@pytest.fixture
def external(database: Database) -> dict[str, str]:
    """A server that others run."""
    return {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}


@pytest.fixture
def embedded() -> Iterator[dict[str, str]]:
    """A folder for a PostgreSQL of our own."""
    with scratch_directory() as folder:
        yield {"RELAIS_DATA_DIR": str(folder)}


def test_the_version_is_the_package_s() -> None:
    assert relais({}, "--version").stdout == f"relais {version('relais')}\n"


def test_help_names_every_command() -> None:
    told = relais({}, "--help")
    assert told.returncode == 0
    for command in ("demo", "serve", "work", "import", "token", "projections", "install", "migrate"):
        assert command in told.stdout


def test_a_wrong_setting_is_named_with_what_to_write() -> None:
    told = relais({"RELAIS_TIMEZONE": "Mars"}, "import", "-")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "relais: RELAIS_TIMEZONE: write an IANA time zone, such as Pacific/Noumea\n"


def test_a_missing_file_is_named() -> None:
    told = relais({}, "import", "nowhere.jsonl")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "relais: there is no file nowhere.jsonl: correct its name, or give - to read standard input\n"


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    told = relais({}, "import", str(tmp_path))
    assert told.returncode == 2
    assert "name the journal in it" in told.stderr


def test_a_database_that_is_down_is_told_in_one_line() -> None:
    nowhere = "postgresql://relais_app@127.0.0.1:1/relais?connect_timeout=2"
    told = relais({"RELAIS_DATABASE_URL": nowhere, "RELAIS_KEYS_DATABASE_URL": nowhere}, "import", "-", stdin="{}")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("relais: the database does not answer: ")
    assert told.stderr.count("\n") == 1


def test_the_role_that_owns_the_history_is_refused(database: Database, external: dict[str, str]) -> None:
    told = relais({**external, "RELAIS_DATABASE_URL": database.owner_url}, "serve", "--port", "0")
    assert (told.returncode, told.stdout) == (2, "")
    assert "relais_owner owns the tables of history" in told.stderr
    assert "name relais_app" in told.stderr


def test_an_import_reports_refused_lines_and_ends_with_a_summary(external: dict[str, str]) -> None:
    told = relais(external, "import", "-", stdin=f"{json.dumps(CADRE)}\n{json.dumps(STRANGER)}\nnonsense\n")
    assert told.returncode == 1
    first, second = told.stdout.splitlines()
    assert first.startswith("line 2: unknown_cadre: ")
    assert second.startswith("line 3: malformed: this is no JSON")
    assert told.stderr.splitlines()[-1].endswith("1 accepted, 2 refused, 0 repeated")


def test_an_import_that_refuses_nothing_is_silent_but_for_its_summary(external: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_text(json.dumps(CADRE))
    first, second = (relais(external, "import", str(file)) for _ in range(2))
    assert (first.returncode, first.stdout, second.returncode, second.stdout) == (0, "", 0, "")
    assert first.stderr.endswith("1 accepted, 0 refused, 0 repeated\n")
    assert second.stderr.endswith("0 accepted, 0 refused, 1 repeated\n")


def test_an_import_can_stop_at_the_first_refusal(external: dict[str, str]) -> None:
    lines = f"{json.dumps(STRANGER)}\n{json.dumps(CADRE)}\n"
    told = relais(external, "import", "-", "--stop-on-error", stdin=lines)
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].endswith("0 accepted, 1 refused, 0 repeated")


def test_a_taken_port_is_told_before_anything_is_started(external: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = relais(external, "serve", "--port", str(port))
    assert told.returncode == 2
    assert told.stderr == (
        f"relais: port {port} of 127.0.0.1 is taken: stop what listens there, or choose another with --port\n"
    )


def test_what_is_imported_can_be_asked_for_with_a_token(external: dict[str, str]) -> None:
    relais(external, "import", "-", stdin=json.dumps(CADRE))
    token = relais(external, "token", "--role", "network_admin").stdout.strip()
    with running(external, "serve", "--port", "0") as server:
        address = said(server.stderr, "Relais serves ").split()[2].rstrip(";")
        answered = httpx2.get(f"{address}/missions", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)
    assert answered.json() == {"items": [], "next_cursor": None}
    assert server.returncode == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--role", "boss"), "network_admin, cadre, client, accountant or auditor"),
        (("--role", "cadre"), "--cadre"),
        (("--role", "client", "--cadre", "C-1"), "--client"),
        (("--role", "auditor"), "--mission"),
        (("--role", "accountant", "--client", "E-1"), "accountant"),
    ],
)
def test_a_token_needs_exactly_what_its_role_may_see(
    external: dict[str, str], words: tuple[str, ...], reason: str
) -> None:
    told = relais(external, "token", *words)
    assert (told.returncode, told.stdout) == (2, "")
    assert reason in told.stderr


def test_an_empty_database_is_told_to_be_prepared(database: Database) -> None:
    with psycopg.connect(database.postgres.url(), autocommit=True) as server:
        server.execute("create database unprepared")
    try:
        url = database.postgres.url("relais_app", "unprepared")
        told = relais({"RELAIS_DATABASE_URL": url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}, "import", "-")
        assert told.returncode == 2
        assert "run `relais install` as its superuser, then `relais migrate`" in told.stderr
    finally:
        with psycopg.connect(database.postgres.url(), autocommit=True) as server:
            server.execute("drop database unprepared")


def test_an_embedded_database_needs_no_preparation_and_keeps_its_data(embedded: dict[str, str]) -> None:
    assert relais(embedded, "import", "-", stdin=json.dumps(CADRE)).returncode == 0
    assert relais(embedded, "migrate").returncode == 0
    again = relais(embedded, "import", "-", stdin=json.dumps(CADRE))
    assert again.stderr.endswith("0 accepted, 0 refused, 1 repeated\n")


def test_read_models_are_missing_until_somebody_builds_them(external: dict[str, str]) -> None:
    relais(external, "import", "-", stdin=json.dumps(CADRE))
    before = relais(external, "projections", "status")
    built = relais(external, "projections", "rebuild")
    after = relais(external, "projections", "status")
    assert (before.returncode, built.returncode, after.returncode) == (1, 0, 0)
    for model in READ_MODELS:
        assert f"{model.name}: missing; `relais work` or `relais serve` builds it\n" in before.stdout
        assert f"{model.name}: generation 2 serves\n" in built.stdout
        assert f"{model.name}: serving, position 1, 0 behind\n" in after.stdout


def test_an_unknown_read_model_is_told_with_those_that_there_are(external: dict[str, str]) -> None:
    told = relais(external, "projections", "rebuild", "weather")
    assert (told.returncode, told.stdout) == (2, "")
    assert "there is no read model weather: they are missions, " in told.stderr


def test_the_worker_alone_brings_the_read_models_up_to_date(external: dict[str, str], database: Database) -> None:
    with running(external, "work") as worker:
        said(worker.stderr, "keeps the read models up to date")
        relais(external, "import", "-", stdin=json.dumps(CADRE))
        with psycopg.connect(database.app_url, autocommit=True) as connection:
            assert catch_up(connection, patience=SECONDS) == 1
    assert worker.returncode == 0
