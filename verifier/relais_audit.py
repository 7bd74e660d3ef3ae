"""Audits a whole log of Relais blindly, by docs/reference/proof-log.md alone: no name and no content is needed.

    python -m verifier.relais_audit log.jsonl --policy policy.txt [--checkpoint SEEN.txt] [--json]

Exit code 0: every hash, root, heads map and signature holds. 1: one does not, and at which index. 2: no such file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import Any, NoReturn

from verifier.relais_verify import (
    WORDS,
    Checkpoint,
    Policy,
    Refused,
    canonical,
    digest,
    judged,
    node,
    plain,
    read_proof,
    unbase64,
)

LEAF, HEADS = b"relais/v1/leaf\0", b"relais/v1/heads\0"
REASONS = {
    "not_a_log": "the first line does not say that this is a log",
    "line_malformed": "a line is neither an entry nor a checkpoint, or holds something else besides",
    "index_wrong": "the entries do not follow each other: one is missing, or stands in another place",
    "entry_malformed": "an entry is neither an event's nor the heads entry of a seal",
    "version_wrong": "the versions of a stream do not count 1, 2, 3 without a gap",
    "checkpoint_missing": "no checkpoint follows the heads entry that ends a sealed tree, so nothing vouches for it",
    "checkpoint_misplaced": "a checkpoint is not of the tree that ends before it",
    "root_differs": "the entries do not add up to the root that the checkpoint states: one of them was altered",
    "heads_differ": "the heads entry is not that of the streams: somebody was shown another history than this",
    "seen_malformed": "the checkpoint that you kept cannot be read",
    "log_shorter": "the log ends before the checkpoint that you kept: its end was cut off",
    "log_forked": "the log is not the one of the checkpoint that you kept",
}
Part = tuple[Any, ...] | None
"""Of the heads map: nothing, a stream's pseudonym and hash, or left, right and hash."""


class Altered(Exception):
    """Why the log does not hold: a code, and the entries among which it is found."""

    def __init__(self, code: str, first: int | None, last: int | None = None, detail: str = "") -> None:
        self.code, self.first, self.last = code, first, first if last is None else last
        many = self.first != self.last
        where = "" if first is None else f"from index {first} to {last}" if many else f"at index {first}"
        more = ", ".join(each for each in (where, detail) if each)
        super().__init__({**WORDS, **REASONS}[code] + (f" ({more})" if more else ""))


class Tree:
    """A tree of RFC 6962 that grows: of its entries it keeps the roots of the whole subtrees."""

    def __init__(self) -> None:
        self.size, self._peaks = 0, list[bytes]()

    def append(self, leaf: bytes) -> None:
        whole = self.size
        while whole & 1:
            leaf, whole = node(self._peaks.pop(), leaf), whole >> 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node(peak, root)
        return root


def placed(part: Part, pseudonym: bytes, head: bytes, depth: int = 0) -> Part:
    """A part of the heads map with a stream's hash where the bits of its pseudonym put it."""
    if part is None or (len(part) == 2 and part[0] == pseudonym):
        return pseudonym, head
    sides: list[Part] = [None, None] if len(part) == 2 else [part[0], part[1]]
    if len(part) == 2:
        sides[_bit(part[0], depth)] = part
    mine = _bit(pseudonym, depth)
    sides[mine] = placed(sides[mine], pseudonym, head, depth + 1)
    return *sides, node(*(bytes(32) if side is None else side[-1] for side in sides))


