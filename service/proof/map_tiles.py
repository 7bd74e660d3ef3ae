"""The heads map in pieces of four bits, so that a seal writes anew only what the changed streams touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from service.proof.heads import EMPTY_SUBTREE
from service.proof.merkle import node_hash

BITS: Final = 4
SLOTS: Final = 1 << BITS
_EMPTY, _STREAM, _SUBTREE = b"\0", b"\1", b"\2"


class Stream(NamedTuple):
    """A slot that holds a single stream: its pseudonym, and its leaf."""

    pseudonym: bytes
    leaf: bytes


class Subtree(NamedTuple):
    """A slot that holds several streams: the hash over them. A tile of its own says which."""

    hash: bytes


Slot: TypeAlias = Stream | Subtree | None
Slots: TypeAlias = tuple[Slot, ...]
"""The sixteen parts of a piece of the map."""
Read: TypeAlias = Callable[[Sequence[str]], Mapping[str, Slots]]
"""Finds pieces by the hexadecimal digits that their streams begin with."""
NOTHING: Final[Slots] = (None,) * SLOTS


def slots_bytes(slots: Slots) -> bytes:
    """A piece as it is kept."""
    return b"".join(map(_slot_bytes, slots))


def _slot_bytes(slot: Slot) -> bytes:
    match slot:
        case None:
            return _EMPTY
        case Stream(pseudonym, leaf):
            return _STREAM + pseudonym + leaf
        case Subtree(found):
            return _SUBTREE + found


def read_slots(data: bytes) -> Slots:
    """A piece from its bytes."""
    slots = tuple(_read_slots(data))
    if len(slots) != SLOTS:
        raise ValueError(f"a piece of the heads map has {SLOTS} slots, not {len(slots)}")
    return slots


def _read_slots(data: bytes) -> Iterator[Slot]:
    place = 0
    while place < len(data):
        kind, place = data[place : place + 1], place + 1
        if kind == _STREAM:
            yield Stream(data[place : place + 32], data[place + 32 : place + 64])
            place += 64
        elif kind == _SUBTREE:
            yield Subtree(data[place : place + 32])
            place += 32
        elif kind == _EMPTY:
            yield None
        else:
            raise ValueError("a piece of the heads map has a slot of no known kind")
        if place > len(data):
            raise ValueError("a piece of the heads map ends too early")


def merged(slots: Sequence[Slot]) -> Slot:
    """What a run of slots adds up to: nothing, a single stream, or a subtree."""
    if len(slots) == 1:
        return slots[0]
    middle = len(slots) // 2
    left, right = merged(slots[:middle]), merged(slots[middle:])
    if left is None and not isinstance(right, Subtree):
        return right
    if right is None and not isinstance(left, Subtree):
        return left
    return Subtree(node_hash(_hash(left), _hash(right)))


def _hash(slot: Slot) -> bytes:
    match slot:
        case None:
            return EMPTY_SUBTREE
        case Stream(_, leaf):
            return leaf
        case Subtree(found):
            return found


class NotBound(Exception):
    """What is kept of a map is not what its root was made of."""


class Bound:
    """Pieces of a map as they are kept, the first held against the map's root, each other against the one above it."""

    def __init__(self, read: Read, root: bytes) -> None:
        self._read, self._expected = read, {"": root}
        self.leaves: dict[bytes, bytes] = {}
        """The leaves of the streams in the pieces that were read."""

    def __call__(self, digits: Sequence[str]) -> Mapping[str, Slots]:
        found = self._read(digits)
        for prefix in digits:
            slots = found.get(prefix, NOTHING)
            if _hash(merged(slots)) != self._expected[prefix]:
                raise NotBound
            for digit, slot in enumerate(slots):
                if isinstance(slot, Subtree):
                    self._expected[f"{prefix}{digit:x}"] = slot.hash
                elif isinstance(slot, Stream):
                    self.leaves[slot.pseudonym] = slot.leaf
        return found


@dataclass
class Changed:
    """The map after some streams changed: its root, and the pieces that are new."""

    root: bytes = EMPTY_SUBTREE
    pieces: dict[str, Slots] = field(default_factory=dict)


