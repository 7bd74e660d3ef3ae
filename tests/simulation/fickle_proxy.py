"""A line between callers and the service that loses requests and replies, the same ones for the same seed."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from random import Random

LONGEST_WAIT = 20.0


class Fate(StrEnum):
    """What becomes of one request on its way."""

    PASSED_ON = "passed on"
    LOST_REPLY = "lost reply"
    """The service answered, after its commit; the caller hears nothing."""
    LOST_REQUEST = "lost request"
    HALF_A_REQUEST = "half a request"


Decides = Callable[[str, int], Fate]
"""What becomes of the n-th try under an idempotency key."""


def fates(seed: int) -> Decides:
    """One request in eight meets trouble; which one depends on the seed, the key and the try alone."""

    def decide(key: str, number: int) -> Fate:
        chance = Random(f"{seed} {key} {number}").random()
        if chance < 0.08:
            return Fate.LOST_REPLY
        if chance < 0.11:
            return Fate.LOST_REQUEST
        return Fate.HALF_A_REQUEST if chance < 0.13 else Fate.PASSED_ON

    return decide


class FickleProxy:
    """Passes one request a connection on to a port of this machine, as its fate will have it."""

    def __init__(self, listener: socket.socket, port: int, decide: Decides) -> None:
        self._listener, self._port, self._decide = listener, port, decide
        self._lock = threading.Lock()
        self._tries: Counter[str] = Counter()
        self.met: Counter[Fate] = Counter()

    def serve(self) -> None:
        """Takes callers in until the listener is closed."""
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._exchange, args=[caller], daemon=True).start()

    def _exchange(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.settimeout(LONGEST_WAIT)
            request = whole_message(caller)
            fate = self._fate(request)
            if fate is Fate.LOST_REQUEST:
                return
            with socket.create_connection(("127.0.0.1", self._port), timeout=LONGEST_WAIT) as service:
                if fate is Fate.HALF_A_REQUEST:
                    service.sendall(request[: len(request) // 2])
                    return
                service.sendall(request)
                reply = whole_message(service)
                if fate is Fate.PASSED_ON:
                    caller.sendall(reply)

    def _fate(self, request: bytes) -> Fate:
        key = _header(request, b"idempotency-key").decode()
        with self._lock:
            self._tries[key] += 1
            fate = self._decide(key, self._tries[key]) if key else Fate.PASSED_ON
            self.met[fate] += 1
        return fate


@contextmanager
def fickle_proxy(port: int, decide: Decides) -> Iterator[tuple[int, FickleProxy]]:
    """A fickle line to a port; where callers find it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = FickleProxy(listener, port, decide)
        thread = threading.Thread(target=proxy.serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], proxy
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def whole_message(sender: socket.socket) -> bytes:
    """One HTTP message with a `Content-Length`; `ConnectionError` where it breaks off."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(sender)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(_header(head, b"content-length") or b"0")
    while len(body) < length:
        body += _more(sender)
    return head + b"\r\n\r\n" + body


def _more(sender: socket.socket) -> bytes:
    received = sender.recv(65_536)
    if not received:
        raise ConnectionError("the message breaks off")
    return received


def _header(message: bytes, name: bytes) -> bytes:
    head = message.partition(b"\r\n\r\n")[0]
    return next(
        (
            value.strip()
            for line in head.split(b"\r\n")
            for field, _, value in [line.partition(b":")]
            if field.lower() == name
        ),
        b"",
    )
