"""Events, commands and refusals are named and explained in the words of the business."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import classes, name_of, python_files

VAGUE_EVENTS = re.compile(r"(Created|Updated|Changed|Deleted|Event)$")


def described(of: str) -> list[tuple[str, str | None]]:
    """Every class of the domain that inherits from one with this name, directly or through others, with its words."""
    known = {of}
    found: dict[str, str | None] = {}
    grown = True
    while grown:
        grown = False
        for path in python_files("domain"):
            for declared in classes(path):
                parents = {ast.unparse(parent).split("[")[0] for parent in declared.bases}
                label = f"{name_of(path)}: {declared.name}"
                if label not in found and parents & known:
                    known.add(declared.name)
                    found[label] = ast.get_docstring(declared)
                    grown = True
    return sorted(found.items())


def test_every_event_is_a_sentence() -> None:
    assert not [label for label, words in described("Event") if not words or not words.rstrip().endswith((".", ")"))]


def test_every_command_is_explained() -> None:
    assert not [label for label, words in described("Command") if not words]


def test_every_refusal_is_explained() -> None:
    assert not [label for label, words in described("CommandRejected") if not words]


def test_an_event_is_named_by_what_happened() -> None:
    vague = [
        label for label, _ in described("Event") if VAGUE_EVENTS.search(label) and not label.endswith(": MissionEvent")
    ]
    assert not vague, "no one says aloud that a thing was created, updated, changed or deleted"


def test_every_kind_of_thing_was_found() -> None:
    """A rule over nothing would hold for ever."""
    assert len(described("Event")) > 30
    assert len(described("Command")) > 30
    assert len(described("CommandRejected")) > 20
