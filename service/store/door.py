"""The one door into history: commands that wait at the same time go through together, each whole, in one commit."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from threading import Lock
from types import TracebackType
from typing import Final, Self

import psycopg

from service.store.appending import (
    STATEMENT,
    Append,
    Appended,
    AppendRefused,
    CommandIdReused,
    Conflict,
    Failure,
    NewEvent,
    Outcome,
    OutcomeUnknown,
    Replayed,
    encoded,
    outcomes,
)
from service.store.bell import Bell
from service.store.connections import ConnectionLost, DatabaseUnreachable, DeadlineExceeded, Line, NotDurable

LARGEST_GROUP: Final = 500
"""As many requests go through in one commit at most: the others' wait stays short."""


class Door:
    """Where any number of threads append. A lone caller goes straight through; others are drained by whoever leads."""

    def __init__(
        self, conninfo: str, *, deadline: float = 10.0, durable: bool = True, bell: Bell | None = None
    ) -> None:
        self._line = Line(conninfo, {"append": STATEMENT}, name="relais door", deadline=deadline, durable=durable)
        self._bell = bell or Bell(conninfo)
        self._mutex = Lock()
        self._queue: deque[_Waiting] = deque()
        self._led = False

    def append(self, request: Append) -> Outcome:
        """Records one request; raises the `Failure` that stood in the way."""
        outcome = self.append_many([request])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def append_many(self, requests: Sequence[Append]) -> list[Outcome | Failure]:
        """Each request's own outcome, in order. Requests that touch each other go one after the other."""
        turn = _Turn(requests)
        with self._mutex:
            self._queue.extend(turn.waiting)
            leads = bool(requests) and not self._led
            if leads:
                self._led = True
            else:
                turn.signal.acquire()
        if not leads and requests:
            turn.signal.acquire()  # released when all is settled, or when it is this caller's turn to lead
            leads = turn.left > 0
        if leads:
            self._lead(turn)
        return [waiting.outcome for waiting in turn.waiting]

    def close(self) -> None:
        """Gives the connections back."""
        self._bell.close()
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lead(self, turn: _Turn) -> None:
        """Drains the queue in groups until this caller's own requests are settled, then hands over."""
        try:
            while turn.left:
                group = self._next_group()
                try:
                    self._pass(group)
                finally:
                    _settle(group, turn)
        finally:
            self._hand_over(turn)

    def _hand_over(self, turn: _Turn) -> None:
        with self._mutex:
            if turn.left:  # interrupted: nobody waits for the rest any more
                self._queue = deque(waiting for waiting in self._queue if waiting.turn is not turn)
            if self._queue:
                self._queue[0].turn.signal.release()
            else:
                self._led = False

    def _next_group(self) -> list[_Waiting]:
        """The first who waits, and all who can go along without touching the same things."""
        with self._mutex:
            queue = self._queue
            if len(queue) == 1:
                return [queue.popleft()]
            group: list[_Waiting] = []
            later: list[_Waiting] = []
            touched = _Touched()
            while queue and len(group) < LARGEST_GROUP:
                waiting = queue.popleft()
                (group if touched.take(waiting.request) else later).append(waiting)
            queue.extendleft(reversed(later))
            return group

    def _pass(self, group: list[_Waiting]) -> None:
        try:
            self._exchange(group)
        except psycopg.Error as refusal:
            if len(group) > 1:  # one of them is at fault: the others shall not suffer for it
                for waiting in group:
                    self._pass([waiting])
            else:
                group[0].outcome = AppendRefused(f"nothing was recorded: {refusal.diag.message_primary}")
        except DeadlineExceeded as silence:
            _fail(group, OutcomeUnknown(f"{silence}: {OutcomeUnknown.__doc__}"))
        except ConnectionLost as loss:
            self._ask_again(group, OutcomeUnknown(f"{loss}: {OutcomeUnknown.__doc__}"))
        except (DatabaseUnreachable, NotDurable) as trouble:
            _fail(group, trouble)

    def _ask_again(self, group: list[_Waiting], unknown: OutcomeUnknown) -> None:
        """After a lost reply: a command id finds its own answer, anything else could be recorded twice."""
        _fail(group, unknown)
        known_by_id = [waiting for waiting in group if waiting.request.command_id is not None]
        if known_by_id:
            try:
                self._exchange(known_by_id)
            except (psycopg.Error, ConnectionError, NotDurable):
                return

    def _exchange(self, group: list[_Waiting]) -> None:
        """One round trip for the whole group."""
        requests = [waiting.request for waiting in group]
        added = False
        answers = outcomes(requests, self._line.call("append", encoded(requests)))
        for waiting, outcome in zip(group, answers, strict=True):
            waiting.outcome = outcome
            added = added or isinstance(outcome, Appended)
        if added:
            self._bell.ring()


class _Turn:
    """One caller, and the requests it waits for."""

    __slots__ = ("left", "signal", "waiting")

    def __init__(self, requests: Sequence[Append]) -> None:
        self.waiting = [_Waiting(request, self) for request in requests]
        self.left = len(self.waiting)
        self.signal = Lock()


class _Waiting:
    """One request in the queue, and what became of it."""

    __slots__ = ("outcome", "request", "turn")

    def __init__(self, request: Append, turn: _Turn) -> None:
        self.request = request
        self.turn = turn
        self.outcome: Outcome | Failure = OutcomeUnknown("the call was interrupted")


class _Touched:
    """What a group of requests reads and writes, so that no two of them depend on each other."""

    def __init__(self) -> None:
        self._written: set[str] = set()
        self._read: set[str] = set()
        self._tagged: set[str] = set()
        self._conditions: set[str] = set()
        self._ids: set[str] = set()

    def take(self, request: Append) -> bool:
        """Whether a request may go along; if not, nor may those after it that depend on it."""
        written = {event.stream for event in request.events}
        tagged = {tag for event in request.events for tag in event.tags}
        depends = (
            request.command_id in self._ids
            or not self._written.isdisjoint(written)
            or not self._written.isdisjoint(request.stream_versions)
            or not self._read.isdisjoint(written)
            or not self._conditions.isdisjoint(tagged)
            or not self._tagged.isdisjoint(request.tag_positions)
        )
        self._written |= written
        self._read.update(request.stream_versions)
        self._tagged |= tagged
        self._conditions.update(request.tag_positions)
        if request.command_id is not None:
            self._ids.add(request.command_id)
        return not depends


def _settle(group: Iterable[_Waiting], leading: _Turn) -> None:
    for waiting in group:
        turn = waiting.turn
        turn.left -= 1
        if not turn.left and turn is not leading:
            turn.signal.release()


def _fail(group: Iterable[_Waiting], failure: Failure) -> None:
    for waiting in group:
        waiting.outcome = failure


__all__ = [
    "Append",
    "AppendRefused",
    "Appended",
    "CommandIdReused",
    "Conflict",
    "DatabaseUnreachable",
    "Door",
    "Failure",
    "NewEvent",
    "NotDurable",
    "Outcome",
    "OutcomeUnknown",
    "Replayed",
]
