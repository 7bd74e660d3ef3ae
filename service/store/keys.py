"""The keys of history, kept apart from it: what blinds each stream, and what opens its personal words until erased."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Final

from psycopg import Connection
from psycopg_pool import ConnectionPool

KEY_LENGTH: Final = 32
REQUESTS: Final = "hashing of requests"
"""Keys the hashes of requests, so that a stored hash tells nobody what was asked."""
BEARERS: Final = "signing of bearer tokens"
"""Signs the bearer tokens that this network gives out."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one stream is written with."""

    secret: bytes
    """Blinds the stream's leaves; kept for as long as the history."""
    key: bytes | None
    """Opens its personal words; None once they were erased."""


class KeyStore:
    """Every stream's secret and key, created durably before the stream's first fact is.

    Another server may erase a key: a copy in memory is trusted for `trusted_for` seconds at most, then read again.
    """

    def __init__(
        self,
        dsn: str,
        *,
        remembered: int = 20_000,
        trusted_for: float = 30.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            dsn, min_size=1, max_size=4, timeout=10, open=True, kwargs={"autocommit": True, **_DEADLINES}
        )
        self._remembered, self._trusted_for, self._clock = remembered, trusted_for, clock
        self._streams: OrderedDict[str, tuple[float, Secrets]] = OrderedDict()
        self._network: dict[str, bytes] = {}
        self._lock = Lock()

    def stream_secrets(self, streams: Iterable[str], *, create: bool = False) -> Mapping[str, Secrets]:
        """The secrets of streams; those of new ones are made on demand, before anything is written with them."""
        wanted = set(streams)
        found = self._recall(wanted)
        if len(found) < len(wanted):
            with self._pool.connection() as connection:
                read = _read(connection, wanted - found.keys())
                unknown = wanted - found.keys() - read.keys()
                if create and unknown:
                    _create(connection, unknown)
                    read |= _read(connection, unknown)
            self._remember(read)
            found |= read
        return found

    def erase(self, stream: str) -> bool:
        """Forgets the key of a stream's personal words for ever; whether there was one."""
        with self._pool.connection() as connection:
            erased = connection.execute(
                "update stream_keys set subject_key = null, erased_at = clock_timestamp()"
                " where stream = %s and subject_key is not null",
                (stream,),
            )
        with self._lock:
            self._streams.pop(stream, None)
        return erased.rowcount == 1

    def network_secret(self, name: str) -> bytes:
        """The network's secret for one use, the same on every server."""
        if name not in self._network:
            with self._pool.connection() as connection:
                connection.execute(
                    "insert into network_secrets (name, secret) values (%s, %s) on conflict do nothing",
                    (name, token_bytes(KEY_LENGTH)),
                )
                row = connection.execute("select secret from network_secrets where name = %s", (name,)).fetchone()
            if row is None:
                raise LookupError(f"the secret {name!r} vanished: restore the database of keys from its backup")
            self._network[name] = bytes(row[0])
        return self._network[name]

    def close(self) -> None:
        """Gives the connections back."""
        self._pool.close()

    def _recall(self, streams: set[str]) -> dict[str, Secrets]:
        oldest = self._clock() - self._trusted_for
        found = {}
        with self._lock:
            for stream in streams:
                known = self._streams.get(stream)
                if known is not None and known[0] >= oldest:
                    self._streams.move_to_end(stream)
                    found[stream] = known[1]
        return found

    def _remember(self, read: Mapping[str, Secrets]) -> None:
        now = self._clock()
        with self._lock:
            for stream, secrets in read.items():
                self._streams[stream] = (now, secrets)
                self._streams.move_to_end(stream)
            while len(self._streams) > self._remembered:
                self._streams.popitem(last=False)


_DEADLINES = {"connect_timeout": 5, "tcp_user_timeout": 5000, "options": "-c statement_timeout=5000"}


def _read(connection: Connection, streams: Iterable[str]) -> dict[str, Secrets]:
    rows = connection.execute(
        "select stream, secret, subject_key from stream_keys where stream = any(%s)", (list(streams),), binary=True
    )
    return {stream: Secrets(bytes(secret), None if key is None else bytes(key)) for stream, secret, key in rows}


def _create(connection: Connection, streams: Iterable[str]) -> None:
    """Another server may be faster; its secrets then stand, and are the ones read back."""
    names = sorted(streams)
    connection.execute(
        "insert into stream_keys (stream, secret, subject_key)"
        " select * from unnest(%s::text[], %s::bytea[], %s::bytea[]) on conflict do nothing",
        (names, [token_bytes(KEY_LENGTH) for _ in names], [token_bytes(KEY_LENGTH) for _ in names]),
    )
