"""The feed is history in global order, page by page or live, and goes on where it was cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx2

from service.http.security import accountant, client, network_admin
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Network, Person, served


def sign(admin: Person) -> None:
    """Five events."""
    admin.does("/clients", bakery())
    admin.does("/cadres", finance_cadre())
    admin.does("/clients", bakery("E-002"))
    admin.does("/missions", finance_mission())
    admin.does("/missions/M-1/objectives", closing_time())


@contextmanager
def following(person: Person, **headers: str) -> Iterator[Iterator[dict[str, Any]]]:
    """A live feed: each event as it arrives, with the id that the stream gave it."""
    asked = {"Accept": "text/event-stream"} | {name.replace("_", "-"): value for name, value in headers.items()}
    with person.http.stream("GET", "/events", headers=asked) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response)


def _events(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    data = ""
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if name == "data":
            data = value
        elif name == "id":
            event = json.loads(data)
            assert event["id"] == value
            yield event


def test_the_feed_is_history_in_order(admin: Person) -> None:
    sign(admin)
    events = admin.reads("/events")["items"]

    assert [event["id"] for event in events] == ["1", "2", "3", "4", "5"]
    assert events[3]["type"] == "mission.signed"
    assert events[3]["subject"] == "mission:M-1"
    assert events[3]["specversion"] == "1.0"
    assert events[3]["source"]
    assert events[3]["time"].endswith("Z")
    assert events[3]["data"]["client_id"] == "E-001"
    assert events[3]["occurredon"] == "2026-02-26"
    assert events[3]["actorrole"] == "network_admin"


def test_the_feed_comes_in_pages(admin: Person) -> None:
    sign(admin)
    path, seen = f"/events?limit=2&min_position={admin.position}", list[str]()
    while path:
        response = admin.asks(path)
        seen += [event["id"] for event in response.json()["items"]]
        path = response.headers.get("link", "").partition(">")[0].removeprefix("<")

    assert seen == ["1", "2", "3", "4", "5"]
    assert [event["id"] for event in admin.reads("/events", after=admin, limit=1)["items"]] == ["1"]


def test_a_live_feed_brings_what_was_and_what_happens(admin: Person, jeanne: Person) -> None:
    sign(admin)
    with following(admin) as live:
        assert [next(live)["id"] for _ in range(5)] == ["1", "2", "3", "4", "5"]
        jeanne.does("/missions/M-1/days", day("2026-03-03"))
        event = next(live)

    assert (event["id"], event["type"]) == ("6", "mission.day_delivered")


def test_a_live_feed_goes_on_where_it_was_cut_off(admin: Person, jeanne: Person) -> None:
    sign(admin)
    with following(admin) as live:
        last = [next(live)["id"] for _ in range(3)][-1]
    jeanne.does("/missions/M-1/days", day("2026-03-03"))
    with following(admin, Last_Event_ID=last) as live:
        assert [next(live)["id"] for _ in range(3)] == ["4", "5", "6"]


def test_a_live_feed_passes_over_what_is_not_for_its_reader(admin: Person, jeanne: Person, address: str) -> None:
    sign(admin)
    with Person(address, client("E-001")) as baker, following(baker) as live:
        assert [next(live)["subject"] for _ in range(3)] == ["client:E-001", "mission:M-1", "mission:M-1"]
        admin.does("/clients", bakery("E-003"))
        jeanne.does("/missions/M-1/days", day("2026-03-03"))
        assert next(live)["type"] == "mission.day_delivered"


def test_a_mission_signed_while_one_follows_is_there_from_its_letter_on(admin: Person, address: str) -> None:
    sign(admin)
    with Person(address, client("E-002")) as second, following(second) as live:
        assert next(live)["subject"] == "client:E-002"
        admin.does("/missions", finance_mission("M-2", "E-002"))
        assert next(live)["type"] == "mission.signed"


def test_who_bills_reads_of_billing(admin: Person, jeanne: Person, baker: Person, address: str) -> None:
    sign(admin)
    jeanne.does("/missions/M-1/days", day("2026-03-03"))
    baker.does("/missions/M-1/days/approvals", {"month": "2026-03"})
    with Person(address, accountant()) as books:
        books.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-30"})
        types = {event["type"] for event in books.reads("/events")["items"]}

    assert types == {"billing.invoice_issued"}


def test_a_live_feed_ends_with_its_token(admin: Person, jeanne: Person, net: Network) -> None:
    sign(admin)
    with following(admin) as live:
        assert [next(live)["id"] for _ in range(5)] == ["1", "2", "3", "4", "5"]
        net.clock[0] += timedelta(days=3650)
        jeanne.does("/missions/M-1/days", day("2026-03-03"))
        assert list(live) == []


def test_an_open_feed_does_not_hold_up_the_end_of_the_service(net: Network) -> None:
    serving = served(net.app)
    with Person(serving.__enter__(), network_admin()) as admin:
        admin.does("/clients", bakery())
        with following(admin) as live:
            assert next(live)["id"] == "1"
            told_to_end = monotonic()
            serving.__exit__(None, None, None)
            assert monotonic() - told_to_end < 10


def test_a_place_that_is_none_is_refused(admin: Person) -> None:
    response = admin.asks("/events", {"Accept": "text/event-stream", "Last-Event-ID": "yesterday"})

    assert response.status_code == 422
