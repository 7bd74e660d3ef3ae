"""Snapshots: what a long stream adds up to at one version, so that a server that has just started need not fold it all.

They are never truth. One is believed only if this network's secret sealed it, over the very code that folds today and
over the event that it stands on; the events after it are folded on top. Any other is left aside, and said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from threading import Condition, Thread
from typing import Final

import psycopg
import pydantic
import structlog
from pydantic import ValidationError

import domain
from domain.event import State
from domain.streams import kind_of
from service import snapshot_forms
from service.snapshot_forms import FORMS
from service.store.hashing import DOMAIN, hmac_sha256, lp, u64
from service.store.keys import KeyStore
from service.store.snapshots import Place, Snapshot, SnapshotTable

EVERY: Final = 32
"""Events of a stream after which it is worth keeping what it adds up to: about six weeks of a mission."""
SNAPSHOTS: Final = "sealing of snapshots"
"""The network's secret that tells its own snapshots from any other."""
BATCH: Final = 100
log = structlog.get_logger("relais.snapshots")


@cache
def fingerprint() -> str:
    """Stands for the code that folds: all of the domain, how states are written, and the library that reads them."""
    said = sha256(f"pydantic {pydantic.VERSION}".encode())
    folder = Path(domain.__file__).parent
    for file in (*sorted(folder.rglob("*.py")), Path(snapshot_forms.__file__)):
        said.update(lp(file.name.encode()) + lp(file.read_bytes()))
    return said.hexdigest()


class Seal:
    """Makes snapshots, and knows those that were made so."""

    def __init__(self, keys: KeyStore, fold: str | None = None) -> None:
        self._keys = keys
        self.fold = fingerprint() if fold is None else fold

    def sealed(self, state: State, version: int, place: Place) -> Snapshot:
        """What a stream added up to at a version, bound to the event that stands there."""
        content: bytes = FORMS[kind_of(place.stream)].dumped(state)
        bare = Snapshot(place.stream, version, place.position, content, b"", place.leaf)
        return bare._replace(mac=self._mac(bare))

    def opened(self, snapshot: Snapshot) -> State | None:
        """What the stream added up to; None where the snapshot is not to be believed."""
        form = FORMS.get(kind_of(snapshot.stream))
        if form is None or not compare_digest(self._mac(snapshot), snapshot.mac):
            log.warning("snapshot_not_believed", stream=snapshot.stream, version=snapshot.version)
            return None
        try:
            state: State = form.loaded(snapshot.state)
        except ValidationError:
            log.warning("snapshot_not_readable", stream=snapshot.stream, version=snapshot.version)
            return None
        return state

    def _mac(self, snapshot: Snapshot) -> bytes:
        placed = lp(snapshot.stream.encode()) + u64(max(0, snapshot.version)) + u64(max(0, snapshot.position))
        said = lp(self.fold.encode()) + placed + lp(snapshot.leaf or b"") + lp(snapshot.state)
        return hmac_sha256(self._keys.network_secret(SNAPSHOTS), DOMAIN + b"snapshot\0" + said)


class Keeper:
    """Keeps snapshots behind those who decide: in a thread and over a connection of its own, the latest of each stream.

    Nobody waits for it but who closes it, and nothing depends on it but time.
    """

    def __init__(self, table: SnapshotTable, seal: Seal) -> None:
        self._table, self._seal = table, seal
        self._waiting: dict[str, tuple[int, State]] = {}
        self._changed = Condition()
        self._thread: Thread | None = None
        self._closing = False

    def keep(self, stream: str, version: int, state: State) -> None:
        """Will keep what a stream adds up to; only ever what is recorded."""
        with self._changed:
            self._waiting[stream] = (version, state)
            if self._thread is None:
                self._thread = Thread(target=self._work, name="relais snapshots", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Keeps what waits, then gives the connection back."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._table.close()

    def _work(self) -> None:
        while batch := self._next_batch():
            try:
                self._keep(batch)
            except (psycopg.Error, ConnectionError, LookupError) as trouble:
                log.warning("snapshots_not_kept", streams=len(batch), error=type(trouble).__name__)
            except Exception:
                log.exception("snapshots_failed", streams=len(batch))

    def _next_batch(self) -> dict[str, tuple[int, State]]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            streams = list(self._waiting)[:BATCH]
            return {stream: self._waiting.pop(stream) for stream in streams}

    def _keep(self, batch: Mapping[str, tuple[int, State]]) -> None:
        places = self._table.places({stream: version for stream, (version, _) in batch.items()})
        sealed = (self._seal.sealed(batch[stream][1], batch[stream][0], place) for stream, place in places.items())
        self._table.keep(sealed, self._seal.fold)
