"""The accounts notice what they are there to notice: each fault is put in by hand, and is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.accounts import Answer, Fact, faults, gaps_in_series

HISTORY = [
    Fact(1, "mission:M-1", 1, "mission.day_delivered#1", "a", "D-1"),
    Fact(2, "invoices:network:2025", 1, "billing.invoice_issued#1", "b", "F-2025-00001"),
    Fact(3, "mission:M-1", 2, "mission.days_invoiced#1", "b"),
    Fact(4, "mission:M-1", 3, "mission.day_delivered#1", "c", "D-2"),
]
KEPT = {"a": [1], "b": [2, 3], "c": [4], "empty": []}
TOLD = {
    "a": [Answer(201, 1, 1, b"a"), Answer(201, 1, 1, b"a")],
    "b": [Answer(201, 3, 1, b"b")],
    "c": [Answer(201, 4, 3, b"c")],
    "empty": [Answer(200, 0, 0, b"e")],
}


def test_what_agrees_is_without_fault() -> None:
    assert faults(HISTORY, KEPT, TOLD) == []


def test_a_command_that_was_carried_out_twice_is_named() -> None:
    again = replace(HISTORY[3], position=5, version=4, names="D-3")
    assert faults([*HISTORY, again], KEPT, TOLD) == [
        "c is not in history exactly once",
        "c was told to be at 4, and is at 5",
    ]


def test_a_thing_that_begins_twice_is_named() -> None:
    again = replace(HISTORY[3], position=5, version=4, command_id="d")
    found = faults([*HISTORY, again], {**KEPT, "d": [5]}, {**TOLD, "d": [Answer(201, 5, 4, b"d")]})
    assert found == ["mission.day_delivered#1 D-2 is in history 2 times"]


def test_a_lost_command_is_named() -> None:
    assert faults(HISTORY[:3], {**KEPT, "c": []}, TOLD) == ["c was told to be at 4, and is at 0"]
    assert "c is not in history exactly once" in faults(HISTORY[:3], {"a": [1], "b": [2, 3], "empty": []}, TOLD)


def test_a_fact_that_nobody_asked_for_is_named() -> None:
    invented = Fact(5, "mission:M-1", 4, "mission.paused#1", None)
    assert faults([*HISTORY, invented], KEPT, TOLD) == ["None was never acknowledged, and is in history"]


@pytest.mark.parametrize("other", [Answer(201, 4, 3, b"other"), Answer(200, 4, 3, b"c")])
def test_a_retry_that_was_answered_otherwise_is_named(other: Answer) -> None:
    assert faults(HISTORY, KEPT, {**TOLD, "c": [*TOLD["c"], other]}) == ["c was answered in 2 ways"]


def test_a_wrong_place_is_named() -> None:
    assert faults(HISTORY, KEPT, {**TOLD, "c": [Answer(201, 4, 9, b"c")]}) != []
    assert faults(HISTORY, KEPT, {**TOLD, "c": [Answer(201, 3, 3, b"c")]}) != []


def test_a_hole_in_history_is_named() -> None:
    moved = [*HISTORY[:3], replace(HISTORY[3], position=5)]
    assert "history has 5 where 4 belongs" in faults(moved, {**KEPT, "c": [5]}, TOLD)
    skipped = [*HISTORY[:3], replace(HISTORY[3], version=4)]
    assert "mission:M-1 has 4 where 3 belongs" in faults(skipped, KEPT, TOLD)


def test_a_hole_in_a_series_of_invoices_is_named() -> None:
    assert gaps_in_series(["F-2025-00001", "F-E-2-2025-00001", "F-2025-00002"]) == []
    assert gaps_in_series(["F-2025-00001", "F-2025-00003"]) == ["F-2025 has 3 where 2 belongs"]
    assert gaps_in_series(["F-2025-00001", "F-2025-00001"]) == ["F-2025 has 1 where 2 belongs"]
