"""The sealer: turns new events into a larger tree, and signs it where it continues what was signed before.

Every step is durable before the next begins: the tree in the tables, the head outside the database, the signature. So
whatever a crash interrupts is known afterwards, and the next sealer goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self, TypeAlias

from service.proof.blinding import Blind, Blinds
from service.proof.folder import FolderDamaged, ProofFolder, SignedHead
from service.proof.heads import EMPTY_SUBTREE, Head, head_leaf, heads_entry
from service.proof.log import Log, Sealed
from service.proof.map_tiles import Bound, NotBound, Slots, changed
from service.proof.merkle import Frontier, leaf_hash, verify_inclusion
from service.proof.notes import Checkpoint, Note, NoteRefused, SigningKey, read_checkpoint, read_note
from service.proof.policy import Level, Policy, PolicyRefused
from service.proof.tiles import GrowingTree
from service.proof.writing import NewSeal, SealWriter
from service.store.reader import Reader, StoredRow

MOST_HEADS: Final = 50_000
"""Streams whose heads are kept in memory between two seals."""
BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)


class SealingRefused(Exception):
    """History or the log is not what was signed: nothing is signed until somebody has looked."""

    def __init__(self, code: str, detail: str, position: int | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.position = code, detail, position


Step: TypeAlias = Callable[[str], None]
"""Told what is done and durable, so that a test can crash right there."""


@dataclass(frozen=True, slots=True)
class Connections:
    """All that sealing needs of the databases, as the role that may add to the proof and to nothing else."""

    writer: SealWriter
    log: Log
    reader: Reader
    blinds: Blinds

    @classmethod
    def to(cls, database_url: str, keys_url: str, *, durable: bool = True) -> Self:
        """Connections of one's own, made when first used."""
        return cls(
            SealWriter(database_url, durable=durable),
            Log(database_url, name="relais sealer reads"),
            Reader(database_url, name="relais sealer"),
            Blinds(keys_url),
        )

    def close(self) -> None:
        """Gives all of them back, and with them the lead."""
        for connection in (self.writer, self.log, self.reader, self.blinds):
            connection.close()


@dataclass
class Standing:
    """How far the tree has come, in the memory of whoever leads."""

    tree: GrowingTree
    number: int = 0
    last_position: int = 0
    streams: int = 0
    map_root: bytes = EMPTY_SUBTREE
    recorded_at: datetime = BEGINNING


