"""A cadre leaves: what is missing is named, and from that date on the mission is the successor’s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.embedded import EmbeddedPostgres
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from tests.journeys.agreed import TERMS, bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person, network, served
from tests.servers import cloned_database

ITEMS = ("documents_transferred", "accesses_transferred", "successor_introduced", "open_points_reviewed")
OVER = {"to_cadre_id": "C-002", "effective_on": "2026-06-15", "accepted_by": "Marie Wamytan"}
REVIEW = {"review_id": "R-1", "held_on": "2026-06-10", "kind": "final", "attendees": ["Marie"], "summary": "Vu"}
RISK = {"risk_id": "K-1", "text": "Une seule personne sait", "likelihood": 3, "impact": 4}
ACCESS = {"access_id": "A-1", "system": "Banque", "level": "lecture", "documented_at": "Classeur 3"}


def open_points(admin: Person) -> None:
    """A mission in hand, on which nothing is ready to be handed over."""
    admin.does("/clients", bakery())
    for number in (1, 2, 3):
        admin.does("/cadres", finance_cadre(f"C-00{number}", f"Cadre {number}"))
    admin.does("/missions", finance_mission())
    admin.does("/missions/M-1/objectives", closing_time())
    admin.does("/missions/M-1/objectives/O-1/measurements", {"value": "18", "measured_on": "2026-03-31"})
    admin.does("/missions/M-1/days", day("2026-06-01", "D-1"))
    admin.does("/missions/M-1/actions", {"action_id": "T-1", "text": "Appeler la banque", "due_on": "2026-06-20"})
    admin.does("/missions/M-1/risks", RISK)
    admin.does("/missions/M-1/accesses", ACCESS)
    admin.does("/missions/M-1/handover", {"reason": "Part", "leaving_on": "2026-06-20", "successor_id": "C-002"})


def make_ready(admin: Person) -> None:
    """All that the checklist asks for."""
    admin.does("/missions/M-1/objectives/O-1/measurements", {"value": "9", "measured_on": "2026-06-10"})
    for kind, closing in (("actions", {"action_id": "T-1"}), ("risks", {"risk_id": "K-1"})):
        admin.does(f"/missions/M-1/{kind}/closures", closing | {"on": "2026-06-11", "note": "Fait"})
    admin.does("/missions/M-1/accesses/revocations", {"access_id": "A-1", "on": "2026-06-11"})
    admin.does("/missions/M-1/reviews", REVIEW)
    for item in ITEMS:
        admin.does("/missions/M-1/handover/items", {"item_id": item})


def gaps(answer: Any) -> list[tuple[str, str | None]]:
    return [(each["gap"], each["id"]) for each in answer["missing"]]


def test_a_handover_with_anything_missing_names_exactly_what(admin: Person, baker: Person) -> None:
    open_points(admin)
    refused = baker.tries("/missions/M-1/handover/completion", OVER)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "handover_incomplete")
    assert gaps(problem) == [
        ("objective_not_measured", "O-1"),
        ("action_without_owner", "T-1"),
        ("risk_without_backup", "K-1"),
        ("access_without_custodian", "A-1"),
        ("no_recent_review", None),
        *(("item_not_completed", item) for item in ITEMS),
    ]
    assert all(part in problem["detail"] for gap, id_ in gaps(problem) for part in (gap, id_ or gap))

    make_ready(admin)
    baker.does("/missions/M-1/handover/completion", OVER)


def test_what_is_left_is_all_that_is_named(admin: Person, baker: Person) -> None:
    open_points(admin)
    make_ready(admin)
    admin.does("/missions/M-1/actions", {"action_id": "T-2", "text": "Relancer", "due_on": "2026-06-20"})
    problem = baker.tries("/missions/M-1/handover/completion", OVER).json()
    assert gaps(problem) == [("action_without_owner", "T-2")]
    assert problem["detail"].endswith("missing: action_without_owner T-2")


def test_other_refusals_have_nothing_to_list(admin: Person) -> None:
    open_points(admin)
    problem = admin.tries("/missions/M-1/handover/completion", OVER | {"to_cadre_id": "C-001"}).json()
    assert problem["code"] == "same_cadre"
    assert "missing" not in problem


@pytest.fixture(scope="module")
def after(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The mission changed hands on 15 June; the successor has worked on it since, under dearer terms."""
    with cloned_database(postgres) as database, network(database) as net, served(net.app) as url:
        with Person(url, network_admin()) as admin:
            open_points(admin)
            make_ready(admin)
            admin.does("/missions/M-1/handover/completion", OVER)
            with Person(url, cadre("C-002")) as paul:
                paul.does("/missions/M-1/days", day("2026-06-16", "D-2", summary="Première journée"))
                action = {"action_id": "T-9", "text": "Reprendre le budget", "owner": "Paul", "due_on": "2026-07-01"}
                paul.does("/missions/M-1/actions", action)
            dearer = TERMS | {"billing": {"kind": "day_rate", "rate": "90000"}}
            letter = {"signed_on": "2026-06-20"}
            amendment = {"effective_on": "2026-06-22", "letter": letter, "terms": dearer, "reason": "Successeur"}
            admin.does("/missions/M-1/amendments", amendment)
            admin.reads("/missions")
            admin.reads("/invoices")
        yield url


