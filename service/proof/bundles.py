"""What a client takes home to check its history without us: a bundle, as docs/reference/bundle.md writes it."""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic_core import from_json

from domain.streams import kind_of, mission_stream
from service.proof.invoice_facts import facts_of
from service.proof.log import Log, Sealed
from service.store.canonical import Json, canonical
from service.store.keys import KeyStore, Secrets
from service.store.reader import Reader, StoredRow
from service.store.record import field_salt, microseconds, pseudonym, read_envelope, salt
from service.store.sealing import Path, PersonalValueAltered, Place, decrypt

FORMAT: Final = "relais/v1/bundle"
Opens = Callable[[str], bool]
"""Whether the reader of a bundle may read the personal words of a stream."""


class NotSealedYet(Exception):
    """What was asked for is recorded, and no checkpoint covers it yet that is signed, or vouched for where asked."""


class NotInTheLog(Exception):
    """There is nothing to prove: no such mission, or nothing of it that may be shown."""


class NotThatLong(Exception):
    """The checkpoint to be continued has more entries than the log."""


class HistoryDisagrees(Exception):
    """The log, or the words kept beside it, say something else than the events do: no bundle is made of that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one wants beside the subject: a position covered, an earlier checkpoint continued, whole missions."""

    min_position: int = 0
    since: int | None = None
    vouched: bool = False
    """Only a checkpoint for which the witnesses vouch that the log asks, where it asks any."""
    whole: bool = False
    """Of an invoice: whether its missions come whole, so that nothing can have been left out of them."""


class Bundles:
    """Makes bundles from history, its keys and the sealed log."""

    def __init__(
        self,
        reader: Reader,
        keys: KeyStore,
        log: Log,
        key_hints: Callable[[], Sequence[str]] = tuple,
        asks_witnesses: Callable[[], bool] = bool,
    ) -> None:
        self._reader, self._keys, self._log, self._key_hints = reader, keys, log, key_hints
        self._asks_witnesses = asks_witnesses

    def mission(self, mission_id: str, asked: Asked) -> bytes:
        """All events of a mission up to the last signed checkpoint, provably complete."""
        sealed = self._sealed(asked)
        history = self._history(mission_stream(mission_id), sealed)
        return self._bundle("mission", mission_id, sealed, asked, histories=[history])

    def extract(self, mission_id: str, asked: Asked, until: date) -> bytes:
        """The events of a mission that had occurred by a date, each proven by itself; never called complete."""
        sealed, stream = self._sealed(asked), mission_stream(mission_id)
        rows = [row for row in self._rows(stream, sealed) if read_envelope(row.envelope).occurred_on <= until]
        if not rows or rows[0].version != 1:
            raise NotInTheLog
        return self._bundle(
            "extract", mission_id, sealed, asked, extracts=[self._extract(rows, sealed, lambda _: True)]
        )

    def invoice(self, invoice_number: str, asked: Asked, opens: Opens = lambda _: True) -> bytes:
        """An invoice with every fact that it follows from: each proven by itself, or with its missions whole."""
        sealed = self._sealed(asked)
        found = facts_of(invoice_number, self._reader, sealed.last_position)
        if found is None:
            raise NotSealedYet
        whole = [rows[0].stream for rows in found if asked.whole and kind_of(rows[0].stream) == "mission"]
        histories = [self._history(stream, sealed) for stream in whole]
        extracts = [self._extract(rows, sealed, opens) for rows in found if rows[0].stream not in whole]
        return self._bundle("invoice", invoice_number, sealed, asked, histories=histories, extracts=extracts)

    def _sealed(self, asked: Asked) -> Sealed:
        vouched = asked.vouched and self._asks_witnesses()
        sealed = self._log.latest_witnessed() if vouched else self._log.latest_signed()
        if sealed is None or sealed.last_position < asked.min_position:
            raise NotSealedYet
        if asked.since is not None and asked.since > sealed.size:
            raise NotSealedYet if vouched else NotThatLong
        return sealed

    def _rows(self, stream: str, sealed: Sealed) -> list[StoredRow]:
        every = self._reader.read_stream(stream)
        if not every:
            raise NotInTheLog
        if every[0].position > sealed.last_position:
            raise NotSealedYet
        return [row for row in every if row.position <= sealed.last_position]

    def _history(self, stream: str, sealed: Sealed) -> Json:
        """A whole stream, with its place among all."""
        rows = self._rows(stream, sealed)
        head = self._log.head(pseudonym(self._secrets(stream).secret, stream), sealed.size)
        if head is None or head.events != len(rows):
            raise HistoryDisagrees(f"{stream} has not as many events as the log says: run `relais verify`")
        siblings = [each.hex() for each in head.siblings]
        return {**self._named(stream), "siblings": siblings, "events": self._events(rows, lambda _: True)}

    def _bundle(
        self,
        kind: str,
        subject: str,
        sealed: Sealed,
        asked: Asked,
        *,
        histories: Sequence[Json] = (),
        extracts: Sequence[Json] = (),
    ) -> bytes:
        return canonical(
            {
                "format": FORMAT,
                "subject": {"kind": kind, "id": subject},
                "proof": self._proof(sealed),
                "heads": {"streams": sealed.streams, "root": sealed.map_root.hex()},
                "histories": histories,
                "extracts": extracts,
                "consistency": None if asked.since is None else self._consistency(asked.since, sealed),
                "keys": list(self._key_hints()),
            }
        )

    def _proof(self, sealed: Sealed) -> str:
        """The C2SP tlog-proof of the heads entry, which is the last one of its tree."""
        index = sealed.size - 1
        path = "".join(f"{b64encode(each).decode()}\n" for each in self._log.inclusion(index, sealed.size))
        return f"c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{sealed.note}"

    def _consistency(self, since: int, sealed: Sealed) -> Json:
        siblings = [] if since == sealed.size else self._log.consistency(since, sealed.size)
        return {"size": since, "root": self._log.root_at(since).hex(), "siblings": [each.hex() for each in siblings]}

    def _extract(self, rows: Sequence[StoredRow], sealed: Sealed, opens: Opens) -> Json:
        events = [
            {**event, "index": index, "siblings": [each.hex() for each in self._log.inclusion(index, sealed.size)]}
            for event, index in zip(self._events(rows, opens), map(self._index, rows), strict=True)
        ]
        return {**self._named(rows[0].stream), "events": events}

    def _index(self, row: StoredRow) -> int:
        index = self._log.tree_index(row.position)
        if index is None:
            raise NotSealedYet
        return index

    def _named(self, stream: str) -> dict[str, Json]:
        return {"stream": stream, "pseudonym": pseudonym(self._secrets(stream).secret, stream).hex()}

    def _events(self, rows: Sequence[StoredRow], opens: Opens) -> list[dict[str, Json]]:
        """Events of one stream, with what is still kept of their personal words."""
        kept: defaultdict[int, dict[Path, bytes]] = defaultdict(dict)
        for value in self._reader.personal_values([row.position for row in rows]):
            kept[value.position][value.path] = value.ciphertext
        secrets, shown = self._secrets(rows[0].stream), opens(rows[0].stream)
        return [_event(row, secrets, kept[row.position], shown=shown) for row in rows]

    def _secrets(self, stream: str) -> Secrets:
        return self._keys.stream_secrets([stream])[stream]


