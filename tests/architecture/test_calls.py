"""Calls that are banned somewhere, each with what to write instead."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, python_files, tree


@dataclass(frozen=True, slots=True)
class Ban:
    """A call that some folders must not make."""

    call: str
    folders: tuple[str, ...]
    instead: str
    allowed_in: tuple[str, ...] = ()


RELOCATED = ("tests/service/test_embedded.py", "tests/service/store/test_migrations.py")
PURE = ("domain", "projections")
BANS = (
    Ban("datetime.now", (*PURE, "tests"), "the instant comes in with the context; tests name the instant they mean"),
    Ban("datetime.today", (*PURE, "service", "tests"), "the date comes in with the context"),
    Ban("datetime.utcnow", (*PURE, "service", "tests"), "datetime.now(UTC)"),
    Ban("date.today", (*PURE, "service", "tests"), "today in the network's time zone, from the settings"),
    Ban("time.time", PURE, "the instant comes in with the context"),
    Ban("uuid4", PURE, "ids come in with the command"),
    Ban("uuid.uuid4", PURE, "ids come in with the command"),
    Ban("random.random", PURE, "the same history must always give the same answer"),
    Ban("float", PURE, "Decimal: money and time are exact"),
    Ban("round", PURE, "Decimal.quantize with ROUND_HALF_UP: round() rounds half to even"),
    Ban("open", PURE, "the domain reads nothing"),
    Ban(
        "print", (*PURE, "service"), "log an event, or write with the console of the command line", ("service/cli.py",)
    ),
    Ban("time.sleep", ("tests", "service"), "wait for a position or a condition", ("service/embedded.py",)),
    Ban("sleep", ("tests",), "wait for a position or a condition"),
    Ban("eval", (*PURE, "service", "tests"), "a closed catalogue"),
    Ban("exec", (*PURE, "service"), "a closed catalogue"),
    Ban("importlib.import_module", (*PURE, "service"), "a closed catalogue"),
    Ban("pickle.loads", (*PURE, "service", "tests"), "canonical JSON"),
    Ban("mock.patch", ("tests",), "a hand-made fake, or the real thing"),
    Ban("monkeypatch.setattr", ("tests",), "pass it in; only where a release's own files lie is exchanged", RELOCATED),
)


def calls(path: Path) -> list[tuple[str, int]]:
    return [(ast.unparse(node.func), node.lineno) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("ban", BANS, ids=lambda ban: ban.call)
def test_a_banned_call_is_made_nowhere(ban: Ban) -> None:
    found = [
        f"{name_of(path)}:{line}"
        for path in python_files(*ban.folders)
        if name_of(path) not in ban.allowed_in
        for call, line in calls(path)
        if call == ban.call
    ]
    assert not found, f"instead of {ban.call}: {ban.instead}"
