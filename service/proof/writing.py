"""What the sealer adds to the tables of the proof: a seal with all that it changes, or a checkpoint, or a notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from service.proof.map_tiles import Slots, slots_bytes
from service.proof.merkle import Frontier
from service.proof.policy import Trust
from service.proof.tiles import Tile
from service.store.connections import Line, bytea_array, int4, int8, int8_array, text_array

LOCK: Final = 0x72656C5345414C
"""Whoever holds it in a database seals there."""
STATEMENTS: Final = {
    "lead": "select pg_try_advisory_lock($1::bigint)",
    "heads": "select w.pseudonym, h.count, h.frontier from unnest($1::bytea[]) w(pseudonym) cross join lateral ("
    "select count, frontier from relais.stream_heads s where s.pseudonym = w.pseudonym and s.seal <= $2::bigint"
    " order by s.seal desc limit 1) h",
    "seal": "with heads as (insert into relais.stream_heads (pseudonym, seal, count, frontier)"
    " select k, $1::bigint, c, f from unnest($7::bytea[], $8::bigint[], $9::bytea[]) h(k, c, f)),"
    " pieces as (insert into relais.map_tiles (prefix, seal, slots)"
    " select p, $1::bigint, s from unnest($10::text[], $11::bytea[]) m(p, s)),"
    " tiles as (insert into relais.tiles (level, index, nodes)"
    " select l, i, n from unnest($12::bigint[], $13::bigint[], $14::bytea[]) t(l, i, n))"
    " insert into relais.seals (number, size, last_position, root, streams, map_root)"
    " values ($1::bigint, $2::bigint, $3::bigint, $4::bytea, $5::bigint, $6::bytea)",
    "checkpoint": "insert into relais.checkpoints (size, note, level, witnessed, of)"
    " values ($1::bigint, $2::text, $3::text, $4::int, $5::int)",
    "notice": "insert into relais.sealing_notices (code, detail, position) values ($1::text, $2::text, $3::bigint)",
}


class NewSeal(NamedTuple):
    """A tree that is complete and not signed yet."""

    number: int
    size: int
    last_position: int
    root: bytes
    streams: int
    map_root: bytes


class SealWriter:
    """Adds to the tables over one connection, which also says who leads."""

    def __init__(self, conninfo: str, *, deadline: float = 30.0, durable: bool = True) -> None:
        self._line = Line(conninfo, STATEMENTS, name="relais sealer", deadline=deadline, durable=durable)

    def leads(self) -> bool:
        """Whether this connection may seal: one may at a time."""
        return bool(self._line.rows("lead", [int8(LOCK)], _cell)[0])

    def heads(self, pseudonyms: Sequence[bytes], number: int) -> dict[bytes, Frontier]:
        """How far streams had been sealed by a seal, of those that ever were."""
        return dict(self._line.rows("heads", [bytea_array(pseudonyms), int8(number)], _head))

    def seal(
        self,
        sealed: NewSeal,
        heads: Mapping[bytes, Frontier],
        pieces: Mapping[str, Slots],
        tiles: Iterable[Tile],
    ) -> None:
        """Adds a seal and all that changed with it, in one commit."""
        levels, places, nodes = [], [], []
        for tile in tiles:
            levels.append(tile.level)
            places.append(tile.place)
            nodes.append(tile.nodes)
        self._line.call(
            "seal",
            [
                int8(sealed.number),
                int8(sealed.size),
                int8(sealed.last_position),
                sealed.root,
                int8(sealed.streams),
                sealed.map_root,
                bytea_array([*heads]),
                int8_array([frontier.size for frontier in heads.values()]),
                bytea_array([bytes(frontier) for frontier in heads.values()]),
                text_array(pieces),
                bytea_array([slots_bytes(slots) for slots in pieces.values()]),
                int8_array(levels),
                int8_array(places),
                bytea_array(nodes),
            ],
        )

    def checkpoint(self, size: int, note: str, trust: Trust) -> None:
        """Publishes what was signed, and by how many."""
        self._line.call(
            "checkpoint",
            [int8(size), note.encode(), trust.level.encode(), int4(trust.witnessed), int4(trust.of)],
        )

    def notice(self, code: str | None, detail: str | None, position: int | None) -> None:
        """Says why sealing stopped, or, without a code, that it goes on."""
        self._line.call(
            "notice",
            [
                None if code is None else code.encode(),
                None if detail is None else detail.encode(),
                None if position is None else int8(position),
            ],
        )

    def close(self) -> None:
        """Gives the connection back, and with it the lead."""
        self._line.close()


def _cell(row: Sequence[Any]) -> Any:
    return row[0]


def _head(row: Sequence[Any]) -> tuple[bytes, Frontier]:
    return bytes(row[0]), Frontier.read(row[1], bytes(row[2]))
