"""Who is told what of the network: the scorecard, and the signals that ask for somebody, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from service.http.security import accountant, auditor, cadre
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person
from tests.servers import Database

ALERTS, INDICATORS = "/network/alerts", "/network/indicators"
TODAY = date(2026, 6, 30)


@pytest.fixture
def at_work(admin: Person) -> Person:
    """Two clients with a mission each, held by two cadres; nothing was heard of either since March."""
    for client_id, cadre_id, mission_id in (("E-001", "C-001", "M-1"), ("E-002", "C-002", "M-2")):
        admin.does("/clients", bakery(client_id))
        admin.does("/cadres", finance_cadre(cadre_id))
        admin.does("/missions", finance_mission(mission_id, client_id, cadre_id))
        admin.does(f"/missions/{mission_id}/objectives", closing_time())
        admin.does(f"/missions/{mission_id}/days", day("2026-03-03", f"D-{mission_id}"))
    return admin


@pytest.fixture
def paul(address: str) -> Iterator[Person]:
    """The cadre C-002."""
    with Person(address, cadre("C-002")) as person:
        yield person


def signals(person: Person, admin: Person, **asked: object) -> list[tuple[str, str | None, str]]:
    items = person.reads(ALERTS, after=admin, **asked)["items"]
    return [(each["code"], each["mission_id"], each["since"]) for each in items]


def of(mission_id: str) -> list[tuple[str, str | None, str]]:
    return [
        ("days_awaiting_approval", mission_id, "2026-03-13"),
        ("no_day_delivered", mission_id, "2026-03-13"),
        ("review_overdue", mission_id, "2026-04-09"),
        ("objective_unmeasured", mission_id, "2026-04-16"),
    ]


def test_a_signal_says_since_when_it_stands_who_should_act_and_how(at_work: Person) -> None:
    told = at_work.reads(ALERTS)["items"][0]
    assert told == {
        "code": "days_awaiting_approval",
        "severity": "medium",
        "since": "2026-03-13",
        "mission_id": "M-1",
        "client_id": "E-001",
        "subject_ids": ["D-M-1"],
        "who": {"role": "client", "id": "E-001"},
        "to_do": {
            "fr": "Jours en attente d'approbation : les approuver, ou contester ceux qui ne vont pas.",
            "en": "Days awaiting approval: approve them, or dispute those that are not right.",
        },
    }


def test_everybody_is_told_of_what_is_theirs(
    at_work: Person, jeanne: Person, baker: Person, paul: Person, address: str
) -> None:
    assert sorted(signals(at_work, at_work)) == sorted(of("M-1") + of("M-2"))
    assert signals(jeanne, at_work) == signals(baker, at_work) == of("M-1")
    assert signals(paul, at_work) == of("M-2")
    with Person(address, auditor(frozenset({"M-2"}))) as auditing, Person(address, accountant()) as billing:
        assert signals(auditing, at_work) == of("M-2")
        assert signals(billing, at_work) == []
        assert billing.asks(INDICATORS).status_code == 403
        assert auditing.reads(INDICATORS)["verdict"] is None


def test_the_same_is_told_as_of_any_date_and_as_known_at_an_instant(
    at_work: Person, jeanne: Person, baker: Person
) -> None:
    before = at_work.reads("/missions/M-1")["recorded_at"]
    at_work.does("/missions/M-1/days", day("2026-06-29", "D-9"))
    at_work.does("/missions/M-1/days/approvals", {"day_ids": ["D-M-1", "D-9"]})
    assert signals(jeanne, at_work) == of("M-1")[2:]
    assert signals(jeanne, at_work, known_at=before) == of("M-1")
    for person in (jeanne, baker):
        assert signals(person, at_work, as_of="2026-03-12") == []
        assert signals(person, at_work, as_of="2026-04-15") == of("M-1")[:3]
    assert sorted(signals(at_work, at_work, as_of="2026-04-15")) == sorted(of("M-1")[:3] + of("M-2")[:3])
    assert signals(jeanne, at_work, as_of="2026-09-01")[-1] == ("no_day_delivered", "M-1", "2026-07-09")


def test_signals_come_page_by_page_now_and_then(at_work: Person) -> None:
    for as_of in ("2026-06-30", "2026-06-29"):
        whole = at_work.reads(ALERTS, as_of=as_of)["items"]
        found: list[object] = []
        page = at_work.reads(ALERTS, as_of=as_of, limit=3)
        while page["next_cursor"] is not None:
            found += page["items"]
            page = at_work.reads(ALERTS, as_of=as_of, limit=3, cursor=page["next_cursor"])
        assert found + page["items"] == whole
        assert len(whole) == 8
    assert at_work.asks(ALERTS, cursor="WyJhIiwgImIiLCAiYyIsICJkIiwgImUiXQ").status_code == 422


def test_after_a_handover_the_signals_are_the_successors(at_work: Person, jeanne: Person, paul: Person) -> None:
    at_work.does("/missions/M-1/handover", {"reason": "Leaves", "leaving_on": "2026-06-15"})
    assert ("cadre_leaving_without_successor", "M-1", TODAY.isoformat()) in signals(jeanne, at_work)
    completion = {
        "to_cadre_id": "C-002",
        "effective_on": "2026-06-20",
        "accepted_by": "Marie",
        "override_reason": "Gone",
    }
    at_work.does("/missions/M-1/handover/completion", completion)
    assert signals(jeanne, at_work) == []
    assert sorted(signals(paul, at_work)) == sorted(of("M-1") + of("M-2"))
    assert signals(jeanne, at_work, as_of="2026-06-19") == of("M-1")
    assert signals(jeanne, at_work, as_of="2026-06-20") == []


def test_the_scorecard_of_the_network_and_of_a_part_of_it(at_work: Person, jeanne: Person, baker: Person) -> None:
    at_work.does(
        "/missions/M-1/reviews",
        {
            "review_id": "R-1",
            "held_on": "2026-06-29",
            "kind": "monthly",
            "attendees": ["Marie"],
            "summary": "On track",
            "satisfaction": 4,
            "acts_as_cadre": True,
        },
    )
    whole = at_work.reads(INDICATORS)
    assert (whole["real_missions_first_three_months"], whole["extension_rate"]) == (2, "100.0")
    assert (whole["satisfaction"], whole["satisfaction_response_rate"]) == ("4.00", "50.0")
    assert (whole["positioning_clarity"], whole["verdict"]) == ("100.0", "go_on")
    assert [each["cadre_id"] for each in whole["cadres"]] == ["C-001", "C-002"]
    assert [each["missions_in_force"] for each in whole["clients"]] == [1, 1]
    for person in (jeanne, baker):
        part = person.reads(INDICATORS, after=at_work)
        assert (part["real_missions_first_three_months"], part["verdict"], part["reasons"]) == (1, None, [])
        assert [each["client_id"] for each in part["clients"]] == ["E-001"]
    then = at_work.reads(INDICATORS, as_of="2026-03-30")
    assert (then["satisfaction"], then["extension_rate"]) == (None, None)
    assert [each["days_per_week"] for each in then["cadres"]] == ["0.25", "0.25"]


def test_a_stream_that_is_set_aside_is_told_to_the_network_alone(
    at_work: Person, jeanne: Person, database: Database
) -> None:
    at_work.reads(ALERTS)
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO rm.projection_parked (model, generation, stream, position, error)"
            " SELECT model, generation, 'mission:M-1', 3, 'ValueError' FROM rm.projection_generations"
            " WHERE model = 'missions'"
        )
    told = at_work.reads(ALERTS)["items"][0]
    assert (told["code"], told["severity"], told["mission_id"]) == ("stream_set_aside", "high", "M-1")
    assert told["subject_ids"] == ["mission:M-1"]
    whole = at_work.reads(ALERTS)["items"]
    pages = [at_work.reads(ALERTS, limit=1)]
    while pages[-1]["next_cursor"] is not None:
        pages.append(at_work.reads(ALERTS, limit=1, cursor=pages[-1]["next_cursor"]))
    assert [page["items"] for page in pages] == [[alert] for alert in whole], "a page holds no more than is asked for"
    assert signals(jeanne, at_work) == of("M-1")
    assert signals(at_work, at_work, as_of="2026-06-29")[0][0] != "stream_set_aside"
