"""The HTTP application: its routes, its layers, its description. What it stands on is handed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp
from typing_extensions import override

from service.http import openapi
from service.http.body import MAX_BYTES
from service.http.commands import Ask
from service.http.exchange import Exchange, Metrics
from service.http.policy import OPEN, POLICY, Roles, admit, require_policy
from service.http.problems import Problem, answer_problem
from service.http.questions import Unavailable
from service.http.routes import ROUTERS
from service.http.security import Believed
from service.http.services import Services
from service.projections.progress import follow

DESCRIPTION = """Missions of part-time shared executives: what was agreed, done, measured, billed and ended.

Commands are `POST`; each answers with its `position` in all history. Read with `?min_position=` that position to see
one's own writes. Send an `Idempotency-Key` with every `POST`: after a lost answer, send the same again."""


class Relais(FastAPI):
    """FastAPI with our own outermost layer, so that not even the framework's failures leave without a request id."""

    metrics: Metrics

    @override
    def build_middleware_stack(self) -> ASGIApp:
        return Exchange(super().build_middleware_stack(), self.metrics)

    @override
    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            schema = super().openapi()
            asks = [route.endpoint for route in iter_route_contexts(self.routes) if isinstance(route.endpoint, Ask)]
            unguarded = [path for (_, path), roles in self.state.policy.items() if roles == OPEN]
            openapi.complete(schema, {ask.command: ask.path_ids for ask in asks}, unguarded)
        return self.openapi_schema or {}


def create_app(
    services: Services,
    *,
    routers: Sequence[APIRouter] = (),
    policy: Mapping[tuple[str, str], Roles] | None = None,
    max_body_bytes: int = MAX_BYTES,
) -> FastAPI:
    """The application over services that are already built; further routers bring their own policy."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with services.questions:
            hearing = asyncio.create_task(follow(services.questions.conninfo, services.progress))
            yield
            hearing.cancel()
            await asyncio.wait({hearing})

    app = Relais(
        title="Relais",
        version=version("relais"),
        description=DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(admit)],
        openapi_url=None,
        redirect_slashes=False,
        max_body_size=max_body_bytes,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        exception_handlers=dict.fromkeys(
            (Problem, HTTPException, RequestValidationError, Unavailable, ConnectionError, Exception), answer_problem
        ),
    )
    app.metrics = Metrics()
    app.state.services = services
    app.state.believed = Believed(services.token_key)
    app.state.policy = {**POLICY, **(policy or {})}
    for router in (*ROUTERS, *routers):
        app.include_router(router)
    require_policy(app)
    return app
