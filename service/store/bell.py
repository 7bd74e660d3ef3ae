"""The bell: tells whoever waits for news that history has grown. Rung after the commit, never inside it."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Final

import psycopg

from service.store.connections import DatabaseUnreachable, Line, NotDurable

CHANNEL: Final = "relais_events"
PAUSE: Final = 0.003
"""Rings closer together than this, in seconds, are one."""


class Bell:
    """Rings a channel from a thread and a connection of its own, so that no append waits for it.

    Nobody depends on hearing it: who misses a ring finds the news at the next one, or when it next looks.
    """

    def __init__(self, conninfo: str, *, channel: str = CHANNEL, pause: float = PAUSE) -> None:
        # A ring is worth no flush of the disk.
        self._line = Line(
            conninfo,
            {"ring": f"notify {channel}"},
            name="relais bell",
            durable=False,
            settings=("synchronous_commit = off",),
        )
        self._pause = pause
        self._rung = Event()
        self._closing = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def ring(self) -> None:
        """Asks for a ring and returns at once."""
        if not self._rung.is_set():
            self._rung.set()
            if self._thread is None:
                self._start()

    def close(self) -> None:
        """Rings what was asked for, and ends."""
        self._closing.set()
        self._rung.set()
        if self._thread is not None:
            self._thread.join()
        self._line.close()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._closing.is_set():
                self._thread = Thread(target=self._toll, name="relais bell", daemon=True)
                self._thread.start()

    def _toll(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            with suppress(psycopg.Error, DatabaseUnreachable, ConnectionError, NotDurable):
                self._line.call("ring")
            if self._closing.wait(self._pause) and not self._rung.is_set():
                return
