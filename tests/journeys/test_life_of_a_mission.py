"""A mission's whole life, as its people live it: over HTTP, each reading what was just written."""

from __future__ import annotations

from datetime import timedelta

from service.http.security import accountant, cadre
from tests.journeys.agreed import LETTER, TERMS, bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Network, Person


def sign(admin: Person) -> None:
    """Client, cadre and mission are there, and the cadre answers for a result."""
    admin.does("/clients", bakery())
    admin.does("/cadres", finance_cadre())
    admin.does("/cadres", finance_cadre("C-002", "Paul Naisseline"))
    admin.does("/missions", finance_mission())
    admin.does("/missions/M-1/objectives", closing_time())


def test_a_mission_from_its_letter_to_its_end(admin: Person, jeanne: Person, baker: Person, address: str) -> None:
    sign(admin)
    mission = admin.reads("/missions/M-1")
    assert (mission["status"], mission["cadre_id"], mission["version"]) == ("running", "C-001", 2)

    jeanne.does("/missions/M-1/days", day("2026-03-03", "D-1"))
    jeanne.does("/missions/M-1/days", day("2026-03-10", "D-2"))
    named = jeanne.does("/missions/M-1/days", day("2026-03-17"))["day_id"]
    assert [each["bucket"] for each in jeanne.reads("/missions/M-1/days")["items"]] == ["awaiting_approval"] * 3

    baker.does("/missions/M-1/days/disputes", {"day_id": "D-2", "reason": "Half a day only"})
    baker.does("/missions/M-1/days/settlements", {"day_id": "D-2", "outcome": "withdrawn", "note": "Agreed"})
    baker.does("/missions/M-1/days/approvals", {"month": "2026-03"})
    buckets = {each["day_id"]: each["bucket"] for each in baker.reads("/missions/M-1/days")["items"]}
    assert buckets == {"D-1": "ready", "D-2": "withdrawn", named: "ready"}

    jeanne.does("/missions/M-1/objectives/O-1/measurements", {"value": "12", "measured_on": "2026-04-01"})
    baker.does(
        "/missions/M-1/reviews",
        {"held_on": "2026-04-02", "kind": "monthly", "attendees": ["Marie"], "summary": "Good", "satisfaction": 5},
    )
    assert baker.reads("/missions/M-1")["satisfaction"] == 5

    baker.does("/missions/M-1/pauses", {"from_on": "2026-04-06", "reason": "Holidays"})
    assert jeanne.is_refused("/missions/M-1/days", day("2026-04-07")) == (409, "mission_paused")
    baker.does("/missions/M-1/resumptions", {"on": "2026-04-20"})
    jeanne.does("/missions/M-1/days", day("2026-04-21", "D-4"))

    with Person(address, accountant()) as books:
        run = books.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-30"})
        (number,) = run["invoice_numbers"]
        paid = {"received_on": "2026-05-10", "amount": {"amount": "180200", "currency": "XPF"}, "reference": number}
        books.does("/payments", {"payment_id": "P-1", **paid})
        again = books.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-30"})
        assert again["invoice_numbers"] == []
        figures = books.reads("/billing/reconciliation", month="2026-03")
        assert figures["balanced"]
        (line,) = figures["items"]
        assert (line["delivered"], line["invoiced"], line["withdrawn"]) == ("3", "2", "1")
        note = {"issued_on": "2026-05-12", "reason": "Half a day too much", "day_ids": ["D-1"]}
        assert books.does(f"/invoices/{number}/credit-notes", note)["credit_note_number"] == "A-2026-00001"

    baker.does("/missions/M-1/stop", {"on": "2026-06-30", "decided_by": "client", "reason": "It runs by itself now"})
    assert baker.reads("/missions/M-1")["stop"]["on"] == "2026-06-30"
    trail = baker.reads("/missions/M-1/audit-trail")["items"]
    assert [entry["version"] for entry in trail] == list(range(1, len(trail) + 1))
    assert trail[0]["type"] == "mission.signed"
    assert all(len(entry["hash"]) == 64 for entry in trail)