def billing_alone(stream: str) -> bool:
    """What an accountant may read: what documents say of parties, and no word of a mission."""
    return kind_of(stream) != "mission"


def _event(row: StoredRow, secrets: Secrets, kept: dict[Path, bytes], *, shown: bool) -> dict[str, Json]:
    """An event as a bundle shows it: its bytes, its salt, and each personal field opened, withheld or erased."""
    sealed = dict(_commitments(from_json(row.state), ""))
    there = sealed.keys() & kept.keys() if secrets.key is not None else set[Path]()
    openings = [_opening(row, path, sealed[path], kept[path], secrets) for path in sorted(there) if shown]
    return {
        "version": row.version,
        "topic": row.topic,
        "recorded_at": microseconds(row.recorded_at),
        "envelope": row.envelope.decode(),
        "state": row.state.decode(),
        "salt": salt(secrets.secret, row.version).hex(),
        "openings": openings,
        "erased": sorted(sealed.keys() - there),
        "withheld": [] if shown else sorted(there),
    }


def _opening(row: StoredRow, path: Path, digest: str, ciphertext: bytes, secrets: Secrets) -> Json:
    place, key = Place(row.stream, row.version, path), secrets.key or b""
    try:
        words = decrypt(key, place, bytes.fromhex(digest), ciphertext)
    except PersonalValueAltered as altered:
        raise HistoryDisagrees(str(altered)) from altered
    return {"path": path, "salt": field_salt(key, place).hex(), "value": words}


def _commitments(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Where personal words are sealed in a state, and under which digest."""
    if isinstance(value, dict) and "$c" in value:
        yield path, value["$c"]
    elif isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _commitments(item, f"{path}/{key}")
