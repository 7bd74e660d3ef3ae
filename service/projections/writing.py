"""Folds a batch of events into a generation's tables: rows are read once, folded in memory, written by COPY."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

import psycopg
from psycopg import sql
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format, PipelineStatus
from typing_extensions import override

from domain.event import Event, Recorded
from projections.read_model import Cells, Fold, Key, Ledger, Query, ReadModel, Row, Summary, Touched, rows_of
from service.projections.layout import Connection, Table, columns, table_name
from service.store.connections import text_array

Retold = Callable[[str, int], Sequence[Recorded[Event]]]
"""A stream up to a position, sealed, as history now reads."""

JSONB, JSON, TEXT_ARRAY = 3802, 114, 1009
FEW: Final = 4
"""As many rows are inserted; more go by COPY, unless the connection is in a pipeline, which knows no COPY."""
AT_ONCE: Final = (16, 4, 1)
"""So many rows go into one statement; each size is a statement of its own, and prepared."""
REFUSED: Final = sql.SQL("")
"""An entry that is there already is a mistake."""
PREPARED: Final = 1000
"""Statements kept ready: those of every table, twice over."""


class _Jsonb(Dumper):
    """Writes JSON that is JSON already."""

    oid = JSONB
    format = Format.BINARY

    @override
    def dump(self, obj: str) -> Buffer:
        return b"\x01" + obj.encode()


class _Json(Dumper):
    """The same, for a column that keeps it as it is."""

    oid = JSON
    format = Format.BINARY

    @override
    def dump(self, obj: str) -> Buffer:
        return obj.encode()


class _TextArray(Dumper):
    """Writes a tuple of words."""

    oid = TEXT_ARRAY
    format = Format.BINARY

    @override
    def dump(self, obj: Sequence[str]) -> Buffer:
        return text_array(obj)


class _Ready(str):
    """A marker: no value is of this type, its dumpers are found by the column's type."""

    __slots__ = ()


def prepare(connection: Connection) -> None:
    """Teaches a connection to write documents and lists of words in binary, and to keep all statements ready."""
    connection.prepared_max = PREPARED
    for dumper in (_Jsonb, _Json, _TextArray):
        connection.adapters.register_dumper(_Ready, dumper)


class Tables:
    """The tables of one generation of a read model, open for writing by one leader alone."""

    def __init__(self, connection: Connection, model: ReadModel, generation: int) -> None:
        self._folds = [_Rows(connection, table, generation) for table in model.tables if isinstance(table, Fold)]
        self._ledgers = [_Entries(connection, table, generation) for table in model.tables if isinstance(table, Ledger)]
        names = [table.name for table in model.tables]
        self._summaries = [
            _Summed(connection, table, generation, names) for table in model.tables if isinstance(table, Summary)
        ]
        self._forgets = model.forgets

    def ask(self, batch: Sequence[Recorded[Event]]) -> list[_Asked]:
        """Sends for the rows that a batch touches, before any is read: in a pipeline nobody waits in between."""
        return [rows.ask(batch) for rows in self._folds]

    def write(self, batch: Sequence[Recorded[Event]], asked: Sequence[_Asked], retold: Retold) -> None:
        """Folds a batch into every table."""
        for rows, answer in zip(self._folds, asked, strict=True):
            rows.write(answer)
        for entries in self._ledgers:
            entries.write(batch)
        for recorded in batch:
            if type(recorded.event) in self._forgets:
                for entries in self._ledgers:
                    entries.retell(recorded.stream, recorded.position, retold(recorded.stream, recorded.position))
        for summed in self._summaries:
            summed.write(batch)


class _Asked(NamedTuple):
    """The rows of one table that a batch touches: what it does to them, and where they come in."""

    touched: Sequence[Touched]
    held: psycopg.Cursor[tuple[Any, ...]] | None
    """None where no row is touched."""


class _Target:
    """A table, and how whole rows get into it."""

    def __init__(
        self, connection: Connection, table: Table, generation: int, if_there: sql.Composable = REFUSED
    ) -> None:
        self._connection = connection
        self._name = table_name(table, generation)
        self.cells = Cells(table.row)
        self._types = [column.sql for column in columns(table)]
        self._copy = self.bytes_of(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(self._name))
        insert = sql.SQL("INSERT INTO {} VALUES {}{}")
        one = sql.SQL("({})").format(sql.SQL(", ").join(sql.SQL("%s::" + kind) for kind in self._types))
        self._insert = {
            size: self.bytes_of(insert.format(self._name, sql.SQL(", ").join([one] * size), if_there))
            for size in AT_ONCE
        }

    def bytes_of(self, statement: sql.Composed) -> bytes:
        """A statement, composed once."""
        return statement.as_bytes(self._connection)

    def are_few(self, rows: Sequence[object]) -> bool:
        """Whether rows are written by statements."""
        return len(rows) <= FEW or self._connection.pgconn.pipeline_status != PipelineStatus.OFF

    def add(self, rows: Sequence[Row]) -> None:
        """Adds rows: a few in few statements, many by COPY."""
        if self.are_few(rows):
            self._insert_each(rows)
            return
        write = self.cells.write
        with self._connection.cursor() as cursor, cursor.copy(self._copy) as copy:
            copy.set_types(self._types)
            for row in rows:
                copy.write_row(write(row))

    def _insert_each(self, rows: Sequence[Row]) -> None:
        write, done = self.cells.write, 0
        while done < len(rows):
            size = next(size for size in AT_ONCE if size <= len(rows) - done)
            cells = [_parameter(cell) for row in rows[done : done + size] for cell in write(row)]
            self._connection.execute(self._insert[size], cells, prepare=True)
            done += size


