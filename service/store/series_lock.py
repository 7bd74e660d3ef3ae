"""Whoever numbers documents decides alone: a lock of the database that all servers share, let go with its session.

The numbers are exact without it, for the door refuses a decision that was overtaken. With it, nobody is overtaken: runs
that are asked for at once wait for each other instead of deciding again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from service.store.connections import Line, int8

SERIES_LOCK: Final = 0x72656C61697366
"""Whoever holds it in a database issues invoices and credit notes there."""
WAIT: Final = 30.0
"""Seconds after which a run gives up waiting for those before it."""
ABANDONED: Final = 60.0
"""Seconds of silence after which the server takes the lock back from a program that is frozen."""

_STATEMENTS: Final = {"take": "select pg_advisory_lock($1)", "let_go": "select pg_advisory_unlock($1)"}


class SeriesBusy(ConnectionError):
    """Other runs hold the series for too long; nothing was decided."""


class SeriesLock:
    """Taken around reading, deciding and appending, over a connection of its own, by one thread at a time."""

    def __init__(self, conninfo: str, *, wait: float = WAIT) -> None:
        self._line = Line(
            conninfo,
            _STATEMENTS,
            name="relais series",
            deadline=wait + 5,
            durable=False,
            settings=(f"lock_timeout = {round(wait * 1000)}", f"idle_session_timeout = {round(ABANDONED * 1000)}"),
        )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the lock; a session that ends, however it ends, lets it go."""
        try:
            self._line.call("take", [int8(SERIES_LOCK)])
        except psycopg.errors.LockNotAvailable as busy:
            raise SeriesBusy("other billing runs are under way: nothing was decided, ask again shortly") from busy
        try:
            yield
        finally:
            self._let_go()

    def close(self) -> None:
        """Gives the connection back, and the lock with it."""
        self._line.close()

    def _let_go(self) -> None:
        try:
            self._line.call("let_go", [int8(SERIES_LOCK)])
        except (psycopg.Error, ConnectionError):
            self._line.close()
