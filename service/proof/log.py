"""The sealed log as it stands in its tables: what was signed, and the proofs that follow from it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from service.proof.heads import Head, heads_entry
from service.proof.map_tiles import Slots, path, prefixes, read_slots
from service.proof.merkle import (
    EMPTY_ROOT,
    HASH,
    Frontier,
    consistency_spans,
    inclusion_spans,
    leaf_hash,
    node_hash,
    root,
    split,
)
from service.proof.policy import Level, Trust
from service.proof.tiles import HEIGHT, NODES, WIDTH, place_in_tile
from service.store.connections import Line, OverALine, int4, int8, int8_array, text_array

_SEALED: Final = (
    "select s.number, s.size, s.root, s.last_position, s.streams, s.map_root, s.sealed_at,"
    " c.note, c.level, c.witnessed, c.of from relais.seals s left join lateral ("
    "select note, level, witnessed, of from relais.checkpoints k where k.size = s.size order by k.id desc limit 1"
    ") c on true"
)
STATEMENTS: Final = {
    "latest": f"{_SEALED} order by s.number desc limit 1",
    "latest signed": f"{_SEALED} where c.note is not null order by s.number desc limit 1",
    "latest witnessed": f"{_SEALED} where c.level = 'witnessed' and s.number > $1::bigint"
    " order by s.number desc limit 1",
    "sealed": f"{_SEALED} where s.size = $1::bigint",
    "covering": f"{_SEALED} where s.last_position >= $1::bigint order by s.last_position limit 1",
    "page": f"{_SEALED} where s.size < $1::bigint order by s.size desc limit $2::bigint",
    "seals from": f"{_SEALED} where s.size > $1::bigint order by s.size limit $2::bigint",
    "seals after": "select number, size, last_position, streams, map_root from relais.seals"
    " where size > $1::bigint order by size limit $2::bigint",
    "leaves": "select leaf from relais.events where notification_id > $1::bigint and notification_id <= $2::bigint"
    " order by notification_id",
    "tiles": "select t.level, t.index, t.nodes from unnest($1::bigint[], $2::bigint[]) w(level, index)"
    " join relais.tiles t on t.level = w.level and t.index = w.index",
    "tops": "select substr(nodes, $4::int, $5::int) from relais.tiles"
    " where level = $1::bigint and index >= $2::bigint and index < $3::bigint order by index",
    "map": "select m.prefix, m.slots from unnest($1::text[]) w(prefix) cross join lateral ("
    "select prefix, slots from relais.map_tiles t where t.prefix = w.prefix and t.seal <= $2::bigint"
    " order by t.seal desc limit 1) m",
    "head": "select count, frontier from relais.stream_heads where pseudonym = $1::bytea and seal <= $2::bigint"
    " order by seal desc limit 1",
    "notice": "select code, detail, position, made_at from relais.sealing_notices order by id desc limit 1",
}
REMEMBERED_TILES: Final = 256
LOOKED_BACK: Final = 10_000
"""Seals among which one that is witnessed is looked for."""
FIRST_PIECES: Final = 5
"""How deep into the heads map one looks at once: a million streams are no deeper."""
Row = TypeVar("Row")


class Sealed(NamedTuple):
    """One sealed tree, and what was signed of it so far."""

    number: int
    size: int
    root: bytes
    last_position: int
    streams: int
    map_root: bytes
    sealed_at: datetime
    note: str | None
    """The checkpoint with its signatures; None for as long as it is not signed."""
    level: str | None
    """`signed` or `witnessed`, as the sealer judged it by its own policy."""
    witnessed: int | None
    of: int | None

    @property
    def trust(self) -> str:
        """How far it can be trusted, by the log's own policy, in words."""
        if self.level is None:
            return str(Level.UNSIGNED)
        return str(Trust(Level(self.level), self.witnessed or 0, self.of or 0))


class HeadProof(NamedTuple):
    """How long a stream was at a seal, and the siblings that prove it in the heads map, from the leaf upwards."""

    events: int
    root: bytes
    siblings: list[bytes]

    @property
    def head(self) -> Head:
        """The same as the map has it."""
        return Head(self.events, self.root)


class Notice(NamedTuple):
    """Why sealing stopped; without a code, that it goes on."""

    code: str | None
    detail: str | None
    position: int | None
    made_at: datetime


class _Seal(NamedTuple):
    number: int
    size: int
    last_position: int
    streams: int
    map_root: bytes


