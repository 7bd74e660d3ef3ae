"""The description of the API says what the API does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from service.http.policy import OPEN, POLICY
from tests.service.http.bench import Bench

GOLDEN = Path(__file__).parents[2] / "golden" / "openapi.json"


def test_the_description_is_the_one_that_was_reviewed(bench: Bench, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN, json.dumps(bench.app().openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def test_everything_that_answers_is_described(web: TestClient) -> None:
    paths = web.get("/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, operations in paths.items() for method in operations}

    assert described == set(POLICY) - {("GET", "/openapi.json")}


def test_only_what_is_open_is_described_as_open(bench: Bench) -> None:
    for path, operations in bench.app().openapi()["paths"].items():
        for method, operation in operations.items():
            assert (operation.get("security") == []) == (POLICY[method.upper(), path] == OPEN)


def test_every_reference_leads_somewhere(bench: Bench) -> None:
    description = bench.app().openapi()

    for reference in references(description):
        found = description
        for step in reference.removeprefix("#/").split("/"):
            assert step in found, reference
            found = found[step]


def references(part: Any) -> list[str]:
    """Every `$ref` in a part of the description."""
    if isinstance(part, list):
        return [reference for inner in part for reference in references(inner)]
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [reference for inner in part.values() for reference in references(inner)]
    return []


def test_ids_in_an_address_are_not_in_its_body(bench: Bench) -> None:
    schemas = bench.app().openapi()["components"]["schemas"]

    assert "objective_id" not in schemas["RecordMeasurement"]["properties"]
    assert "objective_id" in schemas["SetObjective"]["properties"]
    assert "objective_id" not in schemas["SetObjective"]["required"]


def test_nothing_outside_is_asked_for(web: TestClient) -> None:
    assert web.get("/docs").status_code == web.get("/redoc").status_code == 404
