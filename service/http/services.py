"""What the routes stand on, built by the composition root and handed in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import Response

from domain.calendar import WorkingCalendar
from projections.kpi.figures import WORKING_DAYS
from projections.network.signals import Thresholds
from service.calendars.links import CalendarLinks
from service.http.questions import Questions
from service.http.records import Records
from service.projections.progress import Progress
from service.proof.bundles import Bundles
from service.proof.entries import Entries
from service.proof.log import Log
from service.submission import Accepted, Submission


class Commands(Protocol):
    """The writing bank: it takes a command, and answers when history has it or says why not."""

    def submit(self, submission: Submission) -> Future[Accepted]: ...


@dataclass(frozen=True)
class Services:
    """Everything that HTTP needs of the rest of the service."""

    commands: Commands
    questions: Questions
    records: Records
    progress: Progress
    token_key: OctKey
    clock: Callable[[], datetime]
    """The instant, with an offset."""
    zone: ZoneInfo
    working_days: int = WORKING_DAYS
    """What a full-time person works in a year."""
    log: Log | None = None
    """The sealed log; None where none is read."""
    bundles: Bundles | None = None
    """Makes proofs of what is sealed; None where no log is read."""
    entries: Entries | None = None
    """The blinded entries of what is sealed; None where no log is read."""
    holidays: WorkingCalendar = field(default_factory=WorkingCalendar)
    """The territory's public holidays."""
    links: CalendarLinks | None = None
    """The secret links to calendars; without them, none is given out and none opens."""
    chart_of_accounts: Path | None = None
    """The network's own chart of accounts, where it has one."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    """After how many days each weak signal stands."""

    answers: OrderedDict[object, Response] = field(default_factory=OrderedDict)
    """What was answered of the network, by question and position."""

    def today(self) -> date:
        """The date in the network's time zone."""
        return self.clock().astimezone(self.zone).date()


def services_of(request: Request) -> Services:
    """The services that this application was built with."""
    return cast("Services", request.app.state.services)
