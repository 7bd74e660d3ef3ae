"""A `POST` becomes one command, and its answer says where the facts stand or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from domain.commands import COMMANDS
from domain.event import Actor, CommandRejected, Role
from domain.mission.days import DeliverDay
from domain.mission.reviews import HoldReview
from domain.rejections import Malformed, NotAllowed, UnknownClient, UnknownMission
from service.http.commands import Ask
from service.http.security import cadre, client, network_admin
from service.store.appending import CommandIdReused, OutcomeUnknown
from service.store.connections import DatabaseUnreachable
from service.submission import Contended, VersionConflict
from tests.service.http.bench import DAY, Bench, bearer

CADRE = bearer(cadre("C-001"))
ADMIN = bearer(network_admin())
DAYS = "/missions/M-1/days"
NAMELESS_DAY = {name: value for name, value in DAY.items() if name != "day_id"}


class Overbooked(CommandRejected):
    """The cadre is taken."""

    code: ClassVar[str] = "cadre_overbooked"


class NoObjective(CommandRejected):
    """There is no such objective."""

    code: ClassVar[str] = "unknown_objective"


def deliver(web: TestClient, key: str | None = None, body: Mapping[str, object] = DAY, **headers: str) -> str:
    """The id of the day that a request delivers."""
    named = {} if key is None else {"Idempotency-Key": key}
    response = web.post(DAYS, headers=CADRE | named | headers, json=body)
    assert response.status_code == 201, response.text
    return str(response.json()["day_id"])


def test_every_command_has_exactly_one_address(bench: Bench) -> None:
    asked = [
        each.endpoint.command for each in iter_route_contexts(bench.app().routes) if isinstance(each.endpoint, Ask)
    ]

    assert sorted(command.NAME for command in asked) == sorted(COMMANDS)


def test_something_new_is_answered_with_where_it_stands(web: TestClient) -> None:
    response = web.post(DAYS, headers=CADRE, json=DAY)

    assert response.status_code == 201
    assert response.json() == {"mission_id": "M-1", "day_id": "D-1", "version": 3, "position": 17}
    assert response.headers["etag"] == '"3"'


def test_a_change_is_answered_the_same_way(web: TestClient) -> None:
    response = web.post(f"{DAYS}/approvals", headers=bearer(client("E-001")), json={"day_ids": ["D-1"]})

    assert response.status_code == 200
    assert response.json() == {"mission_id": "M-1", "version": 3, "position": 17}


def test_ids_in_the_path_complete_the_command(web: TestClient, bench: Bench) -> None:
    body = {"value": "12.5", "measured_on": "2026-03-03"}
    response = web.post("/missions/M-1/objectives/O-1/measurements", headers=CADRE, json=body)

    assert response.json() == {"mission_id": "M-1", "objective_id": "O-1", "version": 3, "position": 17}
    assert bench.submitted[0].command.model_dump()["objective_id"] == "O-1"


@pytest.mark.parametrize("path", [DAYS, "/missions/M-1/objectives/O-1/closure"])
def test_ids_in_the_path_are_not_repeated(web: TestClient, path: str) -> None:
    body = {"outcome": "achieved", "on": "2026-03-03", "objective_id": "O-1", "mission_id": "M-1"}
    response = web.post(path, headers=CADRE, json=body)

    assert response.status_code == 422
    assert "stands in the address" in response.json()["errors"][0]["detail"]


def test_who_asks_and_when_comes_from_the_token_and_the_clock(web: TestClient, bench: Bench) -> None:
    deliver(web, "k-1")

    submission = bench.submitted[0]
    assert submission.actor == Actor(Role.CADRE, "C-001")
    assert submission.today == date(2026, 3, 4)
    assert submission.principal == "cadre:C-001"
    assert submission.command_id == "http:cadre:C-001:k-1"
    assert submission.claimed_by is None


def test_the_service_names_what_the_caller_did_not(web: TestClient) -> None:
    assert deliver(web, body=NAMELESS_DAY) != deliver(web, body=NAMELESS_DAY)


def test_under_a_key_the_service_chooses_the_same_names_again(web: TestClient) -> None:
    first = deliver(web, "k-1", NAMELESS_DAY)

    assert deliver(web, "k-1", NAMELESS_DAY) == first
    assert deliver(web, "k-2", NAMELESS_DAY) != first


def test_every_nameless_decision_of_a_review_gets_a_name_of_its_own(web: TestClient, bench: Bench) -> None:
    body = {
        "held_on": "2026-03-03",
        "kind": "monthly",
        "attendees": ["x"],
        "summary": "y",
        "decisions": [{"text": "a"}, {"text": "b"}],
    }
    for _ in range(2):
        web.post("/missions/M-1/reviews", headers=CADRE | {"Idempotency-Key": "k"}, json=body)

    first, again = (submission.command for submission in bench.submitted)
    assert isinstance(first, HoldReview)
    assert first == again
    assert len({first.review_id, *(decision.decision_id for decision in first.decisions)}) == 3


def test_a_request_has_one_spelling(web: TestClient, bench: Bench) -> None:
    deliver(web, "k-1")
    web.post(
        DAYS,
        headers=CADRE | {"Content-Type": "application/json"},
        content=b'{ "summary":"Month end" , "quantity":"1", "date":"2026-03-03", "day_id":"D-1" }',
    )
    web.post("/missions/M-2/days", headers=CADRE, json=DAY)

    same, again, other = (submission.request for submission in bench.submitted)
    assert same == again != other


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 129, 'a"b', "a\\b"])
def test_a_key_has_a_form(web: TestClient, bench: Bench, key: str) -> None:
    response = web.post(
        DAYS,
        headers={name.encode(): value.encode() for name, value in (CADRE | {"Idempotency-Key": key}).items()},
        json=DAY,
    )

    assert response.status_code == 422
    assert response.json()["errors"][0]["in"] == "header"
    assert not bench.submitted


def test_one_request_has_one_key(web: TestClient, bench: Bench) -> None:
    headers = [*CADRE.items(), ("Idempotency-Key", "k"), ("Idempotency-Key", "l")]
    response = web.post(DAYS, headers=headers, json=DAY)
    assert response.status_code == 422, "which of the two would a retry be known by?"
    assert response.json()["errors"][0]["in"] == "header"
    assert bench.submitted == []


def test_a_quoted_key_is_the_same_key(web: TestClient, bench: Bench) -> None:
    deliver(web, '"k-1"')
    deliver(web, "k-1")

    assert bench.submitted[0].command_id == bench.submitted[1].command_id


@pytest.mark.parametrize(("stated", "expected"), [('"3"', 3), ("*", None), (' "12" ', 12)])
def test_a_version_stated_is_a_version_expected(
    web: TestClient, bench: Bench, stated: str, expected: int | None
) -> None:
    deliver(web, None, DAY, **{"If-Match": stated})

    assert bench.submitted[0].expected_version == expected


@pytest.mark.parametrize("stated", ["3", 'W/"3"', '"three"', '"3", "4"', ""])
def test_a_tag_that_is_no_version_of_ours_matches_none(web: TestClient, bench: Bench, stated: str) -> None:
    response = web.post(DAYS, headers=CADRE | {"If-Match": stated}, json=DAY)

    assert (response.status_code, response.json()["code"]) == (412, "version_conflict")
    assert not bench.submitted


REFUSALS = {
    "a rule": (Overbooked("taken on 2026-03-03"), 409, "cadre_overbooked"),
    "another thing that is not there": (UnknownClient("register E-9 first"), 409, "unknown_client"),
    "a mission that is not there": (UnknownMission("no mission M-1"), 404, "unknown_mission"),
    "a role": (NotAllowed("ask the client"), 403, "not_allowed"),
    "a body that contradicts itself": (Malformed("0.3 is no half day"), 422, "malformed"),
    "a version": (VersionConflict("mission:M-1", 3, 4), 412, "version_conflict"),
    "a key": (CommandIdReused("http:cadre:C-001:k"), 422, "idempotency_key_reused"),
    "many others": (Contended(), 503, "contended"),
    "an outcome unknown": (OutcomeUnknown("cut"), 503, "outcome_unknown"),
    "no database": (DatabaseUnreachable("postgresql://secret"), 503, "unavailable"),
    "a bug": (KeyError("secret"), 500, "internal_error"),
}


@pytest.mark.parametrize(("error", "status", "code"), REFUSALS.values(), ids=REFUSALS.keys())
def test_each_refusal_has_its_status_and_code(
    web: TestClient, bench: Bench, error: Exception, status: int, code: str
) -> None:
    bench.refuse(error)
    response = web.post(DAYS, headers=CADRE, json=DAY)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert "secret" not in response.text
    assert ("retry-after" in response.headers) == (status == 503)


def test_a_refusal_says_what_to_do(web: TestClient, bench: Bench) -> None:
    bench.refuse(Overbooked("C-001 is taken on 2026-03-03: choose another date"))

    assert (
        web.post(DAYS, headers=CADRE, json=DAY).json()["detail"] == "C-001 is taken on 2026-03-03: choose another date"
    )


def test_what_the_path_names_and_is_not_there_is_not_found(web: TestClient, bench: Bench) -> None:
    bench.refuse(NoObjective("no objective O-1"))
    body = {"outcome": "missed", "on": "2026-03-03"}
    response = web.post("/missions/M-1/objectives/O-1/closure", headers=CADRE, json=body)

    assert (response.status_code, response.json()["code"]) == (404, "unknown_objective")


def test_an_outcome_unknown_says_to_send_the_same_key_again(web: TestClient, bench: Bench) -> None:
    bench.refuse(OutcomeUnknown("cut"))
    response = web.post(DAYS, headers=CADRE | {"Idempotency-Key": "k"}, json=DAY)

    assert "same Idempotency-Key" in response.json()["detail"]


def test_a_command_is_a_model_of_the_domain(web: TestClient, bench: Bench) -> None:
    deliver(web)

    assert bench.submitted[0].command == DeliverDay.model_validate(DAY)
