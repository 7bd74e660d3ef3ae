"""Every error as RFC 9457 `application/problem+json`: what went wrong, by a stable code, and what to do.

A problem never repeats what the caller sent and never shows what broke inside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from service.http.questions import Unavailable
from service.spellings import spelling_advice

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 50
"""As many fields at fault are named at most."""

CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    412: "version_conflict",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "malformed",
    500: "internal_error",
    503: "unavailable",
}
"""What each status is called where no more exact code applies."""

DETAILS = {
    400: "The request could not be read; check its form and send it again.",
    401: "Send a valid token as `Authorization: Bearer TOKEN`.",
    403: "The role of this token may not do this; ask a network admin.",
    404: "There is no such thing, or this token may not see it; check the address.",
    405: "This address does not answer that method; use one of those in `Allow`.",
    406: "Ask for `application/json`.",
    412: "The version has moved on; read it again, then decide.",
    413: "The body is too large; send less.",
    415: "Send JSON as `Content-Type: application/json`.",
    422: "The request is not in the form asked for; see `errors`.",
    500: "Something broke on our side; nothing was said about your data. Quote the X-Request-ID to the operator.",
    503: "The service is not available now; try again shortly.",
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault: where it stands (a JSON pointer), in which part of the request, and what it should be."""

    pointer: str
    detail: str
    where: str = "body"


@dataclass(eq=False)
class Problem(Exception):
    """An answer that says no, and why."""

    status: int
    code: str = ""
    detail: str = ""
    errors: Sequence[FieldError] = ()
    more: Mapping[str, object] = field(default_factory=dict)
    """What a program needs beyond the words, such as all that a handover lacks."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The problem as it goes out."""
        code = self.code or CODES.get(self.status, "error")
        content: dict[str, object] = {
            "type": f"urn:relais:problem:{code}",
            "title": title_of(code),
            "status": self.status,
            "code": code,
            "detail": self.detail or DETAILS.get(self.status, HTTPStatus(self.status).phrase),
        }
        if self.errors:
            content["errors"] = [{"in": e.where, "pointer": e.pointer, "detail": e.detail} for e in self.errors]
        content |= self.more
        headers = dict(self.headers)
        if self.status == 401:
            headers.setdefault("WWW-Authenticate", 'Bearer realm="relais"')
        if self.status == 503:
            headers.setdefault("Retry-After", "1")
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return Response(body, self.status, headers, MEDIA_TYPE)


def title_of(code: str) -> str:
    """A code as people read it: `cadre_overbooked` is "Cadre overbooked"."""
    return code.replace("_", " ").capitalize()


def not_found(code: str = "not_found") -> Problem:
    """The same answer for what is not there and for what this token may not see."""
    return Problem(404, code)


def malformed(pointer: str, detail: str, where: str = "body") -> Problem:
    """A request that is not in the form asked for, with the field at fault."""
    return Problem(422, errors=(FieldError(pointer, detail, where),))


def malformed_body(error: ValidationError, body: object) -> Problem:
    """What a command's model had to say about a body."""
    errors = error.errors(include_input=False, include_url=False)[:MOST_ERRORS]
    return Problem(422, errors=[FieldError(_pointer(_in_body(each["loc"], body)), _sentence(each)) for each in errors])


def _malformed_request(error: RequestValidationError) -> Problem:
    """What the framework had to say about a path, a query or a header: each place begins with the part it is in."""
    errors: Sequence[ErrorDetails] = error.errors()[:MOST_ERRORS]
    found = [FieldError(_pointer(each["loc"][1:]), _sentence(each), str(each["loc"][0])) for each in errors]
    return Problem(422, errors=found)


def _in_body(loc: Sequence[int | str], body: object) -> Sequence[int | str]:
    """A place as the body has it: without the names of the kinds that the models choose between."""
    steps: list[int | str] = []
    for step in loc[:-1]:
        match body:
            case dict() if step in body:
                steps.append(step)
                body = body[step]
            case list() if isinstance(step, int):
                steps.append(step)
                body = body[step]
    return [*steps, *loc[-1:]]


_PLAIN_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]{0,63}", re.ASCII)


def _pointer(loc: Sequence[int | str]) -> str:
    """Where a field stands; a name that is no plain word is the caller's text, so it is not repeated."""
    steps = (str(step) if isinstance(step, int) or _PLAIN_NAME.fullmatch(step) else "?" for step in loc)
    return "".join("/" + step for step in steps)


_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this request; leave it out",
}


def _sentence(error: ErrorDetails) -> str:
    sentence = _SENTENCES.get(error["type"]) or spelling_advice(error.get("ctx", {}))
    return sentence or error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")


async def answer_problem(request: Request, error: Exception) -> Response:
    """The one place where an exception becomes an answer."""
    return _problem_of(request, error).response()


def _problem_of(request: Request, error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _malformed_request(error)
        case Unavailable() | ConnectionError():
            return Problem(503)
        case HTTPException(status_code=405):
            return Problem(405, headers={"Allow": ", ".join(allowed_methods(request))})
        case HTTPException():
            return Problem(error.status_code, headers=error.headers or {})
        case _:
            return Problem(500)


def allowed_methods(request: Request) -> list[str]:
    """Every method that the address answers, over all routes that share it."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        regex, _, _ = compile_path(route.path or "")
        if regex.match(request.scope["path"]):
            methods |= route.methods or set()
    return sorted(methods)
