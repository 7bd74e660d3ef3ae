"""Every failure is a problem with a code, says what to do, and tells nothing that it should not."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from service.http.app import create_app
from service.http.policy import OPEN
from service.http.security import cadre, network_admin
from tests.service.http.bench import DAY, Bench, bearer

ADMIN = bearer(network_admin())
DSN = "postgresql://relais:hunter2@db/relais"


def problem(response: Any) -> dict[str, Any]:
    """The problem that an answer is, with what holds of every one of them."""
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    content: dict[str, Any] = response.json()
    assert content["status"] == response.status_code
    assert content.keys() >= {"type", "title", "code", "detail"}
    return content


def test_an_unknown_address_is_a_problem(web: TestClient) -> None:
    assert problem(web.get("/nowhere"))["code"] == "not_found"


def test_a_wrong_method_names_all_the_right_ones(web: TestClient) -> None:
    response = web.delete("/missions/M-1/days")

    assert problem(response)["code"] == "method_not_allowed"
    assert "POST" in response.headers["allow"]


def test_a_body_that_is_too_large_is_a_problem(web: TestClient) -> None:
    response = web.post("/missions/M-1/days", headers=ADMIN, json={"summary": "x" * 3_000})

    assert response.status_code == 413
    assert problem(response)["code"] == "body_too_large"


def test_a_body_of_unknown_length_is_cut_off_all_the_same(web: TestClient) -> None:
    response = web.post(
        "/missions/M-1/days",
        headers=ADMIN | {"Content-Type": "application/json"},
        content=(b" " * 100 for _ in range(100)),
    )

    assert response.status_code == 413
    assert problem(response)["code"] == "body_too_large"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]
)
def test_only_json_is_read(web: TestClient, content_type: str) -> None:
    response = web.post("/missions/M-1/days", headers=ADMIN | {"Content-Type": content_type}, content=b"{}")

    assert response.status_code == 415
    assert problem(response)["code"] == "unsupported_media_type"


def test_a_malformed_body_names_each_field_at_fault(web: TestClient, bench: Bench) -> None:
    response = web.post("/missions/M-1/days", headers=ADMIN, json=DAY | {"date": 0, "quantity": 1.5})

    content = problem(response)
    assert response.status_code == 422
    assert content["code"] == "malformed"
    assert {error["pointer"]: error["in"] for error in content["errors"]} == {"/date": "body", "/quantity": "body"}
    assert not bench.submitted


@pytest.mark.parametrize(
    "body",
    [
        DAY | {"hunter2": "x"},
        DAY | {"summary": ["hunter2"]},
        DAY | {"half": "hunter2"},
        DAY | {"hunter2 <script>": "x"},
    ],
)
def test_a_problem_does_not_repeat_what_was_sent(web: TestClient, body: dict[str, Any]) -> None:
    response = web.post("/missions/M-1/days", headers=ADMIN, json=body)

    assert response.status_code == 422
    assert "<script>" not in response.text
    assert not any("hunter2" in error["detail"] for error in problem(response)["errors"])


def broken(bench: Bench) -> FastAPI:
    router = APIRouter()

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError(DSN)

    return create_app(bench.services(), routers=[router], policy={("GET", "/broken"): OPEN})


def test_what_breaks_inside_stays_inside(bench: Bench) -> None:
    response = TestClient(broken(bench), raise_server_exceptions=False).get(
        "/broken", headers={"X-Request-ID": "abc-1"}
    )

    assert response.status_code == 500
    assert problem(response)["code"] == "internal_error"
    assert response.headers["x-request-id"] == "abc-1"
    assert DSN not in response.text
    assert "hunter2" not in str(response.headers)


@pytest.mark.parametrize("stated", ["a b", "x" * 65, "é", ""])
def test_a_request_id_that_is_no_id_is_replaced(web: TestClient, stated: str) -> None:
    response = web.get("/healthz", headers={b"X-Request-ID": stated.encode()})

    assert response.headers["x-request-id"] != stated
    assert len(response.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}]
)
def test_no_token_no_answer(web: TestClient, headers: dict[str, str]) -> None:
    response = web.post("/missions/M-1/days", headers=headers, json=DAY)

    assert response.status_code == 401
    assert problem(response)["code"] == "unauthenticated"
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_role_that_may_not_is_told_so_before_its_body_is_read(web: TestClient) -> None:
    response = web.post("/missions", headers=bearer(cadre("C-001")), content=b"{")

    assert response.status_code == 403
    assert problem(response)["code"] == "not_allowed"


def test_an_id_that_cannot_be_one_is_not_there(web: TestClient, bench: Bench) -> None:
    for path in ("/missions/%00/days", "/missions/a%20b/days", "/missions/" + "x" * 101 + "/days"):
        assert problem(web.post(path, headers=ADMIN, json=DAY))["code"] == "not_found"
    assert not bench.submitted


def test_no_store_keeps_an_answer(web: TestClient) -> None:
    assert web.get("/healthz").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "body", "pointer", "advice"),
    [
        ("/missions/M-1/days", {**DAY, "day_id": "été 1"}, "/day_id", "write the id with letters without accents"),
        ("/payments", {"payment_id": "P/1"}, "/payment_id", "write the id with letters without accents"),
        ("/cadres", {"email": "anne"}, "/email", "write an address such as anne@example.nc"),
    ],
)
def test_who_spells_a_thing_otherwise_is_told_how_it_is_spelled(
    web: TestClient, path: str, body: dict[str, str], pointer: str, advice: str
) -> None:
    errors = problem(web.post(path, headers=ADMIN, json=body))["errors"]
    assert next(each["detail"] for each in errors if each["pointer"] == pointer).startswith(advice)
