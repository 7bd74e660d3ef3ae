"""A dirigeant asks what stopping on a date would cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.embedded import EmbeddedPostgres
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from tests.journeys.agreed import TERMS, bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person, network, served
from tests.servers import cloned_database

EXPOSURE = "/missions/M-1/exposure"
ACCESS = {"system": "Banque", "level": "admin", "custodian": "Marie", "documented_at": "Manuel, p. 12"}


@pytest.fixture(scope="module")
def address(postgres: EmbeddedPostgres) -> Iterator[str]:
    """March is billed and partly paid; in June a day is accepted, one waits, one is disputed."""
    with cloned_database(postgres) as database, network(database) as net, served(net.app) as url:
        with Person(url, network_admin()) as admin:
            admin.does("/clients", bakery())
            for number in (1, 2):
                admin.does("/cadres", finance_cadre(f"C-00{number}"))
            admin.does("/missions", {**finance_mission(), "terms": {**TERMS, "notice_days": 31}})
            admin.does("/missions", finance_mission("M-2", cadre_id="C-002"))
            admin.does("/missions/M-1/objectives", closing_time())
            for on in ("2026-03-03", "2026-06-02", "2026-06-03", "2026-06-04"):
                admin.does("/missions/M-1/days", day(on, f"D-{on}"))
            admin.does("/missions/M-1/days/approvals", {"day_ids": ["D-2026-03-03", "D-2026-06-02"]})
            admin.does("/missions/M-1/days/disputes", {"day_id": "D-2026-06-04", "reason": "Absent"})
            admin.does("/missions/M-1/accesses", {"access_id": "A-1", **ACCESS})
            admin.does("/missions/M-1/accesses/revocations", {"access_id": "A-1", "on": "2026-03-31"})
            admin.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-01"})
            amount = {"amount": "40100", "currency": "XPF"}
            paid = {"received_on": "2026-04-20", "amount": amount, "reference": "F-2026-00001"}
            admin.does("/payments", {"payment_id": "P-1", **paid})
            admin.reads("/missions")
            admin.reads("/invoices")
        yield url


@pytest.mark.parametrize("principal", [network_admin(), accountant(), client("E-001"), cadre("C-001")])
def test_those_concerned_are_told_what_is_owed(address: str, principal: Principal) -> None:
    with Person(address, principal) as person:
        told = person.asks(EXPOSURE, on="2026-06-30").json()
    assert (told["approved"]["net"], told["awaiting_approval"]["net"], told["disputed"]["net"]) == ("85000",) * 3
    assert told["disputed"]["day_ids"] == ["D-2026-06-04"]
    assert (told["net"], told["tax"], told["outstanding"], told["total"]) == ("255000", "15300", "50000", "320300")
    assert [(each["invoice_number"], each["outstanding"], each["days_late"]) for each in told["invoices"]] == [
        ("F-2026-00001", "50000", 60)
    ]
    assert (told["notice_days"], told["notice_ends_on"]) == (31, "2026-07-31")


def test_what_ended_before_it_was_written_down_keeps_nobody_from_an_answer(address: str) -> None:
    with Person(address, network_admin()) as admin:
        answer = admin.asks(EXPOSURE, as_of="2026-04-02")
    assert (answer.status_code, answer.json()["outstanding"]) == (200, "90100")


def test_the_days_behind_the_figures_are_found_in_history(address: str) -> None:
    with Person(address, network_admin()) as admin:
        told = admin.asks(EXPOSURE).json()
        events = {int(each["id"]): each for each in admin.asks("/events", limit=500).json()["items"]}
    for part in ("approved", "awaiting_approval", "disputed"):
        assert [events[position]["data"]["day_id"] for position in told[part]["facts"]] == told[part]["day_ids"]


@pytest.mark.parametrize(
    ("principal", "status"),
    [(client("E-009"), 404), (cadre("C-002"), 404), (auditor(frozenset({"M-1"})), 403)],
    ids=["another client", "another cadre", "an auditor"],
)
def test_nobody_else_is(address: str, principal: Principal, status: int) -> None:
    with Person(address, principal) as person:
        assert person.asks(EXPOSURE).status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{EXPOSURE}?on=2026-6-1", 422),
        (f"{EXPOSURE}?on=9999-12-31", 422),
        (f"{EXPOSURE}?as_of=9998-12-31", 422),
        (f"{EXPOSURE}?as_of=9999-12-31", 422),
        (f"{EXPOSURE}?on=0001-01-01", 200),
        ("/missions/M-9/exposure", 404),
    ],
)
def test_a_date_must_be_one_that_can_be_reckoned_with(address: str, path: str, status: int) -> None:
    with Person(address, accountant()) as person:
        assert person.asks(path).status_code == status
