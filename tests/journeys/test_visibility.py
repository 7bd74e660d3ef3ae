"""What a token may not see does not exist for it: every role, every question, its own missions and others'."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.embedded import EmbeddedPostgres
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person, network, served
from tests.servers import cloned_database

SEES: dict[str, tuple[Principal, set[str]]] = {
    "network admin": (network_admin(), {"M-1", "M-2", "M-3"}),
    "cadre of one": (cadre("C-001"), {"M-1"}),
    "cadre of the other": (cadre("C-002"), {"M-2", "M-3"}),
    "cadre of none": (cadre("C-003"), set()),
    "client of one": (client("E-001"), {"M-1"}),
    "client of the other": (client("E-002"), {"M-2", "M-3"}),
    "a client's id in a cadre's token": (cadre("E-001"), set()),
    "accountant": (accountant(), set()),
    "auditor of one": (auditor(frozenset({"M-1"})), {"M-1"}),
    "auditor of none": (auditor(frozenset()), set()),
    "auditor of what is not there": (auditor(frozenset({"M-9"})), set()),
}
QUESTIONS = (
    "/missions/{}",
    "/missions/{}/days",
    "/missions/{}/audit-trail",
    "/missions/{}/continuity",
    "/missions/{}/accesses",
    "/missions/{}/rituals",
)
COMMANDS = {
    "days": day("2026-03-05"),
    "days/approvals": {"month": "2026-03"},
    "pauses": {"from_on": "2026-06-29", "reason": "Holidays"},
    "actions": {"text": "Call the bank", "due_on": "2026-07-30"},
}


@pytest.fixture(scope="module")
def address(postgres: EmbeddedPostgres) -> Iterator[str]:
    """Two clients with missions of their own; nothing here is changed by a test."""
    with cloned_database(postgres) as database, network(database) as net, served(net.app) as url:
        with Person(url, network_admin()) as admin:
            for number in (1, 2):
                admin.does("/clients", bakery(f"E-00{number}"))
                admin.does("/cadres", finance_cadre(f"C-00{number}"))
                admin.does("/missions", finance_mission(f"M-{number}", f"E-00{number}", f"C-00{number}"))
                admin.does(f"/missions/M-{number}/objectives", closing_time())
                admin.does(f"/missions/M-{number}/days", day("2026-03-03"))
            admin.does("/missions", finance_mission("M-3", "E-002", "C-002"))
            admin.does("/missions/M-3/objectives", closing_time())
            admin.does("/missions/M-3/days", day("2026-03-04"))
            admin.reads("/missions")
            admin.reads("/events")
            admin.reads("/billing/reconciliation")
        yield url


@pytest.mark.parametrize(("principal", "sees"), SEES.values(), ids=SEES.keys())
def test_each_role_is_shown_its_own_and_told_nothing_of_the_rest(
    address: str, principal: Principal, sees: set[str]
) -> None:
    with Person(address, principal) as person:
        assert {mission["mission_id"] for mission in person.asks("/missions").json()["items"]} == sees
        unknown = person.asks("/missions/M-9")
        assert unknown.status_code == 404
        for question in QUESTIONS:
            for mission_id in ("M-1", "M-2", "M-3"):
                answer = person.asks(question.format(mission_id))
                assert (answer.status_code == 200) == (mission_id in sees), question
                if mission_id not in sees:
                    assert (answer.status_code, answer.content) == (404, unknown.content)


@pytest.mark.parametrize(("principal", "sees"), SEES.values(), ids=SEES.keys())
def test_nobody_acts_on_a_mission_that_is_not_there_for_them(
    address: str, principal: Principal, sees: set[str]
) -> None:
    with Person(address, principal) as person:
        for path, body in COMMANDS.items():
            unknown = person.tries(f"/missions/M-9/{path}", body)
            for mission_id in {"M-1", "M-2", "M-3"} - sees:
                foreign = person.tries(f"/missions/{mission_id}/{path}", body)
                assert foreign.status_code in {403, 404}
                assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize(("principal", "sees"), SEES.values(), ids=SEES.keys())
def test_the_feed_and_the_figures_hold_no_foreign_row(address: str, principal: Principal, sees: set[str]) -> None:
    with Person(address, principal) as person:
        events = person.asks("/events", limit=500).json()["items"]
        streams = {event["subject"] for event in events}
        assert {stream for stream in streams if stream.startswith("mission:")} == {f"mission:{each}" for each in sees}
        if principal != network_admin():
            assert streams <= {f"mission:{each}" for each in sees} | {f"{principal.role}:{principal.actor.id}"}
        lines = person.asks("/billing/reconciliation").json()["items"]
        assert {line["mission_id"] for line in lines} == (sees if principal != accountant() else {"M-1", "M-2", "M-3"})
        past = person.asks("/billing/reconciliation", as_of="2026-12-31").json()["items"]
        assert past == lines


def test_a_filter_shows_no_more_than_there_is_to_see(address: str) -> None:
    with Person(address, client("E-001")) as person:
        assert person.asks("/missions", client_id="E-002", limit=1).json() == {"items": [], "next_cursor": None}
        assert person.asks("/missions", cadre_id="C-002").json()["items"] == []
    with Person(address, cadre("C-001")) as person:
        assert person.asks("/missions", cadre_id="C-002", limit=1).json() == {"items": [], "next_cursor": None}
        assert person.asks("/missions", cadre_id="C-002").json()["items"] == []
        assert person.asks("/missions", client_id="E-002").json()["items"] == []
        assert len(person.asks("/missions", client_id="E-001", status="running").json()["items"]) == 1
        assert person.asks("/missions", status="paused").json()["items"] == []


def test_a_page_of_missions_is_full_while_there_is_more(address: str) -> None:
    with Person(address, network_admin()) as admin, Person(address, cadre("C-002")) as second:
        for asked in ({"as_of": "2026-02-01"}, {"status": "paused"}, {"status": "paused", "as_of": "2026-06-30"}):
            for person in (admin, second):
                answer = person.asks("/missions", None, limit=1, **asked)
                assert answer.json() == {"items": [], "next_cursor": None}, asked
        then = admin.asks("/missions", as_of="2026-06-30", limit=2).json()
        assert [each["mission_id"] for each in then["items"]] == ["M-1", "M-2"]
        rest = admin.asks("/missions", as_of="2026-06-30", limit=2, cursor=then["next_cursor"]).json()
        assert ([each["mission_id"] for each in rest["items"]], rest["next_cursor"]) == (["M-3"], None)
        page = second.asks("/missions", status="running", limit=1).json()
        assert [each["mission_id"] for each in page["items"]] == ["M-2"]
        rest = second.asks("/missions", status="running", limit=1, cursor=page["next_cursor"]).json()
        assert ([each["mission_id"] for each in rest["items"]], rest["next_cursor"]) == (["M-3"], None)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=1&limit=x",
        "cursor=x",
        "cursor=W10",
        "cursor=WyJcdTAwMDAiXQ",
        "as_of=2026-3-1",
        "as_of=20260301",
        "as_of=0",
        "min_position=-1",
        "min_position=1.5",
        "known_at=2026-03-01",
        "known_at=0",
        "known_at=0001-01-01T00:00:00%2B14:00",
        "asof=2026-03-01",
    ],
)
@pytest.mark.parametrize("path", ["/missions/M-1/days", "/missions/M-1/audit-trail"])
def test_a_question_that_is_not_in_form_is_refused(address: str, path: str, query: str) -> None:
    with Person(address, network_admin()) as person:
        response = person.asks(f"{path}?{query}")

    assert (response.status_code, response.json()["code"]) == (422, "malformed")
