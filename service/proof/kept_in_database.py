"""A store in its database, read by the check at one moment while the service goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg

from service.proof.blinding import Blind, Blinds
from service.proof.findings import Kind
from service.proof.kept import CheckpointRow, HeadRow, Misfiled, PieceRow, SealRow, TileRow
from service.store.keys import KeyStore
from service.store.reader import StoredRow
from service.store.sealing import PersonalValueAltered, opened_values

Connection = psycopg.Connection[tuple[Any, ...]]
BATCH: Final = 2_000
_EVENTS: Final = (
    "select notification_id, originator_id, originator_version, topic, state, envelope, recorded_at, leaf"
    " from relais.events order by notification_id"
)
_SEALS: Final = "select number, size, last_position, root, streams, map_root from relais.seals order by number"
_CHECKPOINTS: Final = "select size, note, level, witnessed from relais.checkpoints order by size, id"
_TILES: Final = "select index, nodes from relais.tiles where level = %s order by index"
_HEADS: Final = "select seal, pseudonym, count, frontier from relais.stream_heads order by seal"
_PIECES: Final = "select seal, prefix, slots from relais.map_tiles order by seal"
_ANSWERED: Final = "select command_id, positions from relais.commands where command_id = any(%s)"
_NAMED: Final = "select coalesce(sum(cardinality(positions)), 0)::bigint from relais.commands"
_DANGLING: Final = (
    "select min(t.position) from relais.event_tags t"
    " where not exists (select from relais.events e where e.notification_id = t.position)"
)
_WORDS: Final = (
    "select position, path, ciphertext from relais.personal_values where position between %s and %s"
    " order by position, path"
)
_STRAY: Final = (
    "select min(v.position) from relais.personal_values v"
    " where not exists (select from relais.events e where e.notification_id = v.position)"
)
R = TypeVar("R")


class KeptInDatabase:
    """Reads over one connection, in one transaction that sees one moment."""

    def __init__(self, connection: Connection, blinds: Blinds, keys: KeyStore, batch: int = BATCH) -> None:
        self._connection, self._blinds, self._keys, self._batch = connection, blinds, keys, batch
        self._cursors = 0

    def head(self) -> int:
        return int(self._cell("select position from relais.log_head") or 0)

    def events(self) -> Iterator[Sequence[StoredRow]]:
        with self._cursor(_EVENTS) as cursor:
            while rows := cursor.fetchmany(self._batch):
                yield [StoredRow._make(row) for row in rows]

    def blinds(self, streams: Iterable[str]) -> Mapping[str, Blind]:
        return self._blinds.of(streams)

    def seals(self) -> Iterator[SealRow]:
        return map(SealRow._make, self._rows(_SEALS))

    def checkpoints(self) -> Iterator[CheckpointRow]:
        return map(CheckpointRow._make, self._rows(_CHECKPOINTS))

    def tiles(self, level: int) -> Iterator[TileRow]:
        return map(TileRow._make, self._rows(_TILES, level, batch=64))

    def heads(self) -> Iterator[HeadRow]:
        return map(HeadRow._make, self._rows(_HEADS))

    def pieces(self) -> Iterator[PieceRow]:
        return map(PieceRow._make, self._rows(_PIECES))

    def answered(self, command_ids: Iterable[str]) -> Mapping[str, Sequence[int]]:
        return dict(self._connection.execute(_ANSWERED.encode(), [[*command_ids]], binary=True).fetchall())

    def altered_words(self, rows: Sequence[StoredRow]) -> Iterator[tuple[int, str]]:
        events = {row.position: row for row in rows}
        span = [min(events, default=0), max(events, default=0)]
        found = self._connection.execute(_WORDS.encode(), span, binary=True).fetchall()
        kept = [(events[position], path, words) for position, path, words in found if position in events]
        secrets = self._keys.stream_secrets({row.stream for row, _, _ in kept})
        for row, path, words in kept:
            key = secrets[row.stream].key if row.stream in secrets else None
            if key is not None and not _are_as_recorded(row, path, bytes(words), key):
                yield row.position, path

    def misfiled(self, commanded: int) -> Iterator[Misfiled]:
        named = int(self._cell(_NAMED) or 0)
        if named != commanded:
            yield Misfiled(Kind.COMMAND, None, f"commands name {named} events, and {commanded} name a command")
        dangling = self._cell(_DANGLING)
        if dangling is not None:
            yield Misfiled(Kind.TAG, dangling, "a tag points to an event that is not there")
        stray = self._cell(_STRAY)
        if stray is not None:
            yield Misfiled(Kind.WORDS, stray, "personal words are kept for an event that is not there")

    def _rows(self, query: str, *parameters: object, batch: int = BATCH) -> Iterator[tuple[Any, ...]]:
        with self._cursor(query, *parameters) as cursor:
            while rows := cursor.fetchmany(batch):
                yield from rows

    @contextmanager
    def _cursor(self, query: str, *parameters: object) -> Iterator[psycopg.ServerCursor[tuple[Any, ...]]]:
        self._cursors += 1
        with self._connection.cursor(f"kept_{self._cursors}") as cursor:
            cursor.execute(query.encode(), parameters, binary=True)
            yield cursor

    def _cell(self, query: str) -> Any:
        row = self._connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]


def _are_as_recorded(row: StoredRow, path: str, words: bytes, key: bytes) -> bool:
    try:
        for _ in opened_values(row.state, row.stream, row.version, {path: words}, key):
            pass
    except (PersonalValueAltered, LookupError, TypeError, ValueError):  # no such field, or no field at all
        return False
    return True


@contextmanager
def kept_in_database(database_url: str, keys_url: str) -> Iterator[KeptInDatabase]:
    """A store as it is now, and stays for the length of the check."""
    blinds, keys = Blinds(keys_url), KeyStore(keys_url, durable=False)
    try:
        with psycopg.connect(
            database_url, autocommit=True, application_name="relais verify", connect_timeout=10
        ) as connection:
            connection.execute("set timezone = 'UTC'")
            with connection.transaction():
                connection.execute("set transaction isolation level repeatable read, read only")
                yield KeptInDatabase(connection, blinds, keys)
    finally:
        blinds.close()
        keys.close()