def test_days_are_the_successors_from_that_date_on(after: str) -> None:
    with Person(after, cadre("C-002")) as paul:
        days = paul.asks("/missions/M-1/days").json()["items"]
    assert [(each["day_id"], each["cadre_id"]) for each in days] == [("D-1", "C-001"), ("D-2", "C-002")]


def test_who_left_sees_its_days_and_no_other(after: str) -> None:
    with Person(after, cadre("C-001")) as jeanne:
        assert [each["day_id"] for each in jeanne.asks("/missions/M-1/days").json()["items"]] == ["D-1"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("days", day("2026-06-17")),
        ("actions", {"text": "Encore une chose", "due_on": "2026-07-30"}),
        ("objectives/O-1/measurements", {"value": "8", "measured_on": "2026-06-20"}),
        ("handover", {"reason": "Revient", "leaving_on": "2026-07-30"}),
    ],
)
def test_who_left_does_nothing_more_on_the_mission(after: str, path: str, body: dict[str, Any]) -> None:
    with Person(after, cadre("C-001")) as jeanne:
        assert jeanne.is_refused(f"/missions/M-1/{path}", body)[0] in {403, 404}


def test_the_letter_is_the_successors_and_who_left_keeps_its_own(after: str) -> None:
    with Person(after, cadre("C-002")) as paul, Person(after, cadre("C-001")) as jeanne:
        now, then = (person.asks("/missions/M-1/letter").json() for person in (paul, jeanne))
        assert (now["cadre_id"], now["as_of"], now["terms"]["billing"]["rate"]) == ("C-002", "2026-06-30", "90000")
        assert (then["cadre_id"], then["as_of"], then["terms"]["billing"]["rate"]) == ("C-001", "2026-06-14", "85000")
        assert (len(now["changes"]), then["changes"], len(then["held_by"])) == (1, [], 1)
        assert jeanne.asks("/missions/M-1/letter", as_of="2026-06-30", on="2026-06-30").json() == then
        assert "Cadre 2" in paul.asks("/missions/M-1/letter", format="html").text
        assert "Cadre 2" not in jeanne.asks("/missions/M-1/letter", format="html").text


SEES = {
    "network admin": (network_admin(), 200),
    "its cadre": (cadre("C-002"), 200),
    "who left": (cadre("C-001"), 200),
    "another cadre": (cadre("C-003"), 404),
    "its client": (client("E-001"), 200),
    "another client": (client("E-002"), 404),
    "its auditor": (auditor(frozenset({"M-1"})), 200),
    "another's auditor": (auditor(frozenset({"M-9"})), 404),
    "accountant": (accountant(), 404),
}


