"""The reading bank as HTTP sees it: questions to the read models, each under a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import UndefinedTable
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from projections.read_model import Cells, Query
from service.projections.layout import SWITCH_LOCK

R = TypeVar("R", bound=tuple[object, ...])
DEADLINE = 10.0
"""Seconds after which a question is given up: a frozen server must not hang its callers."""
LONG_DEADLINE = 60.0
"""The same for questions about whole books."""

BEGIN_A_MOMENT: Final = (
    b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT pg_advisory_xact_lock_shared(%d)" % SWITCH_LOCK
)


class Unavailable(Exception):
    """The read models cannot be asked now: the database is away, or no worker has ever run."""


class Questions:
    """A few connections of the event loop's own, for questions only."""

    def __init__(self, conninfo: str, connections: int = 4) -> None:
        self.conninfo = conninfo
        self._pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=connections,
            open=False,
            timeout=DEADLINE,
            kwargs={
                "autocommit": True,
                "row_factory": tuple_row,
                "application_name": "relais-questions",
                "options": "-c default_transaction_read_only=on -c timezone=UTC -c jit=off",
            },
        )

    async def __aenter__(self) -> Self:
        await self._pool.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    async def ask(self, query: Query) -> Sequence[tuple[Any, ...]]:
        """The rows that answer a question."""
        try:
            async with asyncio.timeout(DEADLINE), self._pool.connection() as connection:
                cursor = await connection.execute(query.sql.encode(), dict(query.parameters), binary=True)
                return await cursor.fetchall()
        except (OperationalError, PoolTimeout, TimeoutError, UndefinedTable) as error:
            raise Unavailable from error

    async def together(self, queries: Sequence[Query]) -> Sequence[Sequence[tuple[Any, ...]]]:
        """The answers to several questions about one and the same moment."""
        try:
            async with asyncio.timeout(LONG_DEADLINE), self._pool.connection() as connection, connection.transaction():
                await connection.execute(BEGIN_A_MOMENT)
                answers = []
                for query in queries:
                    cursor = await connection.execute(query.sql.encode(), dict(query.parameters), binary=True)
                    answers.append(await cursor.fetchall())
                return answers
        except (OperationalError, PoolTimeout, TimeoutError, UndefinedTable) as error:
            raise Unavailable from error

    async def rows(self, query: Query, row: type[R]) -> list[R]:
        """The same, where the answer is whole rows of a read model."""
        return [read(row, cells) for cells in await self.ask(query)]


def read(row: type[R], cells: Sequence[Any]) -> R:
    """A row again, from its cells."""
    return cast("R", _cells_of(row).read(cells))


@cache
def _cells_of(row: type[tuple[object, ...]]) -> Cells:
    return Cells(row)
