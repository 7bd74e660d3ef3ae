"""Given, when, then: a network in memory that decides and folds exactly as the service does, without a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from domain.calendar import WorkingCalendar
from domain.deciding import decide, fold_stream, needs
from domain.event import Actor, Command, CommandRejected, Context, Event, Filed, Recorded, Role, State
from domain.facts import Facts, Needs
from domain.mission.events import MissionEvent
from domain.mission.filing import filed
from domain.mission.state import Mission
from domain.permissions import refuse_if_not_allowed
from domain.streams import mission_stream

ADMIN = Actor(Role.NETWORK_ADMIN, "reseau")
CALENDAR = WorkingCalendar("FR-NC")


@dataclass
class Network:
    """History in memory: what was recorded, by stream and by tag, and what each stream adds up to."""

    today: date = date(2026, 3, 31)
    actor: Actor = ADMIN
    recorded: list[Recorded[Event]] = field(default_factory=list)
    states: dict[str, State | None] = field(default_factory=dict)
    tags: dict[str, list[Recorded[Event]]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        """Who asks, and on which date."""
        return Context(self.today, self.actor, CALENDAR)

    def do(self, command: Command, mission_id: str | None = None) -> list[Event]:
        """Carries a command out, or raises what stands in its way; a decision sees what it needs and nothing else."""
        facts = self.facts_for(command, mission_id)
        refuse_if_not_allowed(command, facts, self.context, mission_id)
        decided = decide(command, mission_id, facts, self.context)
        on = self.context.occurred_on(command)
        for fact in decided:
            self.record(fact, on)
        return [fact.event for fact in decided]

    def facts_for(self, command: Command, mission_id: str | None = None) -> Facts:
        """What the command needs, gathered until it asks for nothing new."""
        needed, facts = Needs(), Facts()
        while True:
            asked = needs(command, mission_id, facts, self.context)
            needed = Needs(needed.streams | asked.streams, needed.tags | asked.tags)
            gathered = Facts(
                {stream: self.states.get(stream) for stream in needed.streams},
                {tag: tuple(self.tags.get(tag, ())) for tag in needed.tags},
            )
            if gathered.streams.keys() == facts.streams.keys() and gathered.tags.keys() == facts.tags.keys():
                return facts
            facts = gathered

    def record(self, fact: Filed, on: date | None = None) -> None:
        """Takes an event into history."""
        version = self.versions.get(fact.stream, 0) + 1
        instant = datetime.combine(self.today, time(12), UTC) + timedelta(microseconds=len(self.recorded))
        recorded = Recorded(
            fact.event, fact.stream, version, len(self.recorded) + 1, on or self.today, instant, self.actor
        )
        self.recorded.append(recorded)
        self.versions[fact.stream] = version
        self.states[fact.stream] = fold_stream(fact.stream, self.states.get(fact.stream), [fact.event])
        for tag in fact.tags:
            self.tags.setdefault(tag, []).append(recorded)

    def mission(self, mission_id: str) -> Mission:
        """A mission that was signed."""
        mission = self.states[mission_stream(mission_id)]
        assert isinstance(mission, Mission)
        return mission


@dataclass
class Scenario:
    """Commands that went before, one that is tried, and what came of it."""

    network: Network
    events: Sequence[Event] = ()
    rejection: CommandRejected | None = None

    def facts_of(self, mission_id: str) -> Facts:
        """What is known of a mission alone."""
        stream = mission_stream(mission_id)
        return Facts({stream: self.network.states.get(stream)})

    def given(self, *commands: Command, mission: str | None = "M-1") -> Self:
        """What was done before."""
        for command in commands:
            self.network.do(command, mission)
        return self

    def given_event(self, event: MissionEvent, mission: str = "M-1") -> Self:
        """What another decision made of the mission."""
        self.network.record(filed(self.network.mission(mission), event))
        return self

    def on(self, today: date) -> Self:
        """The date changes."""
        self.network.today = today
        return self

    def by(self, actor: Actor) -> Self:
        """Somebody else asks."""
        self.network.actor = actor
        return self

    def when(self, command: Command, mission: str | None = "M-1") -> Self:
        """What is tried now."""
        before = len(self.network.recorded)
        self.events, self.rejection = (), None
        try:
            self.events = self.network.do(command, mission)
        except CommandRejected as rejection:
            self.rejection = rejection
            assert len(self.network.recorded) == before, "a refusal records nothing"
        return self

    def then(self, *events: Event) -> Self:
        """Exactly these facts were recorded."""
        assert self.rejection is None, f"rejected: {self.rejection}"
        assert list(self.events) == list(events)
        return self

    def then_done(self) -> Self:
        """It was done, whatever the words."""
        assert self.rejection is None, f"rejected: {self.rejection!r}"
        return self

    def then_rejected(self, why: type[CommandRejected], *names: str) -> Self:
        """That very fact stood in the way, and its words name these things."""
        assert isinstance(self.rejection, why), f"expected {why.code}, got {self.rejection!r} and {self.events}"
        assert self.rejection.detail
        assert [name for name in names if name not in self.rejection.detail] == []
        return self
