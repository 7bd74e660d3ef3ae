"""The tree in pieces that are written once: whole subtrees of height 8, as C2SP's tlog-tiles cuts a log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from service.proof.merkle import EMPTY_ROOT, HASH, node_hash, root

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
"""Hashes at the bottom of a tile."""
NODES: Final = 2 * WIDTH - 1
"""All hashes of a tile: 256, the 128 above them, and so on up to the one at the top."""


class Tile(NamedTuple):
    """A whole tile: its level (0 over entries, 1 over tiles of level 0, …), its place there, and its nodes."""

    level: int
    place: int
    nodes: bytes

    @property
    def top(self) -> bytes:
        """The hash over the tile."""
        return self.nodes[-HASH:]


def tile_nodes(hashes: Sequence[bytes]) -> list[bytes]:
    """All nodes of a tile from the 256 at its bottom, row after row."""
    nodes = list(hashes)
    row = nodes
    while len(row) > 1:
        row = [node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
        nodes = nodes + row
    return nodes


def place_in_tile(height: int, place: int) -> int:
    """Where a tile keeps the node at this height above its bottom and this place in its row."""
    return 2 * WIDTH - (2 * WIDTH >> height) + place


class GrowingTree:
    """The tree while it is sealed: its unfinished tiles in memory, the finished ones handed over."""

    def __init__(self, size: int = 0, edges: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._edges = [list(edge) for edge in edges] or [[]]
        self._finished: list[Tile] = []

    def append(self, leaf: bytes) -> None:
        """Takes one more entry's hash."""
        self._edges[0].append(leaf)
        self.size += 1
        if len(self._edges[0]) == WIDTH:
            self._finish(0)

    def _finish(self, level: int) -> None:
        nodes = tile_nodes(self._edges[level])
        place = (self.size >> HEIGHT * (level + 1)) - 1
        self._finished.append(Tile(level, place, b"".join(nodes)))
        self._edges[level].clear()
        if level + 1 == len(self._edges):
            self._edges.append([])
        self._edges[level + 1].append(nodes[-1])
        if len(self._edges[level + 1]) == WIDTH:
            self._finish(level + 1)

    def take_finished(self) -> list[Tile]:
        """The tiles that were finished since the last time."""
        finished, self._finished = self._finished, []
        return finished

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        return root_over_edges(self._edges)


def root_over_edges(edges: Sequence[Sequence[bytes]]) -> bytes:
    """The root of a tree from the bottoms of its unfinished tiles, the lowest level first."""
    found: list[bytes] = []
    for edge in edges:
        if edge or found:
            found = [root([*edge, *found])]
    return found[0] if found else EMPTY_ROOT
