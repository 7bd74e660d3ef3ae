"""Every request leaves one line and one count: what was asked, how it ended, by whom; nothing of anybody's words."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.http.security import cadre, network_admin
from tests.service.http.bench import DAY, Bench, bearer

Lines = list[MutableMapping[str, Any]]
CADRE = bearer(cadre("C-001"))


def test_a_request_leaves_one_line(web: TestClient, lines: Lines) -> None:
    web.post("/missions/M-1/days", headers=CADRE | {"X-Request-ID": "r-1"}, json=DAY)

    (line,) = lines
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "request_id": "r-1",
        "method": "POST",
        "route": "/missions/{mission_id}/days",
        "status": 201,
        "principal": "cadre:C-001",
    }


def test_the_request_id_goes_with_the_command(web: TestClient, bench: Bench) -> None:
    response = web.post("/missions/M-1/days", headers=CADRE, json=DAY)

    assert bench.submitted[0].correlation_id == response.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/missions/Marie/secret", "/Marie", "/missions/Marie?x=Marie"])
def test_a_line_holds_no_word_of_the_request(web: TestClient, lines: Lines, path: str) -> None:
    web.post(path, headers=CADRE, json={"name": "Marie"})

    assert len(lines) == 1
    assert "Marie" not in str(lines)


def test_what_breaks_is_told_with_its_place(web: TestClient, bench: Bench, lines: Lines) -> None:
    bench.refuse(KeyError("x"))
    web.post("/missions/M-1/days", headers=CADRE, json=DAY)

    told, line = lines
    assert (told["event"], told["exc_info"]) == ("request_broke", True)
    assert told["request_id"] == line["request_id"]
    assert line["status"] == 500


def test_made_up_methods_do_not_fill_the_metrics(web: TestClient) -> None:
    for number in range(3):
        web.request(f"WORD{number}", "/healthz")
    counted = web.get("/metrics", headers=bearer(network_admin())).text

    assert 'method="other"' in counted
    assert "WORD" not in counted
