"""The bell: tells whoever waits for news that history has grown. Rung after the commit, never inside it."""

from __future__ import annotations

from contextlib import suppress
from threading import Condition, Event, Thread
from typing import Final

import psycopg

from service.store.connections import Line

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
        self._news = Condition()
        self._asked = False
        self._closing = Event()
        self._thread: Thread | None = None

    def ring(self) -> None:
        """Asks for a ring and returns at once."""
        if self._asked:
            return
        with self._news:
            self._asked = True
            if self._thread is None:
                self._thread = Thread(target=self._toll, name="relais bell", daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """Rings what was asked for, and ends."""
        self._closing.set()
        with self._news:
            self._news.notify()
        if self._thread is not None:
            self._thread.join()
        self._line.close()

    def _toll(self) -> None:
        while self._is_asked():
            with suppress(psycopg.Error, ConnectionError):
                self._line.call("ring")
            self._closing.wait(self._pause)

    def _is_asked(self) -> bool:
        """Waits until a ring is asked for; not so once the bell is closed."""
        with self._news:
            self._news.wait_for(lambda: self._asked or self._closing.is_set())
            asked, self._asked = self._asked, False
        return asked
