"""Sealing for as long as a server runs: one leads, the others wait; what stands in the way is said, and tried again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from threading import Event, Thread
from typing import Final

import psycopg
import structlog

from service.proof.folder import HeadMoved, ProofFolder
from service.proof.sealer import Connections, Sealer, SealingRefused, Step
from service.proof.witnessing import Witnessing
from service.store.connections import ConnectionLost, DatabaseUnreachable, NotDurable

TAKE_OVER: Final = 0.5
"""Seconds between two tries to lead, and after a trouble with a connection."""
LOOK_AGAIN: Final = 5.0
"""Seconds after which what refused to be signed is looked at again."""
TROUBLE = (psycopg.Error, ConnectionLost, DatabaseUnreachable, OSError)
log = structlog.get_logger(__name__)


class Sealing:
    """Runs in a thread of its own. Several may run at once, in any process: one leads."""

    def __init__(
        self,
        connect: Callable[[], Connections],
        folder: ProofFolder,
        origin: str,
        *,
        every: float = 1.0,
        batch: int = 5_000,
        look_again: float = LOOK_AGAIN,
        step: Step = lambda _: None,
    ) -> None:
        self._connect, self._folder, self._origin = connect, folder, origin
        self._every, self._batch, self._look_again, self._step = every, batch, look_again, step
        self._stopping, self.leading = Event(), Event()
        self._thread: Thread | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begins to seal, and returns."""
        self._thread = Thread(target=self.run, name="relais sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after the seal in hand; the next sealer takes over at once."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Seals until stopped; trouble costs the connections and a moment."""
        while not self._stopping.is_set():
            try:
                with closing(self._connect()) as connections:
                    self._lead(connections)
            except SealingRefused:
                self._stopping.wait(self._look_again)
            except NotDurable as forgetful:
                log.warning("sealing_refused", code="not_durable", exc_info=forgetful)
                self._stopping.wait(self._look_again)
            except HeadMoved:
                log.warning("sealing_interrupted", error="HeadMoved")
                self._stopping.wait(TAKE_OVER)
            except TROUBLE as trouble:
                log.warning("sealing_interrupted", error=type(trouble).__name__)
                self._stopping.wait(TAKE_OVER)
            except Exception:
                log.exception("sealing_failed")
                self._stopping.wait(self._look_again)
            finally:
                self.leading.clear()

    def _lead(self, connections: Connections) -> None:
        """Leads on new connections, once no other sealer does, until they or the sealer end."""
        while not connections.writer.leads():
            if self._stopping.wait(TAKE_OVER):
                return
        sealer = Sealer(connections, self._folder, self._origin, batch=self._batch, step=self._step)
        with closing(Witnessing(self._connect, self._folder)) as witnessing:
            try:
                sealer.resume()
                self._say_that_it_goes_on(connections)
                self.leading.set()
                log.info("sealing_led", origin=self._origin)
                witnessing.start()
                while not self._stopping.is_set():
                    if sealer.seal():
                        witnessing.ring()
                        self._say_that_it_goes_on(connections)
                    else:
                        self._stopping.wait(self._every)
            except SealingRefused as refused:
                self._say_why_not(connections, refused)
                raise

    def _say_why_not(self, connections: Connections, refused: SealingRefused) -> None:
        """Loudly, and once: in the log, and where the API finds it."""
        log.error("sealing_refused", code=refused.code, position=refused.position, exc_info=refused)
        with suppress(*TROUBLE):
            last = connections.log.notice()
            if last is None or (last.code, last.position) != (refused.code, refused.position):
                connections.writer.notice(refused.code, refused.detail, refused.position)

    def _say_that_it_goes_on(self, connections: Connections) -> None:
        last = connections.log.notice()
        if last is not None and last.code is not None:
            connections.writer.notice(None, None, None)
