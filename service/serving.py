"""Running for as long as nobody says stop: the API, and the worker that keeps the read models up to date."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType

import typer
import uvicorn

from service.databases import databases
from service.logging import configure_logging
from service.main import read_settings, serving, working
from service.proof.starting import sealing
from service.trouble import Trouble
from service.working_beside import working_beside

SECONDS_TO_FINISH = 2
"""How long open requests may take to end once the service is told to stop; live streams never end by themselves."""

TURN = 0.0005
"""Seconds after which the thread that decides lets the one that answers requests go on: at Python's usual 5 ms, each
request waits for whole batches."""


def serve_until_stopped(host: str, port: int, *, work: bool) -> None:
    """Serve the API at an address, until a signal says stop."""
    configure_logging()
    settings = read_settings()
    worker = working_beside if work else nullcontext
    with listening(host, port) as listener, stopping() as stopped, serving(settings, worker) as app:
        if stopped.is_set():
            return
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
            server_header=False,
        )
        sys.setswitchinterval(TURN)
        typer.echo(f"Relais serves {_address(listener)}; `relais token` lets somebody in, Ctrl-C stops it.", err=True)
        uvicorn.Server(config).run(sockets=[listener])


def work_until_stopped() -> None:
    """Keep the read models up to date and seal history, until a signal says stop."""
    configure_logging()
    settings = read_settings()
    with stopping() as stopped, databases(settings) as found, working(found), sealing(found, settings):
        typer.echo("Relais keeps the read models up to date and seals history; Ctrl-C stops it.", err=True)
        stopped.wait()


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Set when the process is told to stop, so that all is closed in order; told twice, it stops as it is."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    def hang_up(_signal: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGTERM)  # to whoever listens to that now: the server, or ourselves

    handlers = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGHUP: hang_up}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at the address, taken before anything is started."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=2048)
    except socket.gaierror:
        raise Trouble(f"{host} is no address of this machine: try --host 127.0.0.1, or 0.0.0.0 for all") from None
    except OSError as error:
        raise Trouble(_cannot_listen(host, port, error)) from None
    with listener:
        yield listener


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} of {host} is taken: stop what listens there, or choose another with --port"
        case errno.EACCES:
            return f"port {port} is reserved for root: choose one above 1023 with --port"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine: try --host 127.0.0.1, or 0.0.0.0 for all"
        case _:
            return f"nothing can be served at {host}:{port}: {error.strerror}"


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
