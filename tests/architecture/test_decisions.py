"""Decisions that bind are written down, in one form, and say what enforces them."""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT

FOLDER = ROOT / "docs" / "decisions"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "What enforces it"]
ENFORCER = re.compile(
    r"`((?:domain|projections|service|tests|docs)/[^`*:]+|[\w.-]+\.(?:toml|yml|lock)|Makefile)(?:::[^`]*)?`"
)


def test_a_decision_has_its_five_parts() -> None:
    opening = r"# {number}\. \S.*\n\nStatus: (accepted|idea|superseded by \d{{4}})\n"
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        assert re.match(opening.format(number=int(path.name[:4])), text), path.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS, path.name


def test_a_decision_is_one_quotable_line() -> None:
    for path in DECISIONS:
        (decision,) = re.findall(r"^## Decision\n\n((?:.+\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert re.fullmatch(r"> .+\n", decision), path.name


def test_what_enforces_a_decision_exists() -> None:
    for path in DECISIONS:
        _, enforced = path.read_text(encoding="utf-8").split("## What enforces it")
        named = ENFORCER.findall(enforced)
        assert named, f"{path.name}: name the test, the check or the code"
        assert not [place for place in named if not (ROOT / place).exists()], path.name


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert DECISIONS
