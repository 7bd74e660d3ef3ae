"""Whole stores in memory: what a sealer would have left in the tables, made from events alone, to be tampered with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from random import Random

from service.proof.audit import Known, StoreAudit
from service.proof.blinding import Blind
from service.proof.findings import Kind, Report
from service.proof.folder import SignedHead
from service.proof.heads import Head, head_leaf, heads_entry
from service.proof.kept import CheckpointRow, HeadRow, Misfiled, PieceRow, SealRow, TileRow
from service.proof.map_tiles import Slots, changed, slots_bytes
from service.proof.merkle import Frontier, leaf_hash
from service.proof.notes import ED25519, Checkpoint, Note, SigningKey
from service.proof.policy import Policy
from service.proof.tiles import GrowingTree
from service.store.reader import StoredRow

ORIGIN = "relais.example/log"
KEY = SigningKey(ORIGIN, ED25519, sha256(b"the log's").digest())
STRANGER = SigningKey(ORIGIN, ED25519, sha256(b"somebody's").digest())
POLICY = Policy.read(f"log {KEY.verifier}\nquorum none\n")
STARTED = datetime(2026, 3, 1, 8, tzinfo=UTC)


def blind_of(stream: str) -> Blind:
    return Blind.of(sha256(stream.encode()).digest(), stream)


@dataclass(frozen=True)
class Store:
    """Everything that the check reads, as lists."""

    rows: list[StoredRow]
    sealed: list[SealRow]
    notes: list[CheckpointRow]
    tree: dict[int, list[TileRow]]
    stream_heads: list[HeadRow]
    map: list[PieceRow]
    commands: dict[str, list[int]]
    ends_at: int
    streams: frozenset[str]
    tags: list[int] = field(default_factory=list)
    altered: list[tuple[int, str]] = field(default_factory=list)
    """Words that are not those that were recorded."""

    def head(self) -> int:
        return self.ends_at

    def events(self) -> Iterator[Sequence[StoredRow]]:
        yield sorted(self.rows, key=lambda row: row.position)

    def blinds(self, streams: Iterable[str]) -> Mapping[str, Blind]:
        return {stream: blind_of(stream) for stream in streams if stream in self.streams}

    def seals(self) -> Iterator[SealRow]:
        return iter(sorted(self.sealed))

    def checkpoints(self) -> Iterator[CheckpointRow]:
        return iter(self.notes)

    def tiles(self, level: int) -> Iterator[TileRow]:
        return iter(self.tree.get(level, []))

    def heads(self) -> Iterator[HeadRow]:
        return iter(sorted(self.stream_heads))

    def pieces(self) -> Iterator[PieceRow]:
        return iter(sorted(self.map))

    def answered(self, command_ids: Iterable[str]) -> Mapping[str, Sequence[int]]:
        return {each: self.commands[each] for each in command_ids if each in self.commands}

    def altered_words(self, rows: Sequence[StoredRow]) -> Iterator[tuple[int, str]]:
        positions = {row.position for row in rows}
        return (each for each in self.altered if each[0] in positions)

    def misfiled(self, commanded: int) -> Iterator[Misfiled]:
        named = sum(map(len, self.commands.values()))
        if named != commanded:
            yield Misfiled(Kind.COMMAND, None, f"{named} {commanded}")
        known = {row.position for row in self.rows}
        for tag in self.tags:
            if tag not in known:
                yield Misfiled(Kind.TAG, tag, "dangles")

    def signed(self) -> SignedHead:
        last = self.sealed[-1]
        return SignedHead(ORIGIN, last.number, last.size, last.last_position, last.root)

    def checked(self, known: Known | None = None) -> Report:
        return StoreAudit(self, known or Known(POLICY, self.signed())).run()


def events(random: Random, count: int, among: int) -> list[StoredRow]:
    """A history of events with believable bytes."""
    versions: dict[str, int] = {}
    found = []
    instant = STARTED
    for position in range(1, count + 1):
        stream = f"mission:M-{random.randrange(among)}"
        versions[stream] = versions.get(stream, 0) + 1
        instant += timedelta(microseconds=random.randrange(3_000_000))
        state = b'{"date":"2026-03-%02d","day_id":"D-%d","quantity":"1"}' % (random.randrange(1, 29), position)
        envelope = b'{"command_id":"journal:%d","occurred_on":"2026-03-02"}' % (position // 2)
        row = StoredRow(position, stream, versions[stream], "mission.day_delivered#1", state, envelope, instant, b"")
        found.append(hashed(row))
    return found


def hashed(row: StoredRow) -> StoredRow:
    """The event with the leaf that its bytes make."""
    return row._replace(leaf=blind_of(row.stream).leaf(row))


def built(rows: Sequence[StoredRow], seals_at: Sequence[int], key: SigningKey | None = KEY) -> Store:
    """The store of these events, sealed after these positions."""
    tree, heads = GrowingTree(), dict[bytes, Frontier]()
    pieces: dict[str, Slots] = {}
    store = Store([*rows], [], [], {}, [], [], {}, len(rows), frozenset(row.stream for row in rows))
    done = 0
    for number, last in enumerate(seals_at, start=1):
        touched = {}
        for row in rows[done:last]:
            pseudonym = blind_of(row.stream).pseudonym
            touched[pseudonym] = heads.setdefault(pseudonym, Frontier())
            touched[pseudonym].append(row.leaf)
            tree.append(row.leaf)
        done = last
        leaves = {each: head_leaf(each, Head(frontier.size, frontier.root)) for each, frontier in touched.items()}
        heads_map = changed(partial(found_in, pieces), leaves)
        pieces |= heads_map.pieces
        tree.append(leaf_hash(heads_entry(len(heads), heads_map.root)))
        store.sealed.append(SealRow(number, tree.size, last, tree.root, len(heads), heads_map.root))
        store.stream_heads.extend(HeadRow(number, each, head.size, bytes(head)) for each, head in touched.items())
        store.map.extend(PieceRow(number, prefix, slots_bytes(each)) for prefix, each in heads_map.pieces.items())
        if key is not None:
            store.notes.append(CheckpointRow(tree.size, note_of(tree.size, tree.root, key), "signed"))
        for tile in tree.take_finished():
            store.tree.setdefault(tile.level, []).append(TileRow(tile.place, tile.nodes))
    for row in rows:
        store.commands.setdefault(f"journal:{row.position // 2}", []).append(row.position)
    store.tags.extend(random_tags(rows))
    return store


def found_in(pieces: Mapping[str, Slots], digits: Sequence[str]) -> dict[str, Slots]:
    return {each: pieces[each] for each in digits if each in pieces}


def random_tags(rows: Sequence[StoredRow]) -> list[int]:
    return [row.position for row in rows[::3]]


def note_of(size: int, root: bytes, key: SigningKey = KEY) -> str:
    text = Checkpoint(ORIGIN, size, root).text()
    return str(Note(text, (key.sign(text),)))


def copied(store: Store) -> Store:
    """The same store, to be changed."""
    return replace(
        store,
        rows=[*store.rows],
        sealed=[*store.sealed],
        notes=[*store.notes],
        tree={level: [*tiles] for level, tiles in store.tree.items()},
        stream_heads=[*store.stream_heads],
        map=[*store.map],
        commands={each: [*positions] for each, positions in store.commands.items()},
        tags=[*store.tags],
    )
