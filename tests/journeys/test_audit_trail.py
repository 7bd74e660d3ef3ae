"""An auditor finds who did what, when, on whose request, and takes it away."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from service.http.security import accountant, auditor
from service.http.security import cadre as cadre_token
from service.http.security import client as client_token
from tests.bodies import BODIES
from tests.journeys.network import Person

LIFE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/clients", dict(BODIES["register_client"])),
    ("/cadres", dict(BODIES["register_cadre"])),
    ("/missions", {**BODIES["sign_mission"], "mission_id": "M-1"}),
    ("/missions", {**BODIES["sign_mission"], "mission_id": "M-2"}),
    ("/missions/M-1/objectives", dict(BODIES["set_objective"])),
    ("/missions/M-1/days", {"day_id": "D-1", "date": "2026-03-03", "quantity": "1", "summary": "=Clôture"}),
    ("/missions/M-1/days", {"day_id": "D-2", "date": "2026-03-10", "quantity": "1", "summary": "Budget"}),
)
XPF = {"amount": "85000", "currency": "XPF"}
CLIENT, CADRE = str(BODIES["sign_mission"]["client_id"]), str(BODIES["sign_mission"]["cadre_id"])


@pytest.fixture
def position(admin: Person) -> int:
    """Two missions, one of which has begun."""
    answers = [admin.does(path, body, key=f"k-{number}") for number, (path, body) in enumerate(LIFE)]
    return int(answers[-1]["position"])


def types(answer: dict[str, Any]) -> list[str]:
    return [entry["type"] for entry in answer["items"]]


def test_a_trail_is_searched_by_mission_type_actor_and_period(admin: Person, position: int, address: str) -> None:
    def found(**asked: Any) -> list[str]:
        return types(admin.reads("/audit-trail", **asked))

    assert found(mission_id="M-2") == ["mission.signed"]
    assert found(type="mission.signed") == ["mission.signed"] * 2
    assert found(type="mission.day_delivered", from_on="2026-03-04") == ["mission.day_delivered"]
    assert found(from_on="2026-03-03", until_on="2026-03-03") == ["mission.day_delivered"]
    assert found(actor_role="network_admin", mission_id="M-1") == found(mission_id="M-1")
    assert found(actor_role="cadre") == []
    with Person(address, cadre_token(CADRE)) as cadre:
        cadre.does("/missions/M-1/days", {"day_id": "D-3", "date": "2026-03-11", "quantity": "1", "summary": "Paie"})
        admin.position = max(admin.position, cadre.position)
    assert found(actor_id=CADRE) == ["mission.day_delivered"]
    wrong = admin.asks("/audit-trail?from_on=2026-03-04&until_on=2026-03-03")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "malformed")


def test_an_entry_names_the_request_that_caused_it(admin: Person, position: int) -> None:
    entry = admin.reads("/missions/M-1/audit-trail", type="mission.objective_set")["items"][0]
    assert entry["request"]["command_id"].endswith(":k-4")
    assert entry["request"]["correlation_id"]
    assert len(entry["hash"]) == 64
    assert entry["checkpoint"] is None, "nothing seals here"


def test_what_was_found_is_taken_away_whole(admin: Person, position: int) -> None:
    asked = f"mission_id=M-1&min_position={position}"
    answer = admin.asks(f"/audit-trail/export?{asked}&format=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="relais_audit-trail_M-1.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    shown = admin.reads("/missions/M-1/audit-trail")["items"]
    assert [(row["position"], row["hash"], row["sentence"]) for row in rows] == [
        (str(entry["position"]), entry["hash"], entry["sentence"]) for entry in shown
    ]
    assert json.loads(rows[-1]["data"]) == shown[-1]["data"]
    whole = admin.asks(f"/audit-trail/export?{asked}&format=json").json()
    assert whole == {"items": shown, "next_cursor": None}
    everything = admin.asks("/audit-trail/export?format=json").json()
    assert types(everything) == types(admin.reads("/audit-trail"))


def test_pages_follow_each_other_without_a_gap(admin: Person, position: int) -> None:
    first = admin.reads("/audit-trail", limit=4)
    rest = admin.reads("/audit-trail", limit=100, cursor=first["next_cursor"])
    assert [entry["position"] for entry in first["items"] + rest["items"]] == list(range(1, position + 1))
    assert rest["next_cursor"] is None


def test_everyone_searches_what_they_may_see(admin: Person, position: int, address: str) -> None:
    admin.reads("/audit-trail")
    with Person(address, auditor(frozenset({"M-2"}))) as outsider:
        assert types(outsider.reads("/audit-trail")) == ["mission.signed"]
        assert types(outsider.asks("/audit-trail/export?format=json").json()) == ["mission.signed"]
        assert outsider.asks("/audit-trail?mission_id=M-1").status_code == 404
    with Person(address, client_token("E-9")) as stranger:
        assert types(stranger.reads("/audit-trail")) == []
    with Person(address, client_token(CLIENT)) as client:
        assert types(client.reads("/audit-trail")) == [
            "client.registered",
            "mission.signed",
            "mission.signed",
            "mission.objective_set",
            "mission.day_delivered",
            "mission.day_delivered",
        ]


@pytest.mark.parametrize("path", ["/audit-trail", "/events"])
def test_whoever_sees_little_is_given_full_pages_until_the_last(admin: Person, address: str, path: str) -> None:
    for number, (asked, body) in enumerate(LIFE):
        admin.does(asked, body)
        admin.does("/payments", {"payment_id": f"P-{number}", "received_on": "2026-03-04", "amount": XPF})
    for principal, sees in ((accountant(), 7), (client_token(CLIENT), 6), (auditor(frozenset({"M-2"})), 1)):
        with Person(address, principal) as person:
            pages, cursor = list[int](), None
            while not pages or cursor is not None:
                answer = person.reads(path, after=admin, limit=3, **({"cursor": cursor} if cursor else {}))
                pages.append(len(answer["items"]))
                cursor = answer["next_cursor"]
        assert sum(pages) == sees
        assert pages[:-1] == [3] * (len(pages) - 1), "a page that is not the last is full"
        assert pages[-1] > 0, "the last page is no empty one"


def test_before_its_letter_a_mission_has_no_trail_as_it_has_no_days(admin: Person, position: int) -> None:
    signed = admin.reads("/missions/M-1/audit-trail")["items"][0]
    for question in ("/missions/M-1", "/missions/M-1/days", "/missions/M-1/audit-trail"):
        assert admin.asks(question, as_of=signed["occurred_on"]).status_code == 200
        for asked in ("as_of=2026-02-01", "known_at=2026-02-01T00:00:00Z"):
            answer = admin.asks(f"{question}?{asked}")
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_mission")
    for question in ("/audit-trail", "/audit-trail/export"):
        assert admin.asks(question, mission_id="M-1", as_of="2026-02-01").status_code == 404
    for question in ("/missions/M-9/audit-trail", "/audit-trail?mission_id=M-9", "/audit-trail/export?mission_id=M-9"):
        assert admin.asks(question).status_code == 404
    nothing = admin.reads("/missions/M-1/audit-trail", type="mission.stopped", as_of=signed["occurred_on"])
    assert nothing == {"items": [], "next_cursor": None}, "a trail in which nothing is found is there all the same"
