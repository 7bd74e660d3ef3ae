"""Whether the service lives, whether it can serve, what it counts, and what it offers."""

from __future__ import annotations

import json

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from service.http.openapi import problems
from service.http.services import services_of

router = APIRouter(tags=["service"])


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


@router.get("/readyz", responses=problems(503))
async def readyz(request: Request) -> Readiness:
    """Whether history and the read models can be asked; `degraded` where a read model needs somebody's attention."""
    standing = await services_of(request).progress.standing()
    status = "degraded" if standing.trouble else "ready"
    return Readiness(status=status, position=standing.position, lag=standing.lag)


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """What the service counts, for Prometheus."""
    return Response(generate_latest(request.app.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """This description."""
    return Response(json.dumps(request.app.openapi()).encode(), media_type="application/json")
