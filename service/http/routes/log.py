"""The sealed log for whoever checks it: what was signed, that it only grew, and the hashes that it is made of."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.http.openapi import problems
from service.http.paging import Part, cursor_after
from service.http.problems import Problem, malformed, not_found
from service.http.reading import Items, listed
from service.http.services import services_of
from service.proof.bundles import HistoryDisagrees
from service.proof.entries import Entries, Entry
from service.proof.log import Log, Sealed
from service.proof.tiles import WIDTH

router = APIRouter(tags=["log"])
LARGEST = 2**62
Size = Annotated[int, Field(ge=1, le=LARGEST)]
Answer = TypeVar("Answer")
LEVELS = tuple("01234567")
FOR_EVER = "public, max-age=31536000, immutable"
"""A hash of the log never changes."""


class Checkpoint(BaseModel):
    """A sealed tree, what the log signed of it, and how far that can be trusted."""

    size: int
    root: str
    """Base64, as in the checkpoint itself."""
    position: int
    """The last event that it covers."""
    streams: int
    sealed_at: datetime
    trust: str
    """`unsigned`, `signed`, or `witnessed k of n`, by the log's own policy. Whoever checks has one of their own."""
    note: str | None
    """The C2SP signed note; null while it waits for its signature."""


class BlindedEntry(BaseModel):
    """One entry of the log: the bytes whose hash is the leaf there. No name and no word is in it."""

    index: int
    entry: str
    """Base64 of `relais/v1/leaf\\0`, pseudonym, version and commitment, or of `relais/v1/heads\\0`, streams and map."""


class EntriesAsked(Part):
    """Which part of the log is asked for."""

    beyond: Annotated[int | None, Field(alias="after", ge=0, le=LARGEST)] = None
    """The entries after this index: for whoever has the first ones already. A cursor goes before it."""


class Consistency(BaseModel):
    """That the log of one size is the beginning of the log of another, as RFC 6962 proves it."""

    model_config = ConfigDict(populate_by_name=True)
    from_: int = Field(alias="from")
    to: int
    proof: list[str]


@router.get("/log/checkpoint", response_class=PlainTextResponse, responses=problems(404, 503))
async def show_checkpoint(request: Request) -> Response:
    """The newest checkpoint, as a C2SP signed note."""
    sealed = await _ask(request, Log.latest_signed)
    if sealed is None or sealed.note is None:
        raise Problem(404, "not_sealed_yet", "Nothing was sealed yet; ask again in a few seconds.")
    return PlainTextResponse(sealed.note, headers={"Cache-Control": "no-cache"})


@router.get("/log/checkpoints", response_model=Items[Checkpoint], responses=problems(422, 503))
async def list_checkpoints(request: Request, asked: Annotated[Part, Query()]) -> Response:
    """All sealed trees, the newest first."""
    below = asked.after_position() or LARGEST
    found = await _ask(request, lambda log: log.page(below, asked.limit + 1))
    told = found[: asked.limit]
    cursor = cursor_after((str(told[-1].size),)) if len(found) > asked.limit else None
    return listed(request, [checkpoint(sealed) for sealed in told], cursor)


@router.get("/log/consistency", responses=problems(404, 422, 503))
async def show_consistency(
    request: Request, old: Annotated[Size, Query(alias="from")], new: Annotated[Size, Query(alias="to")]
) -> Consistency:
    """The proof that of two checkpoints the later continues the earlier."""
    if old > new:
        raise malformed("/from", "give the smaller size as `from`", "query")
    proof = await _ask(request, lambda log: _consistency(log, old, new))
    return Consistency.model_validate({"from": old, "to": new, "proof": [b64encode(each).decode() for each in proof]})


@router.get("/log/tile/{level}/{place:path}", response_class=Response, responses=problems(404, 422, 503))
async def show_tile(
    request: Request, level: Annotated[str, Path(max_length=10)], place: Annotated[str, Path(max_length=40)]
) -> Response:
    """Hashes of the tree as C2SP's tlog-tiles cuts it: whole tiles, and `.p/W` for the beginning of one."""
    number, width = _tile_asked(place)
    if level not in LEVELS:  # entries are for auditors: they tell how much happens in each stream
        raise not_found()
    found = await _ask(request, lambda log: _tile(log, int(level), number, width))
    if found is None:
        raise not_found()
    return Response(found, media_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})


@router.get("/log/entries", response_model=Items[BlindedEntry], responses=problems(401, 403, 422, 503))
async def list_entries(request: Request, asked: Annotated[EntriesAsked, Query()]) -> Response:
    """The entries of the signed log, blinded, in order: who has all of them computes each root and each heads map."""
    start = asked.after_position() if asked.beyond is None or asked.cursor is not None else asked.beyond + 1
    entries = services_of(request).entries
    found = [] if entries is None else await run_in_threadpool(_entries, entries, start, asked.limit + 1)
    told = [BlindedEntry(index=each.index, entry=b64encode(each.entry).decode()) for each in found[: asked.limit]]
    cursor = cursor_after((str(found[-1].index),)) if len(found) > asked.limit else None
    return listed(request, told, cursor)


def checkpoint(sealed: Sealed) -> Checkpoint:
    """A seal, as it is told."""
    return Checkpoint(
        size=sealed.size,
        root=b64encode(sealed.root).decode(),
        position=sealed.last_position,
        streams=sealed.streams,
        sealed_at=sealed.sealed_at,
        trust=sealed.trust,
        note=sealed.note,
    )


def _entries(entries: Entries, start: int, limit: int) -> list[Entry]:
    try:
        return entries.read(start, limit)
    except HistoryDisagrees as error:
        raise Problem(503, "history_disagrees", str(error)) from error


def _consistency(log: Log, old: int, new: int) -> list[bytes]:
    latest = log.latest()
    if latest is None or new > latest.size:
        raise Problem(404, "not_found", "The log is not that long yet; ask for sizes of its checkpoints.")
    return log.consistency(old, new)


def _tile(log: Log, level: int, number: int, width: int) -> bytes | None:
    latest = log.latest()
    if latest is None or (number * WIDTH + width) << 8 * level > latest.size:
        return None
    return log.tile(level, number) if width == WIDTH else log.beginning_of_tile(level, number, width)


def _tile_asked(place: str) -> tuple[int, int]:
    """Which tile, and how much of it: `x001/x234/067`, or `067.p/12`."""
    path, partial, width = place.partition(".p/")
    parts = path.split("/")
    digits = [part.removeprefix("x") for part in parts]
    well_formed = all(part.startswith("x") for part in parts[:-1]) and not parts[-1].startswith("x")
    if not well_formed or not all(len(each) == 3 and each.isascii() and each.isdigit() for each in digits):
        raise not_found()
    if partial and not (width.isascii() and width.isdigit() and not width.startswith("0") and int(width) < WIDTH):
        raise not_found()
    return int("".join(digits)), int(width) if partial else WIDTH


async def _ask(request: Request, question: Callable[[Log], Answer]) -> Answer:
    log = services_of(request).log
    if log is None:
        raise Problem(404, "not_sealed_yet", "Nothing was sealed yet; ask again in a few seconds.")
    return await run_in_threadpool(question, log)
