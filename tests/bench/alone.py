"""Read models catch up in a process of their own, so that its time and memory are theirs alone."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter, process_time

import psycopg
import structlog

from service.projections.leading import Leader
from service.projections.telling import History
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS, SESSION
from tests.bench.catching_up import forget_read_models


@dataclass(frozen=True)
class CaughtUp:
    """What it took."""

    events: int
    seconds: float
    processor: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Events per second of the process's own processor time."""
        return self.events / self.processor


def caught_up(history: str, keys: str) -> CaughtUp:
    """All read models, made from nothing."""
    command = [sys.executable, "-m", __name__, history, keys]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return CaughtUp(told["events"], told["seconds"], told["processor"], usage.ru_maxrss / 1024)


def main(history_url: str, keys_url: str) -> None:
    """The other process: tells what it did on its standard output."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with (
        psycopg.connect(history_url, autocommit=True) as connection,
        closing(KeyStore(keys_url)) as keys,
        closing(History(Reader(history_url), keys)) as history,
    ):
        for setting in SESSION:
            connection.execute(f"SET {setting}".encode())
        forget_read_models(connection)
        leader = Leader(connection, READ_MODELS, history)
        started, worked = perf_counter(), process_time()
        while leader.work():
            pass
        done = {"seconds": perf_counter() - started, "processor": process_time() - worked}
        sys.stdout.write(json.dumps({"events": history.head(), **done}))


if __name__ == "__main__":
    main(*sys.argv[1:])
