"""Whatever is sent, the answer is a refusal with a reason: never a crash, never a guess at what was meant."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.testclient import TestClient

from domain.commands import COMMANDS
from domain.event import Command
from service.http.body import parse_object
from service.http.problems import Problem, malformed_body
from service.http.security import network_admin
from service.strict_json import one_spelling
from tests.journeys.agreed import closing_time, day, finance_mission
from tests.service.http.bench import Bench, bearer
from tests.service.test_strict_json import HOSTILE

ADMIN = bearer(network_admin())
REVIEW = {"held_on": "2026-03-03", "kind": "monthly", "attendees": ["Marie"], "summary": "Good", "satisfaction": 4}

GOOD: dict[str, tuple[str, dict[str, Any]]] = {
    "a day": ("/missions/M-1/days", day("2026-03-03")),
    "a review": ("/missions/M-1/reviews", REVIEW),
    "an objective": ("/missions/M-1/objectives", closing_time()),
    "a mission": ("/missions", finance_mission()),
}

LAX: dict[str, tuple[str, str, Any]] = {
    "a date as a number": ("a day", "/date", 0),
    "a date as a timestamp": ("a day", "/date", 1772496000),
    "a date as midnight": ("a day", "/date", "2026-03-03T00:00:00"),
    "a date without dashes": ("a day", "/date", "20260303"),
    "a date as a week": ("a day", "/date", "2026-W10-2"),
    "a short date": ("a day", "/date", "2026-3-3"),
    "a date with a space": ("a day", "/date", " 2026-03-03"),
    "a date with a newline": ("a day", "/date", "2026-03-03\n"),
    "a date in other digits": ("a day", "/date", "٢٠٢٦-٠٣-٠٣"),
    "a date that is none": ("a day", "/date", "2026-02-30"),
    "a year of five digits": ("a day", "/date", "12026-03-03"),
    "the year zero": ("a day", "/date", "0000-01-01"),
    "a quantity as a number": ("a day", "/quantity", 1),
    "a quantity as a float": ("a day", "/quantity", 0.5),
    "a quantity as a truth": ("a day", "/quantity", True),
    "a quantity in powers of ten": ("a day", "/quantity", "1e0"),
    "a quantity with a plus": ("a day", "/quantity", "+1"),
    "a quantity with a space": ("a day", "/quantity", " 1"),
    "a quantity with a comma": ("a day", "/quantity", "0,5"),
    "no number": ("a day", "/quantity", "NaN"),
    "endless": ("a day", "/quantity", "Infinity"),
    "less than nothing": ("a day", "/quantity", "-1"),
    "nothing": ("a day", "/quantity", "0"),
    "a hexadecimal": ("a day", "/quantity", "0x1"),
    "other digits": ("a day", "/quantity", "١"),
    "a thousand digits": ("a day", "/quantity", "1" * 1_000),
    "an id as a number": ("a day", "/day_id", 17),
    "an id with a space": ("a day", "/day_id", "D 1"),
    "an id with a newline": ("a day", "/day_id", "D-1\n"),
    "an id that is a path": ("a day", "/day_id", "../D-1"),
    "an endless id": ("a day", "/day_id", "D" * 65),
    "a text as a number": ("a day", "/summary", 5),
    "a text as a list": ("a day", "/summary", ["x"]),
    "a text that is empty": ("a day", "/summary", ""),
    "no text at all": ("a day", "/summary", None),
    "a text without end": ("a day", "/summary", "x" * 30_000),
    "a truth as a text": ("a day", "/exceptional", "true"),
    "a truth as a number": ("a day", "/exceptional", 1),
    "a choice that is none": ("a day", "/half", "noon"),
    "a choice in capitals": ("a day", "/half", "AM"),
    "a field of no one's": ("a day", "/discount", "10"),
    "a field of the envelope": ("a day", "/actor", {"role": "network_admin"}),
    "a whole number as a text": ("a review", "/satisfaction", "4"),
    "a whole number as a float": ("a review", "/satisfaction", 4.0),
    "a whole number as a truth": ("a review", "/satisfaction", True),
    "a whole number too high": ("a review", "/satisfaction", 6),
    "a list as an object": ("a review", "/attendees", {"0": "Marie"}),
    "a list as a text": ("a review", "/attendees", "Marie"),
    "money as a number": ("an objective", "/value_per_unit", {"amount": 100, "currency": "XPF"}),
    "money with cents of a franc": ("an objective", "/value_per_unit", {"amount": "10.5", "currency": "XPF"}),
    "money of elsewhere": ("an objective", "/value_per_unit", {"amount": "10", "currency": "USD"}),
    "money without a currency": ("an objective", "/value_per_unit", {"amount": "10"}),
    "terms with a field of no one's": ("a mission", "/terms/discount", "10"),
    "terms with no kind of billing": ("a mission", "/terms/billing/kind", "gift"),
    "a rate as a number": ("a mission", "/terms/billing/rate", 85000),
    "a rate as a float": ("a mission", "/terms/billing/rate", 85000.5),
    "an object as a text": ("a mission", "/terms", "day_rate"),
    "an object as nothing": ("a mission", "/letter", None),
}


@pytest.fixture
def web(bench: Bench) -> TestClient:
    """With room for a text without end."""
    return TestClient(bench.app(max_body_bytes=100_000), raise_server_exceptions=False)


@pytest.mark.parametrize(("path", "body"), GOOD.values(), ids=GOOD.keys())
def test_what_the_hostile_bodies_are_made_from_is_good(web: TestClient, path: str, body: dict[str, Any]) -> None:
    assert web.post(path, headers=ADMIN, json=body).status_code == 201


@pytest.mark.parametrize(("what", "pointer", "value"), LAX.values(), ids=LAX.keys())
def test_nothing_is_read_as_what_it_is_not(
    web: TestClient, bench: Bench, what: str, pointer: str, value: object
) -> None:
    path, good = GOOD[what]
    response = web.post(path, headers=ADMIN, json=changed(good, pointer, value))

    assert response.status_code == 422, response.text
    places = [error["pointer"] for error in response.json()["errors"]]
    assert any(place.startswith(pointer) or pointer.startswith(place) for place in places)
    assert not bench.submitted


def changed(body: dict[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """The body with one value in another's place."""
    copy: dict[str, Any] = json.loads(json.dumps(body))
    *path, last = pointer.removeprefix("/").split("/")
    holder = copy
    for step in path:
        holder = holder[step]
    holder[last] = value
    return copy


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("path", ["/missions/M-1/days", "/clients", "/billing/runs"])
def test_hostile_json_is_refused_at_every_address(web: TestClient, bench: Bench, path: str, body: bytes) -> None:
    response = web.post(path, headers=ADMIN | {"Content-Type": "application/json"}, content=body)

    assert response.status_code in {413, 422}
    assert response.headers["content-type"] == "application/problem+json"
    assert not bench.submitted


names = st.sampled_from(sorted({name for command in COMMANDS.values() for name in command.model_fields}))
texts = st.text(max_size=8) | st.sampled_from(["2026-03-03", "1", "0.5", "C-001", "M-1", "2026-03", "am", "x" * 70])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | texts, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(names | texts, values, max_size=10))
def test_no_body_breaks_a_command(name: str, body: dict[str, object]) -> None:
    """Each is a command, or a refusal whose words can be sent."""
    command: type[Command] = COMMANDS[name]
    with suppress(Problem):
        read = parse_object(json.dumps(body).encode())
        one_spelling(read)
        try:
            command.model_validate(read).named(lambda: "x")
        except ValidationError as error:
            json.loads(bytes(malformed_body(error, read).response().body))
