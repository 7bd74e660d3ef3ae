"""The day the cadre leaves, the mission must not notice: what the dirigeant and the network see of that beforehand."""

from __future__ import annotations

import pytest

from service.http.security import accountant, auditor, cadre, client
from tests.journeys.agreed import bakery, closing_time, finance_cadre, finance_mission
from tests.journeys.network import Person

ACCESS = {
    "access_id": "A-1",
    "system": "Bank",
    "level": "admin",
    "custodian": "Marie",
    "documented_at": "Handbook, p. 3",
}
RISK = {"risk_id": "Q-1", "text": "Only one knows payroll", "likelihood": 3, "impact": 5}
ACTION = {"action_id": "T-1", "text": "Call the insurer", "owner": "Marie", "due_on": "2026-07-15"}
REVIEW = {"review_id": "R-1", "held_on": "2026-06-20", "kind": "monthly", "attendees": ["Marie"], "summary": "Fine"}


@pytest.fixture
def begun(admin: Person) -> None:
    """Two clients, a mission at each; of the first much is done, of the second nothing."""
    for number in (1, 2):
        admin.does("/clients", bakery(f"E-00{number}"))
        admin.does("/cadres", finance_cadre(f"C-00{number}", f"Jeanne {number}"))
        admin.does("/missions", finance_mission(f"M-{number}", f"E-00{number}", f"C-00{number}"))
    for path, body in (
        ("objectives", closing_time()),
        ("accesses", ACCESS),
        ("risks", RISK),
        ("actions", ACTION),
        ("reviews", REVIEW),
    ):
        admin.does(f"/missions/M-1/{path}", body)


@pytest.mark.usefixtures("begun")
def test_a_mission_s_readiness_names_exactly_what_is_missing(admin: Person, baker: Person, jeanne: Person) -> None:
    told = baker.reads("/missions/M-1/continuity", after=admin)
    # access, action and review hold; the objective was never measured and the risk has no backup
    assert (told["score"], told["held"], told["counted"]) == ("60.0", 3, 5)
    assert told["missing"] == [
        {"gap": "objective_not_measured", "id": "O-1"},
        {"gap": "risk_without_backup", "id": "Q-1"},
    ]
    assert jeanne.reads("/missions/M-1/continuity", after=admin) == told
    before = baker.reads("/missions/M-1/continuity", as_of="2026-06-19")
    assert before["missing"][-1] == {"gap": "no_recent_review", "id": None}
    assert baker.asks("/missions/M-1/continuity", known_at="2020-01-01T00:00:00Z").status_code == 404


@pytest.mark.usefixtures("begun")
def test_a_client_sees_its_missions_together_and_no_other_client_s(admin: Person, baker: Person, address: str) -> None:
    told = baker.reads("/clients/E-001/continuity", after=admin)
    assert (told["score"], [each["mission_id"] for each in told["missions"]]) == ("60.0", ["M-1"])
    assert told["dependency"]["index"] == "100.0"
    assert told["dependency"]["items"][0]["could_take_over"] == 1
    assert baker.reads("/clients/E-001/continuity", as_of="2026-06-30") == told
    assert baker.asks("/clients/E-002/continuity").status_code == 404
    assert admin.asks("/clients/E-009/continuity").status_code == 404
    assert admin.reads("/clients/E-001/continuity") == told
    with Person(address, client("E-002")) as other:
        assert other.reads("/clients/E-002/continuity", after=admin)["score"] == "0.0"
    for principal in (accountant(), auditor(frozenset({"M-1"})), cadre("C-001")):
        with Person(address, principal) as person:
            assert person.asks("/clients/E-001/continuity").status_code == 403


@pytest.mark.usefixtures("begun")
def test_the_network_s_answer_is_the_same_from_its_tables_and_from_its_history(admin: Person, baker: Person) -> None:
    told = admin.reads("/network/continuity")
    assert (told["score"], told["held"], told["counted"]) == ("50.0", 3, 6)
    assert [each["mission_id"] for each in told["missions"]] == ["M-2", "M-1"]
    assert told["missing"] == {"objective_not_measured": 1, "risk_without_backup": 1, "no_recent_review": 1}
    assert (told["dependency"]["functions"], told["dependency"]["depending"]) == (2, 2)
    assert admin.reads("/network/continuity", as_of="2026-06-30") == told
    assert admin.reads("/network/continuity", as_of="2026-02-01")["missions"] == []
    assert admin.reads("/network/continuity", known_at="2020-01-01T00:00:00Z")["score"] is None
    assert baker.asks("/network/continuity").status_code == 403


@pytest.mark.usefixtures("begun")
def test_the_register_of_accesses_holds_places_and_no_secrets(admin: Person, baker: Person, jeanne: Person) -> None:
    typed = "P@ssw0rd-of-the-bank"
    response = jeanne.tries("/missions/M-1/accesses", {**ACCESS, "access_id": "A-2", "documented_at": typed})
    assert (response.status_code, response.json()["code"]) == (422, "malformed")
    [fault] = response.json()["errors"]
    assert (fault["pointer"], typed in response.text) == ("/documented_at", False)
    assert "where the secret is kept" in fault["detail"]

    [told] = baker.reads("/missions/M-1/accesses", after=admin)["items"]
    assert (told["system"], told["custodian"], told["documented_at"]) == ("Bank", "Marie", "Handbook, p. 3")
    revoked = jeanne.does("/missions/M-1/accesses/revocations", {"access_id": "A-1", "on": "2026-06-29"})
    [told] = baker.reads("/missions/M-1/accesses", after=jeanne)["items"]
    assert (told["in_force"], told["revoked_on"], told["facts"][-1]) == (False, "2026-06-29", revoked["position"])
    assert baker.reads("/missions/M-1/accesses", as_of="2026-06-28")["items"] == []  # it was written down on the 30th


@pytest.mark.usefixtures("begun")
def test_who_handed_the_mission_over_sees_its_readiness_as_it_was_until_then(admin: Person, jeanne: Person) -> None:
    admin.does("/missions/M-1/handover", {"reason": "Leaves", "leaving_on": "2026-06-30"})
    admin.does(
        "/missions/M-1/handover/completion",
        {
            "to_cadre_id": "C-002",
            "effective_on": "2026-06-25",
            "accepted_by": "Marie",
            "override_reason": "Left in a hurry",
        },
    )
    told = admin.reads("/missions/M-1/continuity")
    assert (told["cadre_id"], told["as_of"]) == ("C-002", "2026-06-30")
    left = jeanne.reads("/missions/M-1/continuity", after=admin)
    assert (left["cadre_id"], left["as_of"]) == ("C-001", "2026-06-24")
