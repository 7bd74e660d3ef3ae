"""How a projection becomes tables: a name, a version, the events it tells apart, and rows that are folds of history.

A projection is data. It knows no database: the service lays its tables out, fills them and asks its queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Generic, NewType, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from domain.event import Event, Recorded, Sealed

Scalar: TypeAlias = str | int | bool | date | datetime | Decimal | None
Cell: TypeAlias = Scalar | Sequence[str]
"""What a column holds; a document stands in it as its JSON."""
Key: TypeAlias = tuple[str | int | date, ...]
"""What names a row."""

Parameters: TypeAlias = Mapping[str, Cell]
"""What a question asks about."""

JsonText = NewType("JsonText", str)
"""A document that is kept as it was written."""


Row: TypeAlias = tuple[object, ...]
"""A named tuple whose fields are the columns of its table."""
R = TypeVar("R", bound=tuple[object, ...])
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as PostgreSQL has it, and how a value gets in and out of it."""

    name: str
    sql: str
    nullable: bool
    document: TypeAdapter[object] | None = None
    """How a value that is no scalar is read back from its JSON."""
    enumeration: type[StrEnum] | None = None

    @property
    def is_unlike_its_cell(self) -> bool:
        """Whether a value has to be made of what the database gives."""
        return self.document is not None or self.enumeration is not None or self.sql == "text[]"

    def write(self, value: object) -> object:
        """A document as the column holds it."""
        if self.document is None or value is None:
            return value
        return self.document.dump_json(value, by_alias=True).decode()

    def read(self, cell: object) -> object:
        """The value again, as the row held it."""
        if cell is None:
            return None
        if self.document is not None:
            return self.document.validate_json(cast(str, cell))
        if self.enumeration is not None:
            return self.enumeration(cast(str, cell))
        return tuple(cast(Sequence[str], cell)) if self.sql == "text[]" else cell


_SCALARS: Mapping[object, str] = {
    str: "text",
    JsonText: "json",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
    Decimal: "numeric",
    tuple[str, ...]: "text[]",
}


@cache
def columns_of(row: type[Row]) -> tuple[Column, ...]:
    """The columns that a row's fields make."""
    return tuple(_column(name, hint) for name, hint in get_type_hints(row).items())


def _column(name: str, hint: object) -> Column:
    choices = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    nullable = NoneType in choices
    kinds = [choice for choice in choices if choice is not NoneType]
    kind = kinds[0] if len(kinds) == 1 else hint
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Column(name, "text", nullable, enumeration=kind)
    if (sql := _SCALARS.get(kind)) is not None:
        return Column(name, sql, nullable)
    return Column(name, "jsonb", nullable, document=TypeAdapter(cast(type[object], kind)))


Step: TypeAlias = Callable[[Row | None, Event, Recorded[Event]], Row | None]
Keys: TypeAlias = Callable[[Event, Recorded[Event]], Iterable[Key]]
Touched: TypeAlias = tuple[Recorded[Event], Step, Sequence[Key]]
"""An event, what it does, and the rows that it does it to."""


