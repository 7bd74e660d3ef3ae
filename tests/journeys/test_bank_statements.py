"""Bank statements over HTTP: each credit is recorded once, what it pays is found or suggested, all else is shown."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.http.security import accountant, cadre
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Network, Person

FILES = Path(__file__).parents[1] / "data" / "bank"
CAMT = FILES / "nc-may.camt053.xml"
OWN = "FR76 1488 9000 0100 1234 5678 958"


@pytest.fixture
def books(net: Network, address: str, admin: Person, jeanne: Person, baker: Person) -> Iterator[Person]:
    """The accountant of a network with two clients: F-2026-00001 is over 180 200, F-2026-00002 over 90 100 francs."""
    admin.does("/clients", bakery())
    admin.does("/clients", bakery("E-002") | {"name": "Garage de Ducos"})
    admin.does("/cadres", finance_cadre())
    admin.does("/issuers/network/corrections", {"iban": OWN})
    for number, (client_id, dates) in enumerate([("E-001", ["03", "10"]), ("E-002", ["17"])], start=1):
        admin.does("/missions", finance_mission(f"M-{number}", client_id))
        admin.does(f"/missions/M-{number}/objectives", closing_time())
        for date in dates:
            jeanne.does(f"/missions/M-{number}/days", day(f"2026-03-{date}", f"D-{number}-{date}"))
        admin.does(f"/missions/M-{number}/days/approvals", {"month": "2026-03"})
    with Person(address, accountant()) as person:
        person.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-30"})
        yield person


def sends(person: Person, file: Path | bytes, asked: str = "", key: str | None = None, **headers: str) -> Any:
    """A statement as it came from the bank, and the answer."""
    data = file if isinstance(file, bytes) else file.read_bytes()
    sent = {"Content-Type": "application/xml", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if key is not None:
        sent["Idempotency-Key"] = key
    return person.http.post(f"/bank-statements{asked}", content=data, headers=sent)


def taken(person: Person, file: Path | bytes, asked: str = "", **more: Any) -> Any:
    """The only statement of a file, taken."""
    response = sends(person, file, asked, **more)
    assert response.status_code in {200, 201}, response.text
    person.position = max(person.position, response.json()["position"])
    (statement,) = response.json()["statements"]
    return statement


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["payment_id"] for item in items]


def test_a_statement_is_taken_and_every_entry_stands_in_one_place(books: Person) -> None:
    response = sends(books, CAMT)
    assert response.status_code == 201
    (statement,) = response.json()["statements"]
    assert (statement["account"], statement["currency"]) == (OWN.replace(" ", ""), "XPF")
    assert (statement["opening_balance"], statement["closing_balance"]) == ("1000000", "1438200")
    assert statement["balances_checked"]
    bakers, garage, stranger = statement["recorded"]
    assert bakers["allocations"] == [{"invoice_number": "F-2026-00001", "amount": "180200"}]
    assert (bakers["matched_by"], bakers["client_id"], bakers["bank_reference"]) == ("reference", "E-001", "NC-0001")
    assert (garage["payer"], garage["matched_by"]) == ("E-002", "amount")
    assert garage["allocations"] == [{"invoice_number": "F-2026-00002", "amount": "90100"}]
    assert (stranger["payer"], stranger["unallocated"]) == ("Maître Éloïse Nôjé", "209900")
    assert ids(statement["unallocated"]) == [stranger["payment_id"]]
    natures = [(each["nature"], each["amount"]) for each in statement["ignored"]]
    assert natures == [("debit", "-45000"), ("reversal", "12000"), ("pending", "50000"), ("return", "-9000")]
    assert statement["known_already"] == statement["refused"] == []


def test_the_same_file_again_doubles_nothing_and_says_what_was_known(books: Person) -> None:
    first = taken(books, CAMT)
    again = sends(books, CAMT)
    assert again.status_code == 200
    (statement,) = again.json()["statements"]
    assert statement["recorded"] == []
    assert statement["known_already"] == first["recorded"]
    assert statement["unallocated"] == first["unallocated"]


def test_a_file_that_many_send_at_once_is_recorded_once(books: Person) -> None:
    with ThreadPoolExecutor(4) as senders:
        answers = [answer.json()["statements"][0] for answer in senders.map(lambda _: sends(books, CAMT), range(4))]
    assert sum(len(each["recorded"]) for each in answers) == 3
    assert sum(len(each["known_already"]) for each in answers) == 9
    assert [each["amount"] for each in books.reads("/payments/unallocated")["items"]] == ["209900"]


def test_overlapping_files_record_what_is_new(books: Person) -> None:
    rows = (FILES / "nc-may.csv").read_bytes().decode("cp1252").splitlines()
    head, entries = [row for row in rows[:6] if not row.startswith("Solde")], rows[6:]
    early = "\r\n".join([*head, *entries[:3]]).encode("cp1252")
    late = "\r\n".join([*head, *entries[1:]]).encode("cp1252")
    before = taken(books, early, "?format=csv&profile=nc-xpf")
    after = taken(books, late, "?format=csv&profile=nc-xpf")
    assert [len(before["recorded"]), len(after["recorded"]), len(after["known_already"])] == [3, 1, 2]
    assert ids(after["known_already"]) == ids(before["recorded"])[1:]
    assert not before["balances_checked"]


def test_two_equal_lines_of_one_day_are_two_payments(books: Person) -> None:
    statement = taken(books, FILES / "nc-may.csv", Content_Type="text/csv")
    cheques = [each for each in statement["recorded"] if each["reference"] == "REMISE CHÈQUE"]
    assert len({each["payment_id"] for each in cheques}) == 2
    assert [each["resembles"] for each in cheques] == [[], []]


def test_the_same_money_in_another_format_is_shown_to_resemble_what_is_there(books: Person) -> None:
    (known, *_) = taken(books, CAMT)["recorded"]
    statement = taken(books, FILES / "nc-may.ofx", Content_Type="application/x-ofx")
    (credit,) = statement["recorded"]
    assert credit["resembles"] == [known["payment_id"]]
    assert (credit["unallocated"], credit["payer"]) == ("180200", "E-001")
    assert [each["nature"] for each in statement["ignored"]] == ["debit", "bank"]


def test_an_entry_that_both_formats_name_alike_is_one_payment(net: Network, admin: Person, books: Person) -> None:
    admin.does("/issuers/network/corrections", {"iban": "FR7630004008280000987654341"})
    response = sends(books, FILES / "fr-two-days.camt053.xml")
    first, second = response.json()["statements"]
    assert [len(first["recorded"]), len(second["recorded"])] == [1, 0]
    statement = taken(books, FILES / "fr-may.ofx")
    assert ids(statement["known_already"]) == ids(first["recorded"])
    assert [each["nature"] for each in statement["ignored"]] == ["reversal", "pending"]


def test_what_waits_is_listed_with_suggestions_and_allocated_by_hand(books: Person) -> None:
    body = CAMT.read_text(encoding="utf-8").replace("REGLEMENT F-2026-00001 MERCI", "FACT 2026/1")
    body = body.replace("BOULANGERIE DU PORT SARL", "BOULANG. DU PORT")
    (waiting, _) = taken(books, body.encode())["unallocated"]
    (suggestion,) = waiting["suggestions"]
    assert suggestion["invoice_number"] == "F-2026-00001"
    assert suggestion["reasons"] == ["number", "amount", "client_name"]
    listed = books.reads("/payments/unallocated", limit=1)
    assert (listed["items"], listed["next_cursor"] is None) == ([waiting], False)
    books.does(
        f"/payments/{waiting['payment_id']}/allocations",
        {
            "allocations": [
                {
                    "invoice_number": suggestion["invoice_number"],
                    "amount": {"amount": suggestion["amount"], "currency": waiting["currency"]},
                }
            ]
        },
    )
    (left,) = books.reads("/payments/unallocated")["items"]
    assert (left["unallocated"], left["suggestions"]) == ("209900", [])


def test_a_payment_that_was_withdrawn_is_not_recorded_anew(books: Person) -> None:
    (first, *_) = taken(books, CAMT)["recorded"]
    books.does(f"/payments/{first['payment_id']}/withdrawal", {"reason": "It was another account's"})
    statement = taken(books, CAMT)
    assert (statement["recorded"], len(statement["known_already"])) == ([], 3)
    assert statement["known_already"][0]["withdrawn_on"] == "2026-06-30"


def test_a_reference_with_another_amount_is_refused_by_itself(books: Person) -> None:
    taken(books, CAMT)
    changed = CAMT.read_text(encoding="utf-8").replace("180200", "180300").replace("1438200", "1438300")
    statement = taken(books, changed.encode())
    (refused,) = statement["refused"]
    assert (refused["code"], refused["entry"], refused["amount"]) == ("reference_reused", 1, "180300")
    assert len(statement["known_already"]) == 2
    assert books.reads("/payments/unallocated")["items"][0]["amount"] == "209900"


REFUSED = {
    "a balance that its entries do not make": (("1438200", "1438201"), 422, "statement_does_not_add_up", "1 more"),
    "an entry in another currency": (
        ('Amt Ccy="XPF">45000', 'Amt Ccy="EUR">45000'),
        409,
        "currency_mismatch",
        "entry 4",
    ),
    "a currency that nobody bills in": (("XPF", "USD"), 409, "currency_mismatch", "line"),
    "an account of somebody else": (
        ("FR7614889000010012345678958", "FR7617469000020055500011153"),
        409,
        "unknown_account",
        "correct_issuer",
    ),
    "an account that is none": (("678958", "678959"), 422, "malformed", "check digits"),
    "money of tomorrow": (("2026-05-12", "2026-07-12"), 409, "in_the_future", "entry 2"),
    "half a file": (("</Document>", ""), 422, "malformed", "line"),
    "a version of later": (("camt.053.001.08", "camt.053.001.15"), 422, "malformed", "02 to 14"),
    "an entity": (("<Document ", '<!DOCTYPE x [<!ENTITY a "b">]><Document '), 422, "malformed", "line 2"),
}


@pytest.mark.parametrize(("change", "status", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_cannot_be_taken_leaves_nothing_behind(
    books: Person, change: tuple[str, str], status: int, code: str, words: str
) -> None:
    response = sends(books, CAMT.read_text(encoding="utf-8").replace(*change).encode())
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert words in problem["detail"] + str(problem.get("errors"))
    assert books.reads("/payments/unallocated")["items"] == []


def test_a_huge_file_is_refused_before_it_is_read(books: Person) -> None:
    response = sends(books, b" " * 5_000_001)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_a_file_that_does_not_say_what_it_is_is_asked_to(books: Person, address: str) -> None:
    assert sends(books, CAMT, Content_Type="application/pdf").status_code == 415
    assert sends(books, CAMT, "?format=mt940").status_code == 422
    assert sends(books, CAMT, "?format=camt053&profile=nc-xpf").status_code == 422
    assert sends(books, CAMT, "?format=camt053", Content_Type="application/octet-stream").status_code == 201
    with Person(address, cadre("C-001")) as jeanne:
        assert sends(jeanne, CAMT).status_code == 403


def test_a_key_answers_the_same_again_and_holds_for_one_file(books: Person) -> None:
    first = sends(books, CAMT, key="may")
    assert first.status_code == 201
    again = sends(books, CAMT, key="may")
    assert (again.status_code, again.json()) == (201, first.json())
    other = sends(books, CAMT.read_bytes() + b"\n", key="may")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    unnamed = sends(books, CAMT)
    assert (unnamed.status_code, len(unnamed.json()["statements"][0]["known_already"])) == (200, 3)
    assert sends(books, CAMT, key="june").status_code == 200


def test_what_waits_is_told_as_of_a_date_and_as_it_was_known(books: Person) -> None:
    taken(books, CAMT)
    before = books.reads("/payments/unallocated")
    (waiting,) = before["items"]
    known_at = books.reads("/events")["items"][-1]["time"]
    as_of = books.reads("/payments/unallocated", as_of=waiting["received_on"])["items"]
    assert [each["unallocated"] for each in as_of] == ["209900"]
    books.does(f"/payments/{waiting['payment_id']}/withdrawal", {"reason": "Saisi deux fois"})
    assert books.reads("/payments/unallocated")["items"] == []
    assert books.reads("/payments/unallocated", known_at=known_at) == before
    assert books.reads("/payments/unallocated", as_of=waiting["received_on"])["items"] == as_of
    assert books.reads("/payments/unallocated", as_of="2026-04-30")["items"] == []
