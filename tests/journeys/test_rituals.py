"""Were the reviews held that the letter asks for? What the dirigeant, the cadre and the network see of it."""

from __future__ import annotations

import pytest

from tests.journeys.agreed import bakery, finance_cadre, finance_mission
from tests.journeys.network import Person


@pytest.fixture
def begun(admin: Person, jeanne: Person) -> None:
    """A monthly mission from 2 March 2026; reviews on 1 April and 28 May, an action open since today."""
    admin.does("/clients", bakery())
    admin.does("/cadres", finance_cadre())
    admin.does("/missions", finance_mission())
    for held_on, attendees in (("2026-04-01", ["Marie Wamytan", "Jeanne Martin"]), ("2026-05-28", ["Jeanne", "Luc"])):
        body = {"held_on": held_on, "kind": "monthly", "attendees": attendees, "summary": "Fine"}
        jeanne.does("/missions/M-1/reviews", {"review_id": f"R-{held_on}", **body})
    jeanne.does("/missions/M-1/actions", {"action_id": "T-1", "text": "Call the bank", "due_on": "2026-07-15"})


@pytest.mark.usefixtures("begun")
def test_planned_reviews_are_held_missed_or_to_come(admin: Person, baker: Person, jeanne: Person) -> None:
    told = baker.reads("/missions/M-1/rituals", after=jeanne)
    assert [(each["due_on"], each["status"]) for each in told["planned"][:4]] == [
        ("2026-04-02", "held"),
        ("2026-05-02", "missed"),  # it came 26 days late
        ("2026-06-02", "held"),
        ("2026-07-02", "to_come"),
    ]
    assert (told["counts"]["rate"], told["counts"]["next_due_on"]) == ("66.7", "2026-07-02")
    assert {each["role"]: each["reviews"] for each in told["attendance"]} == {
        "dirigeant": 1,
        "cadre": 2,
        "other": 1,
        "erased": 0,
    }
    assert [each["id"] for each in told["points"]] == ["T-1"]
    assert baker.reads("/missions/M-1/rituals", as_of="2026-05-09")["counts"]["overdue"] == 1
    assert baker.asks("/missions/M-1/rituals", known_at="2020-01-01T00:00:00Z").status_code == 404
    assert admin.reads("/missions/M-1/rituals", after=jeanne) == told


@pytest.mark.usefixtures("begun")
def test_a_client_and_the_network_see_all_their_missions(admin: Person, baker: Person, jeanne: Person) -> None:
    told = baker.reads("/clients/E-001/rituals", after=jeanne)
    assert (told["planned"], told["held"], told["missed"]) == (3, 2, 1)
    assert admin.reads("/network/rituals", after=jeanne) == told
    assert admin.reads("/network/rituals", as_of="2026-06-30") == told
    assert baker.reads("/clients/E-001/rituals", as_of="2026-04-02")["rate"] == "100.0"
    assert baker.asks("/clients/E-002/rituals").status_code == 404
    assert baker.asks("/network/rituals").status_code == 403


@pytest.mark.usefixtures("begun")
def test_who_was_forgotten_came_and_no_name_is_left(admin: Person, baker: Person, jeanne: Person) -> None:
    admin.does("/parties/C-001/erasure", {"reason": "Asked for it"})
    told = baker.reads("/missions/M-1/rituals", after=admin)
    assert told["counts"]["held"] == 2
    assert sum(each["people"] for each in told["attendance"]) == 4
    assert "Jeanne" not in str(told)
