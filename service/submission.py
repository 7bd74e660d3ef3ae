"""What is handed to the service to be decided, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.event import Actor, Command, Event, Recorded


@dataclass(frozen=True, slots=True)
class Submission:
    """A command, with all that is known of who gives it and how."""

    command: Command
    mission_id: str | None
    actor: Actor
    """Whose rights count."""
    claimed_by: Actor | None
    """For an import, whom the journal names: kept, and without rights."""
    claimed_at: datetime | None
    today: date
    command_id: str | None
    request: bytes
    """The request in one spelling, so that a command id that comes again is known for the same request or another."""
    expected_version: int | None = None
    correlation_id: str | None = None
    principal: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a command added to history; the same again whenever the command is repeated."""

    stream: str
    """The stream that the command is about; empty where it added nothing."""
    version: int
    position: int
    positions: tuple[int, ...]
    events: tuple[Recorded[Event], ...]
    replayed: bool = False


class VersionConflict(Exception):
    """The command was written for another version of what it changes."""

    def __init__(self, stream: str, expected: int, current: int) -> None:
        super().__init__(f"{stream} is at version {current}, not {expected}: read it again and decide anew")
        self.stream, self.expected, self.current = stream, expected, current


class Contended(Exception):
    """Others changed the same things faster than the command could be decided. Nothing was recorded: ask again."""


def answer(stream: str | None, events: tuple[Recorded[Event], ...], *, replayed: bool = False) -> Accepted:
    """The answer to a command, from what it recorded."""
    if not events:
        return Accepted("", 0, 0, (), (), replayed)
    about = next((event for event in reversed(events) if event.stream == (stream or events[0].stream)), events[-1])
    positions = tuple(event.position for event in events)
    return Accepted(about.stream, about.version, positions[-1], positions, events, replayed)
