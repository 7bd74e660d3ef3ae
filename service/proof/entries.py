"""The blinded log, entry by entry: what an auditor computes all of it from, and learns no name and no word by."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.proof.blinding import Blind
from service.proof.bundles import HistoryDisagrees
from service.proof.heads import heads_entry
from service.proof.log import Log, Sealed
from service.store.canonical import Json, canonical
from service.store.keys import KeyStore
from service.store.reader import Reader, StoredRow

FORMAT: Final = "relais/v1/log"
BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log: the bytes that its leaf is the hash of."""

    index: int
    entry: bytes
    note: str | None = None
    """Of the entry that ends a sealed tree: the checkpoint."""


class Entries:
    """Makes the entries of the log anew from history, its keys and the seals."""

    def __init__(self, reader: Reader, keys: KeyStore, log: Log) -> None:
        self._reader, self._keys, self._log = reader, keys, log

    def read(self, start: int, limit: int, upto: int | None = None) -> list[Entry]:
        """The entries from an index on, in order: none after the newest tree that was signed, or the one named."""
        size = self._signed_size() if upto is None else upto
        count = min(limit, size - start)
        seals = self._log.seals_from(start, count) if count > 0 else []
        if not seals:
            return []
        before = start - (seals[0].number - 1)
        last = min(before + count, seals[-1].last_position)
        rows = self._reader.read_all(before, last - before) if last > before else []
        if [row.position for row in rows] != [*range(before + 1, last + 1)]:
            raise HistoryDisagrees(f"events after position {before} are not there: run `relais verify`")
        return list(self._laid_out(start, rows, seals))[:count]

    def file(self, sealed: Sealed) -> Iterator[bytes]:
        """The log up to a seal as lines: what file it is, each entry, and each checkpoint after its tree's last."""
        yield _line({"format": FORMAT})
        for start in range(0, sealed.size, BATCH):
            for each in self.read(start, BATCH, sealed.size):
                yield _line({"index": each.index, "entry": b64encode(each.entry).decode()})
                if each.note is not None:
                    yield _line({"checkpoint": each.note})

    def _signed_size(self) -> int:
        sealed = self._log.latest_signed()
        return 0 if sealed is None else sealed.size

    def _laid_out(self, start: int, rows: Sequence[StoredRow], seals: Sequence[Sealed]) -> Iterator[Entry]:
        """Events in order, and after the last of each seal its heads entry."""
        secrets = self._keys.stream_secrets({row.stream for row in rows})
        blinds = {stream: Blind.of(each.secret, stream) for stream, each in secrets.items()}
        index, waiting = start, iter(rows)
        for seal in seals:
            while index < seal.size - 1 and (row := next(waiting, None)) is not None:
                if row.stream not in blinds:
                    raise HistoryDisagrees(f"no key blinds {row.stream}: restore the database of keys from its backup")
                yield Entry(index, blinds[row.stream].entry(row))
                index += 1
            if index < seal.size - 1:
                return
            yield Entry(index, heads_entry(seal.streams, bytes(seal.map_root)), seal.note)
            index += 1


def _line(value: Json) -> bytes:
    return canonical(value) + b"\n"
