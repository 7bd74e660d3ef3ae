"""A journal's lines, read strictly: each is a command, or is told what is wrong with it and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from domain.commands import COMMANDS
from domain.event import Actor, Command, Role
from domain.mission.contract import SignMission
from domain.mission.decider import MISSION_COMMANDS
from domain.values import Id
from service.spellings import spelling_advice
from service.strict_json import Json, NotStrict, one_spelling, strict_json

MAX_LINE_BYTES = 1 << 20
"""No command is that long; a longer line is a file of another kind."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file as it stands there; `text` is None where it is too long to be a command."""

    number: int
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that is a command."""

    number: int
    id: str
    command: Command
    mission_id: str | None
    at: datetime
    by: Actor
    content: bytes


class Malformed(ValueError):
    """A line that is no command: what is wrong with it, and what to do."""


def read_lines(source: BinaryIO) -> Iterator[Line]:
    """The file's lines with their numbers; blank ones are left out, endless ones are not kept in memory."""
    number = 0
    while text := source.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            text = text.removeprefix(b"\xef\xbb\xbf")
        if len(text) > MAX_LINE_BYTES and not text.endswith(b"\n"):
            _skip_to_the_end_of_the_line(source)
            yield Line(number, None)
        elif text.strip():
            yield Line(number, text)


def _skip_to_the_end_of_the_line(source: BinaryIO) -> None:
    while (rest := source.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


class _By(BaseModel):
    """Who gave the command, as the line claims."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    id: Id | None = None


class _Shape(BaseModel):
    """What every line has around its command."""

    model_config = ConfigDict(extra="forbid")
    id: Id
    command: str = Field(strict=True)
    mission: Id | None = None
    at: str = Field(strict=True)
    by: _By
    data: dict[str, JsonValue]


def parse(line: Line) -> Entry:
    """The command that a line holds; `Malformed` says what is wrong with a line that holds none."""
    if line.text is None:
        raise Malformed(f"the line is longer than {MAX_LINE_BYTES} bytes; write one command a line")
    try:
        value = strict_json(line.text)
    except NotStrict as error:
        raise Malformed(str(error)) from None
    if not isinstance(value, dict):
        raise Malformed('write a JSON object: {"id": …, "command": …, "at": …, "by": …, "data": …}')
    try:
        shape = _Shape.model_validate(value)
    except ValidationError as error:
        raise Malformed(_in_words(error)) from None
    command = _command(shape)
    return Entry(
        number=line.number,
        id=shape.id,
        command=command,
        mission_id=_mission(command, shape.mission),
        at=_instant(shape.at),
        by=Actor(shape.by.role, shape.by.id),
        content=_content(value),
    )


def _command(shape: _Shape) -> Command:
    kind = COMMANDS.get(shape.command)
    if kind is None:
        raise Malformed(f"there is no command `{shape.command[:64]}`; the commands are {', '.join(sorted(COMMANDS))}")
    data = dict(shape.data)
    if kind is SignMission and shape.mission is not None:
        data.setdefault("mission_id", shape.mission)
    try:
        return kind.model_validate_json(json.dumps(data, ensure_ascii=False)).named(_new_id)
    except ValidationError as error:
        raise Malformed(_in_words(error, "data")) from None


def _new_id() -> str:
    return uuid4().hex


def _mission(command: Command, stated: str | None) -> str | None:
    """The mission that a command is about; none for a command on no single mission, or on one that it begins."""
    if isinstance(command, SignMission):
        if stated is not None and stated != command.mission_id:
            raise Malformed(
                f"mission: says {stated}, but data.mission_id {command.mission_id}; name the same mission in both"
            )
        return None
    if isinstance(command, MISSION_COMMANDS):
        if stated is None:
            raise Malformed(f"mission: is missing; add the mission that `{command.NAME}` is about")
        return stated
    if stated is not None:
        raise Malformed(f"mission: `{command.NAME}` is on no single mission; leave the field out")
    return None


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _instant(text: str) -> datetime:
    try:
        if _INSTANT.fullmatch(text):
            at = datetime.fromisoformat(text)
            if 1900 < at.year < 9999:
                return at
    except ValueError:
        pass
    raise Malformed("at: write the instant with its offset, such as 2026-03-03T17:40:00+11:00")


def _content(value: dict[str, Json]) -> bytes:
    """What a line says, whatever the order of its fields: by this a repeated id is known to say the same again."""
    said = {name: part for name, part in value.items() if name != "id"}
    return one_spelling(said)


def _in_words(error: ValidationError, prefix: str = "") -> str:
    """The faults of a line, each with the field that has it; at most three, for one often brings others."""
    faults = error.errors(include_url=False, include_input=False)
    words = [f"{_path(prefix, fault['loc'])}: {_fault(fault)}" for fault in faults[:3]]
    more = len(faults) - len(words)
    return "; ".join(words) + (f"; and {more} more" if more else "")


def _path(prefix: str, loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in (prefix, *loc) if part != "") or "the line"


def _fault(fault: ErrorDetails) -> str:
    match fault["type"]:
        case "missing":
            return "is missing; add it"
        case "extra_forbidden":
            return "is not a field here; take it out or correct its name"
        case _:
            return spelling_advice(fault.get("ctx", {})) or fault["msg"].removeprefix("Value error, ")
