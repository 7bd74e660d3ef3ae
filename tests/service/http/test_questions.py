"""Every question can be asked as of a date, as known at an instant, and after one's own writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from typing_extensions import override

from service.http.app import create_app
from service.http.security import network_admin
from service.projections.progress import Progress
from tests.service.http.bench import Bench, bearer

NO_READ_MODEL = {
    "/healthz": "the process itself",
    "/readyz": "where the service stands now",
    "/metrics": "where the service stands now",
    "/commands/{key}": "history itself",
    "/calendars/{secret}.ics": "read by calendar programs, which know of no position",
    "/log/checkpoint": "the sealed log",
    "/log/checkpoints": "the sealed log",
    "/log/consistency": "the sealed log",
    "/log/tile/{level}/{place}": "the sealed log",
    "/log/entries": "the sealed log",
}
"""What does not wait for a position, and what it is told from."""
NO_OTHER_TIME = {
    **NO_READ_MODEL,
    "/events": "history in its order, from any position",
    "/missions/{mission_id}/proof": "a whole history, up to a checkpoint",
    "/invoices/{invoice_number}/proof": "a document and its facts, up to a checkpoint",
    "/parties/{party_id}/erasure": "what can still be read",
    "/cadres/{cadre_id}/calendar": "a link that can be withdrawn",
    "/clients/{client_id}/calendar": "a link that can be withdrawn",
    "/exports/{name}": "books of a period, named by its dates",
}
"""What is no figure of a date, and what it is."""


def questions() -> dict[str, set[str]]:
    """Every address that is read, and what it can be asked."""
    described = Bench().app().openapi()["paths"]
    return {
        path: {each["name"] for each in operations["get"].get("parameters", ()) if each["in"] == "query"}
        for path, operations in described.items()
        if "get" in operations
    }


def without(names: Iterable[str]) -> set[str]:
    """The addresses that cannot be asked one of these things."""
    return {path for path, asked in questions().items() if not asked.issuperset(names)}


def test_every_figure_can_be_asked_as_of_a_date_and_as_known_at_an_instant() -> None:
    assert without(["as_of", "known_at"]) == set(NO_OTHER_TIME)
    assert without(["as_of"]) == without(["known_at"])


def test_every_question_to_a_read_model_can_be_asked_after_ones_own_writes() -> None:
    assert without(["min_position"]) == set(NO_READ_MODEL)


class Behind(Progress):
    """Read models that do not get there."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[Sequence[str]] = []

    @override
    async def wait_until(self, position: int, within: float, models: Iterable[str] | None = None) -> bool:
        self.waited.append([*(models or ())])
        return False


@pytest.mark.parametrize("path", sorted(set(questions()) - set(NO_READ_MODEL)))
def test_whoever_asks_after_its_own_writes_is_not_answered_before_they_are_there(bench: Bench, path: str) -> None:
    behind = Behind()
    web = TestClient(create_app(replace(bench.services(), progress=behind)))
    address = re.sub(r"{\w+}", "M-1", path.replace("{name}", "invoices"))
    answer = web.get(address, params={"min_position": 17}, headers=bearer(network_admin()))
    assert (answer.status_code, answer.json()["code"]) == (503, "not_caught_up")
    assert int(answer.headers["retry-after"]) > 0
    assert behind.waited[0], "it says which read models it is told from"
