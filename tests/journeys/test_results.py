"""What the dirigeant asks in a minute: what has it cost, what has it brought, and is somebody full-time cheaper?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.embedded import EmbeddedPostgres
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from tests.journeys.agreed import TERMS, bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person, network, served
from tests.servers import cloned_database

WORTH = {"value_per_unit": {"amount": "30000", "currency": "XPF"}}
RISK = {"text": "Une seule personne connaît la paie", "likelihood": 3, "mitigation": "Documenter"}


@pytest.fixture(scope="module")
def address(postgres: EmbeddedPostgres) -> Iterator[str]:
    """E-001 has M-1, handed over by C-001 to C-002 on 1 June, and M-2 of C-003; C-002 lends a hand on M-2."""
    with cloned_database(postgres) as database, network(database) as net, served(net.app) as url:
        with Person(url, network_admin()) as admin:
            live(admin)
        yield url


def live(admin: Person) -> None:
    admin.does("/clients", bakery())
    admin.does("/clients", bakery("E-009"))
    for number in (1, 2, 3):
        admin.does("/cadres", finance_cadre(f"C-00{number}"))
    admin.does("/missions", {**finance_mission(), "terms": {**TERMS, "approval_required": False}})
    admin.does("/missions", finance_mission("M-2", cadre_id="C-003"))
    for mission_id in ("M-1", "M-2"):
        admin.does(f"/missions/{mission_id}/objectives", {**closing_time(), **WORTH})
    measured = {"value": "14", "measured_on": "2026-03-31"}
    admin.does("/missions/M-1/objectives/O-1/measurements", measured)
    admin.does("/missions/M-1/objectives/O-1/measurements", {"value": "11", "measured_on": "2026-06-15"})
    for on in ("2026-03-03", "2026-03-04", "2026-05-05"):
        admin.does("/missions/M-1/days", day(on, f"D-{on}"))
    admin.does("/missions/M-2/days", day("2026-05-06", "D-lent", cadre_id="C-002"))
    admin.does("/missions/M-2/days", day("2026-05-07", "D-own"))
    admin.does("/missions/M-1/risks", {"risk_id": "Q-1", "impact": 5, **RISK})
    admin.does("/missions/M-2/risks", {"risk_id": "Q-1", "impact": 2, **RISK})
    admin.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-01"})
    admin.does("/missions/M-1/handover", {"reason": "Départ", "leaving_on": "2026-05-31", "successor_id": "C-002"})
    passed = {"to_cadre_id": "C-002", "effective_on": "2026-06-01", "accepted_by": "Marie", "override_reason": "Parti"}
    admin.does("/missions/M-1/handover/completion", passed)
    admin.does("/missions/M-1/days", day("2026-06-02", "D-2026-06-02"))
    admin.reads("/clients/E-001/report")


def asks(address: str, principal: Principal, path: str, **asked: Any) -> Any:
    with Person(address, principal) as person:
        return person.asks(path, **asked)


@pytest.mark.parametrize("principal", [network_admin(), client("E-001"), cadre("C-002"), auditor(frozenset({"M-1"}))])
def test_a_missions_results_are_told_to_whoever_sees_it(address: str, principal: Principal) -> None:
    """Four days at 85 000, two of them invoiced; from 20 days to close down to 11: nine at 30 000."""
    told = asks(address, principal, "/missions/M-1/results", yearly_cost="9000000").json()
    assert (told["invoiced"], told["ready"], told["cost"]) == ("170000", "170000", "340000")
    assert (told["value"], told["roi"]) == ("270000", "-20.6")
    assert (told["break_even"]["days_per_week"], told["break_even"]["hire_is_cheaper"]) == ("2.43", False)
    beside = asks(address, principal, "/missions/M-1/objectives", yearly_cost="9000000").json()
    assert beside["results"] == told
    assert [each["progress"] for each in beside["items"]] == ["60.0"]


@pytest.mark.parametrize(
    ("asked", "cost", "value"),
    [
        ({"as_of": "2026-03-31"}, "170000", "180000"),
        ({"as_of": "2026-05-31"}, "255000", "180000"),
        ({"as_of": "2026-06-30"}, "340000", "270000"),
        ({}, "340000", "270000"),
    ],
)
def test_results_are_told_as_of_any_date(address: str, asked: dict[str, str], cost: str, value: str) -> None:
    told = asks(address, network_admin(), "/missions/M-1/results", **asked).json()
    assert (told["cost"], told["value"]) == (cost, value)


def test_who_handed_a_mission_over_sees_its_results_up_to_the_eve(address: str) -> None:
    told = asks(address, cadre("C-001"), "/missions/M-1/results").json()
    assert (told["as_of"], told["cost"], told["value"]) == ("2026-05-31", "255000", "180000")


@pytest.mark.parametrize("principal", [network_admin(), client("E-001")])
def test_a_clients_missions_are_one_report(address: str, principal: Principal) -> None:
    told = asks(address, principal, "/clients/E-001/report").json()
    assert [each["mission_id"] for each in told["missions"]] == ["M-1", "M-2"]
    [money] = told["money"]
    assert (money["invoiced"], money["ready"], money["cost"]) == ("170000", "170000", "340000")
    assert (money["awaiting_approval"], money["value"], money["roi"]) == ("170000", "270000", "-20.6")
    # 170 000 and 6 % of tax, due on 1 May.
    assert told["owed"] == [{"currency": "XPF", "outstanding": "180200", "late": "180200"}]
    assert (told["days"]["delivered"], told["days"]["invoiced"], told["days"]["awaiting_approval"]) == ("6", "2", "2")
    assert [(each["mission_id"], each["severity"]) for each in told["risks"]] == [("M-1", 15), ("M-2", 6)]
    assert told["objectives"]["open"]["unmeasured"] == 1


def test_a_clients_report_is_of_one_date(address: str) -> None:
    told = asks(address, client("E-001"), "/clients/E-001/report", as_of="2026-03-31").json()
    [money] = told["money"]
    assert (money["cost"], money["ready"], money["invoiced"]) == ("170000", "170000", "0")
    assert (told["owed"], told["as_of"]) == ([], "2026-03-31")
    assert {each["results"]["as_of"] for each in told["missions"]} == {"2026-03-31"}
    assert {each["cadre_id"] for each in told["missions"]} == {"C-001", "C-003"}


def test_nothing_is_told_of_a_time_before_the_first_letter(address: str) -> None:
    for past in ({"known_at": "2026-01-01T00:00:00+11:00"}, {"as_of": "2026-02-25"}):
        told = asks(address, network_admin(), "/clients/E-001/report", **past).json()
        assert (told["missions"], told["money"], told["owed"], told["days"]["delivered"]) == ([], [], [], "0")
    assert asks(address, network_admin(), "/missions/M-1/results", as_of="2026-01-01").status_code == 404


@pytest.mark.parametrize(
    ("cadre_id", "missions", "worked", "lent"),
    [
        ("C-001", {"M-1": ("2026-05-31", "255000")}, "3", "0"),
        ("C-002", {"M-1": ("2026-06-30", "340000")}, "2", "1"),
        ("C-003", {"M-2": ("2026-06-30", "0")}, "1", "0"),
    ],
)
def test_a_cadre_answers_for_what_it_holds_and_held(
    address: str, cadre_id: str, missions: dict[str, tuple[str, str]], worked: str, lent: str
) -> None:
    for principal in (network_admin(), cadre(cadre_id)):
        told = asks(address, principal, f"/cadres/{cadre_id}/report").json()
        found = {each["mission_id"]: (each["results"]["as_of"], each["results"]["cost"]) for each in told["missions"]}
        assert (found, told["worked"], told["lent"]) == (missions, worked, lent)


def test_before_the_handover_the_mission_was_the_predecessors(address: str) -> None:
    told = {
        cadre_id: asks(address, network_admin(), f"/cadres/{cadre_id}/report", as_of="2026-05-31").json()
        for cadre_id in ("C-001", "C-002")
    }
    assert [[each["mission_id"] for each in report["missions"]] for report in told.values()] == [["M-1"], []]
    assert (told["C-002"]["worked"], told["C-002"]["lent"]) == ("1", "1")


@pytest.mark.parametrize(
    ("principal", "path", "status"),
    [
        (client("E-009"), "/clients/E-001/report", 404),
        (client("E-009"), "/missions/M-1/results", 404),
        (cadre("C-003"), "/cadres/C-001/report", 404),
        (cadre("C-003"), "/missions/M-1/results", 404),
        (cadre("C-001"), "/clients/E-001/report", 403),
        (client("E-001"), "/cadres/C-001/report", 403),
        (accountant(), "/clients/E-001/report", 403),
        (accountant(), "/missions/M-1/results", 404),
        (network_admin(), "/clients/C-001/report", 404),
        (network_admin(), "/cadres/E-001/report", 404),
        (network_admin(), "/clients/E-777/report", 404),
    ],
)
def test_nobody_is_told_of_what_is_not_theirs(address: str, principal: Principal, path: str, status: int) -> None:
    assert asks(address, principal, path).status_code == status


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/missions/M-1/results", {"yearly_cost": "0"}, 422),
        ("/missions/M-1/results", {"yearly_cost": "9000000.5"}, 422),
        ("/missions/M-1/objectives", {"yearly_cost": "9000000.5"}, 422),
        ("/clients/E-001/report", {"yearly_cost": "9000000.5", "currency": "XPF"}, 422),
        ("/missions/M-1/results", {"working_days": "0"}, 422),
        ("/missions/M-1/results", {"as_of": "9999-12-31"}, 200),
        ("/missions/M-1/results", {"as_of": "0001-01-01"}, 404),
        ("/clients/E-001/report", {"yearly_cost": "9000000"}, 422),
        ("/clients/E-001/report", {"yearly_cost": "9000000", "currency": "XPF"}, 200),
        ("/clients/E-009/report", {}, 200),
    ],
)
def test_what_is_asked_must_make_sense(address: str, path: str, asked: dict[str, str], status: int) -> None:
    assert asks(address, network_admin(), path, **asked).status_code == status


def test_a_report_compares_only_missions_in_the_hires_currency(address: str) -> None:
    for currency, compared in (("XPF", True), ("EUR", False)):
        asked = {"yearly_cost": "9000000", "currency": currency}
        told = asks(address, client("E-001"), "/clients/E-001/report", **asked).json()
        assert [each["results"]["break_even"] is not None for each in told["missions"]] == [compared, compared]
