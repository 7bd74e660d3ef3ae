"""What every question over HTTP has in common: waiting for one's own writes, versions, pages, languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from domain.party.events import Language
from service.http.etags import etag, is_known
from service.http.paging import link_next
from service.http.problems import Problem
from service.http.services import services_of

WAIT = 5.0
"""Seconds that a read waits for the read models to reach a position."""

T = TypeVar("T", bound=BaseModel)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _instant(value: object) -> datetime:
    """An instant of a query; a `+` that nobody escaped has become a space."""
    text = str(value).replace(" ", "+")
    if not _INSTANT.fullmatch(text):
        raise ValueError("write the instant with its offset, such as 2026-03-31T18:00:00+11:00")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is too far away") from error


Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]


class Asked(BaseModel):
    """What any question takes: a position to wait for. A parameter of another name is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")
    min_position: Annotated[int, Field(ge=0, le=2**62)] | None = None


class Items(BaseModel, Generic[T]):
    """A page of a list."""

    items: Sequence[T]
    next_cursor: str | None = None


async def caught_up(request: Request, position: int | None, *models: str) -> None:
    """Waits until read models have reached a position, so that a caller reads its own writes."""
    if position is not None and not await services_of(request).progress.wait_until(position, WAIT, models):
        raise Problem(503, "not_caught_up", "The read models have not reached that position yet; ask again.")


def shown(request: Request, answer: BaseModel, version: int | None = None) -> Response:
    """One thing as it goes out, under its version; nothing where the caller has that version already."""
    headers = {} if version is None else {"ETag": etag(version)}
    if version is not None and is_known(request, etag(version)):
        return Response(status_code=304, headers=headers)
    return Response(answer.model_dump_json(by_alias=True), headers=headers, media_type="application/json")


def listed(request: Request, items: Sequence[BaseModel], next_cursor: str | None) -> Response:
    """A page of a list as it goes out, with the way to the next one."""
    content = Items[BaseModel].model_construct(items=items, next_cursor=next_cursor)
    response = Response(content.model_dump_json(by_alias=True, serialize_as_any=True), media_type="application/json")
    link_next(request, response, next_cursor)
    return response


def language_of(request: Request) -> Language:
    """French, unless English is preferred (`Accept-Language`)."""
    wanted = sorted(_preferences(request.headers.get("accept-language", "")), reverse=True)
    return next((language for _, _, language in wanted), Language.FRENCH)


def _preferences(header: str) -> list[tuple[float, int, Language]]:
    found = []
    for place, part in enumerate(header[:500].split(",")):
        name, _, weight = part.strip().partition(";q=")
        tag = name.strip().lower().partition("-")[0]
        quality = float(weight) if re.fullmatch(r"[01](\.\d{1,3})?", weight) else 1.0
        if tag in {language.value for language in Language} and quality > 0:
            found.append((quality, -place, Language(tag)))
    return found
