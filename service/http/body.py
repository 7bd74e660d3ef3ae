"""Reading a JSON body so that it means one thing only, to us and to whoever checks the record later."""

from __future__ import annotations

from email.message import Message

from starlette.requests import Request

from service.http.problems import Problem, malformed
from service.strict_json import Json, NotStrict, strict_json

MAX_BYTES = 1_000_000
"""A command is a few hundred bytes; a bank statement has its own limit."""


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
    """Strict JSON that is an object."""
    try:
        value = strict_json(body)
    except NotStrict as error:
        raise malformed("", str(error)) from None
    if not isinstance(value, dict):
        raise malformed("", "send a JSON object")
    return value
