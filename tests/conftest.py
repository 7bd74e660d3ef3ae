"""What every test may ask for: a real PostgreSQL, and a database of its own on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from service.embedded import EmbeddedPostgres
from service.postgres_programs import installed_binaries
from tests.browser import installed_chromium, running_browser
from tests.servers import Database, cloned_database, running_server

OLDEST_SUPPORTED = 15

# A property is true or false, not fast or slow: a busy machine fails no test.
settings.register_profile("relais", deadline=None, print_blob=True)
# What a change must pass is the same for the next one; new examples are sought by whoever runs `make test`.
settings.register_profile("repeatable", settings.get_profile("relais"), derandomize=True)
settings.load_profile("relais")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--everything", action="store_true", help="fail, instead of leaving out, what this machine lacks a program for"
    )
    parser.addoption("--golden", action="store_true", help="write the golden files anew instead of comparing with them")


def lacking(request: pytest.FixtureRequest, program: str) -> NoReturn:
    """Leave a test out for want of a program, unless everything was asked for."""
    if request.config.getoption("--everything"):
        pytest.fail(f"{program} is not installed, and --everything lets nothing be left out")
    pytest.skip(f"{program} is not installed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not run, so that silence always means that all was run."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = (
            report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)
        )
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"not run: {count} tests, because {reason}", yellow=True)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares what was made with the file that was reviewed; `make golden` writes it anew."""
    rewrite = bool(request.config.getoption("--golden"))

    def compare(file: Path, made: str) -> None:
        if rewrite:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(made, encoding="utf-8")
        assert file.exists(), f"{file.name} was never written: run `make golden` and review it"
        assert made == file.read_text(encoding="utf-8"), f"{file.name} is not what is made today: run `make golden`"

    return compare


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The PostgreSQL that comes with Relais, migrated. One for each worker of a run."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres15(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """The oldest PostgreSQL that is supported, from the machine's own installation."""
    binaries = installed_binaries(OLDEST_SUPPORTED)
    if binaries is None:
        lacking(request, f"PostgreSQL {OLDEST_SUPPORTED}")
    with running_server(binaries) as server:
        yield server


@pytest.fixture(scope="session", params=["postgres", "postgres15"])
def any_postgres(request: pytest.FixtureRequest) -> EmbeddedPostgres:
    """Each PostgreSQL that is supported, one after the other."""
    server: EmbeddedPostgres = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A migrated, empty database that is this test's alone."""
    with cloned_database(postgres) as clone:
        yield clone


@pytest.fixture
def any_database(any_postgres: EmbeddedPostgres) -> Iterator[Database]:
    """The same on each PostgreSQL that is supported."""
    with cloned_database(any_postgres) as clone:
        yield clone


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A browser of the test's own: a program of the machine, so named when it is not there."""
    program = installed_chromium()
    if program is None:
        lacking(request, "Chromium")
    with running_browser(program) as found:
        yield found
