"""Small histories of one mission, told day by day, for figures that are worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.billing.credit_notes import IssueCreditNote
from domain.billing.invoicing import IssueInvoices
from domain.event import Command, Event, Recorded
from projections.kpi.billed import DOCUMENTS
from service.results.held import held_then
from service.results.telling import Told, told
from tests.bodies import asked, known_parties, on
from tests.scenario import Scenario


def a_mission(worth: str | None = "50000", currency: str = "XPF", **changes: object) -> Scenario:
    """M-1 from 2 March to 30 June 2026 at 85 000 a day, with an objective: from 62 days down to 40."""
    per_unit = None if worth is None else {"amount": worth, "currency": currency}
    scenario = known_parties().on(on("2026-03-02")).given(asked("sign_mission", **changes))
    return scenario.given(asked("set_objective", value_per_unit=per_unit))


def told_day_by_day(scenario: Scenario, *lines: tuple[str, Command]) -> Scenario:
    """What was done, each on the date on which it was entered."""
    for today, command in lines:
        about = None if isinstance(command, IssueInvoices | IssueCreditNote) else "M-1"
        scenario.on(on(today)).given(command, mission=about)
    return scenario


def day(day_id: str, date: str, quantity: str = "1") -> tuple[str, Command]:
    """A day, entered when it was worked."""
    return date, asked("deliver_day", day_id=day_id, date=date, quantity=quantity)


def approved(*day_ids: str) -> Command:
    return asked("approve_days", day_ids=day_ids)


def measured(value: str, measured_on: str, objective_id: str = "O-1") -> Command:
    return asked("record_measurement", objective_id=objective_id, value=value, measured_on=measured_on)


def billed(month: str, issued_on: str) -> Command:
    return IssueInvoices(month=month, issued_on=on(issued_on))


def credited(number: str, issued_on: str, *day_ids: str, effect: str = "withdraw") -> Command:
    body = {"invoice_number": number, "issued_on": issued_on, "reason": "Erreur", "effect": effect}
    return IssueCreditNote.model_validate({**body, **({"day_ids": day_ids} if day_ids else {})})


def then(scenario: Scenario, as_of: str, known_at: datetime | None = None) -> Told:
    """The mission as of a date, from its history and the documents alone."""
    history: Sequence[Recorded[Event]] = scenario.network.recorded
    stream: Iterable[Recorded[Event]] = (each for each in history if each.stream == "mission:M-1")
    documents = list(DOCUMENTS.rows(history).values())
    held = held_then(stream, documents, as_of=on(as_of), known_at=known_at)
    assert held is not None
    return told(held, on(as_of), scenario.network.today)
