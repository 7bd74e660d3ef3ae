"""Carries out commands in batches: read what they need, decide, append; where history moved on, decide again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hmac import compare_digest
from time import perf_counter
from traceback import extract_tb
from types import TracebackType
from typing import TypeAlias

import structlog

from domain.billing.credit_notes import IssueCreditNote
from domain.billing.invoicing import IssueInvoices
from domain.calendar import WorkingCalendar
from domain.event import CommandRejected
from domain.streams import mission_stream
from service.decision import Decided, Decider
from service.history import AsOf, Memory
from service.store.door import Append, Appended, CommandIdReused, Conflict, Failure, Outcome, Replayed
from service.store.hashing import hmac_sha256
from service.store.keys import REQUESTS
from service.store.opening import sealed_row
from service.store.reader import AnsweredCommand
from service.store_connections import StoreConnections
from service.submission import Accepted, Contended, Submission, VersionConflict, answer

log = structlog.get_logger("relais.commands")

WINDOW = 200
"""Commands that are decided on one reading of history."""
TRIES = 20
"""How often a command is decided because others changed what it had read."""
PATIENCE = 500
"""How often a run is: it reads all missions of its clients, and days go on being delivered in them meanwhile."""
NUMBERING = (IssueInvoices, IssueCreditNote)
"""The commands that number documents: decided by one server at a time."""

Answer: TypeAlias = Accepted | Exception


@dataclass(slots=True)
class Asked:
    """A command that waits for its answer."""

    submission: Submission
    request_hash: bytes
    answer: Answer | None = None
    tries: int = 0

    @property
    def numbers(self) -> bool:
        """Whether it takes the next number of a series."""
        return isinstance(self.submission.command, NUMBERING)

    @property
    def may_try_again(self) -> bool:
        """Whether it is decided anew after others changed what it had read."""
        return self.tries < (PATIENCE if self.numbers else TRIES)


@dataclass(frozen=True, slots=True)
class Planned:
    """A command and what was decided, on its way to the door: a refusal goes there to hear whether it still stands."""

    asked: Asked
    decided: Decided

    def append(self, as_of: AsOf) -> Append:
        """What is asked of the door."""
        written = {event.stream for event in self.decided.events}
        return Append(
            self.decided.events,
            None if self.decided.refusal else self.asked.submission.command_id,
            self.asked.request_hash,
            {stream: version for stream, version in self.decided.stream_versions.items() if stream not in written},
            {tag: as_of.position(position) for tag, position in self.decided.tag_positions.items()},
        )


class Execution:
    """Answers batches of commands, one batch at a time."""

    def __init__(self, store: StoreConnections, calendar: WorkingCalendar) -> None:
        self._store = store
        self._memory = Memory(store.gatherer, store.seal, keep=store.keeper.keep)
        self._decider = Decider(store.reader, store.keys, calendar)

    def answers(self, submissions: Sequence[Submission], *, in_order: bool = False) -> list[Answer]:
        """Each command's answer, in order: accepted, or the reason why not. Recorded in that order too if asked for."""
        started = perf_counter()
        asked = [Asked(submission, self._hash(submission)) for submission in submissions]
        rounds = 0
        with self._numbering(asked):
            while waiting := [each for each in asked if each.answer is None]:
                with AnsweredByItsFailure(waiting[:WINDOW]):
                    self._round(waiting[:WINDOW], in_order)
                rounds += 1
        answers = [each.answer for each in asked if each.answer is not None]
        _report(asked, answers, rounds, perf_counter() - started)
        return answers

    @contextmanager
    def _numbering(self, asked: Sequence[Asked]) -> Iterator[None]:
        """Holds the series while documents are numbered; whoever cannot have them is told so, and nobody else."""
        with ExitStack() as held:
            numbering = [each for each in asked if each.numbers]
            if numbering:
                with AnsweredByItsFailure(numbering):
                    held.enter_context(self._store.series.held())
            yield

    def _round(self, waiting: Sequence[Asked], in_order: bool) -> None:
        """Answers what can be answered on one reading of history; the rest waits for the next."""
        submissions = [each.submission for each in waiting]
        likely = self._decider.likely_needs(submissions, self._memory)
        ids = {submission.command_id for submission in submissions if submission.command_id is not None}
        as_of, answered = self._memory.as_of_now(ids, likely)
        new = self._answer_repeated(waiting, answered)
        self._decider.prepare([each.submission for each in new], as_of)
        for step in _steps(self._plan(new, as_of), in_order):
            if not self._record(step, as_of):
                return

    def _answer_repeated(self, waiting: Sequence[Asked], answered: Mapping[str, AnsweredCommand]) -> list[Asked]:
        """Answers again what history answered before; returns the rest."""
        for each in waiting:
            before = answered.get(each.submission.command_id or "")
            if before is not None:
                with AnsweredByItsFailure([each]):
                    each.answer = self._repeated(each, before)
        return [each for each in waiting if each.answer is None]

    def _repeated(self, asked: Asked, answered: AnsweredCommand) -> Answer:
        if compare_digest(answered.request_hash, asked.request_hash):
            return self._replayed(asked.submission, answered.positions)
        return CommandIdReused(answered.command_id)

    def _plan(self, new: Iterable[Asked], as_of: AsOf) -> Iterator[Planned]:
        """Decides the commands one after the other, each on the facts that those before it bring."""
        accepted_ids: set[str] = set()
        for each in new:
            command_id = each.submission.command_id
            if command_id is not None and command_id in accepted_ids:
                continue  # it is answered once history has the first of that id
            decided = None
            with AnsweredByItsFailure([each]):
                decided = self._decider.decide(each.submission, as_of)
            if decided is not None:
                yield Planned(each, decided)
            if decided is not None and decided.refusal is None and command_id is not None:
                accepted_ids.add(command_id)

    def _record(self, step: Sequence[Planned], as_of: AsOf) -> bool:
        """Appends commands that do not touch each other; whether all that was expected came true."""
        outcomes = self._store.door.append_many([planned.append(as_of) for planned in step])
        for planned, outcome in zip(step, outcomes, strict=True):
            with AnsweredByItsFailure([planned.asked]):
                self._settle(planned, outcome, as_of)
        return all(isinstance(outcome, Appended) for outcome in outcomes)

    def _settle(self, planned: Planned, outcome: Outcome | Failure, as_of: AsOf) -> None:
        asked, expected = planned.asked, planned.decided.recorded
        match outcome:
            case Appended() if planned.decided.refusal is not None:
                asked.answer = planned.decided.refusal
            case Appended(positions=positions, recorded_at=recorded_at):
                as_of.recorded(expected, positions)
                events = tuple(
                    replace(event, position=position, recorded_at=recorded_at)
                    for event, position in zip(expected, positions, strict=True)
                )
                asked.answer = answer(_stream(asked.submission), events)
            case Replayed(positions=positions):
                asked.answer = self._replayed(asked.submission, positions)
            case Conflict() if asked.may_try_again:
                asked.tries += 1
            case Conflict():
                asked.answer = Contended(str(outcome))
            case _:
                asked.answer = outcome

    def _replayed(self, submission: Submission, positions: Sequence[int]) -> Accepted:
        events = tuple(sealed_row(row) for row in self._store.reader.read_positions(positions)) if positions else ()
        return answer(_stream(submission), events, replayed=True)

    def _hash(self, submission: Submission) -> bytes:
        """Tells the same request from another, and nobody what it was."""
        return hmac_sha256(self._store.keys.network_secret(REQUESTS), submission.request)


