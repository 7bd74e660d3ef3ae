"""The audit trail as a file: a row or an object for each event, with its hash and the tree that covers it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable

from domain.event import Role
from projections.audit_trail import Entry
from service.exports.csv_file import harmless

COLUMNS = (
    *("position", "stream", "version", "type", "occurred_on", "recorded_at", "claimed_at", "actor_role", "actor_id"),
    *("command_id", "correlation_id", "sentence", "data", "hash"),
    *("checkpoint_size", "checkpoint_sealed_at", "checkpoint_trust"),
)


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
