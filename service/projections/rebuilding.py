"""Compares a rebuilt generation with the one that serves, and lets it serve in its place; or goes back."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from psycopg import sql
from psycopg.errors import LockNotAvailable

from projections.read_model import ReadModel
from service.projections.generations import Accounts, Generation, State
from service.projections.layout import SWITCH_LOCK, Connection, Table, columns, serve, table_name

ATTEMPTS = 10
"""How often a switch gives way to readers before it is given up until the leader comes back to it."""

log = structlog.get_logger(__name__)


class Rebuilding:
    """What happens between two generations of one read model."""

    def __init__(self, connection: Connection, accounts: Accounts) -> None:
        self._connection, self._accounts = connection, accounts

    def finish(self, building: Generation, serving: Generation, all_: Sequence[Generation]) -> list[Generation]:
        """Switches to what was built, unless the same version gives other rows: then it is refused, and says so.

        What is built to hold fewer words is like the one before in all else.
        """
        if building.version == serving.version and (difference := self._difference(building, serving)):
            self._accounts.put(building, State.REFUSED, difference)
            building.state = State.REFUSED
            log.error("projection_differs", model=building.model.name, generation=building.number, found=difference)
            return list(all_)
        return self._switch(building, serving, all_)

    def roll_back(self, model: ReadModel, all_: Sequence[Generation]) -> tuple[list[Generation], str]:
        """Lets the generation that served before serve again; it goes on from where it stood."""
        own = [each for each in all_ if each.model is model]
        serving = next((each for each in own if each.state is State.SERVING), None)
        before = [each for each in own if each.state is State.RETIRED]
        if serving is None or not before:
            return list(all_), "nothing_to_go_back_to"
        kept = self._switch(before[-1], serving, all_)
        return kept, f"generation {before[-1].number} serves"

    def _switch(self, next_: Generation, serving: Generation, all_: Sequence[Generation]) -> list[Generation]:
        """One transaction: who reads sees one generation or the other, never a mixture.

        The one before is kept, unless it holds words that were erased.
        """
        dropped = [each for each in all_ if each.model is next_.model and each not in (next_, serving)]
        for left in reversed(range(ATTEMPTS)):
            try:
                self._put_in_place(next_, serving, dropped)
                break
            except LockNotAvailable:
                if not left:
                    raise
        if next_.forgets:
            dropped.append(serving)
        serving.state, next_.state = State.RETIRED, State.SERVING
        log.info("projection_switched", model=next_.model.name, generation=next_.number, version=next_.version)
        return self.drop_what_remembers([each for each in all_ if each not in dropped])

    def _put_in_place(self, next_: Generation, serving: Generation, dropped: Sequence[Generation]) -> None:
        """Gives way to a reader that holds what we want and wants what we hold, before either is taken for stuck."""
        with self._connection.transaction():
            self._connection.execute("SET LOCAL lock_timeout = '200ms'")
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (SWITCH_LOCK,))
            for each in dropped:
                self._accounts.drop(each)
            self._accounts.put(serving, State.RETIRED)
            self._accounts.put(next_, State.SERVING)
            serve(self._connection, next_.table_names, next_.number, before=serving.table_names)
            if next_.forgets:
                self._accounts.drop(serving)

    def drop_what_remembers(self, all_: Sequence[Generation]) -> list[Generation]:
        """Nobody who was forgotten lives on in a generation that takes no events any more: it goes."""
        dropped = [each for each in all_ if each.state in (State.RETIRED, State.REFUSED) and self._remembers(each)]
        for each in dropped:
            with self._connection.transaction():
                self._accounts.drop(each)
            log.info("projection_dropped", model=each.model.name, generation=each.number)
        return [each for each in all_ if each not in dropped]

    def _remembers(self, generation: Generation) -> bool:
        topics = [event_type.TOPIC for event_type in generation.model.forgets]
        found = self._connection.execute(
            "SELECT EXISTS (SELECT FROM relais.events WHERE notification_id > %s "
            " AND split_part(topic, '#', 1) = ANY(%s))",
            (generation.position, topics),
        ).fetchone()
        return found is not None and bool(found[0])

    def _difference(self, building: Generation, serving: Generation) -> str:
        """The tables whose rows are not the same, with how many rows differ; empty when all are equal."""
        found = []
        for table in building.model.tables:
            one, other = (_held(table, each.number, without_words=building.forgets) for each in (building, serving))
            if self._digest(one) != self._digest(other):
                found.append(f"{table.name}:{self._rows_apart(one, other)}+{self._rows_apart(other, one)}")
        return ",".join(found)

    def _digest(self, held: sql.Composed) -> tuple[int, ...] | None:
        return self._connection.execute(
            sql.SQL("SELECT count(*), sum(hashtextextended(held::text, 0)::numeric) FROM {} held").format(held)
        ).fetchone()

    def _rows_apart(self, one: sql.Composed, other: sql.Composed) -> int:
        found = self._connection.execute(
            sql.SQL(
                "SELECT count(*) FROM (SELECT held::text FROM {} held EXCEPT SELECT held::text FROM {} held) apart"
            ).format(one, other)
        ).fetchone()
        return 0 if found is None else found[0]


def _held(table: Table, generation: int, *, without_words: bool) -> sql.Composed:
    """The rows of one generation's table, as they are compared."""
    names = [column.name for column in columns(table) if not (without_words and column.name in table.personal)]
    compared = sql.SQL(", ").join(map(sql.Identifier, names))
    return sql.SQL("(SELECT {} FROM {})").format(compared, table_name(table, generation))
