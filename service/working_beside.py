"""The worker in a process of its own beside the API, so that requests and read models do not take turns in one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from time import monotonic

import psycopg
import structlog

from service.databases import Databases
from service.logging import configure_logging
from service.projections.status import Health, status
from service.proof.starting import sealing
from service.settings import Settings
from service.store.keys import KeyStore
from service.worker import READ_MODELS, Worker

HISTORY, KEYS = "RELAIS_DATABASE_URL", "RELAIS_KEYS_DATABASE_URL"
SEALER, SEALER_KEYS = "RELAIS_SEALER_DATABASE_URL", "RELAIS_SEALER_KEYS_DATABASE_URL"
BEFORE_ANOTHER = 1.0
"""Seconds before another worker is started in the place of one that died."""
PATIENCE = 20.0
"""Seconds after which the API serves what it can without read models."""
LOOK_AGAIN = 0.05
log = structlog.get_logger(__name__)


@contextmanager
def working_beside(found: Databases) -> Iterator[None]:
    """A worker that lives as long as we do, however we end: its input ends with us. One that dies is replaced."""
    its_input, our_end = os.pipe()
    stopping = Event()

    def keep_one() -> None:
        while not stopping.is_set():
            worker = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=its_input,
                env={**os.environ, **_environment(found)},
                start_new_session=True,  # or Ctrl-C at a terminal would end it before the API has ended
            )
            code = worker.wait()
            if not stopping.wait(BEFORE_ANOTHER):
                log.error("worker_died", code=code)

    keeper = Thread(target=keep_one, name="relais worker's keeper", daemon=True)
    keeper.start()
    try:
        _wait_for_read_models(found, stopping)
        yield
    finally:
        stopping.set()
        os.close(our_end)
        keeper.join()
        os.close(its_input)


def _environment(found: Databases) -> dict[str, str]:
    return {
        HISTORY: found.history,
        KEYS: found.keys,
        SEALER: found.sealer or "",
        SEALER_KEYS: found.sealer_keys or "",
    }


def _wait_for_read_models(found: Databases, stopping: Event) -> None:
    """Whoever is told that the API serves may ask at once: on a new database, what answers is laid out first."""
    give_up = monotonic() + PATIENCE
    with psycopg.connect(found.history, autocommit=True, application_name="relais look", connect_timeout=10) as looks:
        while any(each.state is Health.MISSING for each in status(looks, READ_MODELS)) and monotonic() < give_up:
            stopping.wait(LOOK_AGAIN)


def main() -> None:
    """The other process: works until its input ends."""
    configure_logging()
    here = Databases(
        os.environ[HISTORY], os.environ[KEYS], "", os.environ.get(SEALER) or None, os.environ.get(SEALER_KEYS) or None
    )
    with closing(KeyStore(here.keys)) as keys, sealing(here, Settings()):
        worker = Worker(here.history, keys)
        worker.start()
        while os.read(sys.stdin.fileno(), 1):
            continue
        worker.stop()


if __name__ == "__main__":
    main()