@pytest.mark.parametrize("document", ["letter", "dossier"])
@pytest.mark.parametrize(("principal", "status"), SEES.values(), ids=SEES.keys())
def test_a_document_is_there_for_those_who_see_the_mission(
    after: str, principal: Principal, status: int, document: str
) -> None:
    with Person(after, principal) as person:
        assert person.asks(f"/missions/M-1/{document}").status_code == status
        assert person.asks(f"/missions/M-9/{document}").status_code == 404


@pytest.mark.parametrize("document", ["letter", "dossier"])
@pytest.mark.parametrize(
    ("asked", "accept", "kind"),
    [
        ({}, "*/*", "application/json"),
        ({}, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ({}, "text/html;q=0.2, application/json", "application/json"),
        ({}, "image/png", "application/json"),
        ({"format": "html"}, "application/json", "text/html; charset=utf-8"),
        ({"format": "json"}, "text/html", "application/json"),
    ],
)
def test_a_document_comes_in_the_form_that_is_asked_for(
    after: str, document: str, asked: dict[str, str], accept: str, kind: str
) -> None:
    with Person(after, network_admin()) as admin:
        answer = admin.asks(f"/missions/M-1/{document}", headers={"Accept": accept}, **asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    if kind.startswith("text/html"):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert policy.endswith("frame-ancestors 'none'")
        assert answer.headers["content-language"] == "fr"


@pytest.mark.parametrize("document", ["letter", "dossier"])
def test_there_is_no_pdf_yet_and_it_is_said_so(after: str, document: str) -> None:
    with Person(after, network_admin()) as admin:
        for answer in (
            admin.asks(f"/missions/M-1/{document}", format="pdf"),
            admin.asks(f"/missions/M-1/{document}", headers={"Accept": "application/pdf"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
            assert "no PDF of it yet" in answer.json()["detail"]
        assert admin.asks(f"/missions/M-1/{document}", format="odt").status_code == 422


@pytest.mark.parametrize("document", ["letter", "dossier"])
def test_before_the_letter_was_signed_there_is_none(after: str, document: str) -> None:
    with Person(after, network_admin()) as admin:
        assert admin.asks(f"/missions/M-1/{document}", as_of="2026-02-25").status_code == 404
        assert admin.asks(f"/missions/M-1/{document}", as_of="2026-02-26").status_code == 200
        assert admin.asks(f"/missions/M-1/{document}", known_at="2026-01-01T00:00:00Z").status_code == 404


def test_the_dossier_is_the_successors_and_who_left_keeps_its_own(after: str) -> None:
    with Person(after, cadre("C-002")) as paul, Person(after, cadre("C-001")) as jeanne:
        now, then = (person.asks("/missions/M-1/dossier").json() for person in (paul, jeanne))
        page = jeanne.asks("/missions/M-1/dossier", format="html").text
    assert (now["cadre_id"], now["as_of"], now["handover"]) == ("C-002", "2026-06-30", None)
    assert [each["day_id"] for each in now["delivered"]["days"]] == ["D-1", "D-2"]
    assert [each["action_id"] for each in now["open"]["actions"]] == ["T-9"]
    assert {each["contact"]["party_id"]: each["role"] for each in now["contacts"]} == {
        "E-001": "client",
        "C-002": "cadre",
        "C-001": "predecessor",
        "network": "issuer",
    }
    [over] = now["handovers"]
    assert (over["to_cadre_id"], over["accepted_by"], over["missing"]) == ("C-002", "Marie Wamytan", [])

    assert (then["cadre_id"], then["as_of"]) == ("C-001", "2026-06-14")
    assert [each["day_id"] for each in then["delivered"]["days"]] == ["D-1"]
    assert then["open"]["actions"] == []
    assert then["handovers"] == []
    assert [each["until_on"] for each in then["holders"]] == [None]
    assert "Reprendre le budget" not in page
    assert "Première journée" not in page


def test_who_is_named_to_take_over_waits_for_the_date(admin: Person, address: str) -> None:
    open_points(admin)
    admin.reads("/missions")
    with Person(address, cadre("C-002")) as paul:
        assert paul.asks("/missions/M-1/dossier").status_code == 404
    dossier = admin.reads("/missions/M-1/dossier")
    assert dossier["handover"]["successor_id"] == "C-002"
    assert [each["role"] for each in dossier["contacts"]] == ["client", "cadre", "successor", "issuer"]


def test_the_dossier_names_what_the_handover_would_be_refused_for(admin: Person, baker: Person) -> None:
    open_points(admin)
    problem = baker.tries("/missions/M-1/handover/completion", OVER | {"effective_on": "2026-06-30"}).json()
    dossier = baker.reads("/missions/M-1/dossier", after=admin)
    checked = [(each["code"], each["id"]) for each in dossier["missing"] if each["in_checklist"]]
    assert checked == gaps(problem)
    sentences = [each["sentence"] for each in dossier["missing"]]
    assert "Objectif O-1 : aucune mesure depuis le 31 mars 2026" in sentences
    assert "Risque K-1 : aucun remplaçant nommé (Une seule personne sait)" in sentences
    english = baker.asks("/missions/M-1/dossier", headers={"Accept-Language": "en"})
    assert english.headers["content-language"] == "en"
    assert "Objective O-1: no measurement since 31 March 2026" in [s["sentence"] for s in english.json()["missing"]]


def test_the_days_to_approve_are_found_in_history(admin: Person, baker: Person) -> None:
    open_points(admin)
    dossier = baker.reads("/missions/M-1/dossier", after=admin)
    events = {int(each["id"]): each for each in admin.asks("/events", limit=500).json()["items"]}
    [waiting] = dossier["open"]["waiting"]
    assert [events[position]["data"]["day_id"] for position in waiting["facts"]] == [waiting["day_id"]]
    assert dossier["money"]["awaiting_approval"]["net"] == "85000"
    assert dossier["position"] == admin.position


@pytest.mark.parametrize("as_of", ["9998-12-31", "9999-12-31"])
def test_no_dossier_reckons_up_to_the_end_of_the_calendar(admin: Person, as_of: str) -> None:
    told = admin.asks("/missions/M-1/dossier", as_of=as_of)
    assert (told.status_code, told.json()["errors"][0]["pointer"]) == (422, "/as_of")


def test_the_dossier_is_told_as_of_a_date_and_as_it_was_known(admin: Person) -> None:
    open_points(admin)
    known = admin.reads("/missions/M-1")["recorded_at"]
    admin.does("/missions/M-1/days/approvals", {"day_ids": ["D-1"]})
    admin.does("/billing/runs", {"month": "2026-05", "issued_on": "2026-06-05"})
    admin.does("/billing/runs", {"month": "2026-06", "issued_on": "2026-06-30"})
    paid = {"received_on": "2026-06-30", "amount": {"amount": "100", "currency": "XPF"}, "reference": "F-2026-00001"}
    admin.does("/payments", {"payment_id": "P-1", **paid})
    now = admin.reads("/missions/M-1/dossier")["money"]
    unpaid = admin.asks("/missions/M-1/dossier", as_of="2026-06-29").json()
    before = admin.asks("/missions/M-1/dossier", known_at=known).json()
    assert [each["outstanding"] for each in now["invoices"]] == ["90000"]
    assert unpaid["money"]["invoices"] == []
    assert (before["money"]["invoices"], before["money"]["net"]) == ([], "85000")
    assert [each["day_id"] for each in before["open"]["waiting"]] == ["D-1"]


def test_a_payment_that_nobody_knew_of_is_not_counted(admin: Person) -> None:
    open_points(admin)
    admin.does("/missions/M-1/days/approvals", {"day_ids": ["D-1"]})
    admin.does("/billing/runs", {"month": "2026-06", "issued_on": "2026-06-30"})
    known = admin.reads("/missions/M-1")["recorded_at"]
    paid = {"received_on": "2026-06-30", "amount": {"amount": "100", "currency": "XPF"}, "reference": "F-2026-00001"}
    admin.does("/payments", {"payment_id": "P-1", **paid})
    now, then = (admin.reads("/missions/M-1/dossier", **asked)["money"] for asked in ({}, {"known_at": known}))
    assert ([each["outstanding"] for each in now["invoices"]], now["outstanding"]) == (["90000"], "90000")
    assert [each["outstanding"] for each in then["invoices"]] == ["90100"]


def test_a_forgotten_dirigeant_is_said_to_be_erased(admin: Person) -> None:
    open_points(admin)
    admin.does("/parties/E-001/erasure", {"reason": "À sa demande"})
    page = admin.asks("/missions/M-1/dossier", format="html", min_position=admin.position).text
    assert "Marie Wamytan" not in page
    assert "marie@boulangerie.nc" not in page
    assert "Les coordonnées de E-001 ont été effacées" in page
    assert admin.asks("/missions/M-1/letter", format="html").status_code == 200


def test_alerts_are_the_successors_from_that_date_on(after: str) -> None:
    def signals(principal: Principal, **asked: Any) -> set[tuple[str, str | None]]:
        with Person(after, principal) as person:
            items = person.asks("/network/alerts", **asked).json()["items"]
        return {(each["code"], each["mission_id"]) for each in items}

    waits = ("days_awaiting_approval", "M-1")
    assert waits in signals(cadre("C-002"))
    assert signals(cadre("C-001")) == set()
    assert waits in signals(cadre("C-001"), as_of="2026-06-14")


def test_the_successor_does_all_that_the_cadre_did(admin: Person, baker: Person, address: str) -> None:
    open_points(admin)
    make_ready(admin)
    baker.does("/missions/M-1/handover/completion", OVER)
    with Person(address, cadre("C-002")) as paul:
        paul.position = baker.position
        paul.reads("/missions/M-1")
        paul.does("/missions/M-1/days", day("2026-06-16", "D-2"))
        paul.does("/missions/M-1/days/withdrawals", {"day_id": "D-1", "reason": "Saisi deux fois"})
        paul.does("/missions/M-1/objectives/O-1/measurements", {"value": "7", "measured_on": "2026-06-20"})
        paul.does("/missions/M-1/reviews", REVIEW | {"review_id": "R-2", "kind": "flash", "held_on": "2026-06-20"})
        paul.does("/missions/M-1/handover", {"reason": "Part", "leaving_on": "2026-07-30"})
        assert paul.is_refused("/missions/M-1/days/approvals", {"day_ids": ["D-2"]})[0] == 403
        assert paul.reads("/missions/M-1/dossier")["cadre_id"] == "C-002"


def test_an_invoice_that_bills_others_too_is_no_line_of_a_cadres_dossier(
    admin: Person, jeanne: Person, baker: Person
) -> None:
    open_points(admin)
    admin.does("/missions", finance_mission("M-2", cadre_id="C-003"))
    admin.does("/missions/M-2/objectives", closing_time())
    admin.does("/missions/M-2/days", day("2026-06-02", "D-3"))
    admin.does("/missions/M-1/days/approvals", {"day_ids": ["D-1"]})
    admin.does("/missions/M-2/days/approvals", {"day_ids": ["D-3"]})
    admin.does("/billing/runs", {"month": "2026-06", "issued_on": "2026-06-30"})
    told = {
        name: person.reads("/missions/M-1/dossier", after=admin)["money"]["invoices"]
        for name, person in (("cadre", jeanne), ("client", baker), ("admin", admin))
    }
    assert told["cadre"] == []
    assert [each["invoice_number"] for each in told["client"]] == ["F-2026-00001"]
    assert told["admin"] == told["client"]
    note = "Seules sont comptées les factures qui ne portent que sur vos missions."
    assert note in jeanne.asks("/missions/M-1/dossier", format="html").text
    assert note not in baker.asks("/missions/M-1/dossier", format="html").text
