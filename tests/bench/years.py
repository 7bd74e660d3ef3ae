"""Years of a network's work: what its cadres and clients ask for, date after date, each command decided by the domain.

The domain decides as it does in the service. What is over and billed is left out of what it is given, so that a command
of the last year is decided as fast as one of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, count, zip_longest

from typing_extensions import override

from domain.billing.events import InvoiceIssued
from domain.billing.series import invoice_tag
from domain.calendar import WorkingCalendar
from domain.commands import COMMANDS
from domain.deciding import decide, fold_stream
from domain.event import Actor, Command, Context, Event, Filed, Recorded, Role, State
from domain.facts import Facts
from domain.mission.state import Days, DayStatus, ExpenseStatus, Mission
from service.submission import Submission
from tests.bench import programme
from tests.bench.programme import NETWORK, Asked, Size

ADMIN = Actor(Role.NETWORK_ADMIN)
CALENDAR = WorkingCalendar()


@dataclass(frozen=True, slots=True)
class Deed:
    """A command as an import gives it, and the facts that it makes."""

    submission: Submission
    filed: tuple[Filed, ...]


class Found(dict[str, tuple[Recorded[Event], ...]]):
    """What was found by tags: every tag was looked up, most without finding anything."""

    @override
    def __contains__(self, tag: object) -> bool:
        return True

    def __missing__(self, tag: str) -> tuple[Recorded[Event], ...]:
        return ()


class Years:
    """A network that works from its first date to its last: the same commands each time, in the same order."""

    def __init__(self, size: Size = NETWORK) -> None:
        self._plans = programme.plans(size)
        self._size = size
        self._states: dict[str, State | None] = {}
        self._found = Found()
        self._unpaid: dict[date, list[InvoiceIssued]] = {}
        self._number = count(1)

    def deeds(self) -> Iterator[Deed]:
        """All that happens, in order."""
        for asked in programme.registrations(self._size):
            yield self._do(asked, self._size.first)
        on = self._size.first
        while on <= self._size.last:
            yield from self._date(on)
            on += timedelta(days=1)

    def _date(self, on: date) -> Iterator[Deed]:
        """Each mission does its first thing of the date, then each its second, and so on."""
        works = CALENDAR.is_working_day(on)
        ends = (on + timedelta(days=1)).day == 1
        rounds = zip_longest(*(tuple(plan.on(on, works=works, ends=ends)) for plan in self._plans))
        for asked in chain.from_iterable(rounds):
            if asked is not None:
                yield self._do(asked, on)
        for invoice in self._unpaid.pop(on, ()):
            yield self._do(programme.payment_of(invoice, on), on)
            self._found.pop(invoice_tag(invoice.invoice_number), None)
        if ends:
            run = self._do(programme.billing_of(on), on)
            if run.filed:
                yield run
            self._await_payment(filed.event for filed in run.filed)
            self._let_go()

    def _await_payment(self, issued: Iterable[Event]) -> None:
        for event in issued:
            if isinstance(event, InvoiceIssued) and (paid_on := programme.paid_on(event)) is not None:
                self._unpaid.setdefault(paid_on, []).append(event)

    def _let_go(self) -> None:
        """What is billed is not asked about again, nor a cadre's dates of a month that is over."""
        for stream, state in self._states.items():
            if isinstance(state, Mission):
                self._states[stream] = replace(
                    state,
                    days=Days({name: day for name, day in state.days.items() if day.status is not DayStatus.INVOICED}),
                    expenses={
                        name: each for name, each in state.expenses.items() if each.status is ExpenseStatus.RECORDED
                    },
                )
        for tag in [tag for tag in self._found if tag.startswith(("day:", "cadre-day:", "payer:"))]:
            del self._found[tag]

    def _do(self, asked: Asked, on: date) -> Deed:
        name, mission_id, by, fields = asked
        command = COMMANDS[name].model_validate(fields)
        context = Context(on, ADMIN, CALENDAR)
        filed = tuple(decide(command, mission_id, Facts(self._states, self._found), context))
        submission = self._submission(command, mission_id, by, on)
        for fact in filed:
            self._states[fact.stream] = fold_stream(fact.stream, self._states.get(fact.stream), [fact.event])
            recorded = Recorded(fact.event, fact.stream, 0, 0, on, NEVER, ADMIN)
            for tag in fact.tags:
                self._found[tag] = (*self._found[tag], recorded)
        return Deed(submission, filed)

    def _submission(self, command: Command, mission_id: str | None, by: Actor, on: date) -> Submission:
        line = f"journal:years-{next(self._number)}"
        return Submission(
            command=command,
            mission_id=mission_id,
            actor=ADMIN,
            claimed_by=by,
            claimed_at=datetime.combine(on, time(7), UTC),
            today=on,
            command_id=line,
            request=command.model_dump_json().encode(),
            correlation_id=line,
        )


NEVER = datetime.min.replace(tzinfo=UTC)
