"""Over random lives, every figure is what a second reading of the contract reckons, from tables and from history."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.embedded import EmbeddedPostgres
from service.http.security import network_admin
from tests.service.http.lives import FIRST, LAST, LETTERS
from tests.service.http.moments import Asker
from tests.service.http.reckoning import Reckoned, share, text, told
from tests.service.http.test_time_travel import AFTER, few_lives, lived

ADMIN = network_admin()


def answer(asker: Asker, path: str, as_of: date | None) -> Any:
    asked = {} if as_of is None else {"as_of": as_of.isoformat()}
    status, said = asker.get(ADMIN, path, **asked, **({"limit": "500"} if path.endswith("alerts") else {}))
    assert status == 200, said
    return said


@pytest.mark.slow
@given(seed=st.integers(0, 10**6))
@few_lives
def test_every_figure_is_what_a_second_reading_of_the_contract_reckons(postgres: EmbeddedPostgres, seed: int) -> None:
    with lived(postgres, seed) as (store, history, random), store.asked(history, AFTER) as asker:
        occurred = sorted({each.occurred_on for each in history})
        for as_of in (None, LETTERS, FIRST, LAST, AFTER, *random.sample(occurred, 20)):
            reckoned = Reckoned(history, as_of or AFTER)
            scorecard_is(reckoned, answer(asker, "/network/indicators", as_of))
            signals = told(answer(asker, "/network/alerts", as_of)["items"])
            must = reckoned.signals()
            assert (signals - must, must - signals) == (set(), set()), f"as of {as_of}: too much, and too little"
            for mission_id in reckoned.charges:
                objectives_are(reckoned, mission_id, answer(asker, f"/missions/{mission_id}/objectives", as_of))
                readiness_is(reckoned, mission_id, answer(asker, f"/missions/{mission_id}/continuity", as_of))


def scorecard_is(reckoned: Reckoned, said: Any) -> None:
    must = reckoned.indicators()
    said["cadres"] = {each["cadre_id"]: Fraction(each["days_per_week"]) for each in said["cadres"]}
    assert {name: said[name] for name in must} == must


def objectives_are(reckoned: Reckoned, mission_id: str, said: Any) -> None:
    must = {}
    for objective_id, objective in reckoned.charges[mission_id].objectives.items():
        progress = objective.progress()
        must[objective_id] = (None if progress is None else text(progress, 1), objective.status(reckoned.on))
    assert {each["objective_id"]: (each["progress"], each["status"]) for each in said["items"]} == must


def readiness_is(reckoned: Reckoned, mission_id: str, said: Any) -> None:
    counted, missing = reckoned.readiness(mission_id)
    assert {(each["gap"], each["id"]) for each in said["missing"]} == missing
    assert (said["counted"], said["score"]) == (counted, share(counted - len(missing), counted))
