"""A server of its own that bills: `python -m tests.service.billing_server HISTORY KEYS bills|stalls`.

`bills` asks for a run on each of four services at once, and prints the answers and how often they were decided anew.
`stalls` decides a run and stands still at the door, with everything in hand, until it is killed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import structlog
from structlog.testing import capture_logs
from typing_extensions import override

from domain.calendar import WorkingCalendar
from service.command_service import CommandService
from service.store.door import Append, Door, Failure, Outcome
from service.store_connections import StoreConnections
from tests.service.commands_by_hand import asked

SERVICES = 4
RUN = asked("issue_invoices", month="2026-03", issued_on="2026-03-31")


def say(line: str) -> None:
    """Tells whoever started this server."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class StandsStill(Door):
    """A door that is never gone through."""

    @override
    def append_many(self, appends: Sequence[Append]) -> list[Outcome | Failure]:
        say("at the door")
        sys.stdin.read()
        raise AssertionError(f"{len(appends)} appends, and nobody killed this server")


def stall(history: str, keys: str) -> None:
    door = StandsStill(history, durable=False)
    with CommandService(StoreConnections.to(history, keys, durable=False, door=door), WorkingCalendar()) as service:
        service.execute(RUN)


def bill(history: str, keys: str) -> None:
    services = [CommandService.on(history, keys, WorkingCalendar(), durable=False) for _ in range(SERVICES)]
    say("ready")
    sys.stdin.readline()
    with capture_logs() as logs, ThreadPoolExecutor(SERVICES) as at_once:
        answers = list(at_once.map(lambda service: service.execute_many([replace(RUN)])[0], services))
    conflicts = sum(line["conflicts"] for line in logs if line["event"] == "commands_answered")
    say(json.dumps({"answers": [type(answer).__name__ for answer in answers], "conflicts": conflicts}))
    for service in services:
        service.close()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    (bill if sys.argv[3] == "bills" else stall)(sys.argv[1], sys.argv[2])