class Fold(Generic[R]):
    """Rows that history makes, one by one: which rows an event touches, and what becomes of each."""

    def __init__(
        self,
        name: str,
        row: type[R],
        *,
        key: tuple[str, ...],
        indexes: tuple[tuple[str, ...], ...] = (),
        personal: frozenset[str] = frozenset(),
        noted: Callable[[R, Recorded[Event]], R] | None = None,
    ) -> None:
        self.name = name
        self.row: type[Row] = row
        self.key = key
        self.indexes = indexes
        self.personal = personal
        self._noted = cast("Callable[[Row, Recorded[Event]], Row] | None", noted)
        """What a row keeps of the last event that touched it, whatever it was; noted once for many."""
        self._steps: dict[type[Event], tuple[Keys, Step]] = {}

    @property
    def handles(self) -> frozenset[type[Event]]:
        """The events that touch a row of this table."""
        return frozenset(self._steps)

    def on(
        self, event_type: type[E], keys: Callable[[E, Recorded[Event]], Iterable[Key]]
    ) -> Callable[
        [Callable[[R | None, E, Recorded[Event]], R | None]], Callable[[R | None, E, Recorded[Event]], R | None]
    ]:
        """Declares what an event does: to the rows of these keys, this."""

        def declare(
            step: Callable[[R | None, E, Recorded[Event]], R | None],
        ) -> Callable[[R | None, E, Recorded[Event]], R | None]:
            if event_type in self._steps:
                raise ValueError(f"{self.name} says twice what {event_type.__name__} does")
            self._steps[event_type] = (cast(Keys, keys), cast(Step, step))
            return step

        return declare

    def changes(
        self, event_type: type[E], keys: Callable[[E, Recorded[Event]], Iterable[Key]]
    ) -> Callable[[Callable[[R, E], R]], Callable[[R, E], R]]:
        """Declares what an event does to rows that are there: to those that are not, nothing."""

        def declare(change: Callable[[R, E], R]) -> Callable[[R, E], R]:
            @self.on(event_type, keys)
            def step(row: R | None, event: E, _recorded: Recorded[Event]) -> R | None:
                return None if row is None else change(row, event)

            return change

        return declare

    def touched(self, batch: Iterable[Recorded[Event]]) -> list[Touched]:
        """The events of a batch that touch rows, each with their keys."""
        steps = self._steps
        found: list[Touched] = []
        for recorded in batch:
            if (declared := steps.get(type(recorded.event))) is not None:
                keys, step = declared
                found.append((recorded, step, tuple(keys(recorded.event, recorded))))
        return found

    def evolve(self, held: Mapping[Key, Row], touched: Iterable[Touched]) -> dict[Key, Row | None]:
        """What becomes of every row that these events touch, given the rows that are there; None: it is not."""
        after: dict[Key, Row | None] = {}
        last: dict[Key, Recorded[Event]] = {}
        for recorded, step, keys in touched:
            for key in keys:
                after[key] = step(after[key] if key in after else held.get(key), recorded.event, recorded)
                last[key] = recorded
        if (noted := self._noted) is not None:
            return {key: None if row is None else noted(row, last[key]) for key, row in after.items()}
        return after

    def rows(self, history: Iterable[Recorded[Event]]) -> dict[Key, R]:
        """The rows of a whole history, in memory."""
        evolved = self.evolve({}, self.touched(history))
        return {key: cast(R, row) for key, row in evolved.items() if row is not None}