class Log(OverALine):
    """Reads over one connection of its own, for any number of threads, one at a time."""

    def __init__(self, conninfo: str, *, deadline: float = 10.0, name: str = "relais log") -> None:
        self._line = Line(conninfo, STATEMENTS, name=name, deadline=deadline, durable=False)
        self._tiles: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._edges: dict[int, tuple[int, list[bytes]]] = {}

    def latest(self) -> Sealed | None:
        """The newest seal, signed or not."""
        return _first(self._read("latest", (), Sealed._make))

    def latest_signed(self) -> Sealed | None:
        """The newest seal that was signed."""
        return _first(self._read("latest signed", (), Sealed._make))

    def latest_witnessed(self) -> Sealed | None:
        """The newest seal for which enough witnesses vouched, not too many seals ago."""
        latest = self.latest()
        before = 0 if latest is None else max(0, latest.number - LOOKED_BACK)
        return _first(self._read("latest witnessed", (int8(before),), Sealed._make))

    def sealed(self, size: int) -> Sealed | None:
        """The seal of this many entries."""
        return _first(self._read("sealed", (int8(size),), Sealed._make))

    def covering(self, position: int) -> Sealed | None:
        """The first seal that covers an event; None while it waits."""
        return _first(self._read("covering", (int8(position),), Sealed._make))

    def page(self, below: int, limit: int) -> list[Sealed]:
        """Seals of fewer entries, the newest first."""
        return self._read("page", (int8(below), int8(limit)), Sealed._make)

    def seals_from(self, index: int, limit: int) -> list[Sealed]:
        """Seals from the one on that was the first to cover an entry, in order."""
        return self._read("seals from", (int8(index), int8(limit)), Sealed._make)

    def notice(self) -> Notice | None:
        """What the sealer said last of a trouble."""
        return _first(self._read("notice", (), Notice._make))

    def tree_index(self, position: int) -> int | None:
        """Where an event stands in the tree: before it are the events before, and the entries of earlier seals."""
        sealed = self.covering(position)
        return None if sealed is None else position - 1 + sealed.number - 1

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """What proves the entry at an index to be in the tree of this size."""
        return self._hashes(inclusion_spans(index, size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """What proves the tree of the old size to be the beginning of the one of the new size."""
        return self._hashes(consistency_spans(old, new))

    def root_at(self, size: int) -> bytes:
        """The root of the first entries, from the tiles."""
        return self._hashes([(0, size)])[0] if size else EMPTY_ROOT

    def edges(self, size: int) -> list[list[bytes]]:
        """The bottoms of the unfinished tiles of the tree of this size, the lowest level first."""
        with self._line.alone:
            found: list[list[bytes]] = []
            while size >> HEIGHT * len(found):
                level = len(found)
                entries = size >> HEIGHT * level
                found.append(self._edge(level, entries)[: entries % WIDTH] if entries % WIDTH else [])
            return found or [[]]

    def tile(self, level: int, place: int) -> bytes | None:
        """The 256 hashes at the bottom of a whole tile."""
        with self._line.alone:
            self._fetch({(level, place)})
            nodes = self._tiles.get((level, place))
        return None if nodes is None else nodes[: WIDTH * HASH]

    def beginning_of_tile(self, level: int, place: int, width: int) -> bytes:
        """The first hashes at the bottom of a tile that may not be whole yet."""
        with self._line.alone:
            self._fetch({(level, place)})
            nodes = self._tiles.get((level, place))
            if nodes is not None:
                return nodes[: width * HASH]
            return b"".join(self._edge(level, place * WIDTH + width)[:width])

    def head(self, pseudonym: bytes, size: int) -> HeadProof | None:
        """A stream's head at the seal of this size, with its proof; None where it had no event by then."""
        with self._line.alone:
            sealed = self.sealed(size)
            if sealed is None:
                raise ValueError(f"there is no seal of {size} entries")
            found = _first(self._read("head", (pseudonym, int8(sealed.number)), tuple))
            if found is None:
                return None
            proof = path(pseudonym, self._pieces(pseudonym, sealed.number))
        if proof is None:
            raise ValueError("the heads map lacks a stream whose head is known: run `relais verify`")
        return HeadProof(found[0], Frontier.read(found[0], bytes(found[1])).root, proof[1])

    def pieces(self, digits: Sequence[str], number: int) -> dict[str, Slots]:
        """Pieces of the heads map as they were at a seal."""
        rows = self._read("map", (text_array(digits), int8(number)), _piece)
        return dict(rows)

    def _pieces(self, pseudonym: bytes, number: int) -> Mapping[str, Slots]:
        digits = pseudonym.hex()
        found = self.pieces([digits[:depth] for depth in range(FIRST_PIECES)], number)
        while (missing := prefixes(pseudonym, found)) is not None:
            more = self.pieces([missing], number)
            if not more:
                raise ValueError(f"the heads map lacks its piece {missing!r}: run `relais verify`")
            found |= more
        return found

    def _hashes(self, spans: Sequence[tuple[int, int]]) -> list[bytes]:
        with self._line.alone:
            self._fetch({tile for start, end in spans for tile in _tiles_under(start, end)})
            return [self._span(start, end) for start, end in spans]

    def _span(self, start: int, end: int) -> bytes:
        """The hash over some entries that are a node of the tree."""
        count = end - start
        if count & (count - 1) == 0:
            return self._node(count.bit_length() - 1, start)
        middle = start + split(count)
        return node_hash(self._span(start, middle), self._span(middle, end))

    def _node(self, height: int, start: int) -> bytes:
        level, above = divmod(height, HEIGHT)
        place = start >> HEIGHT * level
        tile, inside = divmod(place, WIDTH)
        nodes = self._tiles.get((level, tile))
        if nodes is not None:
            at = place_in_tile(above, inside >> above) * HASH
            return nodes[at : at + HASH]
        edge = self._edge(level, place + (1 << above))
        return root(edge[inside : inside + (1 << above)])

    def _edge(self, level: int, upto: int) -> list[bytes]:
        """The bottom of the unfinished tile that holds so many hashes of a level, as far as they are needed."""
        tile = (upto - 1) // WIDTH if upto else 0
        known = self._edges.get(level)
        wanted = upto - tile * WIDTH
        if known is None or known[0] != tile or len(known[1]) < wanted:
            start = tile * WIDTH
            known = (tile, self._leaves(start, upto) if level == 0 else self._tops(level, start, upto))
            if len(known[1]) < wanted:
                raise ValueError("the log is not sealed that far, or its tables lack rows: run `relais verify`")
            self._edges[level] = known
        return known[1]

    def _tops(self, level: int, start: int, end: int) -> list[bytes]:
        top = (NODES - 1) * HASH + 1
        rows = self._read("tops", (int8(level - 1), int8(start), int8(end), int4(top), int4(HASH)), tuple)
        return [bytes(found) for (found,) in rows]

    def _leaves(self, start: int, end: int) -> list[bytes]:
        """The entries' hashes at these places: events', and after those of each seal its own."""
        found: list[bytes] = []
        seals = self._read("seals after", (int8(start), int8(end - start)), _Seal._make)
        if not seals:
            return found
        first = start - (seals[0].number - 1)
        last = min(first + end - start, seals[-1].last_position)
        events = iter(self._read("leaves", (int8(first), int8(last)), tuple))
        position = first
        for seal in seals:
            while position < seal.last_position and len(found) < end - start:
                (leaf,) = next(events, (None,))
                if leaf is None:
                    return found
                found.append(bytes(leaf))
                position += 1
            if len(found) == end - start:
                break
            found.append(leaf_hash(heads_entry(seal.streams, bytes(seal.map_root))))
        return found

    def _fetch(self, tiles: set[tuple[int, int]]) -> None:
        missing = sorted(tiles - self._tiles.keys())
        if missing:
            levels, places = zip(*missing, strict=True)
            for level, place, nodes in self._read("tiles", (int8_array(levels), int8_array(places)), tuple):
                self._tiles[level, place] = bytes(nodes)
        for tile in tiles & self._tiles.keys():
            self._tiles.move_to_end(tile)
        while len(self._tiles) > REMEMBERED_TILES:
            self._tiles.popitem(last=False)

    def _read(self, statement: str, parameters: Sequence[bytes], make: Callable[[Any], Row]) -> list[Row]:
        return self._line.rows(statement, parameters, make)


def _tiles_under(start: int, end: int) -> list[tuple[int, int]]:
    """The tiles that hold the nodes whose hashes make up a span."""
    count = end - start
    if count & (count - 1) == 0:
        level = (count.bit_length() - 1) // HEIGHT
        return [(level, start >> HEIGHT * (level + 1))]
    middle = start + split(count)
    return [*_tiles_under(start, middle), *_tiles_under(middle, end)]


def _first(rows: Sequence[Row]) -> Row | None:
    return rows[0] if rows else None


def _piece(row: Sequence[Any]) -> tuple[str, Slots]:
    return row[0], read_slots(bytes(row[1]))