class AnsweredByItsFailure:
    """Whatever fails is the answer of the commands that it failed for, and of no others."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        if not isinstance(error, (CommandRejected, VersionConflict, ConnectionError)):
            _report_failure(error, trace)
        for each in self._asked:
            each.answer = each.answer or error
        return True


def _steps(planned: Iterable[Planned], in_order: bool) -> list[list[Planned]]:
    """Commands that may go through the door together: none reads or writes what another of them writes.

    In order, none goes through before one that was given before it.
    """
    steps: list[list[Planned]] = []
    read_in: dict[str, int] = {}
    written_in: dict[str, int] = {}
    for each in planned:
        reads, writes = each.decided.reads(), each.decided.writes()
        after = [written_in[name] for name in reads | writes if name in written_in]
        after += [read_in[name] for name in writes if name in read_in]
        number = max(after, default=-1) + 1
        if in_order:
            number = max(number, len(steps) - 1)
        written_in |= dict.fromkeys(writes, number)
        read_in |= {name: max(number, read_in.get(name, 0)) for name in reads}
        steps.extend([] for _ in range(number + 1 - len(steps)))
        steps[number].append(each)
    return steps


def _stream(submission: Submission) -> str | None:
    return None if submission.mission_id is None else mission_stream(submission.mission_id)


def _report_failure(error: Exception, trace: TracebackType | None) -> None:
    """Names the place and not the words: an error's text may quote what was being recorded."""
    place = extract_tb(trace)[-1] if trace else None
    where = f"{place.name}:{place.lineno}" if place else None
    log.error("command_failed", error=type(error).__name__, where=where)


def _report(asked: Sequence[Asked], answers: Sequence[Answer], rounds: int, seconds: float) -> None:
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    refused = Counter(
        answer.code if isinstance(answer, CommandRejected) else type(answer).__name__
        for answer in answers
        if isinstance(answer, Exception)
    )
    log.info(
        "commands_answered",
        commands=len(answers),
        accepted=len(accepted),
        replayed=sum(answer.replayed for answer in accepted),
        refused=dict(refused),
        conflicts=sum(each.tries for each in asked),
        rounds=rounds,
        position=max((answer.position for answer in accepted), default=None),
        milliseconds=round(seconds * 1000, 1),
    )