def changed(read: Read, leaves: Mapping[bytes, bytes]) -> Changed:
    """The map in which these streams have these leaves, and all others what they had."""
    levels: list[dict[str, list[Slot]]] = []
    asked: dict[str, dict[bytes, bytes]] = {"": dict(leaves)}
    known = {""}
    while asked:
        found = read(sorted(known & asked.keys()))
        pieces = {prefix: list(found.get(prefix, NOTHING)) for prefix in asked}
        levels.append(pieces)
        asked, known = _descend(pieces, asked)
    return _climbed(levels)


def _descend(
    pieces: Mapping[str, list[Slot]], asked: Mapping[str, Mapping[bytes, bytes]]
) -> tuple[dict[str, dict[bytes, bytes]], set[str]]:
    """Puts leaves where they are alone; the pieces below that the others belong to, and which of those exist."""
    below: dict[str, dict[bytes, bytes]] = {}
    exist: set[str] = set()
    for prefix, leaves in asked.items():
        for digit, group in _by_digit(leaves, len(prefix)).items():
            slot = pieces[prefix][digit]
            deeper = f"{prefix}{digit:x}"
            if isinstance(slot, Stream):
                group.setdefault(slot.pseudonym, slot.leaf)
            if isinstance(slot, Subtree):
                exist.add(deeper)
                below[deeper] = group
            elif len(group) == 1:
                pieces[prefix][digit] = Stream(*group.popitem())
            else:
                below[deeper] = group
    return below, exist


def _by_digit(leaves: Mapping[bytes, bytes], depth: int) -> Mapping[int, dict[bytes, bytes]]:
    groups: defaultdict[int, dict[bytes, bytes]] = defaultdict(dict)
    for pseudonym, leaf in leaves.items():
        groups[digit_of(pseudonym, depth)][pseudonym] = leaf
    return groups


def digit_of(pseudonym: bytes, place: int) -> int:
    """A hexadecimal digit of a pseudonym."""
    byte = pseudonym[place >> 1]
    return byte & 15 if place & 1 else byte >> 4


def _climbed(levels: Sequence[Mapping[str, list[Slot]]]) -> Changed:
    result = Changed()
    for depth in range(len(levels) - 1, -1, -1):
        for prefix, slots in levels[depth].items():
            result.pieces[prefix] = tuple(slots)
            whole = merged(slots)
            if prefix:
                levels[depth - 1][prefix[:-1]][int(prefix[-1], 16)] = whole
            else:
                result.root = _hash(whole)
    return result


def path(pseudonym: bytes, pieces: Mapping[str, Slots]) -> tuple[bytes, list[bytes]] | None:
    """A stream's leaf and the siblings above it, from the leaf upwards; None where the map has no such stream."""
    siblings: list[bytes] = []
    digits = pseudonym.hex()
    for depth in range(len(digits)):
        slots: Sequence[Slot] = pieces[digits[:depth]]
        place = digit_of(pseudonym, depth)
        while len(slots) > 1:
            whole = merged(slots)
            if isinstance(whole, Stream):
                return (whole.leaf, siblings[::-1]) if whole.pseudonym == pseudonym else None
            middle = len(slots) // 2
            left = place < middle
            siblings.append(_hash(merged(slots[middle:] if left else slots[:middle])))
            slots, place = (slots[:middle], place) if left else (slots[middle:], place - middle)
        match slots[0]:
            case None:
                return None
            case Stream(found, leaf):
                return (leaf, siblings[::-1]) if found == pseudonym else None
            case Subtree():
                pass
    return None


def prefixes(pseudonym: bytes, pieces: Mapping[str, Slots]) -> str | None:
    """The next piece that is needed to find a stream, or None when all are there."""
    digits = pseudonym.hex()
    for depth in range(len(digits)):
        if digits[:depth] not in pieces:
            return digits[:depth]
        if not isinstance(pieces[digits[:depth]][int(digits[depth], 16)], Subtree):
            return None
    return None
