"""Nobody gets in by a door that nobody decided about."""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from domain.event import Role
from domain.permissions import may
from service.http.app import create_app
from service.http.commands import Ask
from service.http.policy import OPEN, POLICY, routes_of
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from tests.service.http.bench import Bench, bearer

PRINCIPALS = {
    Role.NETWORK_ADMIN: network_admin(),
    Role.CADRE: cadre("C-001"),
    Role.CLIENT: client("E-001"),
    Role.ACCOUNTANT: accountant(),
    Role.AUDITOR: auditor(frozenset({"M-1"})),
}


def test_every_route_is_in_the_policy_and_every_entry_is_a_route() -> None:
    assert set(routes_of(Bench().app())) == set(POLICY)


def test_an_application_with_a_route_that_nobody_decided_about_does_not_start(bench: Bench) -> None:
    router = APIRouter()

    @router.get("/forgotten")
    async def forgotten() -> None:
        pass

    with pytest.raises(LookupError, match="GET /forgotten"):
        create_app(bench.services(), routers=[router])


def test_a_route_that_came_later_is_shut_even_so(bench: Bench) -> None:
    app = bench.app()
    app.add_api_route("/late", lambda: "open", methods=["GET"])

    assert TestClient(app).get("/late", headers=bearer(network_admin())).status_code == 403


def test_a_route_of_another_kind_does_not_slip_by(bench: Bench) -> None:
    router = APIRouter(routes=[Route("/raw", lambda _request: Response())])

    with pytest.raises(LookupError, match="ANY /raw"):
        create_app(bench.services(), routers=[router])


def test_only_health_the_description_the_logs_hashes_and_what_a_secret_link_opens_need_no_token() -> None:
    unguarded = {path for (_, path), roles in POLICY.items() if roles == OPEN}
    assert {path for path in unguarded if not path.startswith("/log/")} == {
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/calendars/{secret}.ics",
    }


@pytest.mark.parametrize(("method", "path"), list(POLICY))
def test_no_route_answers_without_a_token(web: TestClient, method: str, path: str) -> None:
    status = web.request(method, path).status_code

    assert (status == 401) == (POLICY[method, path] != OPEN)


def test_the_policy_lets_in_whom_the_domain_lets_ask() -> None:
    for route in iter_route_contexts(Bench().app().routes):
        if isinstance(route.endpoint, Ask):
            roles = {role for role in Role if may(route.endpoint.command.NAME, role)}
            assert POLICY["POST", route.path_format or ""] == roles, route.path


@pytest.mark.parametrize("principal", PRINCIPALS.values(), ids=lambda principal: principal.role)
def test_a_role_that_may_not_is_stopped_at_the_door(web: TestClient, bench: Bench, principal: Principal) -> None:
    for (method, path), roles in POLICY.items():
        if method == "POST":
            status = web.post(path.replace("{", "").replace("}", ""), headers=bearer(principal), json={}).status_code
            assert (status == 403) == (principal.role not in roles), path
    assert not bench.submitted
