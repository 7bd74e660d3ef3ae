"""Asked as of a date: the fold of what had occurred. Asked as known at an instant: what an import cut there gives.

Every address that takes `as_of` or `known_at` is asked by every role, whoever built it: over random lives, at random
moments. Rights are those of today, whatever moment is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.billing.events import InvoiceIssued
from domain.event import Event, Recorded, Role
from domain.mission.events import MissionSigned
from projections.missions.mission import MISSION
from projections.read_model import as_known
from service.embedded import EmbeddedPostgres
from service.http.policy import POLICY
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from service.http.visibility import Sight, sight_of
from service.store.keys import KeyStore
from tests.servers import cloned_database
from tests.service.http.bench import Bench
from tests.service.http.lives import CADRES, CLIENTS, LAST, MISSIONS, Life
from tests.service.http.moments import Asker, Store

AFTER = LAST + timedelta(days=5)
"""The date on which everything is asked."""
ASKING: Sequence[Principal] = (
    network_admin(),
    client("E-1"),
    accountant(),
    auditor(frozenset({"M-1", "M-3"})),
    *map(cadre, CADRES),
)
ASKED = {"yearly_cost": "9000000", "working_days": "200"}
"""What is asked besides, where it can be."""


def addresses(parameter: str) -> list[tuple[str, dict[str, str]]]:
    """Every address that takes a parameter, and what else it is asked."""
    described: Mapping[str, Any] = Bench().app().openapi()["paths"]
    found = []
    for path, operations in described.items():
        names = {each["name"] for each in operations.get("get", {}).get("parameters", ()) if each["in"] == "query"}
        if parameter in names:
            found.append(
                (path, {name: text for name, text in ASKED.items() if name in names and "currency" not in names})
            )
    return found


def named(path: str, history: Sequence[Recorded[Event]]) -> Iterator[str]:
    """An address for each thing that it can be about: a party once it is registered, a mission once it is signed."""
    streams = {each.stream for each in history if not each.stream.startswith("mission:")}
    streams |= {each.stream for each in history if isinstance(each.event, MissionSigned)}
    numbers = [each.event.invoice_number for each in history if isinstance(each.event, InvoiceIssued)]
    ids: Mapping[str, Sequence[str]] = {
        "mission_id": [mission_id for mission_id in MISSIONS if f"mission:{mission_id}" in streams],
        "client_id": [client_id for client_id in CLIENTS if f"client:{client_id}" in streams],
        "cadre_id": [cadre_id for cadre_id in CADRES if f"cadre:{cadre_id}" in streams],
        "invoice_number": numbers,
    }
    names = re.findall(r"{(\w+)}", path)
    for chosen in product(*(ids[name] for name in names)):
        yield path.format(**dict(zip(names, chosen, strict=True)))


def without_the_question(said: Any) -> Any:
    """What is said, but for the instant that was asked."""
    return {name: value for name, value in said.items() if name != "known_at"} if isinstance(said, dict) else said


def answers(asker: Asker, parameter: str, history: Sequence[Recorded[Event]], moment: str | None) -> dict[str, Any]:
    """Every answer to every principal; a moment is left out where history is what it was then."""
    asked = {} if moment is None else {parameter: moment}
    found = {}
    for path, besides in addresses(parameter):
        for principal, address in product(ASKING, named(path, history)):
            if principal.role in POLICY["GET", path]:
                status, said = asker.get(principal, address, **besides, **asked)
                assert status < 500, f"{address} as of {moment}: {said}"
                found[f"{principal.name} {address}"] = (status, without_the_question(said))
    return found


@contextmanager
def lived(postgres: EmbeddedPostgres, seed: int) -> Iterator[tuple[Store, list[Recorded[Event]], Random]]:
    """A random life, recorded."""
    random = Random(seed)
    with cloned_database(postgres) as database, closing(KeyStore(database.keys_url, durable=False)) as keys:
        store = Store(database, keys)
        store.record(Life(random).done)
        yield store, store.history(), random


few_lives = settings(
    max_examples=2,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_every_thing_that_an_address_can_be_about_is_known_here() -> None:
    everything = Life(Random(0)).network.recorded
    for parameter in ("as_of", "known_at"):
        assert not [path for path, _ in addresses(parameter) if not list(named(path, everything))]


@pytest.mark.slow
@given(seed=st.integers(0, 10**6))
@few_lives
def test_as_of_a_date_is_the_fold_of_what_had_occurred_by_then(postgres: EmbeddedPostgres, seed: int) -> None:
    with lived(postgres, seed) as (store, history, random):
        dates = random.sample(sorted({each.occurred_on for each in history}), 2)
        with store.asked(history, AFTER) as asker:
            told = {on: answers(asker, "as_of", history, on.isoformat()) for on in dates}
        for on in dates:
            occurred = as_known(history, as_of=on)
            with store.asked(occurred, on) as asker:
                then = judged_alike(answers(asker, "as_of", occurred, None), history, occurred, on)
            differ(judged_alike(told[on], history, occurred, on), then)


@pytest.mark.slow
@given(seed=st.integers(0, 10**6))
@few_lives
def test_known_at_an_instant_is_what_an_import_cut_there_gives(postgres: EmbeddedPostgres, seed: int) -> None:
    with lived(postgres, seed) as (store, history, random):
        instants = random.sample(sorted({each.recorded_at for each in history}), 2)
        with store.asked(history, AFTER) as asker:
            told = {at: answers(asker, "known_at", history, at.isoformat()) for at in instants}
        for at in instants:
            known = as_known(history, known_at=at)
            with store.asked(known, AFTER) as asker:
                then = judged_alike(answers(asker, "known_at", known, None), history, known, AFTER)
            differ(judged_alike(told[at], history, known, AFTER), then)


@pytest.mark.slow
@given(seed=st.integers(0, 10**6))
@few_lives
def test_a_cadre_is_told_of_a_mission_what_an_auditor_is_as_of_the_eve_of_its_handover(
    postgres: EmbeddedPostgres, seed: int
) -> None:
    with lived(postgres, seed) as (store, history, random), store.asked(history, AFTER) as asker:
        on, at = (random.choice(history) for _ in range(2))
        for holder in map(cadre, CADRES):
            seen = rights(holder, history, AFTER)
            for mission_id, sight in seen.items():
                reader = auditor(frozenset(other for other, reach in seen.items() if reach.reaches(sight)))
                eve = {} if sight.until is None else {"as_of": sight.until.isoformat()}
                for address, besides in of_a_mission(mission_id):
                    own = asker.get(holder, address, **besides, as_of=on.occurred_on.isoformat())
                    last = sight.date(on.occurred_on).isoformat()
                    assert own == asker.get(reader, address, **besides, as_of=last), f"{holder.name} {address}"
                    known = besides | {"known_at": at.recorded_at.isoformat()}
                    own = asker.get(holder, address, **known)
                    assert own == asker.get(reader, address, **known, **eve), f"{holder.name} {address}"


def of_a_mission(mission_id: str) -> Iterator[tuple[str, dict[str, str]]]:
    """What both a cadre and an auditor may ask about a mission."""
    for path, besides in addresses("as_of"):
        if path.startswith("/missions/{mission_id}") and {Role.CADRE, Role.AUDITOR} <= POLICY["GET", path]:
            yield path.format(mission_id=mission_id), besides


def rights(holder: Principal, history: Sequence[Recorded[Event]], today: date) -> dict[str, Sight]:
    """The missions that a cadre sees on a date, and how far."""
    rows = MISSION.rows(history).values()
    return {row.mission_id: sight for row in rows if (sight := sight_of(holder, row, today)) is not None}


def judged_alike(
    told: dict[str, Any], history: Sequence[Recorded[Event]], then: Sequence[Recorded[Event]], today: date
) -> dict[str, Any]:
    """The answers but for those to cadres who have taken over or handed over since: rights are those of today."""
    changed = {}
    for holder in map(cadre, CADRES):
        now, before = rights(holder, history, AFTER), rights(holder, then, today)
        signed = {row.mission_id for row in MISSION.rows(then).values()}
        changed[holder.name] = {each for each in signed if now.get(each) != before.get(each)}
    return {asked: answer for asked, answer in told.items() if not is_about(asked, changed)}


def is_about(asked: str, changed: Mapping[str, set[str]]) -> bool:
    """Whether an answer tells of a mission that its reader sees otherwise; many tell of all that it sees."""
    name, _, address = asked.partition(" ")
    own = re.fullmatch(r"/missions/([^/]+)(?!/dossier|/exposure)(/[^/]*)?", address)
    missions = changed.get(name, set())
    return own.group(1) in missions if own else bool(missions)


def differ(told: dict[str, Any], must: dict[str, Any]) -> None:
    """No answer differs, and what is not there yet is not told of; the first that does is shown whole."""
    assert told.keys() >= must.keys()
    wrong = [address for address in must if told[address] != must[address]]
    for address in wrong[:1]:
        assert told[address] == must[address], f"{address}, and {len(wrong)} in all: {wrong}"
    early = [address for address in told.keys() - must.keys() if told[address][0] != 404]
    assert not [address for address in early if not OF_PARTIES.search(address)]


OF_PARTIES = re.compile("/(clients|cadres)/")
"""Who somebody is does not depend on a date."""
