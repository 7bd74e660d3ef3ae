"""The keys of history, kept apart from it: what blinds each stream, and what opens its personal words until erased."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Any, Final

from service.store.connections import Line, OverALine, bytea_array, text_array

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


class KeyStore(OverALine):
    """Every stream's secret and key, created durably before the stream's first fact is.

    Another server may erase a key: a copy in memory is trusted for `trusted_for` seconds at most, then read again.
    """

    def __init__(
        self,
        dsn: str,
        *,
        durable: bool = True,
        deadline: float = 10.0,
        remembered: int = 20_000,
        trusted_for: float = 30.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._line = Line(dsn, _STATEMENTS, name="relais keys", deadline=deadline, durable=durable)
        self.durable = durable
        """Whether the databases are asked to survive a power cut, as all but throw-away ones must."""
        self._remembered, self._trusted_for, self._clock = remembered, trusted_for, clock
        self._streams: OrderedDict[str, tuple[float, Secrets]] = OrderedDict()
        self._network: dict[str, bytes] = {}
        self._lock = Lock()

    def stream_secrets(self, streams: Iterable[str], *, create: bool = False) -> Mapping[str, Secrets]:
        """The secrets of streams; those of new ones are made on demand, before anything is written with them."""
        wanted = set(streams)
        found = self._recall(wanted)
        if len(found) < len(wanted):
            with self._line.alone:
                read = self._read(wanted - found.keys())
                unknown = wanted - found.keys() - read.keys()
                if create and unknown:
                    self._create(unknown)
                    read |= self._read(unknown)
            self._remember(read)
            found |= read
        return found

    def erase(self, stream: str) -> bool:
        """Forgets the key of a stream's personal words, for ever; whether it was still there."""
        erased = self._line.rows("erase", [stream.encode()], tuple)
        with self._lock:
            self._streams.pop(stream, None)
        return bool(erased)

    def is_erased(self, stream: str) -> bool:
        """Whether the key of a stream's personal words is gone, whoever erased it: asked anew, not remembered."""
        read = self._read([stream])
        self._remember(read)
        return stream in read and read[stream].key is None

    def network_secret(self, name: str) -> bytes:
        """The network's secret for one use, the same on every server."""
        if name not in self._network:
            self._line.rows("create network secret", [name.encode(), token_bytes(KEY_LENGTH)], tuple)
            found = self._line.rows("read network secret", [name.encode()], _secret)
            if not found:
                raise LookupError(f"the secret {name!r} vanished: restore the database of keys from its backup")
            self._network[name] = found[0]
        return self._network[name]

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

    def _read(self, streams: Iterable[str]) -> dict[str, Secrets]:
        return dict(self._line.rows("read", [text_array(list(streams))], _stream_and_secrets))

    def _create(self, streams: Iterable[str]) -> None:
        """Another server may be faster; its secrets then stand, and are the ones read back."""
        names = sorted(streams)
        secrets, keys = ([token_bytes(KEY_LENGTH) for _ in names] for _ in range(2))
        self._line.rows("create", [text_array(names), bytea_array(secrets), bytea_array(keys)], tuple)


def _stream_and_secrets(row: Sequence[Any]) -> tuple[str, Secrets]:
    stream, secret, key = row
    return stream, Secrets(secret, key)


def _secret(row: Sequence[Any]) -> bytes:
    secret: bytes = row[0]
    return secret


# Each may be sent twice: a connection that breaks during a call is replaced, and the call repeated.
_STATEMENTS: Final = {
    "read": "select stream, secret, subject_key from public.stream_keys where stream = any($1::text[])",
    "create": "insert into public.stream_keys (stream, secret, subject_key)"
    " select * from unnest($1::text[], $2::bytea[], $3::bytea[]) on conflict do nothing",
    "erase": "update public.stream_keys set subject_key = null, erased_at = clock_timestamp()"
    " where stream = $1::text and subject_key is not null returning stream",
    "create network secret": "insert into public.network_secrets (name, secret) values ($1::text, $2::bytea)"
    " on conflict do nothing",
    "read network secret": "select secret from public.network_secrets where name = $1::text",
}
