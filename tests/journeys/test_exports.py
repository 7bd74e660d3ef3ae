"""The accountant takes the books away over HTTP, and nobody else does."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from service.http.security import Principal, accountant, auditor, cadre, client
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person
from tests.service.exports.fec_rules import broken_rules, lines_of, money


def billed(admin: Person) -> None:
    """One day of 85000 francs, billed and paid."""
    admin.does("/clients", bakery())
    admin.does("/cadres", finance_cadre())
    admin.does("/missions", finance_mission())
    admin.does("/missions/M-1/objectives", closing_time())
    admin.does("/missions/M-1/days", day("2026-03-03", "D-1"))
    admin.does("/missions/M-1/days/approvals", {"month": "2026-03"})
    admin.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-01"})
    amount = {"amount": "90100", "currency": "XPF"}
    admin.does("/payments", {"payment_id": "P-1", "received_on": "2026-04-20", "amount": amount, "payer": "E-001"})


def taken(person: Person, name: str, after: Person, **asked: Any) -> Any:
    """A file, once the read models have seen what another did."""
    return person.asks(f"/exports/{name}", min_position=after.position, **asked)


def test_the_accountant_takes_the_books_away(admin: Person, address: str) -> None:
    billed(admin)
    with Person(address, accountant()) as books:
        table = taken(books, "invoices", admin, bom="true")
        assert table.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert table.headers["content-disposition"] == 'attachment; filename="relais_invoices.csv"'
        rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert [(row["row"], row["net"], row["client_name"]) for row in rows] == [
            (kind, "85000", "Boulangerie du Port") for kind in ("line", "tax", "total")
        ]
        for name in ("payments", "days"):
            assert taken(books, name, admin, format="xlsx").content.startswith(b"PK")
        for name in ("sales-journal", "bank-journal"):
            journal = taken(books, name, admin, to="2026-12-31")
            called = journal.headers["content-disposition"].partition('"')[2].rstrip('"')
            assert called == "networkFEC20261231.txt"
            assert broken_rules(called, journal.content) == []
            assert sum(money(line["Debit"]) for line in lines_of(journal.content)) == 90100


@pytest.mark.parametrize(
    "principal", [cadre("C-001"), client("E-001"), auditor(frozenset({"M-1"}))], ids=lambda principal: principal.role
)
def test_nobody_else_does(address: str, principal: Principal) -> None:
    with Person(address, principal) as person:
        assert person.asks("/exports/invoices").status_code == 403


def test_what_makes_no_file_is_told_by_its_parameter(admin: Person) -> None:
    admin.does("/clients", bakery())
    admin.reads("/missions")
    assert admin.asks("/exports/weather").status_code == 404
    faults: tuple[tuple[dict[str, Any], str], ...] = (
        ({"issuer": "I-9"}, "/issuer"),
        ({"from": "2026-05-02", "to": "2026-05-01"}, "/to"),
        ({"format": "pdf"}, "/format"),
        ({"currency": "USD"}, "/currency"),
    )
    for asked, pointer in faults:
        refused = admin.asks("/exports/invoices", **asked)
        assert refused.status_code == 422, refused.text
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
