"""The check of the books: the events added up anew, the tables held against them, the identities tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.event import Event, Recorded
from projections.invoices import BILLING
from projections.missions import MISSIONS
from projections.reconciliation import RECONCILIATION
from service.projections.status import status
from service.reconciling.identities import Difference, broken
from service.reconciling.refold import Books, refold
from service.reconciling.tables import Connection, differing
from service.store.opening import sealed_row
from service.store.reader import Reader

MODELS: Final = (MISSIONS, RECONCILIATION, BILLING)
CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What the books say, and every figure that something else says otherwise."""

    books: Books
    differences: tuple[Difference, ...]

    def of(self, month: str | None) -> tuple[Difference, ...]:
        """The differences of a month, with those that are no month's; or all."""
        return tuple(each for each in self.differences if month is None or each.month in (month, None))


def check(connection: Connection, reader: Reader) -> Checked:
    """Every read model against the events up to where it stands, all at one moment; then the events by themselves."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        positions = {model.name: model.position for model in status(connection, MODELS)}
        books = {position: refold(_history(reader, position)) for position in {*positions.values()}}
        differences = [each for name, at in positions.items() for each in differing(connection, books[at], name)]
    latest = books[max(books)]
    return Checked(latest, (*broken(latest), *differences))


def _history(reader: Reader, upto: int) -> Iterator[Recorded[Event]]:
    position = 0
    while position < upto and (rows := reader.read_all(position, CHUNK)):
        yield from (sealed_row(row) for row in rows if row.position <= upto)
        position = rows[-1].position
