"""The one worker that leads: brings every generation forward batch by batch, rows and position in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import partial
from logging import DEBUG, INFO
from math import inf
from time import monotonic, perf_counter
from typing import Final, NamedTuple

import psycopg
import structlog

from domain.catalogue import UnknownTopic, event_class
from domain.event import Event, Recorded
from domain.party.events import PersonForgotten
from projections.read_model import ReadModel
from service.projections.generations import Accounts, Action, Generation, Request, State
from service.projections.layout import Connection, lay_out_control
from service.projections.rebuilding import Rebuilding
from service.projections.telling import Batch, History, Told, Unreadable, Wanted
from service.projections.writing import Tables, prepare

POISON = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    RecursionError,
    psycopg.DataError,
    psycopg.IntegrityError,
)
"""What an event that cannot be folded may end in. All else is trouble with the machine, and is tried again."""

FORGETTING: frozenset[type[Event]] = frozenset({PersonForgotten})
SMALL: Final = 100
"""Events of a batch that goes to the server in few round trips; a larger one is worth COPY."""
Heard = Callable[[Sequence[Generation]], None]
Forget = Callable[[Sequence[Recorded[Event]]], bool]
"""Carries out the forgetting of persons where that was cut short; whether it was."""
log = structlog.get_logger(__name__)


class Forgotten(NamedTuple):
    """That a batch says of somebody that they are forgotten."""

    last_at: datetime | None
    """When that was recorded last; None where it is carried out only now, after a crash."""


class UnreadableEvent(ValueError):
    """An event in the batch cannot be read by this release."""


class Leader:
    """Works on one connection, which holds the lock: when it breaks, the lock and the open batch go with it."""

    def __init__(
        self,
        connection: Connection,
        models: Sequence[ReadModel],
        history: History,
        *,
        batch_size: int = 5000,
        look_every: float = 0.0,
        heard: Heard = lambda _: None,
        forget: Forget = lambda _: False,
    ) -> None:
        prepare(connection)
        lay_out_control(connection)
        self._connection, self._models, self._history = connection, models, history
        self._batch_size, self._heard, self._forget = batch_size, heard, forget
        self._look_every, self._looked_at = look_every, -inf
        self._accounts = Accounts(connection)
        self._generations = self._accounts.generations(models)
        self._rebuilding = Rebuilding(connection, self._accounts)
        self._tables: dict[tuple[str, int], Tables] = {}

    def work(self) -> bool:
        """One step of what there is to do: what serves comes first. False when there was nothing."""
        for model in self._models:
            self._keep_current(model)
        self._answer_requests()
        serving = [each for each in self._generations if each.moves and each.state is State.SERVING]
        building = [each for each in self._generations if each.moves and each.state is State.BUILDING]
        advanced = self._advance(serving, {})
        built = self._advance(building, {each: self._goal(each) for each in building})
        return self._switch_what_is_ready() or advanced or built

    def _keep_current(self, model: ReadModel) -> None:
        """Begins what this release asks for and is not there: the first generation, or one of a newer version."""
        known = [each for each in self._generations if each.model is model]
        if not known:
            self._begin(model, State.SERVING)
        elif model.version > max(each.version for each in known):
            self._begin(model, State.BUILDING)

    def _begin(self, model: ReadModel, state: State, *, forgets: bool = False) -> Generation:
        """A new generation beside the others; one that was being built until now is given up."""
        with self._connection.transaction():
            known = [each for each in self._generations if each.model is model]
            for given_up in known:
                if given_up.state in (State.BUILDING, State.REFUSED):
                    forgets = forgets or given_up.forgets
                    self._accounts.drop(given_up)
                    self._generations.remove(given_up)
            number = max((each.number for each in known), default=0) + 1
            begun = self._accounts.begin(model, number, state, forgets=forgets)
        self._generations.append(begun)
        log.info("projection_begun", model=model.name, generation=number, version=model.version, state=state.value)
        return begun

    def _goal(self, building: Generation) -> int | None:
        """A generation beside one that serves and moves goes no further than that one."""
        serving = self._serving(building.model)
        return serving.position if serving is not None and serving.moves else None

    def _serving(self, model: ReadModel) -> Generation | None:
        return next((each for each in self._generations if each.model is model and each.state is State.SERVING), None)

    def _advance(self, candidates: Sequence[Generation], goals: Mapping[Generation, int | None]) -> bool:
        """One batch for those that are furthest behind; they stop where the next ones stand, to go on together."""
        behind = [each for each in candidates if (goal := goals.get(each)) is None or each.position < goal]
        if not behind:
            return False
        position = min(each.position for each in behind)
        group = [each for each in behind if each.position == position]
        ends = [each.position for each in behind if each.position > position]
        ends += [goal for each in group if (goal := goals.get(each)) is not None]
        size = min([self._batch_size, *(end - position for end in ends)])
        started = perf_counter()
        batch = self._history.after(position, size, _wanted_by(group))
        if batch is None:
            return False
        reached, self._generations = self._pass(group, batch, self._forgotten(batch))
        for each, position in zip(group, reached, strict=True):
            each.position = position
        log.log(
            DEBUG if batch.events <= SMALL else INFO,
            "projection_batch",
            models=[f"{each.model.name}/g{each.number}" for each in group],
            events=batch.events,
            position=batch.position,
            milliseconds=int((perf_counter() - started) * 1000),
        )
        self._heard([each for each in group if each.state is State.SERVING])
        return True

    def _forgotten(self, batch: Batch) -> Forgotten | None:
        """The persons whom a batch says are forgotten, and forgotten they are from here on; None: nobody."""
        said = [each for each in batch.told if not isinstance(each, Unreadable) and type(each.event) in FORGETTING]
        return Forgotten(None if self._forget(said) else max(each.recorded_at for each in said)) if said else None

    def _pass(
        self, group: Sequence[Generation], batch: Batch, forgotten: Forgotten | None
    ) -> tuple[list[int], list[Generation]]:
        """Folds a batch into each generation and notes how far each got, all in one transaction.

        In one go, as nearly always; where an event is at fault, one generation after the other, with care.
        """
        try:
            with self._in_few_round_trips(batch, forgotten), self._connection.transaction():
                self._write([(each, wanted) for each in group if (wanted := _wanted(each, batch.told))])
                return self._moved(group, batch, [None for _ in group], forgotten)
        except POISON:
            with self._connection.transaction():
                stopped = [self._fold(each, batch.told) for each in group]
                return self._moved(group, batch, stopped, forgotten)

    def _in_few_round_trips(self, batch: Batch, forgotten: Forgotten | None) -> AbstractContextManager[object]:
        """A small batch waits for the server three times, not once for each statement of each table."""
        return self._connection.pipeline() if batch.events <= SMALL and forgotten is None else nullcontext()

    def _moved(
        self, group: Sequence[Generation], batch: Batch, stopped: Sequence[int | None], forgotten: Forgotten | None
    ) -> tuple[list[int], list[Generation]]:
        reached = [batch.position if position is None else position - 1 for position in stopped]
        self._accounts.move(group, reached)
        kept = self._generations
        if forgotten is None:
            return reached, kept
        wordy = [each.model.name for each in group if each.state is State.SERVING and _keeps_words(each.model)]
        self._accounts.ask_to_scrub(wordy, forgotten.last_at)
        return reached, self._rebuilding.drop_what_remembers(kept)

    def _fold(self, generation: Generation, batch: Sequence[Told]) -> int | None:
        """Halves a batch that fails until the event at fault stands alone; where the generation stops, if it does."""
        wanted = _wanted(generation, batch)
        if not wanted:
            return None
        try:
            with self._connection.transaction():
                self._write([(generation, wanted)])
        except POISON as error:
            if len(wanted) == 1:
                return self._set_aside(generation, wanted[0], error)
            middle = len(wanted) // 2
            stopped = self._fold(generation, wanted[:middle])
            return self._fold(generation, wanted[middle:]) if stopped is None else stopped
        return None

    def _write(self, work: Sequence[tuple[Generation, Sequence[Told]]]) -> None:
        """Folds events into tables; the rows of all of them are sent for before the first are read."""
        asked = [(each, readable := _readable(told), self._open(each).ask(readable)) for each, told in work]
        for generation, batch, rows in asked:
            self._open(generation).write(batch, rows, partial(self._retold, generation))

    def _open(self, generation: Generation) -> Tables:
        name = (generation.model.name, generation.number)
        if name not in self._tables:
            self._tables[name] = Tables(self._connection, generation.model, generation.number)
        return self._tables[name]

    def _retold(self, generation: Generation, stream: str, upto: int) -> list[Recorded[Event]]:
        """A stream without its words; of one that is set aside, only what was folded before."""
        return self._history.sealed(stream, min(upto, generation.parked.get(stream, upto + 1) - 1))

    def _set_aside(self, generation: Generation, told: Told, error: BaseException) -> int | None:
        """The event's stream waits for its repair, or the whole model does where no figure beats a wrong one."""
        code = told.error if isinstance(told, Unreadable) else type(error).__name__
        where = {"model": generation.model.name, "generation": generation.number}
        log.error("projection_poisoned", **where, stream=told.stream, position=told.position, error=code)
        if generation.model.stops_at_poison:
            self._accounts.stop(generation, told.position, code)
            generation.stopped_at = told.position
            return told.position
        self._accounts.park(generation, told.stream, told.position, code)
        generation.parked[told.stream] = told.position
        return None

    def _switch_what_is_ready(self) -> bool:
        """Lets a generation serve that has caught up with the one before it."""
        for building in [each for each in self._generations if each.state is State.BUILDING]:
            serving = self._serving(building.model)
            if serving is not None and self._has_caught_up(building, serving):
                self._generations = self._rebuilding.finish(building, serving, self._generations)
                self._heard([each for each in self._generations if each.state is State.SERVING])
                return True
        return False

    def _has_caught_up(self, building: Generation, serving: Generation) -> bool:
        if building.version == serving.version:
            return building.position == serving.position
        return building.stopped_at is None and building.position >= max(serving.position, self._history.head())

    def _answer_requests(self) -> None:
        """Operators have time: under a steady stream of events they are looked for now and then."""
        now = monotonic()
        if now >= self._looked_at + self._look_every:
            self._looked_at = now
            for request in self._accounts.requests():
                self._answer(request)

    def _answer(self, request: Request) -> None:
        """Does what an operator asked for, and says what came of it."""
        model = next((each for each in self._models if each.name == request.model), None)
        if model is None:
            outcome = "unknown_model"
        elif request.action is Action.REBUILD:
            outcome = f"building generation {self._begin(model, State.BUILDING).number}"
        elif request.action is Action.SCRUB:
            outcome = f"building generation {self._begin(model, State.BUILDING, forgets=True).number}"
        elif request.action is Action.ROLLBACK:
            self._generations, outcome = self._rebuilding.roll_back(model, self._generations)
            self._heard([each for each in self._generations if each.model is model and each.state is State.SERVING])
        else:
            outcome = self._retry(model, request.stream)
        self._accounts.answer(request, outcome)
        log.info("projection_request_answered", action=request.action.value, model=request.model)

    def _retry(self, model: ReadModel, stream: str | None) -> str:
        """Tries again what was set aside: the events that were held, in their order."""
        outcomes = [self._retry_one(each, stream) for each in self._generations if each.model is model and each.is_ours]
        return ", ".join(outcome for outcome in outcomes if outcome) or "nothing_set_aside"

    def _retry_one(self, generation: Generation, stream: str | None) -> str:
        if generation.stopped_at is not None:
            self._accounts.stop(generation, None, None)
            generation.stopped_at = None
            return "goes_on"
        streams = [each for each in generation.parked if stream in (None, each)]
        for each in streams:
            with self._connection.transaction():
                since = generation.parked.pop(each)
                self._accounts.release(generation, each)
                held = self._history.stream(each, generation.position, _wanted_by([generation]), since=since)
                self._fold(generation, held)
        still = [each for each in streams if each in generation.parked]
        return ("still_parked" if still else "taken_back_in") if streams else ""


