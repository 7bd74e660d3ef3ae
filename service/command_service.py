"""The writing bank: any number of callers hand in commands, one batch at a time is decided and recorded."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Self

import structlog

from domain.calendar import WorkingCalendar
from service.execution import WINDOW, Answer, Execution
from service.forgetting import Forgetting
from service.store_connections import StoreConnections
from service.submission import Accepted, Submission

log = structlog.get_logger(__name__)


class CommandService:
    """Decides commands and records what they bring. Callers on any thread; several servers may share a history.

    Who is forgotten is looked for in all of history: only whoever asked for it waits for that, and no other command.
    """

    def __init__(self, store: StoreConnections, calendar: WorkingCalendar) -> None:
        self._store = store
        self._execution = Execution(store, calendar)
        self._turn = Lock()
        self._waiting: deque[tuple[Submission, Future[Accepted]]] = deque()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="relais-writer")
        self._forgetter = ThreadPoolExecutor(1, thread_name_prefix="relais-forgetter")

    @classmethod
    def on(cls, database_url: str, keys_url: str, calendar: WorkingCalendar, *, durable: bool = True) -> CommandService:
        """The service on a history and its keys. `durable=False` is for throw-away databases."""
        return cls(StoreConnections.to(database_url, keys_url, durable=durable), calendar)

    @property
    def forgetting(self) -> Forgetting:
        """What carries out here that a person is forgotten."""
        return self._store.forgetting

    def execute(self, submission: Submission) -> Accepted:
        """Carries out one command, or raises what stood in its way. A lone caller does not wait for the writer."""
        if self._waiting or not self._turn.acquire(blocking=False):
            return self.submit(submission).result()
        try:
            answer = self._execution.answers([submission])[0]
        finally:
            self._turn.release()
        answer = self._carried_out(answer)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def execute_many(self, submissions: Sequence[Submission]) -> list[Answer]:
        """Carries out commands one after the other, each accepted or refused by itself; history has their order."""
        answers: list[Answer] = []
        for start in range(0, len(submissions), WINDOW):
            with self._turn:
                answered = self._execution.answers(submissions[start : start + WINDOW], in_order=True)
            answers += map(self._carried_out, answered)
        return answers

    def submit(self, submission: Submission) -> Future[Accepted]:
        """Hands a command to the writer, which carries out all that wait together."""
        future: Future[Accepted] = Future()
        self._waiting.append((submission, future))
        self._writer.submit(self._drain)
        return future

    def close(self) -> None:
        """Carries out what waits, then gives everything back."""
        self._writer.shutdown()
        self._forgetter.shutdown()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _drain(self) -> None:
        with self._turn:
            batch = self._next_batch()
            untold = deque(future for _, future in batch)
            try:
                answers = self._execution.answers([submission for submission, _ in batch]) if batch else []
                for answer in answers:
                    self._tell(untold[0], answer)
                    untold.popleft()
            finally:
                for future in untold:
                    future.set_exception(sys.exception() or RuntimeError("a command was left without an answer"))

    def _tell(self, future: Future[Accepted], answer: Answer) -> None:
        """Answers whoever waits; where it says that somebody is forgotten, once they are."""
        if isinstance(answer, Exception):
            future.set_exception(answer)
        elif Forgetting.concerns(answer.events):
            forgotten = self._forgetter.submit(self.forgetting.carry_out, answer.events)
            forgotten.add_done_callback(partial(_tell_afterwards, future, answer))
        else:
            future.set_result(answer)

    def _carried_out(self, answer: Answer) -> Answer:
        """The same answer, once those who it says are forgotten are; what stood in the way is the answer instead."""
        if isinstance(answer, Exception) or not Forgetting.concerns(answer.events):
            return answer
        told: Future[Accepted] = Future()
        self._tell(told, answer)
        error = told.exception()
        return error if isinstance(error, Exception) else told.result()

    def _next_batch(self) -> list[tuple[Submission, Future[Accepted]]]:
        batch: list[tuple[Submission, Future[Accepted]]] = []
        while self._waiting and len(batch) < WINDOW:
            submission, future = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                batch.append((submission, future))
        return batch


def _tell_afterwards(future: Future[Accepted], accepted: Accepted, forgotten: Future[bool]) -> None:
    error = forgotten.exception()
    if error is None:
        future.set_result(accepted)
    else:
        log.error("forgetting_interrupted", error=type(error).__name__)
        future.set_exception(error)
