"""A stream's version as a strong `ETag`: read it, decide on it, and be told when somebody was faster."""

from __future__ import annotations

import re

from starlette.requests import Request

from service.http.problems import Problem

_STRONG = re.compile(r'"(\d{1,18})"', re.ASCII)


def etag(version: int) -> str:
    """The tag of a version."""
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """The version that the caller decided on (`If-Match`), if it says so. A tag of another kind matches none."""
    stated = request.headers.get("if-match")
    if stated is None or stated.strip() == "*":
        return None
    tag = _STRONG.fullmatch(stated.strip())
    if tag is None:
        raise Problem(412)
    return int(tag[1])


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller has this version already (`If-None-Match`, compared weakly as RFC 9110 asks)."""
    stated = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in stated.split(",")}
    return tag in tags or "*" in tags
