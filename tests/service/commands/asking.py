"""Asks servers for commands, and tells what they said; and doors at which things go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from typing_extensions import override

from domain.calendar import WorkingCalendar
from domain.event import CommandRejected
from service.command_service import CommandService
from service.store.door import Append, CommandIdReused, Conflict, Door, Failure, Outcome, OutcomeUnknown
from service.store_connections import StoreConnections
from service.submission import Accepted, Submission, VersionConflict
from tests.servers import Database


def started_on(database: Database) -> CommandService:
    return CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False)


def accepted(answers: Sequence[Accepted | Exception]) -> list[Accepted]:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [answer for answer in answers if isinstance(answer, Accepted)]


def verdict(answer: Accepted | Exception) -> str:
    return answer.code if isinstance(answer, CommandRejected) else type(answer).__name__


def outcome(service: CommandService, submission: Submission) -> Accepted | Exception:
    try:
        return service.execute(submission)
    except (CommandRejected, CommandIdReused, VersionConflict) as refusal:
        return refusal


def in_parallel(calls: Sequence[Callable[[], Accepted | Exception]]) -> list[Accepted | Exception]:
    start = Barrier(len(calls))

    def call(ask: Callable[[], Accepted | Exception]) -> Accepted | Exception:
        start.wait()
        return ask()

    with ThreadPoolExecutor(len(calls)) as callers:
        return list(callers.map(call, calls))


class IsOvertaken(Door):
    """Somebody else gets through between the decision and the append, once."""

    meanwhile: Callable[[], object] | None = None

    @override
    def append_many(self, requests: Sequence[Append]) -> list[Outcome | Failure]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().append_many(requests)


class LosesItsFirstReply(Door):
    """Records, and breaks before it says so, once."""

    lost = False

    @override
    def append_many(self, requests: Sequence[Append]) -> list[Outcome | Failure]:
        answers = super().append_many(requests)
        if self.lost:
            return answers
        self.lost = True
        return [OutcomeUnknown("the connection broke") for _ in answers]


class AlwaysTooLate(Door):
    """Somebody else was always faster."""

    tries = 0

    @override
    def append_many(self, requests: Sequence[Append]) -> list[Outcome | Failure]:
        self.tries += 1
        return [Conflict({}, {}) for _ in requests]


def service_behind(door: Door, database: Database) -> CommandService:
    store = StoreConnections.to(database.app_url, database.keys_url, durable=False, door=door)
    return CommandService(store, WorkingCalendar())
