"""The read models' questions, asked over a pooled connection without holding up the event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar, cast

import psycopg

from domain.party.events import Language
from domain.values import Function
from projections.audit_trail import ENTRIES, WIDTH, Entry, EntryRow, Proof, entry_of
from projections.audit_trail.queries import Search, entries_for
from projections.missions.answers import DayAnswer, MissionAnswer, Status, day_answer, mission_answer
from projections.missions.days import DAYS, DayRow
from projections.missions.mission import MISSION, MissionRow
from projections.missions.parties import PARTIES, PartyRow
from projections.missions.queries import days_of, mission_by_id, missions_for, parties_for
from projections.read_model import Cells, Fold, Query
from projections.reconciliation import (
    Count,
    Reconciliation,
    counts_for,
    lines,
    portion_of,
    portions_for,
    reconciliation,
)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
R = TypeVar("R", bound=tuple[object, ...])
_ENTRIES = Cells(ENTRIES.row)


async def missions(
    connection: Connection,
    on: date,
    *,
    mission_ids: Sequence[str] | None = None,
    client_id: str | None = None,
    cadre_id: str | None = None,
    function: Function | None = None,
    status: Status | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[MissionAnswer]:
    """Missions in order of id, as they stand on a date; a cadre's are those it holds, held or is to hold."""
    query = missions_for(
        on,
        mission_ids=mission_ids,
        client_id=client_id,
        cadre_id=cadre_id,
        function=function,
        status=status,
        after=after,
        limit=limit,
    )
    return [mission_answer(row, on) for row in await _rows(connection, MISSION, query)]


async def mission(connection: Connection, mission_id: str, on: date) -> MissionAnswer | None:
    """One mission as it stands on a date."""
    rows = await _rows(connection, MISSION, mission_by_id(mission_id))
    return mission_answer(rows[0], on) if rows else None


async def mission_row(connection: Connection, mission_id: str) -> MissionRow | None:
    """What there is of a mission, for whoever judges who may see it."""
    rows = await _rows(connection, MISSION, mission_by_id(mission_id))
    return rows[0] if rows else None


async def days(
    connection: Connection,
    mission_id: str,
    *,
    first: date | None = None,
    last: date | None = None,
    after: tuple[date, str] | None = None,
    limit: int | None = None,
) -> list[DayAnswer]:
    """The days of a mission in order of date and id, each in its bucket."""
    held = await mission_row(connection, mission_id)
    query = days_of(mission_id, first=first, last=last, after=after, limit=limit)
    rows: list[DayRow] = await _rows(connection, DAYS, query)
    return [day_answer(row, () if held is None else held.agreements) for row in rows]


async def parties(
    connection: Connection, kind: str | None = None, party_ids: Sequence[str] | None = None
) -> list[PartyRow]:
    """Clients, cadres or issuers by id; the words of those who were forgotten are gone."""
    return await _rows(connection, PARTIES, parties_for(kind, party_ids))


async def audit_trail(
    connection: Connection,
    stream: str | None = None,
    *,
    language: Language = Language.FRENCH,
    after: int = 0,
    limit: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    streams: Mapping[str, date | None] | None = None,
) -> list[Entry]:
    """The entries of a stream (`mission:M-2026-001`), or of all that one may see, in order of position."""
    search = Search(stream=stream, streams=streams, as_of=as_of, known_at=known_at)
    found = await _fetched(connection, entries_for(search, after=after, limit=limit))
    return [entry_of(cast(EntryRow, _ENTRIES.read(row[:WIDTH])), Proof._make(row[WIDTH:]), language) for row in found]


async def reconciled(
    connection: Connection,
    *,
    month: str | None = None,
    mission_ids: Sequence[str] | None = None,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> Reconciliation:
    """Delivered days by bucket, per mission and month; `balanced` says whether the events confirm them all."""
    portions = await _fetched(connection, portions_for(month, mission_ids, after, limit))
    counts = await _fetched(connection, counts_for(month, mission_ids))
    return reconciliation(lines(map(portion_of, portions)), [Count(*row) for row in counts])


async def _rows(connection: Connection, table: Fold[R], query: Query) -> list[R]:
    cells = Cells(table.row)
    return [cast(R, cells.read(row)) for row in await _fetched(connection, query)]


async def _fetched(connection: Connection, query: Query) -> list[Any]:
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(query.sql.encode(), dict(query.parameters))
        return await cursor.fetchall()
