"""(d) Commands and reads over HTTP, beside the same FastAPI without a database."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.values import IsoDate, Number, Text
from service.http.security import issue_token, network_admin, token_key
from service.store.keys import BEARERS, KeyStore
from tests.bench import histories
from tests.bench.measure import interleave, ratio, spread
from tests.bench.report import Row
from tests.bench.stage import Stage

CONNECTIONS = 32
SECONDS = 1.5
_networks = count(1)

READY = 4000
"""Requests made ready per slice: each carries a body and a key of its own."""


def run(stage: Stage, rounds: int) -> list[Row]:
    """Requests per second with 32 connections, as ratios within the rounds of one run."""
    with histories.commands(stage) as service:
        ids = histories.missions(service, f"http{next(_networks)}", CONNECTIONS, 10)
    with closing(KeyStore(stage.keys)) as keys:
        token = issue_token(token_key(keys.network_secret(BEARERS)), network_admin("bench"), seconds=3600)
    head = f"Host: bench\r\nAuthorization: Bearer {token}\r\n"
    serials = iter(range(10**9))

    def post(path: str, mission_id: str, body: dict[str, Any]) -> str:
        text = json.dumps(body)
        key = f"Idempotency-Key: bench-{os.getpid()}-{next(serials)}\r\n"
        return (
            f"POST {path.format(mission_id)} HTTP/1.1\r\n{head}{key}Content-Type: application/json\r\n"
            f"Content-Length: {len(text.encode())}\r\n\r\n{text}"
        )

    def body(n: int) -> dict[str, Any]:
        return {"value": f"{n % 90}.5", "measured_on": "2026-03-02", "note": "Lecture du tableau de bord"}

    def posts(path: str) -> list[list[str]]:
        return [[post(path, each, body(n)) for n in range(READY // CONNECTIONS * 4)] for each in ids]

    def gets(path: str) -> list[list[str]]:
        return [[f"GET {path.format(each)} HTTP/1.1\r\n{head}\r\n"] for each in ids]

    environment = {"RELAIS_DATABASE_URL": stage.history, "RELAIS_KEYS_DATABASE_URL": stage.keys}
    with _server("relais", environment) as ours, _server("bare", environment) as bare:
        series = interleave(
            {
                "POST relais": lambda: _load(ours, posts("/missions/{}/objectives/O1/measurements"), repeat=False),
                "POST bare": lambda: _load(bare, posts("/missions/{}/objectives/O1/measurements"), repeat=False),
                "GET relais": lambda: _load(ours, gets("/missions/{}"), repeat=True),
                "GET bare": lambda: _load(bare, gets("/missions/{}"), repeat=True),
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


def _load(port: int, queues: list[list[str]], *, repeat: bool) -> float:
    job = {"host": "127.0.0.1", "port": port, "queues": queues, "seconds": SECONDS, "repeat": repeat}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"], input=json.dumps(job), check=True, capture_output=True, text=True
    )
    result = json.loads(done.stdout)
    assert set(result["statuses"]) <= {"200", "201"}, result
    return float(result["rate"])


@contextmanager
def _server(kind: str, environment: dict[str, str]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    log = Path("build") / f"bench-{kind}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.serving", kind, str(port)],
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(port, server, log)
        yield port
    finally:
        server.terminate()
        server.wait()


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
