"""One request and its answer: an id on both, a line in the log, a count in the metrics, no failure without words."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.problems import Problem
from service.http.security import Principal

REQUEST_ID = "x-request-id"
PRINCIPAL = "relais.principal"
"""Where a request keeps who its token spoke for, once it was read."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

log = structlog.get_logger("relais.http")


class Metrics:
    """What the service counts about its answers, by route template and never by id."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "relais_http_requests_total", "Answers given.", ("method", "route", "status"), registry=self.registry
        )
        self.positions = Gauge(
            "relais_read_model_position", "How far each read model has got.", ("model",), registry=self.registry
        )
        self.unsealed = Gauge("relais_unsealed_events", "Events that no seal covers yet.", registry=self.registry)
        self.sealing_refused = Gauge(
            "relais_sealing_refused",
            "1 where the log is not signed on, and why must be looked at.",
            registry=self.registry,
        )
        self.seconds = Histogram(
            "relais_http_request_seconds",
            "Time from request to the end of the answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )


class Exchange:
    """The outermost layer: it sees every answer that leaves, the framework's own failures included."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        scope[REQUEST_ID] = request_id = _request_id(Headers(scope=scope).get(REQUEST_ID))
        answer = _Answer(send, request_id)
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            log.exception("request_broke", request_id=request_id)
            if not answer.status:
                await Problem(500).response()(scope, receive, answer.send)
        finally:
            self._tell(scope, answer.status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = _method(scope["method"]), route_template(scope)
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        principal: Principal | None = scope.get(PRINCIPAL)
        log.info(
            "request",
            request_id=scope[REQUEST_ID],
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 2),
            principal=principal.name if principal else None,
        )


class _Answer:
    """Passes an answer on with its request id; a failure in plain text becomes a problem."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._replaced = False
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif not self._replaced:
            await self._send(message)

    async def _start(self, message: Message) -> None:
        self.status = int(message["status"])
        headers = MutableHeaders(raw=message["headers"])
        if self.status >= 400 and headers.get("content-type", "").startswith("text/plain"):
            self._replaced = True
            problem = Problem(self.status).response()
            await self._send({**message, "headers": self._marked(problem.headers)})
            await self._send({"type": "http.response.body", "body": problem.body})
        else:
            await self._send({**message, "headers": self._marked(headers)})

    def _marked(self, headers: MutableHeaders) -> list[tuple[bytes, bytes]]:
        headers[REQUEST_ID] = self._request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Cache-Control", "no-store")
        return headers.raw


def _request_id(stated: str | None) -> str:
    return stated if stated and _REQUEST_ID.fullmatch(stated) else uuid.uuid4().hex


def _method(method: str) -> str:
    """The method, where it is one: callers may send any word, and words must not fill the metrics."""
    return method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} else "other"


def route_template(scope: MutableMapping[str, Any]) -> str:
    """`/missions/{mission_id}`, never the id; one word for all addresses that lead nowhere."""
    return getattr(scope.get("route"), "path_format", None) or "unknown"
