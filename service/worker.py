"""The worker: keeps the read models up to date for as long as it runs, whatever breaks; one leads, the others wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from threading import Event, Thread
from typing import Any, Final

import psycopg
import structlog

from projections.audit_trail import AUDIT_TRAIL
from projections.continuity import CONTINUITY
from projections.invoices import BILLING
from projections.kpi import KPI
from projections.missions import MISSIONS
from projections.network import NETWORK
from projections.read_model import ReadModel
from projections.reconciliation import RECONCILIATION
from service.forgetting import Forgetting
from service.projections.generations import Generation
from service.projections.layout import Connection
from service.projections.leading import Leader
from service.projections.progress import PROGRESS_CHANNEL, Progress, marks_of, written
from service.projections.telling import History
from service.store.bell import CHANNEL as BELL
from service.store.connections import SESSION as KEYED
from service.store.connections import ConnectionLost, DatabaseUnreachable
from service.store.keys import KeyStore
from service.store.reader import Reader

READ_MODELS: Final = (MISSIONS, AUDIT_TRAIL, RECONCILIATION, BILLING, CONTINUITY, KPI, NETWORK)
LOCK: Final = 0x72656C61697270
"""Whoever holds it in a database leads there."""
POLL: Final = 0.25
"""Seconds after which the worker looks for news that no bell announced."""
TAKE_OVER: Final = 0.5
"""Seconds between two tries to lead."""
SESSION: Final = (*KEYED, "synchronous_commit = off")
"""Rows and position are one transaction, written after the facts: what a crash takes from them is made again."""
TROUBLE = (psycopg.Error, ConnectionLost, DatabaseUnreachable, OSError)
log = structlog.get_logger(__name__)


class Worker:
    """Runs in a thread of its own. Several may run at once, in any process: one leads."""

    def __init__(
        self,
        database_url: str,
        keys: KeyStore,
        *,
        models: Sequence[ReadModel] = READ_MODELS,
        progress: Progress | None = None,
        batch_size: int = 5000,
        poll: float = POLL,
        take_over: float = TAKE_OVER,
        watch: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        self._url, self._keys, self._models = database_url, keys, tuple(models)
        self._progress = progress or Progress()
        self._batch_size, self._poll, self._take_over, self._watch = batch_size, poll, take_over, watch
        self._stopping, self._rung, self.leading = Event(), Event(), Event()
        self._threads: list[Thread] = []

    @property
    def progress(self) -> Progress:
        """What this process knows of the read models' positions."""
        return self._progress

    @property
    def is_alive(self) -> bool:
        """Whether the worker's thread runs."""
        return bool(self._threads) and self._threads[0].is_alive()

    def start(self) -> None:
        """Begins to work, and returns."""
        for run, name in ((self._work, "relais worker"), (self._listen, "relais worker's ear")):
            self._threads.append(Thread(target=run, name=name, daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        """Ends after the batch in hand; the next worker takes over at once."""
        self._stopping.set()
        self._rung.set()
        for thread in self._threads:
            thread.join()

    def ring(self) -> None:
        """Says that there is news, without waiting for the bell."""
        self._rung.set()

    def _work(self) -> None:
        """Works until stopped; trouble with a connection costs that connection and a moment."""
        while not self._stopping.is_set():
            try:
                self._lead()
            except TROUBLE as trouble:
                log.warning("projections_interrupted", error=type(trouble).__name__)
                self._stopping.wait(self._poll)
            except Exception:
                log.exception("projections_failed")
                self._stopping.wait(self._take_over)
            finally:
                self.leading.clear()

    def _lead(self) -> None:
        """Leads on a new connection, once no other worker does, until the connection or the worker ends."""
        with (
            self._connected() as connection,
            self._reading() as history,
            closing(Forgetting(self._url, self._keys, durable=self._keys.durable)) as forgetting,
        ):
            while not _locked(connection):
                if self._stopping.wait(self._take_over):
                    return
            log.info("projections_led", models=[model.name for model in self._models])
            leader = Leader(
                connection,
                self._models,
                history,
                forget=forgetting.carry_out,
                batch_size=self._batch_size,
                look_every=self._poll,
                heard=lambda moved: self._tell(connection, moved),
            )
            self.leading.set()
            self._watch(connection)
            while not self._stopping.is_set():
                self._rung.clear()
                if not leader.work():
                    self._rung.wait(self._poll)

    def _tell(self, connection: Connection, moved: Sequence[Generation]) -> None:
        """After a batch was committed: those who wait here, and those who wait elsewhere."""
        marks = marks_of(moved)
        if marks:
            self._progress.told(marks)
            connection.execute("SELECT pg_notify(%s, %s)", (PROGRESS_CHANNEL, written(marks)))

    def _listen(self) -> None:
        """Hears the bell of the appends. Nothing depends on it but the waiting time."""
        while not self._stopping.is_set():
            with suppress(*TROUBLE), self._connected() as connection:
                connection.execute(f"LISTEN {BELL}".encode())
                while not self._stopping.is_set():
                    for _ in connection.notifies(timeout=self._poll, stop_after=1):
                        self._rung.set()
            self._stopping.wait(self._poll)

    @contextmanager
    def _reading(self) -> Iterator[History]:
        history = History(Reader(self._url, name="relais worker reads"), self._keys)
        try:
            yield history
        finally:
            history.close()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(
            self._url, autocommit=True, application_name="relais worker", connect_timeout=5
        )
        with connection:
            for setting in SESSION:
                connection.execute(f"SET {setting}".encode())
            yield connection


def _locked(connection: Connection) -> bool:
    """Whether this session got the lock that one worker holds at a time, whichever its release."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return row is not None and bool(row[0])
