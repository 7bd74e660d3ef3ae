"""A journal carried out in memory: the domain's decisions line by line, over a list of events instead of a store."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.calendar import WorkingCalendar
from domain.catalogue import read_event, stored_topic
from domain.deciding import Facts, Needs, decide, fold_stream, needs
from domain.event import Actor, Command, CommandRejected, Context, Event, Filed, Recorded, Role, State
from service.journal_lines import Entry, Line, Malformed, parse

NOUMEA = ZoneInfo("Pacific/Noumea")
ADMIN = Actor(Role.NETWORK_ADMIN)
RECORDED_AT = datetime(2030, 1, 1, tzinfo=UTC)

ACCEPTED = "accepted"
REPEATED = "repeated"


@dataclass
class World:
    """The history so far, found by stream and by tag, and what became of each line."""

    history: list[Recorded[Event]] = field(default_factory=list)
    streams: dict[str, list[Recorded[Event]]] = field(default_factory=lambda: defaultdict(list))
    tags: dict[str, list[Recorded[Event]]] = field(default_factory=lambda: defaultdict(list))
    folded: dict[str, tuple[int, State | None]] = field(default_factory=dict)
    accepted_ids: dict[str, bytes] = field(default_factory=dict)
    verdicts: dict[int, str] = field(default_factory=dict)
    details: dict[int, str] = field(default_factory=dict)

    def run(self, lines: Iterable[bytes]) -> World:
        """Carry out the lines in their order."""
        for number, text in enumerate(lines, start=1):
            if text.strip():
                self.verdicts[number] = self._line(number, text)
        return self

    def count(self, verdict: str) -> int:
        """How many lines fared so."""
        return sum(1 for each in self.verdicts.values() if each == verdict)

    def events(self) -> list[Event]:
        """All that happened, in order."""
        return [recorded.event for recorded in self.history]

    def submit(
        self, command: Command, mission_id: str | None, context: Context, by: Actor | None = None
    ) -> list[Filed]:
        """Decide a command over the facts it needs, and add what it makes to the history."""
        filed = list(decide(command, mission_id, self._facts(command, mission_id, context), context))
        for each in filed:
            self._record(each, command, context, by)
        return filed

    def _line(self, number: int, text: bytes) -> str:
        try:
            entry = parse(Line(number, text))
        except Malformed as malformed:
            self.details[number] = str(malformed)
            return "malformed"
        if entry.id in self.accepted_ids:
            return REPEATED if self.accepted_ids[entry.id] == entry.content else "idempotency_key_reused"
        try:
            self._entry(entry)
        except CommandRejected as rejected:
            self.details[number] = rejected.detail
            return rejected.code
        self.accepted_ids[entry.id] = entry.content
        return ACCEPTED

    def _entry(self, entry: Entry) -> None:
        context = Context(today=entry.at.astimezone(NOUMEA).date(), actor=ADMIN, calendar=WorkingCalendar())
        self.submit(entry.command, entry.mission_id, context, entry.by)

    def _facts(self, command: Command, mission_id: str | None, context: Context) -> Facts:
        gathered, facts = Needs(), Facts()
        while (asked := needs(command, mission_id, facts, context)) != gathered:
            gathered = asked
            facts = Facts(
                streams={stream: self.state(stream) for stream in asked.streams},
                tags={tag: tuple(self.tags.get(tag, ())) for tag in asked.tags},
            )
        return facts

    def state(self, stream: str) -> State | None:
        """What a stream adds up to."""
        known, state = self.folded.get(stream, (0, None))
        newer = self.streams.get(stream, [])[known:]
        if newer:
            state = fold_stream(stream, state, [recorded.event for recorded in newer])
            self.folded[stream] = (known + len(newer), state)
        return state

    def _record(self, filed: Filed, command: Command, context: Context, by: Actor | None) -> None:
        stored = filed.event.model_dump_json(by_alias=True).encode()
        recorded = Recorded(
            event=read_event(stored_topic(type(filed.event)), stored),
            stream=filed.stream,
            version=len(self.streams[filed.stream]) + 1,
            position=len(self.history) + 1,
            occurred_on=context.occurred_on(command),
            recorded_at=RECORDED_AT,
            actor=by or context.actor,
        )
        assert recorded.event == filed.event, "an event is read as it was written"
        self.history.append(recorded)
        self.streams[filed.stream].append(recorded)
        for tag in filed.tags:
            self.tags[tag].append(recorded)


def journal(name: str) -> list[bytes]:
    """The lines of a sample journal: `first-year`, `careless`."""
    return (DATA / f"{name}.jsonl").read_bytes().splitlines()


def expected(name: str) -> dict[str, object]:
    """What must come out of a sample journal."""
    figures: dict[str, object] = json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))
    return figures


DATA = Path(__file__).parent / "data"
