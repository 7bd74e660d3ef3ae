"""The journal: commands given elsewhere, one a line, brought into history in their order (contract, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo

from domain.event import Actor, CommandRejected, Role
from service.journal_lines import Entry, Line, Malformed, parse, read_lines
from service.store.door import CommandIdReused
from service.submission import Accepted, Submission

BATCH = 200
"""Lines that go through the door together: enough to share one flush of the disk, few enough to show progress."""


class Verdict(StrEnum):
    """What became of a line."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line, and for a refused one why and what to do."""

    line: int
    verdict: Verdict
    code: str = ""
    detail: str = ""

    def report(self) -> str:
        """The line as the report on standard output has it."""
        return f"line {self.line}: {self.code}: {self.detail}"


class Interrupted(Exception):
    """The import broke off at a line: nothing is known of it and of what comes after until it is imported again."""

    def __init__(self, line: int, reason: Exception) -> None:
        super().__init__(f"broke off at line {line}: {reason}")


class Commands(Protocol):
    """What an import needs of the command service."""

    def execute_many(self, submissions: Sequence[Submission]) -> Sequence[Accepted | Exception]: ...


def run_import(
    source: BinaryIO,
    commands: Commands,
    now: Callable[[], datetime],
    timezone: ZoneInfo,
    *,
    stop_on_refusal: bool = False,
) -> Iterator[Outcome]:
    """Carry out a journal's lines in their order, and say of each what became of it."""
    for lines in _batches(read_lines(source), 1 if stop_on_refusal else BATCH):
        for outcome in _carry_out(lines, commands, now(), timezone):
            yield outcome
            if stop_on_refusal and outcome.verdict is Verdict.REFUSED:
                return


def _batches(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    batch: list[Line] = []
    for line in lines:
        batch.append(line)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _carry_out(lines: Sequence[Line], commands: Commands, now: datetime, timezone: ZoneInfo) -> Iterator[Outcome]:
    read = [_read(line, now) for line in lines]
    entries = [entry for entry in read if isinstance(entry, Entry)]
    answers = iter(commands.execute_many([submission(entry, timezone) for entry in entries]) if entries else ())
    for entry in read:
        yield _outcome(entry.number, next(answers)) if isinstance(entry, Entry) else entry


def _read(line: Line, now: datetime) -> Entry | Outcome:
    try:
        entry = parse(line)
    except Malformed as malformed:
        return Outcome(line.number, Verdict.REFUSED, "malformed", str(malformed))
    if entry.at > now:
        detail = f"`at` says {entry.at.isoformat()}, which is later than now; correct the date, or import it then"
        return Outcome(line.number, Verdict.REFUSED, "in_the_future", detail)
    return entry


def _outcome(number: int, answer: Accepted | Exception) -> Outcome:
    match answer:
        case Accepted(replayed=True):
            return Outcome(number, Verdict.REPEATED)
        case Accepted():
            return Outcome(number, Verdict.ACCEPTED)
        case CommandRejected():
            return Outcome(number, Verdict.REFUSED, answer.code, answer.detail)
        case CommandIdReused():
            detail = "a line of this id was accepted with another content; give the changed line an id of its own"
            return Outcome(number, Verdict.REFUSED, "idempotency_key_reused", detail)
        case _:
            raise Interrupted(number, answer) from answer


def submission(entry: Entry, timezone: ZoneInfo) -> Submission:
    """The command as the service takes it: with the network's own rights, and the line's `by` and `at` as claims."""
    return Submission(
        command=entry.command,
        mission_id=entry.mission_id,
        actor=Actor(Role.NETWORK_ADMIN),
        claimed_by=entry.by,
        claimed_at=entry.at,
        today=_date_in(timezone, entry.at),
        command_id=f"journal:{entry.id}",
        request=entry.content,
        expected_version=None,
        correlation_id=f"journal:{entry.id}",
        principal=None,
    )


def _date_in(timezone: ZoneInfo, at: datetime) -> date:
    return at.astimezone(timezone).date()
