"""(d) Commands and reads over HTTP, beside the same FastAPI without a database."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event as Signal
from typing import Any

import psycopg
from pydantic import BaseModel, ConfigDict

from domain.values import IsoDate, Number, Text
from service.http.security import issue_token, network_admin, token_key
from service.projections.status import status
from service.store.keys import BEARERS, KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.bench import histories
from tests.bench.measure import interleave, ratio, spread
from tests.bench.report import Row
from tests.bench.stage import Stage

CONNECTIONS = 32
SECONDS = 1.5
_networks, _serials = count(1), count(1)

READY = 4000
"""Requests made ready per slice: each carries a body and a key of its own."""


class Served:
    """A server under load: a process of its own, missions of ten events, and a token that may do all."""

    def __init__(self, stage: Stage, ids: Sequence[str], server: Server) -> None:
        self._ids, self._port, self.process = ids, server.port, server.process
        with closing(KeyStore(stage.keys)) as keys, closing(Reader(stage.history)) as reader:
            token = issue_token(token_key(keys.network_secret(BEARERS)), network_admin("bench"), seconds=3600)
            self._head = reader.head()
        self._headers = f"Host: bench\r\nAuthorization: Bearer {token}\r\n"
        self.megabytes = 0.0
        """The most memory that it, or its worker, had; known once it has ended."""

    def gets(self, path: str, connections: int = CONNECTIONS) -> float:
        """Reads per second; `{}` in the path is a mission, `{head}` a position near the end of history."""
        paths = [path.format(each, head=self._head - 50) for each in self._ids[:connections]]
        return self._load([[f"GET {each} HTTP/1.1\r\n{self._headers}\r\n"] for each in paths], repeat=True)

    def posts(self, connections: int = CONNECTIONS) -> float:
        """Commands per second, each connection on a mission of its own."""
        queues = [[self._post(each, n) for n in range(READY // CONNECTIONS * 4)] for each in self._ids[:connections]]
        return self._load(queues, repeat=False)

    def _post(self, mission_id: str, n: int) -> str:
        text = json.dumps({"value": f"{n % 90}.5", "measured_on": "2026-03-02", "note": "Lecture du tableau de bord"})
        key = f"Idempotency-Key: bench-{os.getpid()}-{next(_serials)}\r\n"
        return (
            f"POST /missions/{mission_id}/objectives/O1/measurements HTTP/1.1\r\n{self._headers}{key}"
            f"Content-Type: application/json\r\nContent-Length: {len(text.encode())}\r\n\r\n{text}"
        )

    def _load(self, queues: list[list[str]], *, repeat: bool) -> float:
        job = {"host": "127.0.0.1", "port": self._port, "queues": queues, "seconds": SECONDS, "repeat": repeat}
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.load"],
            input=json.dumps(job),
            check=True,
            capture_output=True,
            text=True,
        )
        result = json.loads(done.stdout)
        assert set(result["statuses"]) <= {"200", "201"}, result
        return float(result["rate"])


@contextmanager
def relais_on(stage: Stage, kind: str = "relais") -> Iterator[Served]:
    """`relais serve` over a stage, with missions to ask about; or the bare FastAPI in its place."""
    with histories.commands(stage) as service:
        ids = histories.missions(service, f"http{next(_networks)}", CONNECTIONS, 10)
    environment = {"RELAIS_DATABASE_URL": stage.history, "RELAIS_KEYS_DATABASE_URL": stage.keys}
    with _server(kind, environment) as server:
        served = Served(stage, ids, server)
        if kind == "relais":
            _wait_for_read_models(stage.history)
        yield served
    served.megabytes = server.megabytes


def _wait_for_read_models(history: str) -> None:
    with closing(Reader(history)) as reader, psycopg.connect(history, autocommit=True) as looks:
        head, pace = reader.head(), Signal()
        while any((each.position or 0) < head for each in status(looks, READ_MODELS)):
            pace.wait(0.1)


def run(stage: Stage, rounds: int) -> list[Row]:
    """Requests per second with 32 connections, as ratios within the rounds of one run."""
    with relais_on(stage) as ours, relais_on(stage, "bare") as bare:
        series = interleave(
            {
                "POST relais": ours.posts,
                "POST bare": bare.posts,
                "GET relais": partial(ours.gets, "/missions/{}"),
                "GET bare": partial(bare.gets, "/missions/{}"),
            },
            rounds,
        )
    return [
        Row(
            f"{what}, {CONNECTIONS} connections",
            f"{kind} relais",
            series[f"{kind} relais"].median,
            to,
            series[f"{kind} bare"].median,
            ratio(series[f"{kind} relais"], series[f"{kind} bare"]),
            *spread(series[f"{kind} relais"], series[f"{kind} bare"]),
            goal,
        )
        for kind, what, to, goal in (
            ("POST", "POST of a command", "the same FastAPI POST without a database", 0.4),
            ("GET", "GET of a mission", "the same FastAPI answering ready bytes", 0.3),
        )
    ]


@dataclass
class Server:
    """A server process: where it listens, and the most memory it had, once it has ended."""

    port: int
    process: int
    megabytes: float = 0.0


@contextmanager
def _server(kind: str, environment: dict[str, str]) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    log = Path("build") / f"bench-{kind}-{port}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.serving", kind, str(port)],
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
    server = Server(port, process.pid)
    try:
        _wait_for(port, process, log)
        yield server
    finally:
        process.terminate()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        server.megabytes = usage.ru_maxrss / 1024


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    while server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.2):
                return
        except OSError:
            continue
    raise RuntimeError(f"the server ended before it answered: {log.read_text()[-2000:]}")


def main(kind: str, port: int) -> None:
    """One of the two servers, as uvicorn runs it in production."""
    import uvicorn

    if kind == "relais":
        from service.serving import serve_until_stopped

        serve_until_stopped("127.0.0.1", port, work=True)
    else:
        uvicorn.run(_bare(), host="127.0.0.1", port=port, log_config=None, access_log=False)


class Measurement(BaseModel):
    """The body of the command, as a route of FastAPI takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    value: Number
    measured_on: IsoDate
    note: Text | None = None


def _bare() -> Any:
    """FastAPI as its manual writes it: the same body, and nothing behind it; reads answer bytes made ready."""
    from fastapi import FastAPI, Response

    app = FastAPI(openapi_url=None)
    ready = json.dumps({"mission_id": "M", "title": "x" * 1900}).encode()

    @app.post("/missions/{mission_id}/objectives/{objective_id}/measurements", status_code=201)
    async def _post(mission_id: str, objective_id: str, body: Measurement) -> Response:
        answer = {"mission_id": mission_id, "objective_id": objective_id, "version": 1, "position": int(body.value)}
        return Response(
            json.dumps(answer).encode(),
            status_code=201,
            media_type="application/json",
        )

    @app.get("/missions/{mission_id}")
    async def _get(mission_id: str) -> Response:
        assert mission_id
        return Response(ready, media_type="application/json")

    return app


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
