"""Lists in pages: an opaque cursor says where the last page ended, `Link: rel="next"` where the next one begins."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from service.http.problems import Problem, malformed

Key = tuple[str, ...]

MAX_LIMIT = 500


class Part(BaseModel):
    """Which part of a list is asked for."""

    model_config = ConfigDict(extra="forbid")
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 100
    cursor: Annotated[str, Field(max_length=500)] | None = None

    def after(self, length: int) -> Key | None:
        """The key of the last thing on the page before; a cursor that we did not give out is refused."""
        return None if self.cursor is None else _read_cursor(self.cursor, length)

    def after_position(self) -> int:
        """The position after which the page begins, for lists in the order of history."""
        after = self.after(1)
        if after is None:
            return 0
        if not re.fullmatch(r"\d{1,18}", after[0], re.ASCII):
            raise _bad_cursor()
        return int(after[0])


class Page(Part):
    """Which part of a read model's list is asked for, and the position to wait for."""

    min_position: Annotated[int, Field(ge=0, le=2**62)] | None = None


def cursor_after(key: Sequence[str]) -> str:
    """The cursor of what comes after a key."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, length: int) -> Key:
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _bad_cursor() from error
    if not isinstance(key, list) or len(key) != length or not all(isinstance(part, str) for part in key):
        raise _bad_cursor()
    if any("\x00" in part or not part.isprintable() for part in key):
        raise _bad_cursor()
    return tuple(key)


def _bad_cursor() -> Problem:
    return malformed("/cursor", "use a cursor as a page gave it, or none for the first page", "query")


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Says where the next page is, with everything else that was asked."""
    if cursor is not None:
        asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        response.headers["Link"] = f'<{request.url.path}?{urlencode([*asked, ("cursor", cursor)])}>; rel="next"'