class Sealer:
    """Seals and signs for as long as it leads. One thread's own."""

    def __init__(
        self,
        connections: Connections,
        folder: ProofFolder,
        origin: str,
        *,
        batch: int = 5_000,
        step: Step = lambda _: None,
    ) -> None:
        self._writer, self._log = connections.writer, connections.log
        self._reader, self._blinds = connections.reader, connections.blinds
        self._folder, self._origin, self._batch, self._step = folder, origin, batch, step
        self._heads: dict[bytes, Frontier] = {}
        self._signing: list[SigningKey] = []
        self._policy = Policy()
        self._standing: Standing | None = None

    @property
    def policy(self) -> Policy:
        """Whom the log trusts, as it was read when this sealer took the lead."""
        return self._policy

    def resume(self) -> None:
        """Takes up where the last sealer stopped, once all that it left agrees with what was signed."""
        self._standing = None
        self._heads.clear()
        latest = self._log.latest()
        standing = self._restored(latest)
        signed = self._signed_head()
        if signed is not None:
            self._hold_against(signed, latest)
        elif (published := self._log.latest_signed()) is not None:
            self._refuse_to_begin_anew(published)
        self._find_keys(is_new=signed is None)
        if latest is not None and (latest.note is None or signed is None or signed.size < latest.size):
            standing = self._made_anew(signed, latest)
            self._sign(_new_seal(latest), signed)
        self._standing = standing

    def seal(self) -> bool:
        """Seals and signs what was recorded since, a batch at most; whether there was anything."""
        standing = self._standing
        if standing is None:
            raise RuntimeError("resume first")
        rows = self._reader.read_all(standing.last_position, self._batch)
        if not rows:
            return False
        self._standing = None  # until all is durable: what fails half-way is read anew
        before = self._signed_head()
        self._find_keys(is_new=before is None)
        sealed = self._grow(standing, rows)
        self._step("sealed")
        self._sign(sealed, before)
        self._standing = standing
        return True

    # The tree.

    def _restored(self, latest: Sealed | None) -> Standing:
        if latest is None:
            return Standing(GrowingTree())
        tree = GrowingTree(latest.size, self._log.edges(latest.size))
        if tree.root != bytes(latest.root):
            raise _damaged(f"the tables do not add up to the root of seal {latest.number}", latest.last_position)
        heads = leaf_hash(heads_entry(latest.streams, bytes(latest.map_root)))
        way = self._log.inclusion(latest.size - 1, latest.size)
        if not verify_inclusion(heads, latest.size - 1, latest.size, way, tree.root):
            raise _damaged(f"the heads map of seal {latest.number} is not the one in its tree", latest.last_position)
        (last,) = self._reader.read_positions([latest.last_position]) or (None,)
        if last is None:
            raise SealingRefused("history_shorter", "events that were sealed are not there", latest.last_position)
        map_root = bytes(latest.map_root)
        return Standing(tree, latest.number, latest.last_position, latest.streams, map_root, last.recorded_at)

    def _made_anew(self, signed: SignedHead | None, latest: Sealed) -> Standing:
        """What the tables hold beyond what was signed, from history alone: a tree of somebody else's is not signed."""
        standing = self._restored(None if signed is None else self._log.sealed(signed.size))
        while standing.number < latest.number:
            position = standing.last_position + 1
            kept = self._log.covering(position)
            upto = standing.last_position if kept is None else kept.last_position
            made, *_ = self._grown(standing, self._reader.read_all(standing.last_position, upto - position + 1))
            standing.tree.take_finished()  # those lie in the tables already
            if kept is None or made != _new_seal(kept):
                raise SealingRefused(
                    "history_altered", f"seal {made.number} is not what its events add up to", position
                )
        return standing

    def _grow(self, standing: Standing, rows: Sequence[StoredRow]) -> NewSeal:
        """The tree with these events and the heads entry of its own, in the tables."""
        sealed, touched, pieces = self._grown(standing, rows)
        self._writer.seal(sealed, touched, pieces, standing.tree.take_finished())
        return sealed

    def _grown(
        self, standing: Standing, rows: Sequence[StoredRow]
    ) -> tuple[NewSeal, Mapping[bytes, Frontier], Mapping[str, Slots]]:
        """The same in memory: the seal, and the streams' heads and the pieces of their map that are new."""
        blinds = self._blinds.of({row.stream for row in rows})
        heads = self._known_heads(blinds, standing.number)
        touched: dict[bytes, Frontier] = {}
        before: dict[bytes, bytes] = {}
        for row in rows:
            blind = blinds.get(row.stream)
            if blind is None:
                raise SealingRefused("secret_missing", f"no key blinds {row.stream}: restore the keys", row.position)
            head = heads.get(blind.pseudonym)
            if head is None:
                heads[blind.pseudonym] = head = Frontier()
                standing.streams += 1
            elif blind.pseudonym not in touched:
                before[blind.pseudonym] = head_leaf(blind.pseudonym, Head(head.size, head.root))
            leaf = self._checked(standing, row, blind, head)
            standing.tree.append(leaf)
            head.append(leaf)
            touched[blind.pseudonym] = head
        leaves = {pseudonym: head_leaf(pseudonym, Head(head.size, head.root)) for pseudonym, head in touched.items()}
        number = standing.number
        kept = Bound(lambda digits: self._log.pieces(digits, number), standing.map_root)
        try:
            heads_map = changed(kept, leaves)
        except NotBound:
            raise _damaged("the heads map in the tables is not the one that was sealed", rows[0].position) from None
        if any(kept.leaves.get(each) != before.get(each) for each in touched):
            raise _damaged("the streams' heads in the tables are not those that were sealed", rows[0].position)
        standing.map_root = heads_map.root
        standing.tree.append(leaf_hash(heads_entry(standing.streams, heads_map.root)))
        standing.number += 1
        sealed = NewSeal(
            standing.number,
            standing.tree.size,
            standing.last_position,
            standing.tree.root,
            standing.streams,
            heads_map.root,
        )
        return sealed, touched, heads_map.pieces

    def _checked(self, standing: Standing, row: StoredRow, blind: Blind, head: Frontier) -> bytes:
        """The leaf of an event, made anew from its bytes; what differs from what the append wrote is not sealed."""
        if row.position != standing.last_position + 1:
            raise SealingRefused("history_has_a_gap", "an event is missing before this one", row.position)
        if row.version != head.size + 1:
            raise SealingRefused("stream_has_a_gap", f"version {row.version} follows {head.size}", row.position)
        if row.recorded_at < standing.recorded_at:
            raise SealingRefused("history_altered", "it was recorded before the event before it", row.position)
        leaf = blind.leaf(row)
        if leaf != row.leaf:
            raise SealingRefused("history_altered", "its bytes are not those that were hashed", row.position)
        standing.last_position, standing.recorded_at = row.position, row.recorded_at
        return leaf

    def _known_heads(self, blinds: Mapping[str, Blind], number: int) -> dict[bytes, Frontier]:
        if len(self._heads) > MOST_HEADS:
            self._heads.clear()
        missing = [blind.pseudonym for blind in blinds.values() if blind.pseudonym not in self._heads]
        if missing:
            self._heads |= self._writer.heads(missing, number)
        return self._heads

    # The signature.

    def _sign(self, sealed: NewSeal, before: SignedHead | None) -> None:
        """First the head outside the database, then the signature: what was signed is never unknown to the signer."""
        head = SignedHead(self._origin, sealed.number, sealed.size, sealed.last_position, sealed.root)
        if head != before:
            self._folder.swap(before, head)
            self._step("remembered")
        text = Checkpoint(self._origin, sealed.size, sealed.root).text()
        note = str(Note(text, tuple(key.sign(text) for key in self._signing)))
        judged = self._policy.judge(note)
        if judged.trust.level is Level.UNSIGNED:
            raise SealingRefused("key_unknown", f"the policy in {self._folder.path} names none of the keys that sign")
        self._writer.checkpoint(sealed.size, note, judged.trust)
        self._step("signed")

    def _signed_head(self) -> SignedHead | None:
        try:
            signed = self._folder.last_signed()
        except FolderDamaged as damaged:
            raise SealingRefused("head_unreadable", str(damaged)) from damaged
        if signed is not None and signed.origin != self._origin:
            raise SealingRefused(
                "another_origin",
                f"{self._folder.path} belongs to {signed.origin}, and RELAIS_ORIGIN is {self._origin}: "
                "a new name begins in a folder of its own (RELAIS_PROOF_DIR)",
            )
        return signed

    def _hold_against(self, signed: SignedHead, latest: Sealed | None) -> None:
        """The log of today begins with what was signed, or nothing more is signed."""
        if latest is None or latest.size < signed.size:
            found = 0 if latest is None else latest.size
            raise SealingRefused(
                "log_shorter",
                f"{signed.size} entries were signed, and the database has {found}: an old backup was restored",
                0 if latest is None else latest.last_position,
            )
        at_that_size = self._log.sealed(signed.size)
        if at_that_size is None or bytes(at_that_size.root) != signed.root or self._root_at(signed) != signed.root:
            raise SealingRefused(
                "log_forked",
                f"the first {signed.size} entries are not those that were signed: history was rewritten",
                signed.last_position,
            )

    def _root_at(self, signed: SignedHead) -> bytes | None:
        try:
            return self._log.root_at(signed.size)
        except ValueError:
            return None

    def _refuse_to_begin_anew(self, published: Sealed) -> None:
        """Without the last signed head, a log of this name that was signed before is not signed on."""
        if read_checkpoint(read_note(published.note or "").text).origin == self._origin:
            raise SealingRefused(
                "head_missing",
                f"this log was signed before, but {self._folder.path} does not know its last head: "
                "bring the folder back, or run `relais keys adopt`",
                published.last_position,
            )

    def _find_keys(self, *, is_new: bool) -> None:
        try:
            self._signing = self._folder.signing_keys()
            if not self._signing and is_new:
                self._signing = [self._folder.add_key(self._origin)]
            self._policy = self._folder.policy()
        except (FolderDamaged, PolicyRefused, NoteRefused) as damaged:
            raise SealingRefused("keys_unreadable", str(damaged)) from damaged
        strangers = [key.name for key in self._signing if key.name != self._origin]
        if not self._signing or strangers:
            raise SealingRefused("key_missing", f"{self._folder.path} holds no key of {self._origin}: bring it back")


def _damaged(what: str, position: int) -> SealingRefused:
    return SealingRefused("tree_damaged", f"{what}: run `relais verify`", position)


def _new_seal(sealed: Sealed) -> NewSeal:
    return NewSeal(
        sealed.number,
        sealed.size,
        sealed.last_position,
        bytes(sealed.root),
        sealed.streams,
        bytes(sealed.map_root),
    )
