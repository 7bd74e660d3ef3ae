"""A history to seal, a sealer for it, and the log recomputed from the definitions alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from service.proof.folder import ProofFolder
from service.proof.heads import Head, HeadsMap, heads_entry
from service.proof.log import Log
from service.proof.merkle import leaf_hash, root
from service.proof.sealer import Connections, Sealer, Step
from service.store.door import Append, Door, NewEvent
from service.store.keys import KeyStore
from service.store.record import pseudonym, salt
from tests.servers import Database

ORIGIN = "relais.example/log"


@dataclass
class Network:
    """A history that grows by one event at a time, in whatever streams, and can be sealed."""

    database: Database
    folder: ProofFolder
    keys: KeyStore
    door: Door
    log: Log
    versions: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def record(self, streams: Iterable[str], at_once: int = 500) -> int:
        """Records one event in each of these streams, in order; the position of the last."""
        named = list(streams)
        secrets = self.keys.stream_secrets(named, create=True)
        position = 0
        for start in range(0, len(named), at_once):
            events = [self._event(stream, secrets[stream].secret) for stream in named[start : start + at_once]]
            position = self.door.append(Append(events)).positions[-1]
        return position

    def _event(self, stream: str, secret: bytes) -> NewEvent:
        self.versions[stream] += 1
        version = self.versions[stream]
        state = b'{"number":%d}' % version
        return NewEvent(
            stream,
            version,
            "mission.day_delivered#1",
            state,
            b"{}",
            (),
            (),
            pseudonym(secret, stream),
            salt(secret, version),
        )

    def pseudonym(self, stream: str) -> bytes:
        return pseudonym(self.keys.stream_secrets([stream])[stream].secret, stream)

    @contextmanager
    def sealer(self, *, batch: int = 5_000, step: Step = lambda _: None, origin: str = ORIGIN) -> Iterator[Sealer]:
        """A sealer that has taken the lead."""
        with closing(self.connect()) as connections:
            assert connections.writer.leads()
            sealer = Sealer(connections, self.folder, origin, batch=batch, step=step)
            sealer.resume()
            yield sealer

    def connect(self) -> Connections:
        return Connections.to(self.database.sealer_url, self.database.sealer_keys_url, durable=False)

    def seal(self) -> None:
        """Seals all that there is."""
        with self.sealer() as sealer:
            while sealer.seal():
                pass

    def superuser(self, *statements: str) -> None:
        """What only the operator of the database can do: change what is never changed."""
        with psycopg.connect(self.database.superuser_url, autocommit=True) as connection:
            for table in ("events", "seals", "checkpoints", "tiles", "stream_heads", "map_tiles"):
                connection.execute(f"alter table relais.{table} disable trigger no_change".encode())
            for statement in statements:
                connection.execute(statement.encode())
            for table in ("events", "seals", "checkpoints", "tiles", "stream_heads", "map_tiles"):
                connection.execute(f"alter table relais.{table} enable always trigger no_change".encode())

    def defined(self) -> list[Defined]:
        """Every seal as docs/reference/proof-log.md defines it, from the leaves and where the seals were set."""
        with psycopg.connect(self.database.superuser_url) as connection:
            events = connection.execute(
                "select originator_id, leaf from relais.events order by notification_id"
            ).fetchall()
            seals = connection.execute("select last_position from relais.seals order by number").fetchall()
        return list(self._defined([(stream, bytes(leaf)) for stream, leaf in events], [last for (last,) in seals]))

    def _defined(self, events: Sequence[tuple[str, bytes]], seals: Sequence[int]) -> Iterator[Defined]:
        entries: list[bytes] = []
        streams: defaultdict[str, list[bytes]] = defaultdict(list)
        done = 0
        for last in seals:
            for stream, leaf in events[done:last]:
                entries.append(leaf)
                streams[stream].append(leaf)
            done = last
            heads = {self.pseudonym(stream): Head(len(leaves), root(leaves)) for stream, leaves in streams.items()}
            heads_map = HeadsMap(heads)
            entries.append(leaf_hash(heads_entry(len(heads), heads_map.root)))
            yield Defined(list(entries), heads, heads_map)


@dataclass(frozen=True)
class Defined:
    """What one sealed tree has to be."""

    entries: list[bytes]
    heads: dict[bytes, Head]
    map: HeadsMap


@contextmanager
def network(database: Database, folder: Path) -> Iterator[Network]:
    keys = KeyStore(database.keys_url, durable=False)
    with (
        closing(keys),
        Door(database.app_url, durable=False) as door,
        Log(database.app_url) as log,
    ):
        yield Network(database, ProofFolder(folder), keys, door, log)
