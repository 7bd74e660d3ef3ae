"""The sample journals, folded: each mission's and month's days in the buckets that the simulation counted."""

from __future__ import annotations

import json
from datetime import date

import pytest

from projections.read_model import as_known
from projections.reconciliation import reconcile
from tests.journal_world import DATA, World

FIGURES = {
    "delivered": "delivered",
    "withdrawn": "withdrawn",
    "awaiting_approval": "awaiting",
    "disputed": "disputed",
    "ready": "ready",
    "invoiced": "invoiced",
    "credited": "credited",
}


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_a_sample_year_is_reconciled_to_the_half_day(name: str) -> None:
    expected = json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))
    world = World().run((DATA / f"{name}.jsonl").read_bytes().splitlines())
    answer = reconcile(as_known(world.network.recorded, as_of=date.fromisoformat(expected["today"])))
    assert answer.balanced
    assert {f"{line.mission_id} {line.month}": line.model_dump(include=set(FIGURES)) for line in answer.items} == {
        key: {figure: counted.get(told, "0") for figure, told in FIGURES.items()}
        for key, counted in expected["reconciliation"].items()
    }
