"""What a batch of decisions needs of history, in one question and as of one moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from service.store.connections import Line, OverALine, int8, int8_array, text_array
from service.store.reader import LAST_VERSION, AnsweredCommand, StoredRow, TaggedRow
from service.store.snapshots import LAID_OUT, Snapshot, with_the_table

NO_FOLD: Final = ""
"""Asks for events alone: no code that folds is known by it."""

# The rows of five questions, one below the other; the first column tells which of them a row answers.
# A stream of which nothing is known is answered from its snapshot on, where there is one up to the position asked for.
_STATEMENTS: Final = {
    "gather": """
        with asked as materialized (
            select s.stream, s.after, k.version, k.position, k.state, k.mac
            from unnest($2::text[], $3::bigint[]) s(stream, after) left join rm.stream_snapshots k
            on s.after = 0 and k.stream = s.stream and k.fold = $6::text and k.position <= $7::bigint
        )
        select 'head', h.position, null::text, null::bigint, null::text, null::bytea, null::bytea,
            null::timestamptz, null::bytea, null::text, null::bigint[]
        from relais.log_head h
        union all
        select 'answered', null, null, null, null, k.request_hash, null, null, null, k.command_id, k.positions
        from relais.commands k where k.command_id = any($1::text[])
        union all
        select 'stream', e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.envelope,
            e.recorded_at, e.leaf, null, null
        from asked a join relais.events e
        on e.originator_id = a.stream and e.originator_version > coalesce(a.version, a.after)
        union all
        select 'snapshot', a.position, a.stream, a.version, null, a.state, a.mac, null, e.leaf, null, null
        from asked a left join relais.events e on e.originator_id = a.stream and e.originator_version = a.version
        where a.version is not null
        union all
        select 'tag', e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.envelope,
            e.recorded_at, e.leaf, t.tag, null
        from unnest($4::text[], $5::bigint[]) w(tag, after)
        join relais.event_tags t on t.tag = w.tag and t.position > w.after
        join relais.events e on e.notification_id = t.position
        """
}


@dataclass(slots=True)
class Gathered:
    """History at one moment, as far as it was asked for."""

    head: int = 0
    answered: dict[str, AnsweredCommand] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)
    """Of streams of which nothing was known; their events begin after it."""
    streams: list[StoredRow] = field(default_factory=list)
    """By stream and version."""
    tagged: list[TaggedRow] = field(default_factory=list)
    """By position."""


class Gatherer(OverALine):
    """Asks over one connection of its own, for any number of threads, one at a time."""

    def __init__(self, conninfo: str, *, deadline: float = 30.0) -> None:
        self._line = Line(
            conninfo, _STATEMENTS, name="relais decisions", deadline=deadline, durable=False, first=(LAID_OUT,)
        )

    def gather(
        self,
        command_ids: Iterable[str],
        streams: Mapping[str, int],
        tags: Mapping[str, int],
        *,
        fold: str = NO_FOLD,
        upto: int = LAST_VERSION,
    ) -> Gathered:
        """The head; the command ids that were answered; streams after a version; events with tags after a position.

        Snapshots are those that the code behind `fold` made, of what was recorded up to a position.
        """
        parameters = [
            text_array(command_ids),
            text_array(streams),
            int8_array([*streams.values()]),
            text_array(tags),
            int8_array([*tags.values()]),
            fold.encode(),
            int8(upto),
        ]
        rows = with_the_table(self._line, lambda: self._line.rows("gather", parameters, tuple))
        return _sorted_out(rows)


def _sorted_out(rows: Sequence[tuple[Any, ...]]) -> Gathered:
    gathered = Gathered()
    for kind, *fact, name, positions in rows:
        if kind == "head":
            gathered.head = fact[0]
        elif kind == "answered":
            gathered.answered[name] = AnsweredCommand(name, fact[4], positions)
        elif kind == "snapshot":
            position, stream, version, _, state, mac, _, leaf = fact
            gathered.snapshots.append(Snapshot(stream, version, position, state, mac, leaf))
        elif kind == "stream":
            gathered.streams.append(StoredRow._make(fact))
        else:
            gathered.tagged.append(TaggedRow._make((*fact, name)))
    gathered.streams.sort(key=lambda row: (row.stream, row.version))
    gathered.tagged.sort(key=lambda row: row.position)
    return gathered
