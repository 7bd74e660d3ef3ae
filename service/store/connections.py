"""One connection to PostgreSQL with prepared calls in binary, none of which can hang its caller for ever."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from struct import Struct
from threading import RLock
from time import monotonic
from typing import Final, Self, TypeVar

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer

DURABLE: Final = {
    "fsync": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
    "full_page_writes": ("on",),
}
"""What a server must promise before an acknowledged fact can be called recorded."""
SESSION: Final = (
    "timezone = 'UTC'",
    "default_transaction_isolation = 'read committed'",
    "plan_cache_mode = force_generic_plan",
    "jit = off",
    # Every statement here looks up keys. A plan made while a table was empty must not scan it when it is full.
    "enable_seqscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
)

Row = TypeVar("Row")
_ALL_BINARY: Final = [pq.Format.BINARY] * 32
_INT8_ARRAY: Final = 20
_INT4_ARRAY: Final = 23
_TEXT_ARRAY: Final = 25
_BYTEA_ARRAY: Final = 17
_HEADER: Final = Struct("!iiIii")
_LENGTH: Final = Struct("!i")
_INT8: Final = Struct("!q")
_ABSENT: Final = _LENGTH.pack(-1)


class DatabaseUnreachable(ConnectionError):
    """No connection can be had; nothing was sent. Trying again later is safe."""


class ConnectionLost(ConnectionError):
    """The connection broke during a call, so nobody knows whether it took effect."""


class DeadlineExceeded(ConnectionLost):
    """The server did not answer in time; the connection was cut."""


class NotDurable(Exception):
    """The server could lose what it acknowledges; the text says which setting to change."""


class Line:
    """A connection for any number of threads, one at a time: runs prepared statements, answers or raises in time.

    Whoever needs several answers in a row takes it `alone`.
    The results' rows are decoded by psycopg; the waiting is ours, because only the client's own clock notices a server
    that is frozen while its kernel still answers.
    """

    def __init__(
        self,
        conninfo: str,
        statements: Mapping[str, str],
        *,
        name: str,
        deadline: float = 10.0,
        durable: bool = True,
        settings: Sequence[str] = (),
        first: Sequence[str] = (),
    ) -> None:
        self._conninfo = conninfo
        self._statements = statements
        self._name = name
        self._deadline = deadline
        self._durable = durable
        self._settings = (*SESSION, *settings)
        self._first = first
        self._connection: psycopg.Connection | None = None
        self.alone = RLock()

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def call(self, statement: str, parameters: Sequence[bytes | None] = ()) -> pq.abc.PGresult:
        """The result of one prepared statement, given its parameters in binary."""
        with self.alone:
            connection = self._connection
            if connection is None or _has_been_closed(connection):
                self.close()
                connection = self._open()
            try:
                return self._exchange(connection, statement, parameters)
            except psycopg.Error:
                raise  # the server's own answer: the conversation is in step
            except BaseException:
                self.close()  # or the next caller would be given this one's answer
                raise

    def rows(
        self, statement: str, parameters: Sequence[bytes | None], make: Callable[[Sequence[object]], Row]
    ) -> list[Row]:
        """The decoded rows of a prepared statement that only reads: a broken connection is replaced once."""
        with self.alone:
            was_open = self.is_open
            try:
                result = self.call(statement, parameters)
            except DeadlineExceeded:
                raise
            except ConnectionLost:
                if not was_open:
                    raise
                result = self.call(statement, parameters)
            decoder = Transformer.from_context(self._connection)
            decoder.set_pgresult(result, format=pq.Format.BINARY)
            return decoder.load_rows(0, result.ntuples, make)

    def close(self) -> None:
        """Cuts the connection; the next call makes a new one."""
        with self.alone:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # never waits: psycopg's sockets do not block

    def _open(self) -> psycopg.Connection:
        try:
            connection = psycopg.connect(
                self._conninfo,
                autocommit=True,
                connect_timeout=max(2, round(self._deadline)),
                application_name=self._name,
                client_encoding="utf8",
            )
        except psycopg.OperationalError as failure:
            raise DatabaseUnreachable(f"the database cannot be reached, nothing was sent: {failure}") from failure
        self._connection = connection
        try:
            self._prepare(connection)
        except BaseException:
            self.close()
            raise
        return connection

    def _prepare(self, connection: psycopg.Connection) -> None:
        """Settings of the session, the promise of durability, what has to be there, and the statements."""
        run = connection.pgconn
        for setting in self._settings:
            self._wait(connection, partial(run.send_query, f"set {setting}".encode()))
        if self._durable:
            self._refuse_forgetful_servers(connection)
        for text in self._first:
            self._wait(connection, partial(run.send_query, text.encode()))
        for name, text in self._statements.items():
            self._wait(connection, partial(run.send_prepare, name.encode(), text.encode()))

    def _refuse_forgetful_servers(self, connection: psycopg.Connection) -> None:
        for setting, accepted in DURABLE.items():
            result = self._wait(connection, partial(connection.pgconn.send_query, f"show {setting}".encode()))
            found = (result.get_value(0, 0) or b"").decode()
            if found not in accepted:
                raise NotDurable(
                    f"PostgreSQL runs with {setting} = {found} and could lose recorded facts: "
                    f"set it to {accepted[0]}, or say that this is a test database"
                )

    def _exchange(
        self, connection: psycopg.Connection, statement: str, parameters: Sequence[bytes | None]
    ) -> pq.abc.PGresult:
        formats = _ALL_BINARY[: len(parameters)]
        send = connection.pgconn.send_query_prepared
        return self._wait(
            connection, partial(send, statement.encode(), parameters, formats, result_format=pq.Format.BINARY)
        )

    def _wait(self, connection: psycopg.Connection, send: Callable[[], None]) -> pq.abc.PGresult:
        """Sends, and waits for the answer no longer than the deadline."""
        pgconn = connection.pgconn
        give_up = monotonic() + self._deadline
        try:
            send()
            while pgconn.flush():
                self._poll(pgconn, select.POLLIN | select.POLLOUT, give_up)
                pgconn.consume_input()
            while pgconn.is_busy():
                self._poll(pgconn, select.POLLIN, give_up)
                pgconn.consume_input()
            result = pgconn.get_result()
            while (more := pgconn.get_result()) is not None:
                result = more
        except psycopg.OperationalError as failure:
            raise ConnectionLost(f"the connection to the database broke: {failure}") from failure
        if result is None:
            raise ConnectionLost("the connection to the database broke without an answer")
        if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            raise self._error(connection, result)
        return result

    def _poll(self, pgconn: pq.abc.PGconn, events: int, give_up: float) -> None:
        poll = select.poll()
        poll.register(pgconn.socket, events)
        left = give_up - monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise DeadlineExceeded(f"the database did not answer within {self._deadline:g} s")

    def _error(self, connection: psycopg.Connection, result: pq.abc.PGresult) -> Exception:
        error = psycopg.errors.error_from_result(result, encoding="utf-8")
        # A server that is going down ends the session with an error instead of silence.
        if connection.pgconn.status == pq.ConnStatus.BAD or (error.sqlstate or "").startswith("57P"):
            return ConnectionLost(f"the database ended the session: {error}")
        return error


class OverALine:
    """Works over a line of its own, for any number of threads, and gives it back."""

    _line: Line

    def close(self) -> None:
        """Gives the connection back."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def _has_been_closed(connection: psycopg.Connection) -> bool:
    """Whether the server said goodbye since the last call: better known before sending than after."""
    return bool(select.select([connection.pgconn.socket], [], [], 0)[0])


