"""A store as its check reads it: everything in order, from one moment, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from service.proof.blinding import Blind
from service.proof.findings import Kind
from service.store.reader import StoredRow


class SealRow(NamedTuple):
    """A seal as it is kept."""

    number: int
    size: int
    last_position: int
    root: bytes
    streams: int
    map_root: bytes


class CheckpointRow(NamedTuple):
    """A checkpoint as it is kept."""

    size: int
    note: str
    level: str
    witnessed: int = 0


class TileRow(NamedTuple):
    """A tile as it is kept."""

    place: int
    nodes: bytes


class HeadRow(NamedTuple):
    """A stream's head as it is kept."""

    seal: int
    pseudonym: bytes
    events: int
    frontier: bytes


class PieceRow(NamedTuple):
    """A piece of the heads map as it is kept."""

    seal: int
    prefix: str
    slots: bytes


class Misfiled(NamedTuple):
    """What a list beside the events says otherwise than they do."""

    kind: Kind
    position: int | None
    detail: str


class Kept(Protocol):
    """A store at one moment; everything comes in order."""

    def head(self) -> int:
        """Where the log says that it ends."""
        ...

    def events(self) -> Iterator[Sequence[StoredRow]]:
        """All events in batches, by position."""
        ...

    def blinds(self, streams: Iterable[str]) -> Mapping[str, Blind]:
        """What blinds these streams, as far as it is known."""
        ...

    def seals(self) -> Iterator[SealRow]:
        """By number."""
        ...

    def checkpoints(self) -> Iterator[CheckpointRow]:
        """By size, the oldest of a size first."""
        ...

    def tiles(self, level: int) -> Iterator[TileRow]:
        """Those of a level, by place."""
        ...

    def heads(self) -> Iterator[HeadRow]:
        """By seal."""
        ...

    def pieces(self) -> Iterator[PieceRow]:
        """By seal."""
        ...

    def answered(self, command_ids: Iterable[str]) -> Mapping[str, Sequence[int]]:
        """The positions of the events that these commands led to."""
        ...

    def altered_words(self, rows: Sequence[StoredRow]) -> Iterator[tuple[int, str]]:
        """Where personal words kept beside these events are not those that were recorded: position and path."""
        ...

    def misfiled(self, commanded: int) -> Iterator[Misfiled]:
        """What the lists beside the events say otherwise, given how many events a command led to."""
        ...


R = TypeVar("R")


class Upto(Generic[R]):
    """Rows that come in order, taken as far as one has come."""

    def __init__(self, rows: Iterator[R], place: Callable[[R], int]) -> None:
        self._rows, self._place = rows, place
        self._next = next(rows, None)

    def take(self, upto: int) -> Iterator[R]:
        """All rows up to a place."""
        while self._next is not None and self._place(self._next) <= upto:
            taken, self._next = self._next, next(self._rows, None)
            yield taken

    @property
    def next(self) -> R | None:
        """The row that would come next."""
        return self._next
