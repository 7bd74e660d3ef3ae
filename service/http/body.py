"""Reading a JSON body so that it means one thing only, to us and to whoever checks the record later."""

from __future__ import annotations

import json
import math
import re
from email.message import Message
from typing import TypeAlias

from starlette.requests import Request

from service.http.problems import Problem, malformed

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_BYTES = 1_000_000
"""A command is a few hundred bytes; a bank statement has its own limit."""
MAX_DEPTH = 16
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


async def read_object(request: Request) -> dict[str, Json]:
    """The JSON object that a request carries; a `Problem` where it carries anything else."""
    require_json(request)
    return parse_object(await request.body())


def require_json(request: Request) -> None:
    """Refuses a body that does not say that it is JSON."""
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    charset = message.get_content_charset("utf-8")
    if message.get_content_type() != "application/json" or charset not in {"utf-8", "utf8"}:
        raise Problem(415)


def parse_object(body: bytes) -> dict[str, Json]:
    """Strict JSON: UTF-8, no name twice, no NaN, nothing too deep, no text that cannot be stored."""
    value = parse(body)
    if not isinstance(value, dict):
        raise malformed("", "send a JSON object")
    return value


def parse(body: bytes) -> Json:
    """Strict JSON of any kind."""
    try:
        value: Json = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_members,
            parse_constant=_no_constant,
            parse_int=_whole_number,
            parse_float=_finite,
        )
    except Problem:
        raise
    except UnicodeDecodeError as error:
        raise malformed("", "the body is not UTF-8") from error
    except RecursionError as error:
        raise malformed("", f"the body is nested deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:
        raise malformed("", "the body is not JSON") from error
    _check(value, MAX_DEPTH)
    return value


def _members(pairs: list[tuple[str, Json]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise malformed("", "a name stands twice in the same object")
    return members


def _no_constant(_name: str) -> Json:
    raise malformed("", "NaN and Infinity are no JSON numbers")


def _whole_number(text: str) -> Json:
    if len(text) > 18:
        raise malformed("", "a number is too large; send it as a decimal string")
    return int(text)


def _finite(text: str) -> Json:
    number = float(text)
    if not math.isfinite(number):
        raise malformed("", "a number is too large; send it as a decimal string")
    return number


def _check(value: Json, depth: int) -> None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise malformed("", "a text holds a NUL or half a surrogate pair, which is no character")
    elif isinstance(value, (dict, list)):
        if depth == 0:
            raise malformed("", f"the body is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            for name in value:
                _check(name, depth)
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, depth - 1)


def canonical(value: Json) -> bytes:
    """One spelling of a body, so that the same request is known again whatever its spaces and order."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
