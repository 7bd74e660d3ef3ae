"""The check of a whole store: every event against its hash, all of them against the tree, that against what was signed.

One pass in order. In memory: one batch, and what each stream adds up to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service.proof.blinding import Blind
from service.proof.findings import Kind, Report
from service.proof.folder import SignedHead
from service.proof.heads import Head, head_leaf, heads_entry
from service.proof.kept import CheckpointRow, HeadRow, Kept, PieceRow, SealRow, TileRow, Upto
from service.proof.map_tiles import Slots, changed, slots_bytes
from service.proof.merkle import HASH, Frontier, leaf_hash
from service.proof.notes import Checkpoint, NoteRefused, read_note
from service.proof.policy import Judged, Level, Policy
from service.proof.sealer import BEGINNING
from service.proof.tiles import HEIGHT, WIDTH, GrowingTree, Tile
from service.store.canonical import NotCanonical, read_canonical
from service.store.reader import StoredRow

ENDLESS = 2**63


@dataclass(frozen=True)
class Known:
    """What is known from outside the store: whom one trusts, and what was seen before."""

    policy: Policy = field(default_factory=Policy)
    last_signed: SignedHead | None = None
    seen: Mapping[str, Checkpoint] = field(default_factory=dict)
    """Checkpoints that others kept, by where they come from: an invoice, a mailbox, a witness."""

    def roots(self) -> dict[int, list[tuple[str, bytes]]]:
        """By size: who says which root."""
        found: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)
        if self.last_signed is not None:
            found[self.last_signed.size].append(("the last signed head", self.last_signed.root))
        for source, checkpoint in self.seen.items():
            found[checkpoint.size].append((source, checkpoint.root))
        return dict(found)


class StoreAudit:
    """One check of one store."""

    def __init__(self, kept: Kept, known: Known, told: Callable[[int], None] = lambda _: None) -> None:
        self._kept, self._known, self._told = kept, known, told
        self.report = Report()
        self._tree = GrowingTree()
        self._streams: dict[bytes, Frontier] = {}
        self._touched: dict[bytes, Frontier] = {}
        self._map: dict[str, Slots] = {}
        self._position, self._recorded_at = 0, BEGINNING
        self._places: list[int | None] = []
        """Which event stands where in the unfinished tile; None: the entry of a seal."""
        self._seals = Upto(kept.seals(), lambda row: row.last_position)
        self._checkpoints = Upto(kept.checkpoints(), lambda row: row.size)
        self._heads, self._pieces = Upto(kept.heads(), _seal_of), Upto(kept.pieces(), _seal_of)
        self._tiles: dict[int, Upto[TileRow]] = {}
        self._expected = known.roots()
        self._sealed_upto = 0
        self._commands: dict[int, str] = {}
        self._commanded = 0

    def run(self) -> Report:
        """Checks everything; what was found is in the report."""
        for rows in self._kept.events():
            blinds = self._kept.blinds({row.stream for row in rows})
            self._commands.clear()
            for row in rows:
                self._take(row, blinds.get(row.stream))
                for sealed in self._seals.take(row.position):
                    self._seal(sealed)
            self._hold_against_commands()
            for position, path in self._kept.altered_words(rows):
                self.report.find(Kind.WORDS, position, f"the words kept for {path} are not those that were recorded")
            self._told(self._position)
        self._end()
        return self.report

    # Events.

    def _take(self, row: StoredRow, blind: Blind | None) -> None:
        find = self.report.find
        if row.position != self._position + 1:
            find(Kind.POSITION, self._position + 1, f"the next event stands at {row.position}")
        if row.recorded_at < self._recorded_at:
            find(Kind.TIME, row.position, "it was recorded before the event before it")
        self._read(row)
        if blind is None:
            find(Kind.BLIND, row.position, f"no key blinds {row.stream}")
        else:
            if blind.leaf(row) != row.leaf:
                find(Kind.LEAF, row.position, "its bytes are not those that were hashed")
            self._grow_stream(row, blind.pseudonym)
        if self._seals.next is not None:  # what comes after the last seal is in no tree yet
            self._grow(row.leaf, row.position)
        self._position, self._recorded_at = row.position, row.recorded_at
        self.report.events += 1

    def _read(self, row: StoredRow) -> None:
        """That the bytes are history's, and which command led to the event."""
        for name, data in (("state", row.state), ("envelope", row.envelope)):
            try:
                value = read_canonical(data)
            except NotCanonical:
                self.report.find(Kind.BYTES, row.position, f"its {name} is not canonical JSON")
                continue
            if name == "envelope" and isinstance(value, Mapping) and isinstance(value.get("command_id"), str):
                self._commands[row.position] = str(value["command_id"])

    def _hold_against_commands(self) -> None:
        """Every event that a command led to is in that command's answer."""
        self._commanded += len(self._commands)
        answered = self._kept.answered({*self._commands.values()})
        for position, command_id in self._commands.items():
            if position not in answered.get(command_id, ()):
                self.report.find(Kind.COMMAND, position, f"the answer of {command_id} does not name this event")

    def _grow_stream(self, row: StoredRow, pseudonym: bytes) -> None:
        stream = self._streams.setdefault(pseudonym, Frontier())
        if row.version != stream.size + 1:
            self.report.find(Kind.VERSION, row.position, f"version {row.version} of a stream follows {stream.size}")
        stream.append(row.leaf)
        self._touched[pseudonym] = stream

    def _grow(self, leaf: bytes, position: int | None) -> None:
        self._places.append(position)
        self._tree.append(leaf)
        for tile in self._tree.take_finished():
            self._hold_against_tile(tile)

    def _hold_against_tile(self, tile: Tile) -> None:
        if tile.level not in self._tiles:
            self._tiles[tile.level] = Upto(self._kept.tiles(tile.level), lambda row: row.place)
        kept = {row.place: row.nodes for row in self._tiles[tile.level].take(tile.place)}
        nodes = kept.pop(tile.place, None)
        if kept:
            self.report.find(Kind.TREE, self._first_of_tile(tile), "there are tiles that do not belong to the tree")
        if nodes is None:
            self.report.find(
                Kind.TREE, self._first_of_tile(tile), f"tile {tile.place} of level {tile.level} is missing"
            )
        elif nodes != tile.nodes:
            self._find_in_tile(tile, nodes)
        if tile.level == 0:
            self._places.clear()

    def _find_in_tile(self, tile: Tile, nodes: bytes) -> None:
        wrong = [at for at in range(WIDTH) if nodes[at * HASH :][:HASH] != tile.nodes[at * HASH :][:HASH]]
        if tile.level or not wrong:
            detail = f"tile {tile.place} of level {tile.level} does not add up"
            self.report.find(Kind.TREE, self._first_of_tile(tile), detail)
            return
        for at in wrong:
            self.report.find(Kind.TREE, self._places[at], "the sealed tree has another entry in its place")

    def _first_of_tile(self, tile: Tile) -> int | None:
        """The first event of the tile at hand; of a higher one, nothing is known that narrows it down."""
        return next((place for place in self._places if place is not None), None) if tile.level == 0 else None

    # Seals.

    def _seal(self, sealed: SealRow) -> None:
        self.report.seals += 1
        if sealed.number != self.report.seals:
            self._find_in_seal(Kind.SEAL, f"seal {sealed.number} stands where seal {self.report.seals} has to")
        leaves = {pseudonym: head_leaf(pseudonym, Head(s.size, s.root)) for pseudonym, s in self._touched.items()}
        heads_map = changed(lambda digits: {each: self._map[each] for each in digits if each in self._map}, leaves)
        self._hold_against_heads(sealed, heads_map.pieces)
        self._map |= heads_map.pieces
        self._touched.clear()
        if (sealed.streams, sealed.map_root) != (len(self._streams), heads_map.root):
            self._find_in_seal(Kind.HEADS, f"the heads map of seal {sealed.number} is not that of its events")
        self._grow(leaf_hash(heads_entry(len(self._streams), heads_map.root)), None)
        root = self._tree.root
        if (sealed.size, sealed.root, sealed.last_position) != (self._tree.size, root, self._position):
            self._find_in_seal(Kind.SEAL, f"the root of seal {sealed.number} is not that of its events")
        for source, expected in self._expected.pop(self._tree.size, ()):
            if expected != root:
                self._find_in_seal(Kind.FORKED, f"{source} has another root of {self._tree.size} entries")
        self._hold_against_checkpoints(sealed, root)
        self.report.size, self.report.root, self._sealed_upto = self._tree.size, root, self._position

    def _find_in_seal(self, kind: Kind, detail: str) -> None:
        """Something in what a seal covers: which of its events it is cannot be told from here."""
        self.report.find(kind, self._sealed_upto + 1, detail, max(self._position, self._sealed_upto + 1))

    def _hold_against_heads(self, sealed: SealRow, pieces: Mapping[str, Slots]) -> None:
        heads = {(sealed.number, key, each.size, bytes(each)) for key, each in self._touched.items()}
        if {*self._heads.take(sealed.number)} != heads:
            detail = f"the streams' heads at seal {sealed.number} are not what their events add up to"
            self._find_in_seal(Kind.HEADS, detail)
        expected = {(sealed.number, prefix, slots_bytes(slots)) for prefix, slots in pieces.items()}
        if {*self._pieces.take(sealed.number)} != expected:
            detail = f"the heads map at seal {sealed.number} is not kept as its heads add up to"
            self._find_in_seal(Kind.HEADS, detail)

    def _hold_against_checkpoints(self, sealed: SealRow, root: bytes) -> None:
        found = False
        for row in self._checkpoints.take(self._tree.size):
            self.report.checkpoints += 1
            found = found or row.size == self._tree.size
            self._judge(row, root)
        if not found and self._must_be_signed(sealed):
            detail = f"seal {sealed.number} has no checkpoint"
            self._find_in_seal(Kind.CHECKPOINT, detail)
        if not found:
            self.report.trust = str(Level.UNSIGNED)

    def _must_be_signed(self, sealed: SealRow) -> bool:
        """Only the newest may wait for its signature, and only while the head outside does not know it."""
        signed = self._known.last_signed
        return self._seals.next is not None or (signed is not None and signed.size >= sealed.size)

    def _judge(self, row: CheckpointRow, root: bytes) -> None:
        try:
            judged = self._known.policy.judge(row.note)
        except NoteRefused as refused:
            self._find_in_seal(Kind.SIGNATURE, f"checkpoint of {row.size} entries: {refused}")
            return
        if (judged.checkpoint.size, judged.checkpoint.root, row.size) != (self._tree.size, root, self._tree.size):
            detail = f"the checkpoint of {row.size} entries is not of this tree"
            self._find_in_seal(Kind.CHECKPOINT, detail)
        if judged.trust.level is Level.UNSIGNED or self._claims_more(row, judged):
            detail = f"the checkpoint of {row.size} entries says {row.level}, and is {judged.trust}"
            self._find_in_seal(Kind.SIGNATURE, detail)
        self.report.trust = str(judged.trust)

    def _claims_more(self, row: CheckpointRow, judged: Judged) -> bool:
        """Whether more witnesses are claimed than have signed. Which are enough, the policy of its day has judged."""
        known = {(key.name, key.key_id) for key in (*self._known.policy.logs, *self._known.policy.witnesses.values())}
        left = sum((each.name, each.key_id) not in known for each in read_note(row.note).signatures)
        return row.level == Level.WITNESSED and judged.trust.witnessed + left < max(1, row.witnessed)

    # The end.

    def _end(self) -> None:
        find, after = self.report.find, self._position + 1
        self.report.streams = len(self._streams)
        left = next(self._seals.take(ENDLESS), None)
        if left is not None:
            find(Kind.SHORTER, after, f"seal {left.number} covers events up to {left.last_position}")
        if (head := self._kept.head()) != self._position:
            find(Kind.POSITION, after, f"the log says that it ends at {head}")
        if next(self._checkpoints.take(ENDLESS), None) is not None:
            find(Kind.CHECKPOINT, after, "there are checkpoints of trees that do not exist")
        if self._heads.next is not None or self._pieces.next is not None:
            find(Kind.HEADS, after, "there are heads of seals that do not exist")
        self._look_for_more_tiles()
        for size, said in self._expected.items():
            kind = Kind.SHORTER if size > self.report.size else Kind.FORKED
            for source, _ in said:
                find(kind, after if kind is Kind.SHORTER else None, f"{source} has {size} entries")
        self.report.unsealed = self._position - self._sealed_upto
        for misfiled in self._kept.misfiled(self._commanded):
            find(*misfiled)

    def _look_for_more_tiles(self) -> None:
        levels = max(1, (self._tree.size.bit_length() + HEIGHT - 1) // HEIGHT)
        for level in range(levels + 1):
            rows = self._tiles.get(level) or Upto(self._kept.tiles(level), lambda row: row.place)
            if rows.next is not None:
                self.report.find(Kind.TREE, None, f"there are tiles of level {level} that do not belong to the tree")


def _seal_of(row: HeadRow | PieceRow) -> int:
    return row.seal
