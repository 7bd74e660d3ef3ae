"""A line to PostgreSQL on which replies get lost: stands between a client and the server's Unix socket."""

from __future__ import annotations

import random
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Fault = Callable[[], str]


class TroubledLine:
    """Forwards bytes both ways; on demand cuts before a request, cuts after its reply was made, or falls silent."""

    def __init__(self, url: str) -> None:
        self._server = f"{conninfo_to_dict(url)['host']}/.s.PGSQL.{conninfo_to_dict(url)['port']}"
        self._folder = tempfile.TemporaryDirectory(prefix="relais-line-")
        self.url = make_conninfo(url, host=self._folder.name)
        self.cuts = 0
        self._fault: Fault = lambda: "none"
        self._thawed = Event()
        self._thawed.set()
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Self:
        self._listener.bind(str(Path(self._folder.name) / f".s.PGSQL.{conninfo_to_dict(self.url)['port']}"))
        self._listener.listen(64)
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.thaw()
        self._cut(self._listener)
        with self._lock:
            for end in list(self._open):
                self._cut(end)
        self._folder.cleanup()

    def freeze(self) -> None:
        """From now on requests arrive nowhere and nobody says so."""
        self._thawed.clear()

    def thaw(self) -> None:
        self._thawed.set()

    def lose_next_reply(self) -> None:
        """The next request is carried out; its reply never comes."""
        faults = iter(["reply"])
        self._fault = lambda: next(faults, "none")

    def be_unreliable(self, seed: int, one_in: int) -> None:
        """One in so many requests is lost on the way there or back."""
        chance = random.Random(seed)
        self._fault = lambda: chance.choice(["request", "reply"]) if chance.randrange(one_in) == 0 else "none"

    def be_reliable(self) -> None:
        self._fault = lambda: "none"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with self._lock:
            self._open |= {client, server}
        lose_reply = Event()
        with suppress(OSError):
            server.connect(self._server)
            Thread(target=self._return, args=(server, client, lose_reply), daemon=True).start()
            while asked := client.recv(1 << 16):
                self._thawed.wait()
                with self._lock:
                    fault = self._fault()
                if fault == "request":
                    self.cuts += 1
                    break
                if fault == "reply":
                    lose_reply.set()
                server.sendall(asked)
        self._cut(client)
        self._cut(server)

    def _return(self, server: socket.socket, client: socket.socket, lose_reply: Event) -> None:
        with suppress(OSError):
            while answered := server.recv(1 << 16):
                if lose_reply.is_set():
                    self.cuts += 1
                    break
                client.sendall(answered)
        self._cut(client)
        self._cut(server)

    def _cut(self, end: socket.socket) -> None:
        self._open.discard(end)
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
