"""History itself, for the questions that no read model answers: how things stood, or were known, at another time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from domain.event import Event, Recorded
from service.store.keys import KeyStore
from service.store.opening import open_rows, sealed_row
from service.store.reader import Reader

CHUNK = 5_000
T = TypeVar("T")


class Records:
    """Reads history in a thread: the reader waits for the database, and the event loop must not."""

    def __init__(self, reader: Reader, keys: KeyStore) -> None:
        self._reader = reader
        self._keys = keys

    async def stream(self, stream: str) -> Sequence[Recorded[Event]]:
        """One stream's facts in order, with the personal words that are still kept."""
        return await run_in_threadpool(self._stream, stream)

    async def streams(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded[Event]]]:
        """The same of several streams, read together."""
        return await run_in_threadpool(self._streams, streams) if streams else {}

    async def all(self, fold: Callable[[Iterator[Recorded[Event]]], T]) -> T:
        """What a fold makes of all history, without its personal words."""
        return await run_in_threadpool(lambda: fold(self._all()))

    async def head(self) -> int:
        """The position of the last fact."""
        return await run_in_threadpool(self._reader.head)

    async def positions_of(self, command_id: str) -> Sequence[int] | None:
        """Where the facts of a command stand; None if history never saw it."""
        answered = await run_in_threadpool(self._reader.answered, [command_id])
        return answered[command_id].positions if command_id in answered else None

    def _stream(self, stream: str) -> Sequence[Recorded[Event]]:
        return open_rows(self._reader.read_stream(stream), self._reader, self._keys)

    def _streams(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded[Event]]]:
        found: dict[str, list[Recorded[Event]]] = {stream: [] for stream in streams}
        for recorded in open_rows(self._reader.read_streams(dict.fromkeys(streams, 0)), self._reader, self._keys):
            found[recorded.stream].append(recorded)
        return found

    def _all(self) -> Iterator[Recorded[Event]]:
        position = 0
        while rows := self._reader.read_all(position, CHUNK):
            yield from map(sealed_row, rows)
            position = rows[-1].position