class _Keyed(_Target):
    """Rows by key: those that changed are replaced, those that are no more are removed."""

    def __init__(self, connection: Connection, table: Fold[Row] | Summary[Row], generation: int) -> None:
        super().__init__(connection, table, generation, _replacing(table))
        kinds = {column.name: column.sql for column in columns(table)}
        keys = [sql.Identifier(name) for name in table.key]
        arrays = sql.SQL(", ").join(sql.SQL("%b::{}[]").format(sql.SQL(kinds[name])) for name in table.key)
        self.asked = sql.SQL("unnest({}) AS asked ({})").format(arrays, sql.SQL(", ").join(keys))
        self.alike = sql.SQL(" AND ").join(sql.SQL("held.{0} = asked.{0}").format(key) for key in keys)
        self._remove = self.bytes_of(
            sql.SQL("DELETE FROM {} held USING {} WHERE {}").format(self._name, self.asked, self.alike)
        )
        self.key_of = _key_of(table)

    def replace(self, before: Mapping[Key, Row], changed: Mapping[Key, Row | None]) -> None:
        rows = [row for row in changed.values() if row is not None]
        updated = self.are_few(rows)
        gone = [key for key, row in changed.items() if key in before and (row is None or not updated)]
        if gone:
            self._connection.execute(self._remove, _arrays(gone), prepare=True)
        if rows:
            self.add(rows)


class _Rows(_Keyed):
    """The rows that a batch touches: read, folded, and replaced where they changed."""

    def __init__(self, connection: Connection, table: Fold[Row], generation: int) -> None:
        super().__init__(connection, table, generation)
        self._table = table
        shown = sql.SQL(", ").join(
            sql.SQL("held.{}{}").format(sql.Identifier(column.name), sql.SQL("::text" if column.document else ""))
            for column in columns(table)
        )
        self._read = self.bytes_of(
            sql.SQL("SELECT {} FROM {} held JOIN {} ON {}").format(shown, self._name, self.asked, self.alike)
        )

    def ask(self, batch: Sequence[Recorded[Event]]) -> _Asked:
        touched = self._table.touched(batch)
        keys = {key for _, _, touched_keys in touched for key in touched_keys}
        if not keys:
            return _Asked(touched, None)
        cursor = self._connection.cursor(binary=True)
        return _Asked(touched, cursor.execute(self._read, _arrays(keys), prepare=True))

    def write(self, asked: _Asked) -> None:
        if asked.held is not None:
            read, key_of = self.cells.read, self.key_of
            before = {key_of(row): row for row in map(read, asked.held.fetchall())}
            after = self._table.evolve(before, asked.touched)
            self.replace(before, {key: row for key, row in after.items() if row is not before.get(key)})


class _Summed(_Keyed):
    """Rows made of the rows that were just folded: one round trip for all that they are made of."""

    def __init__(self, connection: Connection, table: Summary[Row], generation: int, names: Sequence[str]) -> None:
        super().__init__(connection, table, generation)
        self._table, self._generation = table, generation
        self._own = re.compile(rf"\brm\.({'|'.join(map(re.escape, names))})\b")

    def write(self, batch: Iterable[Recorded[Event]]) -> None:
        if groups := self._table.groups(batch):
            asked = [rows_of(self._table, f"WHERE {self._table.held}", {"ids": groups}), *self._table.sources(groups)]
            held, *answers = [cursor.fetchall() for cursor in [self._ask(each) for each in asked]]
            before = {self.key_of(row): row for row in map(self.cells.read, held)}
            after = {self.key_of(row): row for row in self._table.make(answers)}
            gone = dict.fromkeys(before.keys() - after.keys())
            self.replace(before, gone | {key: row for key, row in after.items() if row != before.get(key)})

    def _ask(self, query: Query) -> psycopg.Cursor[tuple[Any, ...]]:
        """A question to the views, asked of this generation's own tables."""
        own = self._own.sub(rf"rm.\1__g{self._generation}", query.sql)
        return self._connection.cursor(binary=True).execute(own.encode(), dict(query.parameters), prepare=True)


class _Entries(_Target):
    """Rows that are only added, unless a stream has to be told again."""

    def __init__(self, connection: Connection, table: Ledger[Row], generation: int) -> None:
        super().__init__(connection, table, generation)
        self._table = table
        self._forget = self.bytes_of(sql.SQL("DELETE FROM {} WHERE stream = %s AND position <= %s").format(self._name))

    def write(self, batch: Iterable[Recorded[Event]]) -> None:
        rows = [row for recorded in batch for row in self._table.rows(recorded)]
        if rows:
            self.add(rows)

    def retell(self, stream: str, upto: int, history: Sequence[Recorded[Event]]) -> None:
        self._connection.execute(self._forget, (stream, upto))
        self.write(history)


def _replacing(table: Fold[Row] | Summary[Row]) -> sql.Composed:
    """A row takes the place of the one with its key: half the statements, and no index to write where none changes."""
    news = [
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column.name))
        for column in columns(table)
        if column.name not in table.key
    ]
    keys = sql.SQL(", ").join(map(sql.Identifier, table.key))
    return sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(keys, sql.SQL(", ").join(news))


def _key_of(table: Fold[Row] | Summary[Row]) -> Callable[[Row], Key]:
    names = [column.name for column in columns(table)]
    places = [names.index(name) for name in table.key]
    return lambda row: tuple(cast(str, row[place]) for place in places)


def _parameter(cell: object) -> object:
    """A cell as a statement takes it: words as a list, a choice as its word."""
    if isinstance(cell, tuple):
        return list(cell)
    return cell.value if isinstance(cell, StrEnum) else cell


def _arrays(keys: Iterable[Key]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)]
