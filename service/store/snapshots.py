"""Where snapshots lie: what a stream added up to at a version, beside history, to be dropped at any hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeVar

import psycopg

from service.store.connections import Line, OverALine, bytea_array, int8_array, text_array

LAID_OUT: Final = """
do $$ begin
    if to_regclass('rm.stream_snapshots') is null then
        perform pg_advisory_xact_lock(x'72656C6169736B'::bigint);
        create table if not exists rm.stream_snapshots (
            stream   text primary key,
            version  bigint not null,
            position bigint not null,
            fold     text not null,
            state    bytea not null,
            mac      bytea not null,
            kept_at  timestamptz not null default clock_timestamp()
        );
        comment on table rm.stream_snapshots is
            'What streams added up to at a version. Derived: whatever is missing or wrong here is folded from history.';
    end if;
end $$
"""
"""The application's own table, in the schema of what can be made again."""

_STATEMENTS: Final = {
    "places": "select e.originator_id, e.notification_id, e.leaf"
    " from unnest($1::text[], $2::bigint[]) s(stream, version)"
    " join relais.events e on e.originator_id = s.stream and e.originator_version = s.version",
    "keep": "insert into rm.stream_snapshots (stream, version, position, fold, state, mac)"
    " select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[])"
    " on conflict (stream) do update set version = excluded.version, position = excluded.position,"
    " fold = excluded.fold, state = excluded.state, mac = excluded.mac, kept_at = excluded.kept_at",
}


Answer = TypeVar("Answer")


class Snapshot(NamedTuple):
    """What a stream added up to, as it is kept. Nothing of it is to be believed before its seal is checked."""

    stream: str
    version: int
    position: int
    state: bytes
    mac: bytes
    leaf: bytes | None
    """Of the event that has this version in history; None where there is none."""


class Place(NamedTuple):
    """Where the event at a stream's version stands in history."""

    stream: str
    position: int
    leaf: bytes


def with_the_table(line: Line, ask: Callable[[], Answer]) -> Answer:
    """Whoever drops the table drops nothing but time: a new connection lays it out again."""
    with line.alone:
        try:
            return ask()
        except psycopg.errors.UndefinedTable:
            line.close()
            return ask()


class SnapshotTable(OverALine):
    """Writes snapshots over one connection of its own, for any number of threads, one at a time."""

    def __init__(self, conninfo: str, *, deadline: float = 10.0) -> None:
        self._line = Line(
            conninfo,
            _STATEMENTS,
            name="relais snapshots",
            deadline=deadline,
            durable=False,
            settings=("synchronous_commit = off",),
            first=(LAID_OUT,),
        )

    def places(self, versions: Mapping[str, int]) -> dict[str, Place]:
        """Where the events at these versions of their streams stand."""
        parameters = [text_array(versions), int8_array([*versions.values()])]
        found = self._line.rows("places", parameters, Place._make)
        return {place.stream: place for place in found}

    def keep(self, snapshots: Iterable[Snapshot], fold: str) -> None:
        """Puts snapshots, made by the code that `fold` stands for, in the place of those before."""
        kept = list(snapshots)
        parameters = [
            text_array([each.stream for each in kept]),
            int8_array([each.version for each in kept]),
            int8_array([each.position for each in kept]),
            text_array([fold for _ in kept]),
            bytea_array([each.state for each in kept]),
            bytea_array([each.mac for each in kept]),
        ]
        with_the_table(self._line, lambda: self._line.call("keep", parameters))
