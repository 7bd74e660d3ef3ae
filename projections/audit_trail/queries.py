"""What the audit trail is asked: whose deeds, of what type, of what period, as of when; and no more than may be seen.

A page is read along an index, whosever it is: of each stream that may be seen, or of each type that is asked for, from
where the page begins and no more entries than it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.event import Role
from domain.party.events import PersonForgotten
from projections.read_model import Cell, Query


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries are asked for: whose, of what type, of what period, as of when."""

    stream: str | None = None
    """The one that is asked for."""
    streams: Mapping[str, date | None] | None = None
    """Those that may be seen, each up to a date (None: all of it); None: all."""
    types: Sequence[str] | None = None
    actor_role: Role | None = None
    actor_id: str | None = None
    first: date | None = None
    """The first date of the period, by when things happened."""
    last: date | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    upto: int | None = None
    """The last position that is told."""


ALL = Search()
LAST = 2**62
"""A position that no history reaches."""

_TOLD = """
    SELECT entry.position, entry.stream, entry.version, entry.type, entry.occurred_on, entry.recorded_at,
           entry.claimed_at, entry.actor_role, entry.actor_id, entry.command_id, entry.correlation_id,
           entry.data::text, encode(kept.leaf, 'hex'),
           seal.size, seal.sealed_at, checkpoint.level, checkpoint.witnessed, checkpoint.of
    FROM (
        SELECT found.* FROM """
_EACH = """
        CROSS JOIN LATERAL (
            SELECT entry.* FROM rm.audit_trail entry WHERE """
_PROVED = """
 LIMIT %(limit)s
        ) found ORDER BY found.position LIMIT %(limit)s
    ) entry JOIN relais.events kept ON kept.notification_id = entry.position
    LEFT JOIN LATERAL (
        SELECT size, sealed_at FROM relais.seals
        WHERE last_position >= entry.position ORDER BY last_position LIMIT 1
    ) seal ON true
    LEFT JOIN LATERAL (
        SELECT level, witnessed, of FROM relais.checkpoints WHERE size = seal.size ORDER BY id DESC LIMIT 1
    ) checkpoint ON true
    ORDER BY entry.position
"""
_ANY = "(VALUES (true)) AS everything (is_asked)"
_BY_STREAM = "unnest(%(streams)s::text[], %(untils)s::text[]::date[]) AS seen (stream, until)"
_BY_TYPE = "unnest(%(types)s::text[]) AS asked (type)"
_BETWEEN = "entry.position > %(after)s AND entry.position <= %(upto)s"
_OF_STREAM = """
                (entry.stream, entry.position) > (seen.stream, %(after)s)
            AND (entry.stream, entry.position) <= (seen.stream, %(upto)s) AND entry.occurred_on <= seen.until"""
_OF_TYPE = """
                (entry.type, entry.position) > (asked.type, %(after)s)
            AND (entry.type, entry.position) <= (asked.type, %(upto)s)"""
"""Bounds, where an equation says the same: a plan made for one would read all of history to find a rare stream."""
_ASKED = {
    "types": "entry.type = ANY(%(types)s)",
    "actor_role": "entry.actor_role = %(actor_role)s",
    "actor_id": "entry.actor_id = %(actor_id)s",
    "first": "entry.occurred_on >= %(first)s",
    "last": "entry.occurred_on <= %(last)s",
    "as_of": "entry.occurred_on <= %(as_of)s",
    "known_at": "entry.recorded_at <= %(known_at)s",
}
"""Only what is asked stands in the question: a plan made for any search would read all of history for one stream."""


def entries_for(search: Search = ALL, *, after: int = 0, limit: int | None = None) -> Query:
    """The entries asked for, in order of position: the cells of a row, then those of its proof."""
    streams = {search.stream: None} if search.stream is not None else search.streams
    parameters: dict[str, Cell] = {
        "streams": list(streams or ()),
        "untils": ["infinity" if until is None else until.isoformat() for until in (streams or {}).values()],
        "types": None if search.types is None else list(search.types),
        "actor_role": None if search.actor_role is None else search.actor_role.value,
        "actor_id": search.actor_id,
        "first": search.first,
        "last": search.last,
        "as_of": search.as_of,
        "known_at": search.known_at,
        "after": after,
        "upto": LAST if search.upto is None else search.upto,
        "limit": limit,
    }
    asked = [f"AND {condition}" for name, condition in _ASKED.items() if parameters[name] is not None]
    if streams is not None:
        parts: Sequence[str] = (_BY_STREAM, _EACH, _OF_STREAM, *asked, "ORDER BY entry.stream, entry.position")
    elif search.types is not None:
        parts = (_BY_TYPE, _EACH, _OF_TYPE, *asked, "ORDER BY entry.type, entry.position")
    else:
        parts = (_ANY, _EACH, _BETWEEN, *asked, "ORDER BY entry.position")
    return Query(" ".join((_TOLD, *parts, _PROVED)), parameters)


def forgotten_when(party_id: str) -> Query:
    """The position and the date of the fact that a party is forgotten."""
    return Query(
        "SELECT position, occurred_on FROM rm.audit_trail WHERE type = %(type)s AND stream = ANY(%(streams)s)",
        {
            "type": PersonForgotten.TOPIC,
            "streams": [f"{kind}:{party_id}" for kind in ("client", "cadre", "issuer")],
        },
    )