def test_a_handover_shows_all_to_who_comes_and_its_own_time_to_who_leaves(
    admin: Person, jeanne: Person, baker: Person, address: str
) -> None:
    sign(admin)
    jeanne.does("/missions/M-1/days", day("2026-06-01", "D-1"))
    with Person(address, cadre("C-002")) as paul:
        assert paul.asks("/missions/M-1").status_code == 404
        jeanne.does("/missions/M-1/handover", {"reason": "Moves", "leaving_on": "2026-06-20", "successor_id": "C-002"})
        for item in ("documents_transferred", "accesses_transferred", "successor_introduced", "open_points_reviewed"):
            jeanne.does("/missions/M-1/handover/items", {"item_id": item})
        handover = {"to_cadre_id": "C-002", "effective_on": "2026-06-15", "accepted_by": "Marie Wamytan"}
        status, code = baker.is_refused("/missions/M-1/handover/completion", handover)
        assert (status, code) == (409, "handover_incomplete")
        jeanne.does("/missions/M-1/objectives/O-1/measurements", {"value": "9", "measured_on": "2026-06-10"})
        review = {"held_on": "2026-06-10", "kind": "final", "attendees": ["Marie"], "summary": "Handed over"}
        jeanne.does("/missions/M-1/reviews", review)
        baker.does("/missions/M-1/handover/completion", handover)

        paul.position = baker.position
        paul.does("/missions/M-1/days", day("2026-06-16", "D-2"))
        assert [each["day_id"] for each in paul.reads("/missions/M-1/days")["items"]] == ["D-1", "D-2"]
        assert paul.reads("/missions/M-1")["cadre_id"] == "C-002"

        assert [each["day_id"] for each in jeanne.reads("/missions/M-1/days", after=paul)["items"]] == ["D-1"]
        left = jeanne.reads("/missions/M-1", after=paul)
        assert (left["cadre_id"], left["as_of"]) == ("C-001", "2026-06-14")
        assert jeanne.reads("/missions", after=paul)["items"] == [left]
        types = [entry["type"] for entry in jeanne.reads("/missions/M-1/audit-trail", after=paul)["items"]]
        assert "mission.handed_over" not in types
        seen = [event["type"] for event in jeanne.reads("/events", after=paul)["items"]]
        assert seen.count("mission.day_delivered") == 1
        assert jeanne.reads("/billing/reconciliation", after=paul)["items"] == []
        assert [line["delivered"] for line in paul.reads("/billing/reconciliation")["items"]] == ["2"]


def test_a_successor_sees_the_mission_from_the_day_it_takes_over(
    admin: Person, jeanne: Person, address: str, net: Network
) -> None:
    sign(admin)
    jeanne.does("/missions/M-1/handover", {"reason": "Moves", "leaving_on": "2026-07-10"})
    handover = {"to_cadre_id": "C-002", "effective_on": "2026-07-06", "accepted_by": "Marie Wamytan"}
    admin.does("/missions/M-1/handover/completion", handover | {"override_reason": "Agreed by all on the phone"})
    with Person(address, cadre("C-002")) as paul:
        assert paul.asks("/missions/M-1", min_position=admin.position).status_code == 404
        assert paul.reads("/missions", after=admin)["items"] == []
        assert jeanne.reads("/missions/M-1", after=admin)["cadre_id"] == "C-001"
        net.clock[0] += timedelta(days=7)
        assert paul.reads("/missions/M-1", after=admin)["cadre_id"] == "C-002"
        assert jeanne.reads("/missions/M-1", after=admin)["as_of"] == "2026-07-05"


