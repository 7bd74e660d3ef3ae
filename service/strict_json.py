"""JSON that means one thing to every reader, whether it comes as a request or as a line of a journal."""

from __future__ import annotations

import json
import math
import re
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH: Final = 16
MAX_DIGITS: Final = 18
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotStrict(ValueError):
    """These bytes could mean two things, or nothing that can be kept: what is wrong, and what to do."""


def strict_json(data: bytes) -> Json:
    """UTF-8, no name twice, no NaN, nothing too deep or too long, no text that cannot be stored."""
    try:
        value: Json = json.loads(
            data.decode(),
            object_pairs_hook=_members,
            parse_constant=_no_constant,
            parse_int=_whole_number,
            parse_float=_finite,
        )
    except NotStrict:
        raise
    except UnicodeDecodeError as error:
        raise NotStrict(f"byte {error.start + 1} is not UTF-8; write all text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotStrict(f"this is no JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise _too_deep() from None
    _check(value, MAX_DEPTH)
    return value


def one_spelling(value: Json) -> bytes:
    """The same bytes for what means the same, so that a request is known again whatever its spaces and order."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name, value in pairs:
        if name in members:
            raise NotStrict(f"the field `{json.dumps(name[:64])[1:-1]}` stands there twice; keep one of them")
        members[name] = value
    return members


def _no_constant(word: str) -> Json:
    raise NotStrict(f"{word} is no number in JSON; write a decimal string")


def _whole_number(digits: str) -> Json:
    if len(digits) > MAX_DIGITS:
        raise _too_large(digits)
    return int(digits)


def _finite(digits: str) -> Json:
    number = float(digits)
    if not math.isfinite(number):
        raise _too_large(digits)
    return number


def _check(value: Json, depth: int) -> None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise NotStrict("a text holds a character that cannot be stored (NUL, or half a pair); take it out")
    elif isinstance(value, (dict, list)):
        if depth == 0:
            raise _too_deep()
        if isinstance(value, dict):
            for name in value:
                _check(name, depth)
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, depth - 1)


def _too_large(digits: str) -> NotStrict:
    return NotStrict(f"the number {digits[:32]} is too large; write a decimal string")


def _too_deep() -> NotStrict:
    return NotStrict(f"this is nested deeper than {MAX_DEPTH} levels; no command is")