class Ledger(Generic[R]):
    """Rows that are only ever added, one or more for an event, under its position."""

    def __init__(
        self,
        name: str,
        row: type[R],
        *,
        handles: Iterable[type[Event]],
        write: Callable[[Recorded[Event]], Iterable[R]],
        indexes: tuple[tuple[str, ...], ...] = (),
        personal: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.row: type[Row] = row
        self.key: tuple[str, ...] = ("position",)
        self.handles = frozenset(handles)
        self.indexes = indexes
        self.personal = personal
        self._write = write

    def rows(self, recorded: Recorded[Event]) -> Iterable[R]:
        """The rows that an event adds."""
        return self._write(recorded) if type(recorded.event) in self.handles else ()


class Summary(Generic[R]):
    """Rows made anew from other rows of the same read model, once a batch: all that the rows of a group add up to.

    What depends on many rows (the last of the days that count, the functions that one cadre holds) is no fold.
    """

    def __init__(
        self,
        name: str,
        row: type[R],
        *,
        key: tuple[str, ...],
        handles: Iterable[type[Event]],
        held: str,
        sources: Callable[[Sequence[str]], Sequence[Query]],
        make: Callable[[Sequence[Sequence[Row]]], Iterable[R]],
        indexes: tuple[tuple[str, ...], ...] = (),
    ) -> None:
        self.name = name
        self.row: type[Row] = row
        self.key = key
        self.handles = frozenset(handles)
        """The events after which the group named by their stream is made anew."""
        self.indexes = indexes
        self.personal: frozenset[str] = frozenset()
        self.held = held
        """Which rows stand for the groups `ids`, as a condition; those that are not made again are gone."""
        self.sources = sources
        """What the rows of some groups are made of, asked of the tables that were folded before."""
        self.make = make
        """The rows that the answers give, each of another key."""

    def groups(self, batch: Iterable[Recorded[Event]]) -> list[str]:
        """The groups that a batch touches."""
        return sorted({stream_id(recorded) for recorded in batch if type(recorded.event) in self.handles})


@dataclass(frozen=True)
class ReadModel:
    """One question to history, answered from tables that can be dropped and rebuilt at any hour."""

    name: str
    version: int
    """Raised whenever the same history would give other rows: the service then rebuilds beside what serves."""
    tables: tuple[Fold[Row] | Ledger[Row] | Summary[Row], ...]
    ignores: frozenset[type[Event]] = frozenset()
    """The events of the catalogue that do not matter to this question, said one by one."""
    forgets: frozenset[type[Event]] = frozenset()
    """The events after which a person's words must be gone: never held back, and ledgers tell their stream again."""
    reads_words: bool = True
    """Whether personal words are opened for it."""
    stops_at_poison: bool = False
    """Whether it stops at an event it cannot fold, instead of setting that event's stream aside."""
    handles: frozenset[type[Event]] = field(init=False)

    def __post_init__(self) -> None:
        handled = frozenset(event_type for table in self.tables for event_type in table.handles)
        object.__setattr__(self, "handles", handled | self.forgets)


def read_model(
    name: str,
    version: int,
    tables: Sequence[object],
    *,
    ignores: Iterable[type[Event]] = (),
    forgets: Iterable[type[Event]] = (),
    reads_words: bool = True,
    stops_at_poison: bool = False,
) -> ReadModel:
    """A read model from its parts; its tables may be of different rows."""
    return ReadModel(
        name,
        version,
        cast("tuple[Fold[Row] | Ledger[Row] | Summary[Row], ...]", tuple(tables)),
        frozenset(ignores),
        frozenset(forgets),
        reads_words,
        stops_at_poison,
    )


class Cells:
    """Reads and writes the rows of one table as tuples of cells."""

    def __init__(self, row: type[Row]) -> None:
        self.columns = columns_of(row)
        self._make = cast(Callable[..., Row], row)
        self._documents = [(place, column) for place, column in enumerate(self.columns) if column.document is not None]
        self._unlike = [(place, column) for place, column in enumerate(self.columns) if column.is_unlike_its_cell]

    def write(self, row: Row) -> Sequence[object]:
        """A row as its table holds it."""
        if not self._documents:
            return row
        cells = list(row)
        for place, column in self._documents:
            cells[place] = column.write(cells[place])
        return cells

    def read(self, cells: Sequence[object]) -> Row:
        """The row again."""
        values = list(cells)
        for place, column in self._unlike:
            values[place] = column.read(values[place])
        return self._make(*values)


@dataclass(frozen=True, slots=True)
class Query:
    """A question in SQL, its parameters apart (named, as psycopg writes them)."""

    sql: str
    parameters: Parameters


def rows_of(table: Fold[R] | Ledger[R] | Summary[R], conditions: str, parameters: Parameters) -> Query:
    """A question for whole rows of a table: columns in the order of the row's fields, documents as their JSON."""
    columns = ", ".join(
        f"{column.name}::text" if column.document is not None else column.name for column in columns_of(table.row)
    )
    return Query(" ".join(("SELECT", columns, "FROM", f"rm.{table.name}", conditions)), parameters)


def words(text: str | Sealed | None) -> str | None:
    """Personal words where they can be read; None once they were erased."""
    return None if isinstance(text, Sealed) else text


def as_known(
    history: Iterable[Recorded[Event]], *, as_of: date | None = None, known_at: datetime | None = None
) -> list[Recorded[Event]]:
    """The part of a history, in recorded order, that had occurred by a date and was recorded by an instant."""
    return [
        recorded
        for recorded in history
        if (as_of is None or recorded.occurred_on <= as_of) and (known_at is None or recorded.recorded_at <= known_at)
    ]


def stream_id(recorded: Recorded[Event]) -> str:
    """The id in a stream's name: that of the mission, or of the party."""
    return recorded.stream.partition(":")[2]


def by_stream(_event: Event, recorded: Recorded[Event]) -> Iterable[Key]:
    """The key of the one row that a stream has: its mission's, or its party's."""
    return ((stream_id(recorded),),)
