"""A journal comes into history in its order, once, whatever happens on the way."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from pydantic import SecretStr

from service.journal import BATCH, Interrupted, Outcome, Verdict, run_import
from service.main import writing
from service.settings import Settings
from service.submission import Accepted, Submission
from tests.servers import Database

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def settings(database: Database) -> Settings:
    return Settings(database_url=SecretStr(database.app_url), keys_database_url=SecretStr(database.keys_url))


def imported(settings: Settings, journal: bytes, **options: Any) -> list[Outcome]:
    """What became of each line."""
    with writing(settings) as service:
        return list(run_import(io.BytesIO(journal), service, lambda: NOW, settings.zone, **options))


def codes(outcomes: Sequence[Outcome]) -> dict[int, str]:
    """By line: the verdict of those that were not accepted, with the code of the refused ones."""
    return {
        outcome.line: outcome.code or outcome.verdict.value
        for outcome in outcomes
        if outcome.verdict is not Verdict.ACCEPTED
    }


def history(database: Database) -> list[tuple[Any, ...]]:
    """What happened, in order: the parts of history that depend on no secret and no clock."""
    with psycopg.connect(database.reader_url) as connection:
        return connection.execute(
            "select notification_id, originator_id, originator_version, topic from relais.events order by 1"
        ).fetchall()


def journal(*lines: dict[str, Any] | str) -> bytes:
    return "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines).encode()


_numbers = iter(range(1, 1_000_000))


def line(command: str, data: dict[str, Any], mission: str | None = None, **changes: Any) -> dict[str, Any]:
    said = {
        "id": f"t-{next(_numbers):06}",
        "command": command,
        "at": "2026-03-03T17:40:00+11:00",
        "by": {"role": "network_admin"},
        "data": data,
        **changes,
    }
    return said if mission is None else {**said, "mission": mission}


def cadre(cadre_id: str = "C-1") -> dict[str, Any]:
    names = {"name": "Anne A.", "email": "anne@example.nc", "functions": ["finance"]}
    return line("register_cadre", {"cadre_id": cadre_id, **names})


def client() -> dict[str, Any]:
    dirigeant = {"name": "Jean", "email": "jean@example.nc"}
    return line("register_client", {"client_id": "E-1", "name": "Atelier", "address": "Nouméa", "dirigeant": dirigeant})


def signed(mission_id: str = "M-1") -> dict[str, Any]:
    terms = {
        "currency": "XPF",
        "billing": {"kind": "day_rate", "rate": "85000"},
        "tax": {"scheme": "TGC", "rate": "6"},
        "payment_days": 30,
        "approval_required": True,
    }
    agreed = {
        "client_id": "E-1",
        "cadre_id": "C-1",
        "function": "finance",
        "title": "Direction financière",
        "scope": {"responsibilities": ["La trésorerie"], "kept_in_house": [], "excluded": []},
        "letter": {"signed_on": "2026-01-05"},
        "starts_on": "2026-01-12",
        "rhythm": {"half_days_per_week": 4},
        "terms": terms,
        "review_every": "monthly",
    }
    return line("sign_mission", {"mission_id": mission_id, **agreed}, mission_id)


def objective(mission_id: str = "M-1") -> dict[str, Any]:
    indicator = {"name": "Trésorerie", "unit": "jours", "source": "banque"}
    said = {"objective_id": "O1", "statement": "Trésorerie", "indicator": indicator, "baseline": "10", "target": "30"}
    return line("set_objective", {**said, "due_on": "2026-12-31", "set_on": "2026-01-12"}, mission_id)


def day(
    day_id: str, on: str = "2026-03-03", quantity: str = "1", mission_id: str = "M-1", **changes: Any
) -> dict[str, Any]:
    return line(
        "deliver_day", {"day_id": day_id, "date": on, "quantity": quantity, "summary": "x"}, mission_id, **changes
    )


BEGUN = (cadre(), client(), signed(), objective())


def test_lines_that_depend_on_each_other_are_accepted_in_one_go(settings: Settings) -> None:
    assert codes(imported(settings, journal(*BEGUN, day("D-1")))) == {}


def test_a_line_never_sees_a_later_one(settings: Settings) -> None:
    backwards = journal(*reversed((*BEGUN, day("D-1"))))
    assert codes(imported(settings, backwards)) == {
        1: "unknown_mission",
        2: "unknown_mission",
        3: "unknown_client",
    }


def test_two_lines_of_one_batch_do_not_book_a_cadre_twice(settings: Settings) -> None:
    lines = (*BEGUN, day("D-1"), day("D-2", quantity="0.5"), day("D-3", "2026-03-02", "0.5"), day("D-4", "2026-03-02"))
    assert codes(imported(settings, journal(*lines))) == {6: "cadre_overbooked", 8: "cadre_overbooked"}


def test_importing_again_changes_nothing(settings: Settings, database: Database) -> None:
    lines = journal(*BEGUN, day("D-1"))
    imported(settings, lines)
    before = history(database)
    assert {outcome.verdict for outcome in imported(settings, lines)} == {Verdict.REPEATED}
    assert history(database) == before


def test_a_line_that_stands_twice_in_a_batch_is_carried_out_once(settings: Settings) -> None:
    once = day("D-1")
    assert codes(imported(settings, journal(*BEGUN, once, once))) == {6: "repeated"}


def test_the_same_id_with_another_content_is_refused(settings: Settings, database: Database) -> None:
    first = day("D-1")
    imported(settings, journal(*BEGUN, first))
    before = history(database)
    other = {**first, "data": {**first["data"], "quantity": "0.5"}}
    assert codes(imported(settings, journal(other))) == {1: "idempotency_key_reused"}
    assert history(database) == before


def test_a_refused_line_is_tried_again_on_the_next_import(settings: Settings) -> None:
    early = day("D-1")
    assert codes(imported(settings, journal(early))) == {1: "unknown_mission"}
    assert codes(imported(settings, journal(*BEGUN, early))) == {}


def test_the_future_is_judged_on_the_date_that_the_line_states(settings: Settings) -> None:
    tomorrow = day("D-1", "2026-03-04", at="2026-03-03T23:59:00+11:00")
    same_date = day("D-2", "2026-03-04", at="2026-03-03T13:00:01+00:00")
    assert codes(imported(settings, journal(*BEGUN, tomorrow, same_date))) == {5: "in_the_future"}


def test_a_line_cannot_have_been_given_later_than_now(settings: Settings) -> None:
    later = (NOW + timedelta(seconds=1)).isoformat()
    assert codes(imported(settings, journal(cadre("C-2") | {"at": later}, cadre("C-3")))) == {1: "in_the_future"}


def test_who_gave_the_command_is_kept_as_a_claim_and_gives_no_rights(settings: Settings, database: Database) -> None:
    by_an_auditor = cadre() | {"by": {"role": "auditor", "id": "A-1"}}
    assert codes(imported(settings, journal(by_an_auditor))) == {}
    with psycopg.connect(database.reader_url) as connection:
        rows = connection.execute("select convert_from(envelope, 'UTF8')::json from relais.events").fetchall()
    envelope = rows[0][0]
    assert envelope["actor"] == {"role": "network_admin"}
    assert envelope["by"] == {"role": "auditor", "id": "A-1"}
    assert datetime.fromisoformat(envelope["claimed_at"]) == datetime.fromisoformat("2026-03-03T17:40:00+11:00")


def test_hostile_lines_are_refused_each_and_the_others_imported(settings: Settings) -> None:
    lines = journal(
        *BEGUN[:2], "{", '{"id": "x", "id": "x"}', "", "[]", *BEGUN[2:], json.dumps(day("D-1"))[:-1], day("D-2")
    )
    assert codes(imported(settings, lines)) == {3: "malformed", 4: "malformed", 6: "malformed", 9: "malformed"}


def test_the_import_can_stop_at_the_first_refusal(settings: Settings, database: Database) -> None:
    outcomes = imported(settings, journal(cadre(), day("D-1"), client()), stop_on_refusal=True)
    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED, Verdict.REFUSED]
    assert len(history(database)) == 1


def test_a_journal_longer_than_a_batch_keeps_its_order(settings: Settings, database: Database) -> None:
    cadres = [cadre(f"C-{number}") for number in range(2 * BATCH + 3)]
    assert codes(imported(settings, journal(*cadres))) == {}
    assert [stream for _, stream, _, _ in history(database)] == [f"cadre:C-{number}" for number in range(2 * BATCH + 3)]


class Dropped:
    """A command service whose database goes away."""

    def execute_many(self, submissions: Sequence[Submission]) -> Sequence[Accepted | Exception]:
        return [ConnectionError("the database cannot be reached") for _ in submissions]


def test_an_import_that_loses_its_database_says_at_which_line() -> None:
    outcomes = run_import(io.BytesIO(journal("{", cadre())), Dropped(), lambda: NOW, ZoneInfo("Pacific/Noumea"))
    assert next(outcomes).code == "malformed"
    with pytest.raises(Interrupted, match="broke off at line 2: the database cannot be reached"):
        next(outcomes)
