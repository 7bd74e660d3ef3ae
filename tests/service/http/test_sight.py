"""How far a token sees a mission that changed hands: to the very date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.mission.events import HandedOver
from projections.missions.mission import MISSION, MissionRow
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from service.http.visibility import ALL, Sight, sight_of
from tests.projections.histories import of_mission, recorded, signed

CHANGE = date(2026, 3, 10)
EVE = date(2026, 3, 9)


def handed_over(*changes: tuple[str, date]) -> MissionRow:
    """The mission of C-1 for E-1, given from hand to hand."""
    events = [HandedOver(to_cadre_id=to, effective_on=on, accepted_by="Jeanne D.") for to, on in changes]
    (row,) = MISSION.rows(recorded([signed(), *map(of_mission, events)])).values()
    return row


@pytest.mark.parametrize(
    ("who", "today", "expected"),
    [
        (cadre("C-1"), EVE, ALL),
        (cadre("C-1"), CHANGE, Sight(EVE)),
        (cadre("C-2"), EVE, None),
        (cadre("C-2"), CHANGE, ALL),
        (cadre("C-3"), CHANGE, None),
    ],
)
def test_who_left_sees_up_to_the_eve_and_who_came_sees_all_from_the_date(
    who: Principal, today: date, expected: Sight | None
) -> None:
    assert sight_of(who, handed_over(("C-2", CHANGE)), today) == expected


def test_who_held_it_twice_sees_up_to_the_eve_of_the_last_handover() -> None:
    row = handed_over(("C-2", CHANGE), ("C-1", CHANGE + timedelta(days=5)), ("C-2", CHANGE + timedelta(days=9)))
    assert sight_of(cadre("C-1"), row, CHANGE + timedelta(days=6)) == ALL
    assert sight_of(cadre("C-1"), row, CHANGE + timedelta(days=9)) == Sight(EVE + timedelta(days=9))


def test_a_handover_that_was_to_come_and_was_overtaken_gives_nobody_anything() -> None:
    """C-2 was to take over on the 15th; on the 10th C-3 did: who left is out, and who never came is not let in."""
    row = handed_over(("C-2", CHANGE + timedelta(days=5)), ("C-3", CHANGE))
    for today in (CHANGE, CHANGE + timedelta(days=9)):
        assert sight_of(cadre("C-1"), row, today) == Sight(EVE)
        assert sight_of(cadre("C-2"), row, today) is None
        assert sight_of(cadre("C-3"), row, today) == ALL


def test_a_handover_that_was_undone_before_its_date_leaves_all_to_who_stays() -> None:
    row = handed_over(("C-2", CHANGE), ("C-1", CHANGE))
    assert sight_of(cadre("C-1"), row, CHANGE) == ALL
    assert sight_of(cadre("C-2"), row, CHANGE) is None


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (network_admin(), True),
        (client("E-1"), True),
        (client("E-2"), False),
        (auditor(frozenset({"M-1"})), True),
        (auditor(frozenset({"M-2"})), False),
        (accountant(), False),
    ],
)
def test_a_handover_changes_nothing_for_others(who: Principal, sees: bool) -> None:
    assert sight_of(who, handed_over(("C-2", CHANGE)), CHANGE) == (ALL if sees else None)


def test_no_date_beyond_the_sight_is_shown() -> None:
    assert Sight(EVE).date(CHANGE) == EVE
    assert Sight(EVE).date(EVE - timedelta(days=1)) == EVE - timedelta(days=1)
    assert ALL.date(CHANGE) == CHANGE
