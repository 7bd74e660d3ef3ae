"""How far the read models that serve have got, for whoever waits to read its own writes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import psycopg

from service.projections.generations import Generation

PROGRESS_CHANNEL: Final = "relais_projected"
"""Rung by the worker after each batch, outside the appends' path."""
POSITIONS: Final = "SELECT model, generation, position FROM rm.projection_generations WHERE state = 'serving'"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the generation that serves stands."""

    generation: int
    position: int


@dataclass(slots=True, eq=False)
class _Waiting:
    position: int
    models: frozenset[str] | None
    loop: asyncio.AbstractEventLoop
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Progress:
    """Told by the worker in this process, or by what is heard of one in another; wakes those who wait."""

    def __init__(self) -> None:
        self._marks: dict[str, Mark] = {}
        self._waiting: set[_Waiting] = set()
        self._lock = Lock()

    def told(self, marks: Mapping[str, Mark]) -> None:
        """News of some read models; old news of the same generation changes nothing. From any thread."""
        with self._lock:
            for model, mark in marks.items():
                known = self._marks.get(model)
                if known is None or known.generation != mark.generation or known.position < mark.position:
                    self._marks[model] = mark
            reached = [each for each in self._waiting if self._reached(each.position, each.models)]
        for each in reached:
            with suppress(RuntimeError):  # its loop has ended, and nobody waits any more
                each.loop.call_soon_threadsafe(each.done.set)

    def positions(self) -> dict[str, int]:
        """How far each read model is known to have got."""
        with self._lock:
            return {model: mark.position for model, mark in self._marks.items()}

    async def wait_until(self, position: int, within: float, models: Iterable[str] | None = None) -> bool:
        """Whether the read models (all, where none is named) reach a position in time. Never polls."""
        waiting = _Waiting(position, None if models is None else frozenset(models), asyncio.get_running_loop())
        with self._lock:
            if self._reached(position, waiting.models):
                return True
            self._waiting.add(waiting)
        try:
            async with asyncio.timeout(within):
                await waiting.done.wait()
            return True
        except TimeoutError:
            return False
        finally:
            with self._lock:
                self._waiting.discard(waiting)

    def _reached(self, position: int, models: frozenset[str] | None) -> bool:
        marks = self._marks
        wanted = marks.keys() if models is None else models
        return bool(wanted) and all(model in marks and marks[model].position >= position for model in wanted)


def marks_of(generations: Sequence[Generation]) -> dict[str, Mark]:
    """What the worker tells of the generations that it moved."""
    return {each.model.name: Mark(each.number, each.position) for each in generations}


def written(marks: Mapping[str, Mark]) -> str:
    """The marks as they are sent to other processes."""
    return " ".join(f"{model}={mark.generation}:{mark.position}" for model, mark in marks.items())


def read(payload: str) -> dict[str, Mark]:
    """The marks as another process sent them."""
    found = {}
    for part in payload.split():
        model, _, mark = part.partition("=")
        generation, _, position = mark.partition(":")
        found[model] = Mark(int(generation), int(position))
    return found


async def follow(conninfo: str, progress: Progress, *, every: float = 1.0) -> None:
    """Hears of a worker in any process until cancelled; looks for itself at times, and connects again when cut off."""
    while True:
        with suppress(psycopg.Error, OSError):
            async with await psycopg.AsyncConnection.connect(
                conninfo, autocommit=True, application_name="relais progress", connect_timeout=5
            ) as connection:
                await connection.execute(f"LISTEN {PROGRESS_CHANNEL}".encode())
                while True:
                    progress.told(await _looked_up(connection))
                    async for heard in connection.notifies(timeout=every):
                        progress.told(read(heard.payload))
        await asyncio.sleep(every / 4)


async def _looked_up(connection: psycopg.AsyncConnection) -> dict[str, Mark]:
    with suppress(psycopg.errors.UndefinedTable):  # no worker has ever run
        rows = await (await connection.execute(POSITIONS.encode())).fetchall()
        return {model: Mark(generation, position) for model, generation, position in rows}
    return {}