def _wanted_by(group: Sequence[Generation]) -> Wanted:
    """What a pass over history is for; the forgetting of a person concerns what serves no more, too."""
    handled = [each.model.handles for each in group]
    return Wanted(
        FORGETTING.union(*handled),
        frozenset().union(*(each.model.handles for each in group if each.model.reads_words)),
    )


def _keeps_words(model: ReadModel) -> bool:
    return any(table.personal for table in model.tables)


def _readable(batch: Sequence[Told]) -> list[Recorded[Event]]:
    readable = [told for told in batch if not isinstance(told, Unreadable)]
    if len(readable) < len(batch):
        raise UnreadableEvent
    return readable


def _wanted(generation: Generation, batch: Sequence[Told]) -> list[Told]:
    """The events of a batch that a generation is to fold now."""
    return [told for told in batch if _matters(generation.model, told) and not _is_held(generation, told)]


def _is_held(generation: Generation, told: Told) -> bool:
    """Whether an event waits with its stream; the forgetting of a person never does."""
    forgets = not isinstance(told, Unreadable) and type(told.event) in generation.model.forgets
    return told.stream in generation.parked and not forgets


def _matters(model: ReadModel, told: Told) -> bool:
    """Whether a model has to do with an event; one of an unknown topic may matter to any."""
    if not isinstance(told, Unreadable):
        return type(told.event) in model.handles
    try:
        return event_class(told.topic.partition("#")[0]) in model.handles
    except UnknownTopic:
        return True
