"""The reference: what can be looked up, made from the code itself so that it is never behind it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from domain.catalogue import ALL_EVENTS, stored_topic
from domain.commands import COMMANDS
from domain.event import CommandRejected, Role
from service.settings import Settings
from tests.docs.shapes import Field, Schema, fields_of, shape_fields, stands_alone, words
from tests.service.http.bench import Bench

MADE = "<!-- Made by `make golden` from the code: change it there. -->\n"


def events() -> str:
    """Every event that history may hold."""
    opening = (
        "# Events\n\n" + MADE + "\n"
        "What can happen, under the name and version that it is stored with. Personal texts are kept encrypted,\n"
        "beside history ([record format](record-format.md)). Events once shipped only gain optional fields.\n"
    )
    return _models(
        opening, [(stored_topic(event), event) for event in ALL_EVENTS], of=lambda event: event.TOPIC.split(".")[0]
    )


def commands() -> str:
    """Every decision that can be asked of the service."""
    opening = (
        "# Commands\n\n" + MADE + "\n"
        "What can be asked, by the name that a journal uses and as the body of an HTTP request, where the ids of\n"
        "the path are not repeated. A refused command leaves nothing behind ([refusals](refusals.md)).\n"
    )
    return _models(opening, list(COMMANDS.items()), of=None)


def refusals() -> str:
    """Every reason for which a command is refused."""
    found = sorted(_kinds_of(CommandRejected), key=lambda kind: (kind.code, kind.__name__))
    ours = [kind for kind in found if "code" in vars(kind) and kind.__module__.startswith("domain.")]
    lines = [f"| `{kind.code}` | {_sentence(kind)} |\n" for kind in ours]
    return (
        "# Refusals\n\n" + MADE + "\n"
        "Why the service says no: `code` in the problem that HTTP answers with status 409 (403 for `not_allowed`,\n"
        "422 for `malformed`), and in the report of an import. Beside it, what must hold, or what stood in the way.\n\n"
        "| code | fact |\n| --- | --- |\n" + "".join(dict.fromkeys(lines))
    )


def http() -> str:
    """Every address of the API."""
    app = Bench().app()
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    rows = [
        f"| `{method} {path}` | {_who(roles)} | {_asked(operation)} | {_sentence_of(operation)} |\n"
        for (method, path), roles in app.state.policy.items()
        if (operation := paths.get(path, {}).get(method.lower()))
    ]
    return (
        "# HTTP\n\n" + MADE + "\n"
        "Every address, who is let in, and what can be asked in the query. All fields are in `/openapi.json`.\n"
        "The body of a `POST` is a command ([commands](commands.md)); what a token may not see answers 404.\n\n"
        "| address | roles | query | does |\n| --- | --- | --- | --- |\n" + "".join(rows)
    )


def _who(roles: frozenset[Role]) -> str:
    if not roles:
        return "no token needed"
    return "all" if roles == frozenset(Role) else ", ".join(sorted(roles))


def _asked(operation: dict[str, Any]) -> str:
    return ", ".join(f"`{part['name']}`" for part in operation.get("parameters", ()) if part["in"] == "query")


def _sentence_of(operation: dict[str, Any]) -> str:
    words: str = operation.get("description") or operation["summary"]
    return words.split("\n\n", maxsplit=1)[0].replace("\n", " ")


def settings() -> str:
    """Everything that an operator can set."""
    rows = "".join(
        f"| `RELAIS_{name.upper()}` | {_default(field.default)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    )
    return (
        "# Settings\n\n" + MADE + "\n"
        "Environment variables, or files of the same names in lower case under `/run/secrets`.\n\n"
        "| variable | default | meaning |\n| --- | --- | --- |\n" + rows
    )


def _default(value: object) -> str:
    return f"`{value}`" if isinstance(value, str | int) else ""


def _models(opening: str, named: list[tuple[str, type[BaseModel]]], of: Any) -> str:
    shapes: dict[str, Schema] = {}
    pieces = [opening]
    group = None
    for name, model in named:
        fields, found = fields_of(model)
        assert all(shapes.get(shape, meant) == meant for shape, meant in found.items()), "two shapes of one name"
        shapes |= found
        if of is not None and of(model) != group:
            group = of(model)
            pieces.append(f"\n# {group}\n")
        pieces.append(f"\n## `{name}`\n\n{_sentence(model)}\n\n{_table(fields)}")
    pieces.append("\n# Shapes\n\nWhat the fields above are made of.\n")
    for name, shape in sorted(item for item in shapes.items() if stands_alone(*item)):
        sentence = str(shape.get("description", "")).split("\n\n")[0].replace("\n", " ")
        told = f"{words(shape, shapes)}\n" if "enum" in shape else _table(shape_fields(shape, shapes))
        pieces.append(f"\n## {name}\n\n{sentence}\n\n{told}")
    return "".join(pieces)


def _table(fields: Iterable[Field]) -> str:
    rows = [f"| `{field.name}` | {field.words} | {'' if field.required else 'optional'} |" for field in fields]
    return "\n".join(["| field | holds | |", "| --- | --- | --- |", *rows, ""]) if rows else "No fields.\n"


def _sentence(thing: type) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _kinds_of(kind: type[CommandRejected]) -> Iterator[type[CommandRejected]]:
    for narrower in kind.__subclasses__():
        yield narrower
        yield from _kinds_of(narrower)
