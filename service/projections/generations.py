"""What is known of each generation of a read model: where it stands, what it has set aside, what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from projections.read_model import ReadModel
from service.projections.layout import Connection, create_tables, drop_tables, fingerprint, serve


class State(StrEnum):
    """What a generation is there for."""

    BUILDING = "building"
    SERVING = "serving"
    RETIRED = "retired"
    """Served before; kept for a rollback."""
    REFUSED = "refused"
    """Differs from what serves without a new version: kept to be looked at, never served."""


class Action(StrEnum):
    """What an operator may ask of the worker."""

    RETRY = "retry"
    REBUILD = "rebuild"
    ROLLBACK = "rollback"
    SCRUB = "scrub"
    """Build anew without the words that were erased since, and keep nothing of what had them."""


class MovedByAnother(Exception):
    """Two workers lead at once, which the lock forbids: this one has to begin again."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something that an operator asked for."""

    id: int
    action: Action
    model: str
    stream: str | None


@dataclass(slots=True, eq=False)
class Generation:
    """One set of tables of a read model, as far as it has got."""

    model: ReadModel
    number: int
    version: int
    fingerprint: str
    table_names: tuple[str, ...]
    position: int
    state: State
    stopped_at: int | None
    forgets: bool = False
    """Whether it is there to hold fewer words than the one before it, of which nothing is kept."""
    parked: dict[str, int] = field(default_factory=dict)
    """The streams set aside, each with the position of the event that could not be folded."""
    is_ours: bool = field(init=False)
    """Whether this release's folds may be applied to it."""

    def __post_init__(self) -> None:
        self.is_ours = self.version == self.model.version and self.fingerprint == fingerprint(self.model)

    @property
    def moves(self) -> bool:
        """Whether it takes new events."""
        return self.is_ours and self.stopped_at is None and self.state in (State.BUILDING, State.SERVING)


class Accounts:
    """The worker's own tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def generations(self, models: Sequence[ReadModel]) -> list[Generation]:
        """Every generation of these models, oldest first."""
        by_name = {model.name: model for model in models}
        rows = self._connection.execute(
            "SELECT model, generation, version, fingerprint, tables, position, state, stopped_at, forgets"
            " FROM rm.projection_generations WHERE model = ANY(%s) ORDER BY model, generation",
            (list(by_name),),
        ).fetchall()
        found = [
            Generation(
                by_name[name], number, version, looks, tuple(tables), position, State(state), stopped_at, forgets
            )
            for name, number, version, looks, tables, position, state, stopped_at, forgets in rows
        ]
        parked = self._connection.execute("SELECT model, generation, stream, position FROM rm.projection_parked")
        by_generation = {(generation.model.name, generation.number): generation for generation in found}
        for name, number, stream, position in parked:
            if (name, number) in by_generation:
                by_generation[name, number].parked[stream] = position
        return found

    def begin(self, model: ReadModel, number: int, state: State, *, forgets: bool = False) -> Generation:
        """A new, empty generation."""
        names = tuple(table.name for table in model.tables)
        with self._connection.transaction():
            create_tables(self._connection, model, number)
            if state is State.SERVING:
                serve(self._connection, names, number)
            self._connection.execute(
                "INSERT INTO rm.projection_generations"
                " (model, generation, version, fingerprint, tables, state, forgets)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (model.name, number, model.version, fingerprint(model), list(names), state.value, forgets),
            )
        return Generation(model, number, model.version, fingerprint(model), names, 0, state, None, forgets)

    def move(self, group: Sequence[Generation], reached: Sequence[int]) -> None:
        """Notes how far generations have got; refused where one is no longer where it was read."""
        moved = self._connection.execute(
            "UPDATE rm.projection_generations held SET position = news.reached"
            " FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[]) news (model, generation, before, reached)"
            " WHERE held.model = news.model AND held.generation = news.generation AND held.position = news.before"
            " RETURNING held.model",
            (
                [each.model.name for each in group],
                [each.number for each in group],
                [each.position for each in group],
                list(reached),
            ),
        ).fetchall()
        if len(moved) != len(group):
            raise MovedByAnother(", ".join(each.model.name for each in group))

    def put(self, generation: Generation, state: State, error: str | None = None) -> None:
        """Gives a generation another part to play."""
        self._connection.execute(
            "UPDATE rm.projection_generations SET state = %s, error = %s, changed_at = clock_timestamp()"
            " WHERE model = %s AND generation = %s",
            (state.value, error, generation.model.name, generation.number),
        )

    def stop(self, generation: Generation, position: int | None, error: str | None) -> None:
        """Notes that a generation stops before an event, or goes on (None)."""
        self._connection.execute(
            "UPDATE rm.projection_generations SET stopped_at = %s, error = %s, changed_at = clock_timestamp()"
            " WHERE model = %s AND generation = %s",
            (position, error, generation.model.name, generation.number),
        )

    def park(self, generation: Generation, stream: str, position: int, error: str) -> None:
        """Sets a stream aside for one generation."""
        self._connection.execute(
            "INSERT INTO rm.projection_parked (model, generation, stream, position, error) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (model, generation, stream) DO UPDATE SET position = excluded.position,"
            " error = excluded.error, parked_at = clock_timestamp()",
            (generation.model.name, generation.number, stream, position, error),
        )

    def release(self, generation: Generation, stream: str) -> None:
        """Takes a stream back in."""
        self._connection.execute(
            "DELETE FROM rm.projection_parked WHERE model = %s AND generation = %s AND stream = %s",
            (generation.model.name, generation.number, stream),
        )

    def drop(self, generation: Generation) -> None:
        """A generation is gone, with its tables and its parked streams."""
        drop_tables(self._connection, generation.table_names, generation.number)
        which = (generation.model.name, generation.number)
        self._connection.execute("DELETE FROM rm.projection_parked WHERE model = %s AND generation = %s", which)
        self._connection.execute("DELETE FROM rm.projection_generations WHERE model = %s AND generation = %s", which)

    def requests(self) -> list[Request]:
        """What operators asked for and was not done yet, in order."""
        rows = self._connection.execute(
            "SELECT id, action, model, stream FROM rm.projection_requests WHERE done_at IS NULL ORDER BY id"
        ).fetchall()
        return [Request(number, Action(action), model, stream) for number, action, model, stream in rows]

    def ask_to_scrub(self, models: Sequence[str], forgotten_at: datetime | None) -> None:
        """Asks for models to be built anew that were begun before somebody was forgotten (None: just now)."""
        self._connection.execute(
            "INSERT INTO rm.projection_requests (action, model)"
            " SELECT %s, held.model FROM rm.projection_generations held"
            " WHERE held.model = ANY(%s) AND held.state = 'serving'"
            " AND (%s::timestamptz IS NULL OR held.begun_at < %s::timestamptz + interval '1 minute')"
            " AND NOT EXISTS (SELECT FROM rm.projection_requests asked WHERE asked.model = held.model"
            " AND asked.action = %s AND asked.done_at IS NULL)",
            (Action.SCRUB.value, list(models), forgotten_at, forgotten_at, Action.SCRUB.value),
        )

    def answer(self, request: Request, outcome: str) -> None:
        """Tells the operator what came of it."""
        self._connection.execute(
            "UPDATE rm.projection_requests SET done_at = clock_timestamp(), outcome = %s WHERE id = %s",
            (outcome, request.id),
        )
