"""The audit trail as a file: a row or an object for each event, with its hash and the tree that covers it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from enum import StrEnum
from typing import Any, Protocol, cast

from domain.event import Role
from domain.party.events import Language
from projections.audit_trail import WIDTH, Entry, EntryRow, Proof, entry_of
from projections.audit_trail.queries import Search, entries_for
from projections.read_model import Cells, Query
from service.exports.csv_file import harmless
from service.exports.exporting import File

COLUMNS = (
    *("position", "stream", "version", "type", "occurred_on", "recorded_at", "claimed_at", "actor_role", "actor_id"),
    *("command_id", "correlation_id", "sentence", "data", "hash"),
    *("checkpoint_size", "checkpoint_sealed_at", "checkpoint_trust"),
)


class FileFormat(StrEnum):
    """What a trail is taken away as."""

    CSV = "csv"
    JSON = "json"


MEDIA_TYPES = {FileFormat.CSV: "text/csv; charset=utf-8; header=present", FileFormat.JSON: "application/json"}
AT_ONCE = 500
"""Entries that are read together."""
_ROWS = Cells(EntryRow)


class Source(Protocol):
    """The read models."""

    async def ask(self, query: Query) -> Sequence[tuple[Any, ...]]: ...


async def entries(
    search: Search, source: Source, after: int = 0, limit: int = AT_ONCE, language: Language = Language.FRENCH
) -> Sequence[Entry]:
    """A page of what is asked for, in words."""
    rows = await source.ask(entries_for(search, after=after, limit=limit))
    return [_entry(cells, language) for cells in rows]


async def all_entries(search: Search, source: Source, language: Language = Language.FRENCH) -> AsyncIterator[Entry]:
    """Page after page, so that no trail is too long to be taken away."""
    position = 0
    while found := await entries(search, source, position, AT_ONCE, language):
        position = found[-1].position
        for entry in found:
            yield entry


async def trail_file(search: Search, form: FileFormat, source: Source) -> File:
    """The whole of what is asked for, as a file."""
    found = all_entries(search, source)
    lines = csv_lines(found) if form is FileFormat.CSV else json_lines(found)
    content = "".join([line async for line in lines])
    return File(file_name(search, form), MEDIA_TYPES[form], content.encode())


def file_name(search: Search, form: FileFormat) -> str:
    """`relais_audit-trail_M-1_2026-01-01.csv`."""
    mission = [] if search.stream is None else [search.stream.partition(":")[2]]
    period = [on.isoformat() for on in (search.first, search.last) if on is not None]
    return f"{'_'.join(['relais', 'audit-trail', *mission, *period])}.{form.value}"


def _entry(cells: Sequence[Any], language: Language) -> Entry:
    return entry_of(cast("EntryRow", _ROWS.read(cells[:WIDTH])), Proof._make(cells[WIDTH:]), language)


async def csv_lines(entries: AsyncIterator[Entry]) -> AsyncIterator[str]:
    """RFC 4180, UTF-8; free text that no spreadsheet program will carry out."""
    yield _line(COLUMNS)
    async for entry in entries:
        yield _line(_cells(entry))


async def json_lines(entries: AsyncIterator[Entry]) -> AsyncIterator[str]:
    """One object as the list answers it, an entry a line."""
    yield '{"items": ['
    separator = "\n"
    async for entry in entries:
        yield separator + entry.model_dump_json()
        separator = ",\n"
    yield '\n], "next_cursor": null}\n'


def _cells(entry: Entry) -> Iterable[str]:
    covered = entry.checkpoint
    yield str(entry.position)
    yield entry.stream
    yield str(entry.version)
    yield entry.type
    yield entry.occurred_on.isoformat()
    yield entry.recorded_at.isoformat()
    yield entry.claimed_at.isoformat() if entry.claimed_at else ""
    yield Role(entry.actor.role).value
    yield entry.actor.id or ""
    yield harmless(entry.request.command_id or "")
    yield harmless(entry.request.correlation_id or "")
    yield harmless(entry.sentence)
    yield entry.model_dump_json(include={"data"})[len('{"data":') : -1]
    yield entry.hash
    yield str(covered.size) if covered else ""
    yield covered.sealed_at.isoformat() if covered else ""
    yield covered.trust.value if covered else ""


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