def _bit(pseudonym: bytes, depth: int) -> int:
    return pseudonym[depth // 8] >> 7 - depth % 8 & 1


class Audit:
    """One pass over a log; in memory, what each stream adds up to."""

    def __init__(self, policy: bytes | None) -> None:
        self.policy = None if policy is None else Policy(policy)
        self.trust: dict[str, Any] = {}
        self.tree, self.streams = Tree(), dict[bytes, Tree]()
        self.roots, self.origin = dict[int, bytes](), ""
        self.events, self.sealed = 0, 0
        self._map: Part = None
        self._touched = set[bytes]()
        self._heads = b""
        """The heads entry that waits for its checkpoint."""

    def run(self, lines: Iterable[bytes]) -> None:
        """Goes through the file; raises Altered at the first thing that does not hold."""
        numbered = iter(lines)
        if self._read(next(numbered, b"")) != {"format": "relais/v1/log"}:
            raise Altered("not_a_log", None)
        last: Checkpoint | None = None
        for line in numbered:
            match self._read(line):
                case {"index": int(index), "entry": str(entry), **rest} if not rest and type(index) is int:
                    self._entry(index, unbase64(entry.encode()))
                case {"checkpoint": str(note), **rest} if not rest:
                    last = self._checkpoint(note)
                case _:
                    self._bad("line_malformed")
        if last is None or self.sealed != self.tree.size:
            raise Altered("checkpoint_missing", self.sealed, max(self.sealed, self.tree.size - 1))
        self._judge(last, self.policy)

    def hold_against(self, note: bytes) -> None:
        """A checkpoint that was kept elsewhere is of this very log."""
        try:
            size = int(note.split(b"\n")[1])
            seen = read_proof(b"c2sp.org/tlog-proof@v1\nindex %d\n\n" % (size - 1) + note)
        except (ValueError, IndexError, Refused):
            raise Altered("seen_malformed", None) from None
        if seen.origin == self.origin and size > self.sealed:
            raise Altered("log_shorter", self.sealed, size - 1)
        if (seen.origin, self.roots.get(size)) != (self.origin, seen.root):
            raise Altered("log_forked", 0, min(size, self.sealed) - 1)

    def _read(self, line: bytes) -> Any:
        try:
            return canonical(line.removesuffix(b"\n").decode(errors="surrogateescape"), "not_canonical")
        except Refused:
            raise Altered("not_canonical", self.tree.size) from None

    def _entry(self, index: int, entry: bytes) -> None:
        if self._heads:
            self._bad("checkpoint_missing", self.tree.size - 1)
        if index != self.tree.size:
            self._bad("index_wrong")
        if entry.startswith(LEAF) and len(entry) == len(LEAF) + 72:
            self._event(entry)
        elif entry.startswith(HEADS) and len(entry) == len(HEADS) + 40:
            self._heads = entry
        else:
            self._bad("entry_malformed")
        self.tree.append(digest(b"\0", entry))

    def _event(self, entry: bytes) -> None:
        pseudonym, version = entry[len(LEAF) :][:32], int.from_bytes(entry[len(LEAF) + 32 :][:8], "big")
        stream = self.streams.setdefault(pseudonym, Tree())
        if version != stream.size + 1:
            self._bad("version_wrong", detail=f"version {version} of {pseudonym.hex()} follows {stream.size}")
        stream.append(digest(b"\0", entry))
        self._touched.add(pseudonym)
        self.events += 1

    def _checkpoint(self, note: str) -> Checkpoint:
        """What was signed is the root of all entries so far, and the last of them the map of all streams."""
        size = self.tree.size
        try:
            found = read_proof(b"c2sp.org/tlog-proof@v1\nindex %d\n\n" % (size - 1) + note.encode())
        except Refused as refused:
            self._bad("checkpoint_misplaced" if refused.code == "heads_not_in_log" else refused.code, size - 1)
        if not self._heads or (self.origin and found.origin != self.origin):
            self._bad("checkpoint_misplaced", size - 1)
        if found.root != self.tree.root():
            raise Altered("root_differs", self.sealed, size - 1)
        for each in sorted(self._touched):
            stream = self.streams[each]
            self._map = placed(self._map, each, digest(b"\0relais/v1/head\0", each, stream.size, stream.root()))
        if self._heads != HEADS + len(self.streams).to_bytes(8, "big") + (self._map or (bytes(32),))[-1]:
            self._bad("heads_differ", size - 1)
        self._judge(found, self._signed_alone())
        self.roots[size], self.origin, self.sealed, self._heads = found.root, found.origin, size, b""
        self._touched.clear()
        return found

    def _signed_alone(self) -> Policy | None:
        """Of an earlier checkpoint no quorum is asked, for which the newest vouches: its day had another policy."""
        if self.policy is None:
            return None
        asked = copy(self.policy)
        asked.quorum = b"none"
        return asked

    def _judge(self, checkpoint: Checkpoint, policy: Policy | None) -> None:
        try:
            self.trust, _ = judged(checkpoint, policy)
        except Refused as refused:
            self._bad(refused.code, checkpoint.size - 1)

    def _bad(self, code: str, at: int | None = None, detail: str = "") -> NoReturn:
        raise Altered(code, self.tree.size if at is None else at, detail=detail)


def audit(lines: Iterable[bytes], policy: bytes | None = None, seen: Iterable[bytes] = ()) -> dict[str, Any]:
    """What a log proves of itself. Altered is raised where it does not hold."""
    found = Audit(policy)
    found.run(lines)
    for note in seen:
        found.hold_against(note)
    return {
        "checkpoint": {"origin": found.origin, "root": found.roots[found.sealed].hex(), "size": found.sealed},
        "checkpoints": len(found.roots),
        "entries": found.tree.size,
        "events": found.events,
        "streams": len(found.streams),
        "trust": found.trust,
    }


def in_words(told: dict[str, Any]) -> Iterable[str]:
    yield f"ACCEPTED: {told['entries']} entries, {told['checkpoints']} sealed trees with their heads maps: 0 bad"
    yield f"{told['events']} events of {told['streams']} streams, each counted without a gap"
    trust = told["trust"] | told["checkpoint"]
    yield plain("trust: {level} (witnesses: {witnesses} of {of}), {origin} {size} {root}".format_map(trust))
    if trust["level"] == "unsigned":
        yield "not proven: who made this file: without a policy of yours, anybody can make one that looks like it"
    yield "not proven: what was recorded, and that it is true: an entry hides both; nor anything after this checkpoint"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="relais_audit", description="Audit a log of Relais blindly, offline.")
    parser.add_argument("log", type=Path, help="what `relais export log` wrote")
    parser.add_argument("--policy", type=Path, help="whom you trust (C2SP tlog-policy), from elsewhere than the log")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="one that somebody kept; repeat")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    asked = parser.parse_args(arguments)
    try:
        policy = asked.policy and asked.policy.read_bytes()
        seen = [each.read_bytes() for each in asked.checkpoint]
        with asked.log.open("rb") as lines:
            told = audit(lines, policy, seen)
    except OSError as error:
        print(f"{error.filename} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    except (Altered, Refused) as bad:
        first, last = (bad.first, bad.last) if isinstance(bad, Altered) else (None, None)
        refusal = {"accepted": False, "code": bad.code, "first": first, "last": last, "reason": str(bad)}
        print(json.dumps(refusal) if asked.json else f"REFUSED: {bad}")
        return 1
    print(json.dumps({"accepted": True} | told) if asked.json else "\n".join(in_words(told)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