def test_a_mission_is_told_as_of_a_date_and_as_it_was_known(admin: Person, jeanne: Person) -> None:
    sign(admin)
    known = jeanne.reads("/missions/M-1", after=admin)["recorded_at"]
    letter = {"signed_on": "2026-06-01"}
    dearer = TERMS | {"billing": {"kind": "day_rate", "rate": "90000"}}
    admin.does(
        "/missions/M-1/amendments",
        {"effective_on": "2026-06-01", "letter": letter, "terms": dearer, "reason": "A new year"},
    )

    def rate(**asked: str) -> str:
        return str(jeanne.reads("/missions/M-1", after=admin, **asked)["terms"]["billing"]["rate"])

    assert rate() == "90000"
    assert rate(as_of="2026-05-31") == "85000"
    assert rate(as_of="2026-06-01") == "90000"
    assert rate(known_at=known) == "85000"
    (listed,) = jeanne.reads("/missions", after=admin, as_of="2026-05-31")["items"]
    assert listed == jeanne.reads("/missions/M-1", as_of="2026-05-31")
    assert jeanne.reads("/missions", as_of="2026-02-01")["items"] == []
    assert jeanne.asks("/missions/M-1", as_of="2026-02-01").status_code == 404
    assert jeanne.asks("/missions/M-1", known_at="2020-01-01T00:00:00Z").status_code == 404


def test_the_audit_trail_speaks_french_and_english(admin: Person, baker: Person) -> None:
    sign(admin)

    def first(language: str) -> tuple[str, str]:
        path = f"/missions/M-1/audit-trail?min_position={admin.position}"
        response = baker.asks(path, {"Accept-Language": language})
        return response.headers["content-language"], response.json()["items"][0]["sentence"]

    french, english = first("fr-NC,fr;q=0.9,en;q=0.8"), first("en-GB,en;q=0.9,fr;q=0.1")
    assert french[0] == "fr"
    assert english[0] == "en"
    assert french[1] != english[1]
    assert first("de, *;q=0.5") == first("") == first(";q=x,,fr") == french


def test_a_version_that_moved_on_is_not_decided_on(admin: Person, jeanne: Person) -> None:
    sign(admin)
    response = jeanne.asks(f"/missions/M-1?min_position={admin.position}")
    tag = response.headers["etag"]
    assert tag == '"2"'
    assert jeanne.asks("/missions/M-1", {"If-None-Match": tag}).status_code == 304
    assert jeanne.asks("/missions/M-1", {"If-None-Match": f'W/{tag}, "9"'}).status_code == 304

    jeanne.does("/missions/M-1/days", day("2026-03-03"), If_Match=tag)
    assert jeanne.is_refused("/missions/M-1/days", day("2026-03-04"), If_Match=tag) == (412, "version_conflict")
    jeanne.reads("/missions/M-1")
    assert jeanne.asks("/missions/M-1", {"If-None-Match": tag}).status_code == 200


def test_lists_come_in_pages(admin: Person, jeanne: Person) -> None:
    sign(admin)
    for number in range(2, 6):
        admin.does("/missions", finance_mission(f"M-{number}"))
    seen: list[str] = []
    path = f"/missions?limit=2&min_position={admin.position}"
    while path:
        response = jeanne.asks(path)
        seen += [mission["mission_id"] for mission in response.json()["items"]]
        assert (response.json()["next_cursor"] is None) == ("link" not in response.headers)
        path = response.headers.get("link", "").partition(">")[0].removeprefix("<")

    assert seen == [f"M-{number}" for number in range(1, 6)]


def test_a_position_that_is_never_reached_is_said_to_be_so(admin: Person) -> None:
    sign(admin)
    response = admin.asks("/missions/M-1", min_position=10_000)

    assert (response.status_code, response.json()["code"]) == (503, "not_caught_up")
    assert response.headers["retry-after"]


def test_whoever_asks_how_the_service_is_gets_an_answer(admin: Person) -> None:
    sign(admin)
    admin.reads("/missions")

    assert admin.asks("/healthz").json() == {"status": "ok"}
    ready = admin.asks("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["position"] == admin.position
    assert ready["lag"] >= 0
    assert 'route="/missions/{mission_id}/objectives"' in admin.asks("/metrics").text
    assert f'relais_read_model_position{{model="missions"}} {admin.position}.0' in admin.asks("/metrics").text
    assert "M-1" not in admin.asks("/metrics").text
    assert LETTER["signed_on"] not in admin.asks("/metrics").text
