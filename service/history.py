"""History as decisions see it: folded streams and tagged facts, all as of one position."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

from typing_extensions import override

from domain.catalogue import read_event
from domain.deciding import Facts, Needs, fold_stream
from domain.event import Event, Recorded, State
from domain.streams import kind_of
from service.snapshot_forms import FORMS
from service.snapshots import EVERY, Seal
from service.store.gathering import Gathered, Gatherer
from service.store.opening import sealed_row
from service.store.reader import LAST_VERSION, AnsweredCommand, StoredRow, TaggedRow

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Folded:
    """A stream at a version, and what its events add up to."""

    version: int
    state: State | None
    kept: int = 0
    """The version up to which a snapshot of it is kept, as far as is known."""


PARTIES = ("client", "cadre", "issuer")
UNBEGUN = Folded(0, None)
NOTHING = Needs()
LAST_POSITION = LAST_VERSION


class Memory:
    """What was read before, so that only what is new has to be. One thread at a time.

    A stream of which nothing was read yet begins at its snapshot, where one is kept; `keep` is told of new ones.
    """

    def __init__(
        self,
        gatherer: Gatherer,
        seal: Seal,
        *,
        keep: Callable[[str, int, State], None] | None = None,
        streams: int = 10_000,
        tags: int = 20_000,
    ) -> None:
        self._gatherer, self._seal, self._keep = gatherer, seal, keep
        self._streams: Recent[Folded] = Recent(streams)
        self._tagged: Recent[tuple[Recorded[Event], ...]] = Recent(tags)
        self.facts = Facts(_States(self._streams), self._tagged)
        """What was true when it was read: good for guessing what a decision will need, not for deciding."""

    def as_of_now(
        self, command_ids: Iterable[str] = (), likely: Needs = NOTHING
    ) -> tuple[AsOf, Mapping[str, AnsweredCommand]]:
        """All that is recorded at this moment, and those of the commands that it answered before.

        What is likely to be needed is read at once, anything else when it is asked for.
        """
        gathered, streams, tagged = self._gather(likely, command_ids)
        as_of = AsOf(self, gathered.head)
        as_of.take(streams, tagged)
        return as_of, gathered.answered

    def further(self, needs: Needs, head: int) -> tuple[dict[str, Folded], dict[str, tuple[Recorded[Event], ...]]]:
        """Streams folded up to a position, and the events with each tag up to it, in order."""
        _, streams, tagged = self._gather(needs, upto=head)
        return streams, tagged

    def remember(self, stream: str, folded: Folded) -> None:
        """Keeps what a stream adds up to; only ever what is recorded."""
        if folded.state is None:
            return
        before = self._streams.get(stream) or UNBEGUN
        kept = max(folded.kept, before.kept)
        if self._keep is not None and kind_of(stream) in FORMS and folded.version - kept >= EVERY:
            self._keep(stream, folded.version, folded.state)
            kept = folded.version
        self._streams.put(stream, replace(folded, kept=kept))

    def _gather(
        self, needs: Needs, command_ids: Iterable[str] = (), upto: int = LAST_POSITION
    ) -> tuple[Gathered, dict[str, Folded], dict[str, tuple[Recorded[Event], ...]]]:
        streams = {stream: self._streams.get(stream) or UNBEGUN for stream in needs.streams}
        tags = {tag: self._tagged.get(tag) or () for tag in needs.tags}
        gathered = self._gatherer.gather(
            command_ids,
            {stream: folded.version for stream, folded in streams.items()},
            {tag: _last(seen) for tag, seen in tags.items()},
            fold=self._seal.fold,
            upto=upto,
        )
        head = min(upto, gathered.head)
        rows = self._begin(streams, gathered, head)
        return (
            gathered,
            self._forward(streams, [row for row in rows if row.position <= head]),
            self._prolong(tags, [row for row in gathered.tagged if row.position <= head]),
        )

    def _begin(self, streams: dict[str, Folded], gathered: Gathered, head: int) -> list[StoredRow]:
        """Begins streams at their snapshots; one whose snapshot is not to be believed is read from its first event."""
        unbelieved: set[str] = set()
        for snapshot in gathered.snapshots:
            state = self._seal.opened(snapshot)
            if state is None:
                unbelieved.add(snapshot.stream)
            else:
                streams[snapshot.stream] = Folded(snapshot.version, state, kept=snapshot.version)
        if not unbelieved:
            return gathered.streams
        whole = self._gatherer.gather((), dict.fromkeys(unbelieved, 0), {}, upto=head).streams
        return [*(row for row in gathered.streams if row.stream not in unbelieved), *whole]

    def _forward(self, streams: Mapping[str, Folded], new: Iterable[StoredRow]) -> dict[str, Folded]:
        forward = dict(streams)
        for stream, rows in groupby(new, lambda row: row.stream):
            forward[stream] = _forward(stream, forward[stream], list(rows))
        for stream, folded in forward.items():
            self.remember(stream, folded)
        return forward

    def _prolong(
        self, tagged: Mapping[str, tuple[Recorded[Event], ...]], new: Iterable[TaggedRow]
    ) -> dict[str, tuple[Recorded[Event], ...]]:
        added: defaultdict[str, list[Recorded[Event]]] = defaultdict(list)
        for row in new:
            added[row.tag].append(sealed_row(row))
        prolonged = {tag: (*seen, *added[tag]) for tag, seen in tagged.items()}
        for tag, events in prolonged.items():
            self._tagged.put(tag, events)
        return prolonged


class AsOf:
    """Facts as of one position, and on top of them what is decided but not recorded yet."""

    def __init__(self, memory: Memory, head: int) -> None:
        self.head = head
        self._memory = memory
        self._versions: dict[str, int] = {}
        self._states: dict[str, State | None] = {}
        self._tagged: dict[str, tuple[Recorded[Event], ...]] = {}
        self._expected_tagged: dict[str, tuple[Recorded[Event], ...]] = {}
        self.facts = Facts(self._states, self._tagged)
        """What the domain decides on: it follows what is read and expected."""
        self.words: dict[str, str] = {}
        """The personal words of parties that are expected only, by the digest that stands for them."""
        self._expected = 0
        self._changed: set[str] = set()
        self._positions: dict[int, int] = {}

    def lacks(self, needs: Needs) -> bool:
        """Whether anything needed has not been read yet."""
        return not (needs.streams <= self._states.keys() and needs.tags <= self._tagged.keys())

    def load(self, needs: Needs) -> bool:
        """Reads what is needed and not there yet; whether there was anything to read."""
        missing = Needs(needs.streams - self._states.keys(), needs.tags - self._tagged.keys())
        if missing == NOTHING:
            return False
        self.take(*self._memory.further(missing, self.head))
        return True

    def take(self, streams: Mapping[str, Folded], tagged: Mapping[str, tuple[Recorded[Event], ...]]) -> None:
        """Adds what was read as of the head."""
        for stream, folded in streams.items():
            self._take(stream, folded)
        for tag, seen in tagged.items():
            self._tagged[tag] = (*seen, *self._expected_tagged.get(tag, ()))

    def version(self, stream: str) -> int:
        """How many events a stream has, with those expected."""
        return self._versions[stream]

    def last_tagged(self, tag: str) -> int:
        """The position of the last event with a tag; expected ones stand in after the head."""
        return _last(self._tagged[tag])

    def parties_read(self) -> list[str]:
        """The parties that were read so far."""
        return [stream for stream in self._states if kind_of(stream) in PARTIES]

    def depends_on_expected(self, needs: Needs) -> bool:
        """Whether anything needed was changed by what is not recorded yet."""
        return not self._changed.isdisjoint(names(needs.streams, needs.tags))

    def next_position(self) -> int:
        """A stand-in for the position of the next expected event."""
        self._expected += 1
        return self.head + self._expected

    def expect(self, recorded: Recorded[Event], tags: Sequence[str]) -> None:
        """Takes an event for granted that is on its way into history."""
        state = fold_stream(recorded.stream, self._states[recorded.stream], (recorded.event,))
        self._take(recorded.stream, Folded(recorded.version, state))
        for tag in tags:
            self._expected_tagged[tag] = (*self._expected_tagged.get(tag, ()), recorded)
            if tag in self._tagged:
                self._tagged[tag] = (*self._tagged[tag], recorded)
        self._changed |= names((recorded.stream,), tags)

    def recorded(self, expected: Sequence[Recorded[Event]], positions: Sequence[int]) -> None:
        """What was expected is recorded, at these positions; streams of which no more is expected are remembered."""
        for event, position in zip(expected, positions, strict=True):
            self._positions[event.position] = position
            if self._versions[event.stream] == event.version:
                self._memory.remember(event.stream, Folded(event.version, self._states[event.stream]))

    def position(self, expected: int) -> int:
        """Where an event was recorded whose position was a stand-in."""
        return self._positions.get(expected, expected)

    def _take(self, stream: str, folded: Folded) -> None:
        self._versions[stream], self._states[stream] = folded.version, folded.state


def names(streams: Iterable[str], tags: Iterable[str]) -> set[str]:
    """Streams and tags side by side, without mistaking one for the other."""
    return {*streams, *(f"#{tag}" for tag in tags)}


class Recent(Mapping[str, Value]):
    """The values used last, up to a number."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, Value] = OrderedDict()

    @override
    def __getitem__(self, name: str) -> Value:
        value = self._values[name]
        self._values.move_to_end(name)
        return value

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @override
    def __len__(self) -> int:
        return len(self._values)

    def put(self, name: str, value: Value) -> None:
        self._values[name] = value
        self._values.move_to_end(name)
        if len(self._values) > self._size:
            self._values.popitem(last=False)


class _States(Mapping[str, State | None]):
    def __init__(self, streams: Mapping[str, Folded]) -> None:
        self._streams = streams

    @override
    def __getitem__(self, name: str) -> State | None:
        return self._streams[name].state

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._streams)

    @override
    def __len__(self) -> int:
        return len(self._streams)


def _forward(stream: str, folded: Folded, rows: Sequence[StoredRow]) -> Folded:
    events = [read_event(row.topic, row.state) for row in rows]
    return replace(folded, version=rows[-1].version, state=fold_stream(stream, folded.state, events))


def _last(tagged: Sequence[Recorded[Event]]) -> int:
    return tagged[-1].position if tagged else 0
