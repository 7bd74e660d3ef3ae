"""The heads map: at each seal one count and one root for every stream, so that none can be shown shorter than it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from service.proof.merkle import leaf_hash, node_hash
from service.store.hashing import DOMAIN, u64

EMPTY_SUBTREE: Final = bytes(32)
"""Stands for the half of a node that holds no stream."""
DEPTH: Final = 256
"""The bits of a pseudonym: no two streams share them all."""


Leaves: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Pseudonyms in order, each with its stream's leaf."""


@dataclass(frozen=True, slots=True)
class Head:
    """How long a stream is, and the root of the tree over its events."""

    count: int
    root: bytes


def head_leaf(pseudonym: bytes, head: Head) -> bytes:
    """What stands for a stream in the map."""
    return leaf_hash(DOMAIN + b"head\0" + pseudonym + u64(head.count) + head.root)


def heads_entry(streams: int, map_root: bytes) -> bytes:
    """The log's own entry at the end of each sealed tree: how many streams there are, and the root of their map."""
    return DOMAIN + b"heads\0" + u64(streams) + map_root


def bit(pseudonym: bytes, depth: int) -> int:
    """Which half of the node at this depth a stream is in: 0 the left, 1 the right."""
    return pseudonym[depth >> 3] >> (7 - (depth & 7)) & 1


def root_from_proof(pseudonym: bytes, head: Head, siblings: Sequence[bytes]) -> bytes:
    """The root of the map in which this stream has this head, beside these siblings, from the leaf upwards."""
    if len(siblings) > DEPTH:
        raise ValueError(f"the map is {DEPTH} deep: there are not {len(siblings)} siblings")
    found = head_leaf(pseudonym, head)
    for depth, sibling in zip(reversed(range(len(siblings))), siblings, strict=True):
        found = node_hash(sibling, found) if bit(pseudonym, depth) else node_hash(found, sibling)
    return found


class HeadsMap:
    """The whole map in memory, from every stream's head."""

    def __init__(self, heads: Mapping[bytes, Head]) -> None:
        self._leaves = sorted((pseudonym, head_leaf(pseudonym, head)) for pseudonym, head in heads.items())

    @property
    def root(self) -> bytes:
        """The root over all streams."""
        return subtree(self._leaves, 0)

    def proof(self, pseudonym: bytes) -> list[bytes]:
        """The siblings on the way from a stream's leaf up to the root."""
        leaves: Leaves = self._leaves
        siblings = []
        depth = 0
        while len(leaves) > 1:
            halves = _halves(leaves, depth)
            mine = bit(pseudonym, depth)
            siblings.append(subtree(halves[1 - mine], depth + 1))
            leaves, depth = halves[mine], depth + 1
        if [found for found, _ in leaves] != [pseudonym]:
            raise KeyError(pseudonym.hex())
        return siblings[::-1]


def subtree(leaves: Leaves, depth: int) -> bytes:
    """The hash of the part of the map that holds these streams; one that holds a single stream is its leaf."""
    if len(leaves) < 2:
        return leaves[0][1] if leaves else EMPTY_SUBTREE
    left, right = _halves(leaves, depth)
    return node_hash(subtree(left, depth + 1), subtree(right, depth + 1))


def _halves(leaves: Leaves, depth: int) -> tuple[Leaves, Leaves]:
    middle = _first_right(leaves, depth)
    return leaves[:middle], leaves[middle:]


def _first_right(leaves: Leaves, depth: int) -> int:
    low, high = 0, len(leaves)
    while low < high:
        middle = (low + high) // 2
        if bit(leaves[middle][0], depth):
            high = middle
        else:
            low = middle + 1
    return low
