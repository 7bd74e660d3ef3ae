"""A long history on a store: years of a network's work, sealed and blinded like any other, through the door in bulk.

`python -m tests.bench.growing FOLDER [EVENTS]` leaves it in a data directory that a server can be started on again.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

from domain.event import Context
from service.databases import embedded
from service.store.door import Append, Appended, Door, NewEvent
from service.store.filing import new_event
from service.store.hashing import hmac_sha256
from service.store.keys import REQUESTS, KeyStore, Secrets
from service.store.reader import Reader
from service.store.record import Envelope, envelope_bytes
from tests.bench.programme import NETWORK, Size
from tests.bench.stage import SERVER
from tests.bench.years import CALENDAR, Deed, Years

BATCH = 1000
"""Commands that are sealed while those before them go through the door."""


class Growth:
    """A network's history that grows on a store, from as far as it got to as far as asked."""

    def __init__(self, size: Size = NETWORK, *, durable: bool = True) -> None:
        self._deeds = Years(size).deeds()
        self._durable = durable
        self._versions: Counter[str] = Counter()

    def until(self, history: str, keys: str, events: int, told: Callable[[int], None] = lambda _: None) -> None:
        """Commands are carried out, each whole, until the store has so many events, whoever recorded the others."""
        with (
            closing(KeyStore(keys, durable=self._durable)) as secrets,
            closing(Door(history, durable=self._durable)) as door,
            closing(Reader(history)) as reader,
            ThreadPoolExecutor(1) as passage,
        ):
            position, passing = reader.head(), passage.submit(_pass, door, [])
            while position < events:
                batch = list(self._some(events - position))
                if not batch:
                    raise ValueError(f"the network's years hold {position} events: let it work longer, or be larger")
                position += sum(len(deed.filed) for deed in batch)
                requests = self._sealed(batch, secrets)
                passing.result()
                passing = passage.submit(_pass, door, requests)
                told(position)
            passing.result()

    def _some(self, missing: int) -> Iterator[Deed]:
        for deed in islice(self._deeds, BATCH):
            yield deed
            missing -= len(deed.filed)
            if missing <= 0:
                return

    def _sealed(self, deeds: Sequence[Deed], keys: KeyStore) -> list[Append]:
        secrets = keys.stream_secrets({fact.stream for deed in deeds for fact in deed.filed}, create=True)
        hashed_with = keys.network_secret(REQUESTS)
        return [
            Append(
                self._kept(deed, secrets),
                deed.submission.command_id,
                hmac_sha256(hashed_with, deed.submission.request),
            )
            for deed in deeds
        ]

    def _kept(self, deed: Deed, secrets: Mapping[str, Secrets]) -> list[NewEvent]:
        given = deed.submission
        envelope = envelope_bytes(
            Envelope(
                actor=given.actor,
                occurred_on=Context(given.today, given.actor, CALENDAR).occurred_on(given.command),
                by=given.claimed_by,
                claimed_at=given.claimed_at,
                command_id=given.command_id,
                correlation_id=given.correlation_id,
            )
        )
        kept = []
        for fact in deed.filed:
            self._versions[fact.stream] += 1
            version, known = self._versions[fact.stream], secrets[fact.stream]
            kept.append(new_event(fact.event, fact.stream, version, tags=fact.tags, envelope=envelope, secrets=known))
        return kept


def _pass(door: Door, requests: Sequence[Append]) -> None:
    """In the order in which it happened: what touches a stream again goes through after what touched it before."""
    together: list[Append] = []
    touched: set[str] = set()
    for request in requests:
        streams = {event.stream for event in request.events}
        if not touched.isdisjoint(streams):
            _append(door, together)
            together, touched = [], set()
        together.append(request)
        touched |= streams
    _append(door, together)


def _append(door: Door, requests: Sequence[Append]) -> None:
    refused = [outcome for outcome in door.append_many(requests) if not isinstance(outcome, Appended)]
    if refused:
        raise RuntimeError(f"the door answered {refused[0]!r}: grow an empty store, and let nobody else be {NAMES}")


NAMES = "M-00000, E-0000 or C-0000"


def main(folder: str, events: int = 1_000_000) -> None:
    """A data directory with a long history; read models are the first server's to build."""

    def tell(position: int) -> None:
        sys.stderr.write(f"\r{position:,} of {events:,} events")

    with embedded(Path(folder), SERVER) as found:
        Growth().until(found.history, found.keys, events, tell)
    sys.stderr.write("\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
