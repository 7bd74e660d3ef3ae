"""`relais serve` as a program of its own on its embedded PostgreSQL, which may be killed and comes back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx2

from service.embedded import EmbeddedPostgres

MOST_SECONDS = 60.0
PAUSE = threading.Event()
"""Never set: to wait on it is to let the machine do something else."""


class ServedRelais:
    """The service over a folder of its own, always at one address."""

    def __init__(self, data_dir: Path) -> None:
        self.postgres = EmbeddedPostgres(data_dir)
        self.port = _free_port()
        self.log = data_dir / "relais.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it as an operator would."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "serve", "--port", str(self.port)],
                env={**kept, "RELAIS_DATA_DIR": str(self.postgres.data_dir)},
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        """Until it answers, for the first time or again."""
        transport = httpx2.HTTPTransport(retries=0)
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", transport=transport, timeout=5) as asking:
            for _ in range(int(MOST_SECONDS / 0.05)):
                assert self._process is not None
                assert self._process.poll() is None, self.log.read_text()[-2_000:]
                try:
                    if asking.get("/readyz").status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                PAUSE.wait(0.05)
        raise AssertionError(f"the service does not answer: {self.log.read_text()[-2_000:]}")

    def kill(self) -> None:
        """The program is gone at once, and is started again."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.start()

    def kill_postgres(self) -> None:
        """Its PostgreSQL is gone at once, unless it is on its way back from the last time."""
        try:
            os.kill(int((self.postgres.cluster / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return

    def stop(self) -> None:
        """Stop it as an operator would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(MOST_SECONDS)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
