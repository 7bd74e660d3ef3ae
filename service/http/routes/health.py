"""Whether the service lives, whether it can serve, what it counts, and what it offers."""

from __future__ import annotations

import json
from contextlib import suppress

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from projections.read_model import Query
from service.http.exchange import Metrics
from service.http.openapi import problems
from service.http.questions import Unavailable
from service.http.services import services_of

router = APIRouter(tags=["service"])

STANDING = Query(
    """
    SELECT (SELECT position FROM relais.log_head),
           (SELECT coalesce(min(position), 0) FROM rm.projection_generations WHERE state = 'serving'),
           EXISTS (SELECT FROM rm.projection_parked) OR EXISTS (
               SELECT FROM rm.projection_generations WHERE state = 'serving' AND stopped_at IS NOT NULL),
           (SELECT coalesce(max(last_position), 0) FROM relais.seals),
           (SELECT code FROM relais.sealing_notices ORDER BY id DESC LIMIT 1)
    """,
    {},
)


class Health(BaseModel):
    """Whether the process answers at all."""

    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """The process is alive."""
    return Health(status="ok")


class Readiness(BaseModel):
    """Whether the service can serve: the log's position, and how many events the slowest read model is behind."""

    status: str
    position: int
    lag: int
    sealed: int
    """The last event that is sealed."""
    sealing: str
    """`ok`, or the code of why the log is not signed on."""


@router.get("/readyz", responses=problems(503))
async def readyz(request: Request) -> Readiness:
    """Whether history and the read models can be asked; `degraded` where somebody has to look at one, or at the log."""
    position, reached, troubled, sealed, refused = (await services_of(request).questions.ask(STANDING))[0]
    return Readiness(
        status="degraded" if troubled or refused else "ready",
        position=position,
        lag=max(0, position - reached),
        sealed=sealed,
        sealing=refused or "ok",
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(401, 403)},
)
async def metrics(request: Request) -> Response:
    """What the service counts, for Prometheus."""
    counted: Metrics = request.app.metrics
    for model, position in services_of(request).progress.positions().items():
        counted.positions.labels(model).set(position)
    with suppress(Unavailable):  # what is counted here is told even while the database is away
        position, _, _, sealed, refused = (await services_of(request).questions.ask(STANDING))[0]
        counted.unsealed.set(position - sealed)
        counted.sealing_refused.set(1 if refused else 0)
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """This description."""
    return Response(json.dumps(request.app.openapi()).encode(), media_type="application/json")
