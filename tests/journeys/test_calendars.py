"""The reviews and planned days in the calendar that people have already, by a link that is itself the secret."""

from __future__ import annotations

from datetime import datetime

import httpx2
import pytest

from service.http.security import accountant, auditor, cadre
from tests.journeys.agreed import bakery, finance_cadre, finance_mission
from tests.journeys.network import Network, Person
from tests.service.calendars.readers import by_ical, by_vobject, faults


@pytest.fixture
def begun(admin: Person) -> None:
    """A mission on Mondays and Thursday mornings, from 2 March 2026; today is 30 June."""
    for number in (1, 2):
        admin.does("/clients", bakery(f"E-00{number}"))
        admin.does("/cadres", finance_cadre(f"C-00{number}", f"Jeanne {number}"))
    rhythm = {"half_days_per_week": 3, "weekdays": ["monday", "thursday"]}
    admin.does("/missions", {**finance_mission(), "rhythm": rhythm})
    admin.reads("/network/continuity")
    admin.reads("/missions")


def feed(address: str, path: str, **headers: str) -> httpx2.Response:
    """What a calendar program gets: it sends no token."""
    return httpx2.get(f"{address}{path}", headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.usefixtures("begun")
def test_a_cadre_and_a_client_each_get_a_link_to_their_own(
    address: str, admin: Person, baker: Person, jeanne: Person
) -> None:
    links = [
        jeanne.asks("/cadres/C-001/calendar").json(),
        baker.asks("/clients/E-001/calendar").json(),
    ]
    assert admin.asks("/cadres/C-001/calendar").json() == links[0]
    assert links[0]["url"] == address + links[0]["path"]
    for link in links:
        answer = feed(address, link["path"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert faults(answer.content) == []
        found = {each.uid: each for each in by_ical(answer.content)}
        assert found.keys() == {each.uid for each in by_vobject(answer.content)}
        assert found["review-M-1-2026-07-02@relais"].starts.isoformat() == "2026-07-02"
        assert found["day-M-1-2026-07-06@relais"].starts.isoformat() == "2026-07-06"
        thursday = found["day-M-1-2026-07-02@relais"].starts
        assert isinstance(thursday, datetime)
        assert thursday.utctimetuple()[:5] == (2026, 7, 1, 21, 0)  # eight o'clock in Nouméa
        assert "Citoyenneté" in found["holiday-2026-09-24@relais"].summary
        assert "Jeanne" not in answer.text
        assert "Boulangerie" not in answer.text


@pytest.mark.usefixtures("begun")
def test_a_calendar_that_has_not_changed_is_not_sent_again(address: str, admin: Person, jeanne: Person) -> None:
    path = jeanne.asks("/cadres/C-001/calendar").json()["path"]
    first = feed(address, path)
    again = feed(address, path, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]

    admin.does("/missions/M-1/pauses", {"from_on": "2026-07-06", "reason": "Holidays with Luc"})
    admin.reads("/network/continuity")
    changed = feed(address, path, If_None_Match=first.headers["etag"])
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert "day-M-1-2026-07-06" not in changed.text
    assert b"SEQUENCE:1" in changed.content
    assert "Luc" not in changed.text


@pytest.mark.usefixtures("begun")
def test_a_link_is_withdrawn_at_once(address: str, jeanne: Person, admin: Person) -> None:
    old = jeanne.asks("/cadres/C-001/calendar").json()["path"]
    assert jeanne.http.delete("/cadres/C-001/calendar").status_code == 204
    assert feed(address, old).status_code == 404
    new = jeanne.asks("/cadres/C-001/calendar").json()["path"]
    assert feed(address, new).status_code == 200
    assert admin.http.delete("/cadres/C-001/calendar").status_code == 204
    assert feed(address, new).status_code == 404


@pytest.mark.usefixtures("begun")
def test_who_has_no_link_finds_nothing_and_nobody_gets_anothers(address: str, baker: Person, jeanne: Person) -> None:
    for guess in ("x", "cadre-C-001-" + "A" * 43, "client-E-001-" + "A" * 43, "cadre-C-009-" + "A" * 43):
        answer = feed(address, f"/calendars/{guess}.ics")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_calendar")
    assert jeanne.asks("/cadres/C-002/calendar").status_code == 404
    assert baker.asks("/clients/E-002/calendar").status_code == 404
    assert baker.asks("/cadres/C-001/calendar").status_code == 403
    assert jeanne.http.delete("/cadres/C-002/calendar").status_code == 404
    for principal in (accountant(), auditor(frozenset({"M-1"}))):
        with Person(address, principal) as person:
            assert person.asks("/cadres/C-001/calendar").status_code == 403
    with Person(address, cadre("C-009")) as person:
        assert person.asks("/cadres/C-009/calendar").status_code == 404


@pytest.mark.usefixtures("begun")
def test_who_was_forgotten_has_no_calendar_any_more(address: str, admin: Person, jeanne: Person) -> None:
    path = jeanne.asks("/cadres/C-001/calendar").json()["path"]
    assert feed(address, path).status_code == 200
    admin.does("/parties/C-001/erasure", {"reason": "Asked for it"})
    admin.reads("/missions")
    assert feed(address, path).status_code == 404
    assert jeanne.asks("/cadres/C-001/calendar").status_code == 404


@pytest.mark.usefixtures("begun")
def test_a_client_that_speaks_english_reads_english(address: str, admin: Person, baker: Person) -> None:
    admin.does("/clients/E-001/corrections", {"language": "en"})
    admin.reads("/missions")
    path = baker.asks("/clients/E-001/calendar").json()["path"]
    assert "Review (monthly)" in feed(address, path).text


@pytest.mark.usefixtures("begun")
def test_without_links_none_is_given_out(net: Network, address: str, jeanne: Person) -> None:
    path = jeanne.asks("/cadres/C-001/calendar").json()["path"]
    object.__setattr__(net.app.state.services, "links", None)
    assert feed(address, path).status_code == 404
    assert jeanne.asks("/cadres/C-001/calendar").status_code == 503
