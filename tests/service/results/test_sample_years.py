"""The sample years: what results cost is what the invoices say, and what the reconciliation says is ready."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from domain.event import Event, Recorded
from domain.values import Retainer
from projections.kpi.billed import DOCUMENTS
from projections.read_model import as_known
from projections.reconciliation import reconcile
from service.results.held import held_then
from service.results.telling import Told, told
from tests.journal_world import World, expected, journal

JOURNALS = pytest.mark.parametrize("name", ["first-year", "careless"])


@cache
def lived(name: str) -> list[Recorded[Event]]:
    return World().run(journal(name)).network.recorded


def missions(name: str, on: date) -> list[Told]:
    """Every mission as of a date."""
    history = lived(name)
    documents = list(DOCUMENTS.rows(history).values())
    streams: defaultdict[str, list[Recorded[Event]]] = defaultdict(list)
    for recorded in history:
        if recorded.stream.startswith("mission:"):
            streams[recorded.stream].append(recorded)
    found = [held_then(stream, documents, as_of=on) for stream in streams.values()]
    return [told(held, on, on) for held in found if held is not None]


@JOURNALS
def test_what_missions_were_billed_adds_up_to_the_invoices(name: str) -> None:
    figures = expected(name)
    must: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in figures["invoices"].values():
        must[invoice["currency"]] += Decimal(invoice["net"])
    found: dict[str, Decimal] = defaultdict(Decimal)
    for each in missions(name, date.fromisoformat(figures["today"])):
        found[each.currency.value] += each.billed
    assert found == must


@JOURNALS
@pytest.mark.parametrize("months_before", [0, 1, 3, 5])
def test_accepted_time_is_worth_what_the_reconciliation_says_is_ready(name: str, months_before: int) -> None:
    """Priced by the day or the hour, whatever the date; a retainer's month is charged as a whole."""
    today = date.fromisoformat(expected(name)["today"])
    month = today.year * 12 + today.month - 1 - months_before
    on = date(month // 12, month % 12 + 1, 15)
    known = as_known(lived(name), as_of=on)
    ready: dict[str, Decimal] = defaultdict(Decimal)
    for line in reconcile(known).items:
        ready[line.mission_id] += Decimal(line.values.ready or 0)
    counted = [
        each for each in missions(name, on) if not isinstance(each.held.mission.agreements[0].terms.billing, Retainer)
    ]
    assert counted
    for each in counted:
        assert each.exposure.ready.net == ready[each.held.mission.mission_id], each.held.mission.mission_id
