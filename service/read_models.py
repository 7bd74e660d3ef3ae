"""What an operator asks of the read models: where each stands, to catch up now, to be built anew."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Any

import psycopg

from service.projections.generations import Action, State
from service.projections.status import Health, ModelStatus, ask, outcome, status
from service.trouble import Trouble
from service.worker import READ_MODELS

PATIENCE = 300.0
"""Seconds after which catching up or building anew is said not to come to an end."""
LOOK_AGAIN = 0.05
"""Seconds between two looks at what the worker that leads, here or elsewhere, has done."""
NAMES = tuple(model.name for model in READ_MODELS)

_SCRUBBING = """
    SELECT FROM rm.projection_requests WHERE action = %(scrub)s AND done_at IS NULL
    UNION ALL SELECT FROM rm.projection_generations WHERE forgets AND state IN ('building', 'refused')
"""
Connection = psycopg.Connection[tuple[Any, ...]]


def in_words(model: ModelStatus) -> str:
    """A line for an operator: what stands, how far, what is wrong and what to do."""
    if model.state is Health.MISSING:
        return f"{model.name}: missing; `relais work` or `relais serve` builds it"
    line = f"{model.name}: {model.state.value}, position {model.position}, {model.lag} behind"
    for parked in model.parked:
        line += f"\n  set aside: {parked.stream} since position {parked.position} ({parked.error})"
    if model.stopped_at is not None:
        line += f"\n  stopped before position {model.stopped_at} ({model.error}): repair it, then rebuild"
    for other in model.beside:
        if other.state != State.RETIRED:
            line += f"\n  generation {other.generation}: {other.state}, position {other.position} {other.error or ''}"
    return line.rstrip()


def catch_up(connection: Connection, patience: float = PATIENCE) -> int:
    """Wait until a worker has brought every read model up to the last fact, and say which that is."""
    (head,) = connection.execute("SELECT position FROM relais.log_head").fetchall()[0]
    give_up = time.monotonic() + patience
    while any(model.position < head or model.generation is None for model in status(connection, READ_MODELS)):
        if time.monotonic() > give_up:
            raise Trouble(f"the read models do not reach position {head}: look at `relais projections status`")
        Event().wait(LOOK_AGAIN)
    return int(head)


def scrubbed(connection: Connection, patience: float = PATIENCE) -> None:
    """Wait until no read model holds, or keeps for a rollback, words that were erased."""
    give_up = time.monotonic() + patience
    while connection.execute(_SCRUBBING, {"scrub": Action.SCRUB.value}).fetchone() is not None:
        if time.monotonic() > give_up:
            raise Trouble(
                "the read models are not built anew yet; it goes on wherever a worker runs: `relais projections status`"
            )
        Event().wait(LOOK_AGAIN)


def rebuild(connection: Connection, names: Sequence[str], patience: float = PATIENCE) -> Iterator[str]:
    """Have a worker build read models anew, those of these names or all; what came of each, as it comes."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise Trouble(f"there is no read model {', '.join(unknown)}: they are {', '.join(NAMES)}")
    for name in names or NAMES:
        yield f"{name}: {_rebuilt(connection, name, time.monotonic() + patience)}"


def _rebuilt(connection: Connection, name: str, give_up: float) -> str:
    request = ask(connection, Action.REBUILD, name)
    while (answer := outcome(connection, request)) is None or _is_building(connection, name):
        if time.monotonic() > give_up:
            raise Trouble(f"{name} is not built yet; it goes on wherever a worker runs: `relais projections status`")
        Event().wait(LOOK_AGAIN)
    refused = connection.execute(
        "SELECT error FROM rm.projection_generations WHERE model = %s AND state = %s", (name, State.REFUSED.value)
    ).fetchone()
    if refused is not None:
        raise Trouble(f"{name} built anew differs from what serves ({refused[0]}): the old one goes on serving")
    return f"{answer.removeprefix('building ')} serves"


def _is_building(connection: Connection, name: str) -> bool:
    found = connection.execute(
        "SELECT FROM rm.projection_generations WHERE model = %s AND state = %s", (name, State.BUILDING.value)
    )
    return found.fetchone() is not None
