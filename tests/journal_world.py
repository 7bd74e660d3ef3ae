"""A journal carried out in memory: the domain's decisions, line by line, over the network of tests/scenario.py."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.event import CommandRejected, Event
from service.journal_lines import Line, Malformed, parse
from tests.scenario import Network

DATA = Path(__file__).parent / "data"
NOUMEA = ZoneInfo("Pacific/Noumea")

ACCEPTED = "accepted"
REPEATED = "repeated"


@dataclass
class World:
    """A network, and what became of each line of the journals that it read."""

    network: Network = field(default_factory=Network)
    accepted_ids: dict[str, bytes] = field(default_factory=dict)
    verdicts: dict[int, str] = field(default_factory=dict)
    details: dict[int, str] = field(default_factory=dict)

    def run(self, lines: Iterable[bytes]) -> World:
        """Carry out the lines in their order."""
        for number, text in enumerate(lines, start=1):
            if text.strip():
                self.verdicts[number] = self._line(Line(number, text))
        return self

    def count(self, verdict: str) -> int:
        """How many lines fared so."""
        return sum(1 for each in self.verdicts.values() if each == verdict)

    def events(self) -> list[Event]:
        """All that happened, in order."""
        return [recorded.event for recorded in self.network.recorded]

    def _line(self, line: Line) -> str:
        try:
            entry = parse(line)
        except Malformed as malformed:
            self.details[line.number] = str(malformed)
            return "malformed"
        if entry.id in self.accepted_ids:
            return REPEATED if self.accepted_ids[entry.id] == entry.content else "idempotency_key_reused"
        self.network.today = entry.at.astimezone(NOUMEA).date()
        try:
            self.network.do(entry.command, entry.mission_id)
        except CommandRejected as rejected:
            self.details[line.number] = rejected.detail
            return rejected.code
        self.accepted_ids[entry.id] = entry.content
        return ACCEPTED


def journal(name: str) -> list[bytes]:
    """The lines of a sample journal: `first-year`, `careless`."""
    return (DATA / f"{name}.jsonl").read_bytes().splitlines()


def expected(name: str) -> dict[str, Any]:
    """What must come out of a sample journal."""
    figures: dict[str, Any] = json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))
    return figures
