"""A line of the log says what happened to which ids, and nothing about a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from typing_extensions import override

from service.logging import WITHHELD, configure_logging
from service.trouble import Trouble


class Terminal(io.StringIO):
    """A stream with a person in front of it."""

    @override
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def said() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(stream)
    return stream


def line(said: io.StringIO) -> dict[str, Any]:
    (text,) = said.getvalue().splitlines()
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_line_is_one_event_with_its_ids(said: io.StringIO) -> None:
    structlog.get_logger("relais.http").info("command_rejected", code="mission_not_running", mission_id="M-2026-001")
    assert (
        line(said).items()
        >= {
            "event": "command_rejected",
            "level": "info",
            "logger": "relais.http",
            "code": "mission_not_running",
            "mission_id": "M-2026-001",
        }.items()
    )
    assert line(said)["at"].endswith("Z")


@pytest.mark.parametrize("value", ["Jeanne Wamytan", "jeanne@example.nc", "12 rue de l'Alma", "Él", "a" * 300])
def test_what_may_name_a_person_is_withheld(said: io.StringIO, value: str) -> None:
    structlog.get_logger().info("command_accepted", who=value, deep={"who": [value]})
    assert line(said)["who"] == WITHHELD
    assert line(said)["deep"] == {"who": [WITHHELD]}
    assert value not in said.getvalue()


@pytest.mark.parametrize(
    "value",
    ["M-2026-001", "cadre-day:C-001:2026-03-03", "/missions/{mission_id}", "mission.signed#1", 204, 1.5, None, True],
)
def test_ids_codes_routes_and_counts_are_told(said: io.StringIO, value: object) -> None:
    structlog.get_logger().info("request", value=value)
    assert line(said)["value"] == value


def test_lines_of_a_request_carry_its_correlation_id(said: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="r-7"):
        structlog.get_logger().info("request")
    assert line(said)["correlation_id"] == "r-7"


def test_a_library_speaks_in_the_same_form(said: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info(
        "Uvicorn running on %s", "http://localhost:8000", extra={"color_message": "x"}
    )
    assert (
        line(said).items() >= {"event": "Uvicorn running on http://localhost:8000", "logger": "uvicorn.error"}.items()
    )
    assert "color_message" not in line(said)


def test_a_library_cannot_tell_a_password(said: io.StringIO) -> None:
    logging.getLogger("psycopg.pool").warning("no answer from postgresql://relais_app:open-sesame@db/relais")
    assert "open-sesame" not in said.getvalue()


def test_a_failure_is_told_by_its_places_without_values(said: io.StringIO) -> None:
    name = "Jeanne Wamytan"
    try:
        raise ValueError(name)
    except ValueError:
        structlog.get_logger().exception("request_broke")
    (raised,) = line(said)["exception"]
    assert raised["type"] == "ValueError"
    assert "test_logging.py" in raised["frames"][0]
    assert name not in said.getvalue()


def test_our_own_words_of_advice_are_kept(said: io.StringIO) -> None:
    try:
        raise Trouble("start the database")
    except Trouble:
        structlog.get_logger().exception("request_broke")
    assert line(said)["exception"][0]["words"] == "start the database"


def test_a_person_at_a_terminal_reads_plain_lines() -> None:
    terminal = Terminal()
    configure_logging(terminal)
    structlog.get_logger().info("read_model_ready", name="missions")
    assert "read_model_ready" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
