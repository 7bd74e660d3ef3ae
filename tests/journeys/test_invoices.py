"""A month is billed, credited and paid: each reader finds its documents, on any date, with the facts behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.embedded import EmbeddedPostgres
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person, network, served
from tests.servers import cloned_database

XPF = {"currency": "XPF"}
FIRST, SECOND, THIRD = "F-2026-00001", "F-2026-00002", "F-2026-00003"
SEES: dict[str, tuple[Principal, set[str]]] = {
    "network admin": (network_admin(), {FIRST, SECOND, THIRD}),
    "accountant": (accountant(), {FIRST, SECOND, THIRD}),
    "client of the first": (client("E-001"), {FIRST, THIRD}),
    "client of the second": (client("E-002"), {SECOND}),
    "auditor of all of an invoice": (auditor(frozenset({"M-2"})), {SECOND}),
    "auditor of half of an invoice": (auditor(frozenset({"M-1"})), {THIRD}),
    "auditor of none": (auditor(frozenset()), set()),
}


@pytest.fixture(scope="module")
def address(postgres: EmbeddedPostgres) -> Iterator[str]:
    """March bills two missions to one client and one to another; April bills one; credited, paid and refunded."""
    with cloned_database(postgres) as database, network(database) as net, served(net.app) as url:
        with Person(url, network_admin()) as admin:
            _worked(admin)
            _billed(admin)
            admin.reads("/invoices")
        yield url


def _worked(admin: Person) -> None:
    for number in (1, 2):
        admin.does("/clients", bakery(f"E-00{number}"))
        admin.does("/cadres", finance_cadre(f"C-00{number}"))
        admin.does("/missions", finance_mission(f"M-{number}", f"E-00{number}", f"C-00{number}"))
    admin.does("/missions", finance_mission("M-3", "E-001", "C-002"))
    dates = {"M-1": ("2026-03-03", "2026-04-02"), "M-2": ("2026-03-04",), "M-3": ("2026-03-05",)}
    for mission_id, worked in dates.items():
        admin.does(f"/missions/{mission_id}/objectives", closing_time())
        for on in worked:
            admin.does(f"/missions/{mission_id}/days", day(on, f"D-{mission_id}-{on}"))
        admin.does(f"/missions/{mission_id}/days/approvals", {"month": "2026-03"})
    admin.does("/missions/M-1/days/approvals", {"month": "2026-04"})
    admin.does("/missions/M-1/expenses", {"expense_id": "X-1", "date": "2026-03-10", "label": "Ferry", **spent("1500")})


def _billed(admin: Person) -> None:
    admin.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-01"})
    admin.does("/billing/runs", {"month": "2026-04", "issued_on": "2026-05-01"})
    paid = {"payment_id": "P-1", "received_on": "2026-04-20", "payer": "E-001", **spent("200000")}
    stated = [{"invoice_number": FIRST, **spent("100000")}]
    admin.does("/payments", {**paid, "allocations": stated})
    admin.does("/payments", {"payment_id": "P-2", "received_on": "2026-04-21", "reference": SECOND, **spent("90100")})
    admin.does("/payments", {"payment_id": "P-3", "received_on": "2026-04-22", "payer": "ACME", **spent("7")})
    credit = {"issued_on": "2026-05-10", "reason": "Absent", "day_ids": ["D-M-2-2026-03-04"]}
    admin.does(f"/invoices/{SECOND}/credit-notes", credit)
    back = {"refund_id": "R-1", "paid_on": "2026-05-12", **spent("90100")}
    admin.does(f"/invoices/{SECOND}/refunds", back)


def spent(amount: str) -> dict[str, Any]:
    return {"amount": {"amount": amount, **XPF}}


@pytest.fixture
def bookkeeper(address: str) -> Iterator[Person]:
    with Person(address, accountant()) as person:
        yield person


def figures(person: Person, number: str, **asked: Any) -> tuple[str, str, str, str]:
    told = person.asks(f"/invoices/{number}", **asked).json()
    return told["gross"], told["paid"], told["credited"], told["outstanding"]


@pytest.mark.parametrize(("principal", "sees"), SEES.values(), ids=SEES.keys())
def test_each_reader_finds_its_invoices_and_no_others(address: str, principal: Principal, sees: set[str]) -> None:
    with Person(address, principal) as person:
        assert {each["invoice_number"] for each in person.asks("/invoices").json()["items"]} == sees
        unknown = person.asks("/invoices/F-2026-00009")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_invoice")
        for number in (FIRST, SECOND, THIRD):
            answer = person.asks(f"/invoices/{number}")
            assert (answer.status_code == 200) == (number in sees)
            if number not in sees:
                assert answer.content == unknown.content
        notes = person.asks("/credit-notes").json()["items"]
        assert {each["invoice_number"] for each in notes} == sees & {SECOND}


def test_a_cadre_bills_nobody_and_an_auditor_reads_no_accounts(address: str) -> None:
    for principal in (cadre("C-001"), auditor(frozenset({"M-1"}))):
        with Person(address, principal) as person:
            assert person.asks("/payments").status_code == 403
    with Person(address, cadre("C-001")) as person:
        assert [person.asks(path).status_code for path in ("/invoices", f"/invoices/{FIRST}", "/credit-notes")] == [
            403,
            403,
            403,
        ]


def test_a_client_sees_what_it_paid_and_what_paid_its_invoices(address: str) -> None:
    def payments(principal: Principal) -> list[str]:
        with Person(address, principal) as person:
            return [each["payment_id"] for each in person.asks("/payments").json()["items"]]

    assert payments(accountant()) == ["P-1", "P-2", "P-3", "R-1"]
    assert payments(client("E-001")) == ["P-1"]
    assert payments(client("E-002")) == ["P-2", "R-1"]
    with Person(address, client("E-001")) as person:
        assert person.asks("/invoices", client_id="E-002").json()["items"] == []
        assert person.asks("/invoices", client_id="E-002").json()["aging"] == []


def test_an_invoice_balances_on_every_date(bookkeeper: Person) -> None:
    assert figures(bookkeeper, FIRST) == ("181790", "100000", "0", "81790")
    assert figures(bookkeeper, SECOND, as_of="2026-04-20") == ("90100", "0", "0", "90100")
    assert figures(bookkeeper, SECOND, as_of="2026-04-21") == ("90100", "90100", "0", "0")
    assert figures(bookkeeper, SECOND, as_of="2026-05-11") == ("90100", "90100", "90100", "-90100")
    assert figures(bookkeeper, SECOND, as_of="2026-05-12") == ("90100", "0", "90100", "0")
    assert bookkeeper.asks(f"/invoices/{SECOND}", as_of="2026-03-31").status_code == 404
    assert bookkeeper.asks("/invoices", as_of="2026-04-30").json()["items"][-1]["invoice_number"] == SECOND


def test_what_is_outstanding_is_told_by_how_late_it_is_whatever_the_page(bookkeeper: Person) -> None:
    whole = bookkeeper.asks("/invoices").json()["aging"]
    assert whole == [
        {
            "currency": "XPF",
            "not_due": "0",
            "late_1_30": "90100",
            "late_31_60": "81790",
            "late_61_90": "0",
            "late_over_90": "0",
        }
    ]
    assert bookkeeper.asks("/invoices", limit=1).json()["aging"] == whole
    due = bookkeeper.asks("/invoices", as_of="2026-05-01").json()["aging"]
    assert due[0]["not_due"] == "171890"


def test_documents_come_page_by_page(bookkeeper: Person) -> None:
    for path in ("/invoices", "/payments"):
        everything = bookkeeper.asks(path).json()["items"]
        seen: list[Any] = []
        address: str | None = f"{path}?limit=2"
        while address:
            response = bookkeeper.asks(address)
            seen += response.json()["items"]
            address = response.headers.get("link", "").partition(">")[0].removeprefix("<") or None
        assert seen == everything


def test_documents_are_found_by_what_they_are_about(bookkeeper: Person) -> None:
    def numbers(**asked: Any) -> list[str]:
        return [each["invoice_number"] for each in bookkeeper.asks("/invoices", **asked).json()["items"]]

    assert numbers(mission_id="M-3") == [FIRST]
    assert numbers(month="2026-04") == [THIRD]
    assert numbers(client_id="E-002") == [SECOND]
    assert numbers(issuer_id="nobody") == []
    found = bookkeeper.asks("/credit-notes", invoice_number=SECOND).json()["items"]
    assert [each["gross"] for each in found] == ["90100"]
    assert bookkeeper.asks("/credit-notes", as_of="2026-05-09").json()["items"] == []


def test_money_that_waits_is_found(bookkeeper: Person) -> None:
    def waiting(**asked: Any) -> dict[str, str]:
        found = bookkeeper.asks("/payments", **asked).json()["items"]
        return {each["payment_id"]: each["unallocated"] for each in found}

    assert waiting(unallocated=True) == {"P-1": "100000", "P-3": "7"}
    assert waiting(unallocated=False) == {"P-2": "0", "R-1": "0"}
    assert waiting(unallocated=True, as_of="2026-04-20") == {"P-1": "100000"}
    assert waiting(invoice_number=SECOND) == {"P-2": "0", "R-1": "0"}


def test_each_figure_leads_to_the_facts_behind_it(address: str) -> None:
    with Person(address, network_admin()) as admin:
        events = {each["id"]: each for each in admin.asks("/events", limit=500).json()["items"]}
        invoice = admin.asks(f"/invoices/{FIRST}").json()
        payment = admin.asks("/payments", invoice_number=FIRST).json()["items"][0]

    def types(positions: list[int]) -> list[str]:
        return [events[str(position)]["type"] for position in positions]

    assert types(invoice["facts"]) == ["billing.invoice_issued", "billing.payment_recorded"]
    assert types(payment["facts"]) == ["billing.payment_recorded"]
    assert [types(line["facts"]) for line in invoice["lines"]] == [
        ["mission.signed", "mission.day_delivered"],
        ["mission.signed", "mission.day_delivered"],
        ["mission.signed", "mission.expense_recorded"],
    ]
    assert [line["label"] for line in invoice["lines"]] == [None, None, "Ferry"]


@pytest.mark.parametrize("asked", [{}, {"as_of": "2026-06-30"}], ids=["the tables", "the events"])
def test_what_was_delivered_is_what_was_billed_to_the_franc(bookkeeper: Person, asked: dict[str, Any]) -> None:
    answer = bookkeeper.asks("/billing/reconciliation", **asked).json()
    told = {
        (line["mission_id"], line["month"]): (line["values"]["invoiced"], line["values"]["credited"], line["billed"])
        for line in answer["items"]
    }
    assert answer["balanced"]
    assert told == {
        ("M-1", "2026-03"): ("85000", "0", "85000"),
        ("M-1", "2026-04"): ("85000", "0", "85000"),
        ("M-2", "2026-03"): ("0", "85000", "0"),
        ("M-3", "2026-03"): ("85000", "0", "85000"),
    }


@pytest.mark.parametrize("path", ["/invoices", "/credit-notes", "/payments"])
@pytest.mark.parametrize("query", ["limit=0", "cursor=x", "as_of=2026-3-1", "nothing=1", "min_position=-1"])
def test_a_question_that_is_not_in_form_is_refused(bookkeeper: Person, path: str, query: str) -> None:
    response = bookkeeper.asks(f"{path}?{query}")
    assert (response.status_code, response.json()["code"]) == (422, "malformed")
