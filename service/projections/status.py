"""Where each read model stands, for operators, health and alerts; and what operators may ask of the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import psycopg

from projections.read_model import ReadModel
from service.projections.generations import Action
from service.projections.layout import Connection, fingerprint


class Health(StrEnum):
    """What an operator has to know of a read model first."""

    SERVING = "serving"
    BEHIND = "behind"
    """The release's version is being rebuilt beside an older one that serves and does not move."""
    PARKED = "parked"
    """Serves, but for the streams that are set aside."""
    STOPPED = "stopped"
    """Stopped before an event that it cannot fold: no figure is better than a wrong one."""
    CHANGED = "changed"
    """Its tables look otherwise than this release's under the same version: the version has to be raised."""
    MISSING = "missing"
    """No worker has built it yet."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A stream that is set aside, the event that could not be folded, and the kind of error; no words of it."""

    stream: str
    position: int
    error: str


@dataclass(frozen=True, slots=True)
class Building:
    """A generation that is not the one that serves, and how far it got."""

    generation: int
    version: int
    position: int
    state: str
    error: str | None


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One read model: which generation serves, how far it is and what stands in its way."""

    name: str
    state: Health
    version: int | None
    generation: int | None
    position: int
    lag: int
    stopped_at: int | None
    error: str | None
    parked: tuple[Parked, ...]
    beside: tuple[Building, ...]

    @property
    def is_healthy(self) -> bool:
        """Whether its answers can be relied on, once its lag is none."""
        return self.state in (Health.SERVING, Health.BEHIND)


GENERATIONS: Final = (
    "SELECT model, generation, version, fingerprint, position, state, stopped_at, error"
    " FROM rm.projection_generations ORDER BY model, generation"
)
PARKED: Final = "SELECT model, generation, stream, position, error FROM rm.projection_parked ORDER BY model, position"
HEAD: Final = "SELECT position FROM relais.log_head"
THERE: Final = "SELECT to_regclass('rm.projection_requests') IS NOT NULL"


def status(connection: Connection, models: Sequence[ReadModel]) -> list[ModelStatus]:
    """Where each of these read models stands."""
    with connection.transaction():
        head = connection.execute(HEAD.encode()).fetchall()
        if not connection.execute(THERE.encode()).fetchall()[0][0]:
            return [_missing(model, head[0][0]) for model in models]
        generations = connection.execute(GENERATIONS.encode()).fetchall()
        parked = connection.execute(PARKED.encode()).fetchall()
    return [_status_of(model, head[0][0], generations, parked) for model in models]


async def status_now(connection: psycopg.AsyncConnection, models: Sequence[ReadModel]) -> list[ModelStatus]:
    """The same, without holding up the event loop."""
    async with connection.transaction():
        head = await (await connection.execute(HEAD.encode())).fetchall()
        if not (await (await connection.execute(THERE.encode())).fetchall())[0][0]:
            return [_missing(model, head[0][0]) for model in models]
        generations = await (await connection.execute(GENERATIONS.encode())).fetchall()
        parked = await (await connection.execute(PARKED.encode())).fetchall()
    return [_status_of(model, head[0][0], generations, parked) for model in models]


def ask(connection: Connection, action: Action, model: str, stream: str | None = None) -> int:
    """Asks whichever worker leads; the number under which it will answer."""
    row = connection.execute(
        "INSERT INTO rm.projection_requests (action, model, stream) VALUES (%s, %s, %s) RETURNING id",
        (action.value, model, stream),
    ).fetchone()
    return 0 if row is None else int(row[0])


def outcome(connection: Connection, request: int) -> str | None:
    """What came of a request; None while it waits."""
    row = connection.execute("SELECT outcome FROM rm.projection_requests WHERE id = %s", (request,)).fetchone()
    return None if row is None else row[0]


async def outcome_of(conninfo: str, request: int, within: float, *, every: float = 0.1) -> str | None:
    """The same, once it is there, or None after a time."""
    async with asyncio.timeout(within), await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        while True:
            found = await connection.execute("SELECT outcome FROM rm.projection_requests WHERE id = %s", (request,))
            row = await found.fetchone()
            if row is not None and row[0] is not None:
                return str(row[0])
            await asyncio.sleep(every)


def _missing(model: ReadModel, head: int) -> ModelStatus:
    return ModelStatus(model.name, Health.MISSING, None, None, 0, head, None, None, (), ())


def _status_of(
    model: ReadModel, head: int, generations: Sequence[tuple[Any, ...]], parked: Sequence[tuple[Any, ...]]
) -> ModelStatus:
    own = [Kept(*row) for row in generations if row[0] == model.name]
    serving = next((each for each in own if each.state == "serving"), None)
    if serving is None:
        return _missing(model, head)
    aside = tuple(Parked(*row[2:]) for row in parked if row[:2] == (model.name, serving.generation))
    beside = tuple(
        Building(each.generation, each.version, each.position, each.state, each.error)
        for each in own
        if each is not serving
    )
    return ModelStatus(
        name=model.name,
        state=_health(model, serving, bool(aside)),
        version=serving.version,
        generation=serving.generation,
        position=serving.position,
        lag=max(0, head - serving.position),
        stopped_at=serving.stopped_at,
        error=serving.error,
        parked=aside,
        beside=beside,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the worker's accounts."""

    model: str
    generation: int
    version: int
    fingerprint: str
    position: int
    state: str
    stopped_at: int | None
    error: str | None


def _health(model: ReadModel, serving: Kept, has_parked: bool) -> Health:
    if serving.stopped_at is not None:
        return Health.STOPPED
    if serving.version != model.version:
        return Health.BEHIND
    if serving.fingerprint != fingerprint(model):
        return Health.CHANGED
    return Health.PARKED if has_parked else Health.SERVING