def int4_array(values: Sequence[int]) -> bytes:
    """PostgreSQL's binary form of an int[]."""
    count = len(values)
    if not count:
        return _HEADER.pack(0, 0, _INT4_ARRAY, 0, 1)[:12]
    body = Struct("!" + "ii" * count).pack(*[part for value in values for part in (4, value)])
    return _HEADER.pack(1, 0, _INT4_ARRAY, count, 1) + body


def int8_array(values: Sequence[int]) -> bytes:
    """PostgreSQL's binary form of a bigint[]."""
    count = len(values)
    if not count:
        return _HEADER.pack(0, 0, _INT8_ARRAY, 0, 1)[:12]
    body = Struct("!" + "iq" * count).pack(*[part for value in values for part in (8, value)])
    return _HEADER.pack(1, 0, _INT8_ARRAY, count, 1) + body


def bytea_array(values: Sequence[bytes | None]) -> bytes:
    """PostgreSQL's binary form of a bytea[]."""
    return _array(_BYTEA_ARRAY, values)


def text_array(values: Iterable[str | None]) -> bytes:
    """PostgreSQL's binary form of a text[]."""
    return _array(_TEXT_ARRAY, [None if value is None else value.encode() for value in values])


def _array(element: int, values: Sequence[bytes | None]) -> bytes:
    if not values:
        return _HEADER.pack(0, 0, element, 0, 1)[:12]
    pack = _LENGTH.pack
    parts = [_HEADER.pack(1, 1 if None in values else 0, element, len(values), 1)]
    for value in values:
        if value is None:
            parts.append(_ABSENT)
        else:
            parts.append(pack(len(value)))
            parts.append(value)
    return b"".join(parts)


def int4(value: int) -> bytes:
    """PostgreSQL's binary form of an int."""
    return _LENGTH.pack(value)


def int8(value: int) -> bytes:
    """PostgreSQL's binary form of a bigint."""
    return _INT8.pack(value)


def read_int8(value: bytes) -> int:
    """A bigint from PostgreSQL's binary form."""
    number: int = _INT8.unpack(value)[0]
    return number
