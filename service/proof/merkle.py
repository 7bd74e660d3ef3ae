"""The tree of RFC 6962: one hash for a whole log, and short proofs that an entry is in it, that it only grew."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Self

HASH: Final = 32
"""The length of every hash."""
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a log without entries."""
LONGEST_PROOF: Final = 63
"""No log of fewer than 2^63 entries needs more hashes."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash that stands for one entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    """How many entries the left of two subtrees holds: the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def root(hashes: Sequence[bytes]) -> bytes:
    """The root of a log, from the hashes of its entries."""
    frontier = Frontier()
    for each in hashes:
        frontier.append(each)
    return frontier.root


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """What proves that the entry at an index is in the log: its neighbours' hashes, the closest first."""
    return [root(hashes[start:end]) for start, end in inclusion_spans(index, len(hashes))]


def consistency_proof(hashes: Sequence[bytes], old: int) -> list[bytes]:
    """What proves that the log of `old` entries is the beginning of this one."""
    return [root(hashes[start:end]) for start, end in consistency_spans(old, len(hashes))]


def inclusion_spans(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees of an inclusion proof, each as its first entry and the one after its last, the closest first."""
    if not 0 <= index < size:
        raise ValueError(f"a log of {size} entries has none at index {index}")
    spans = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[tuple[int, int]]:
    """The subtrees of a consistency proof, in its order."""
    if not 0 <= old <= new:
        raise ValueError(f"a log of {new} entries never had {old}")
    if old in (0, new):
        return []
    spans = []
    start, end = 0, new
    whole = True
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start, whole = middle, False
    return ([] if whole else [(start, end)]) + spans[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether the proof shows that an entry stands at this index of the log with this root."""
    if not 0 <= index < size or not _are_hashes(leaf, *proof):
        return False
    inner, border = _path_lengths(index, size)
    if len(proof) != inner + border:
        return False
    found = leaf
    for level, neighbour in enumerate(proof[:inner]):
        found = node_hash(neighbour, found) if index >> level & 1 else node_hash(found, neighbour)
    for neighbour in proof[inner:]:
        found = node_hash(neighbour, found)
    return found == expected


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the log with the old root is the beginning of the log with the new one."""
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    return _grew(old, old_root, new, new_root, proof)


def _grew(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Both roots, climbed to from the last whole subtree of the old log."""
    shift = (old & -old).bit_length() - 1
    index, last = (old - 1) >> shift, (new - 1) >> shift
    path = list(proof) if index else [old_root, *proof]
    if not path:
        return False
    small = large = path.pop(0)
    for neighbour in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            small, large = node_hash(neighbour, small), node_hash(neighbour, large)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            large = node_hash(large, neighbour)
        index, last = index >> 1, last >> 1
    return last == 0 and small == old_root and large == new_root


def _path_lengths(index: int, size: int) -> tuple[int, int]:
    """How many neighbours stand beside the entry until its subtree is the last, and how many left of that."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH for value in values)


class Frontier:
    """A log that remembers only the roots of its whole subtrees: enough to go on, and to know its root at any time."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a log of {size} entries has {size.bit_count()} whole subtrees, not {len(peaks)}")
        self.size = size
        self._peaks = list(peaks)

    @classmethod
    def read(cls, size: int, data: bytes) -> Self:
        """A frontier from its bytes."""
        return cls(size, [data[start : start + HASH] for start in range(0, len(data), HASH)])

    def __bytes__(self) -> bytes:
        return b"".join(self._peaks)

    def copy(self) -> Frontier:
        """Another log with the same beginning."""
        return Frontier(self.size, self._peaks)

    def append(self, leaf: bytes) -> None:
        """Takes one more entry's hash."""
        carried, place = leaf, self.size
        while place & 1:
            carried = node_hash(self._peaks.pop(), carried)
            place >>= 1
        self._peaks.append(carried)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root of the log so far."""
        if not self._peaks:
            return EMPTY_ROOT
        found = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            found = node_hash(peak, found)
        return found
