"""From rows back to facts: sealed, as decisions read them, or with the personal words that are still kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from domain.catalogue import read_event
from domain.event import Event, Recorded
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.store.record import read_envelope
from service.store.sealing import Path, open_fields, opened_values, sealed_words


class Row(Protocol):
    """What there is to know of a stored event, by whatever it was found."""

    @property
    def position(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def state(self) -> bytes: ...
    @property
    def envelope(self) -> bytes: ...
    @property
    def recorded_at(self) -> datetime: ...


R = TypeVar("R", bound=Row)


def sealed_row(row: Row) -> Recorded[Event]:
    """A fact as decisions read it: without a personal word."""
    return recorded(row, row.state)


def open_rows(
    rows: Sequence[R], reader: Reader, keys: KeyStore, *, opens: Callable[[R], bool] | None = None
) -> list[Recorded[Event]]:
    """Facts with their personal words, or those of some alone; what was erased stays sealed."""
    kept = _kept_words(rows if opens is None else [row for row in rows if opens(row)], reader)
    secrets = keys.stream_secrets({row.stream for row in rows if row.position in kept})
    return [
        recorded(
            row,
            open_fields(row.state, row.stream, row.version, kept[row.position], secrets[row.stream].key)
            if row.position in kept and row.stream in secrets
            else row.state,
        )
        for row in rows
    ]


def words_by_digest(rows: Sequence[Row], reader: Reader, keys: KeyStore) -> dict[str, str]:
    """Every personal word that is kept of these facts, by the digest that stands for it in history."""
    kept = _kept_words(rows, reader)
    secrets = keys.stream_secrets({row.stream for row in rows if row.position in kept})
    found: dict[str, str] = {}
    for row in rows:
        if row.position in kept and row.stream in secrets:
            found |= sealed_words(row.state, row.stream, row.version, kept[row.position], secrets[row.stream].key)
    return found


def words_by_place(rows: Sequence[Row], reader: Reader, keys: KeyStore) -> Iterator[tuple[int, Path, str]]:
    """Every personal word that is kept of these facts, with the position and the path where it stands."""
    kept = _kept_words(rows, reader)
    secrets = keys.stream_secrets({row.stream for row in rows if row.position in kept})
    for row in rows:
        key = secrets[row.stream].key if row.position in kept and row.stream in secrets else None
        if key is not None:
            for path, _, words in opened_values(row.state, row.stream, row.version, kept[row.position], key):
                yield row.position, path, words


def recorded(row: Row, state: bytes) -> Recorded[Event]:
    """A fact in its place, from its row and its JSON."""
    envelope = read_envelope(row.envelope)
    return Recorded(
        event=read_event(row.topic, state),
        stream=row.stream,
        version=row.version,
        position=row.position,
        occurred_on=envelope.occurred_on,
        recorded_at=row.recorded_at,
        actor=envelope.by or envelope.actor,
        claimed_at=envelope.claimed_at,
        command_id=envelope.command_id,
        correlation_id=envelope.correlation_id,
    )


def _kept_words(rows: Sequence[Row], reader: Reader) -> dict[int, dict[Path, bytes]]:
    sealed = [row.position for row in rows if b'{"$c":"' in row.state]
    kept: defaultdict[int, dict[Path, bytes]] = defaultdict(dict)
    for value in reader.personal_values(sealed) if sealed else ():
        kept[value.position][value.path] = value.ciphertext
    return dict(kept)
