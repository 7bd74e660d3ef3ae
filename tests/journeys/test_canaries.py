"""A word that stands nowhere else is put into every text of every command, and then looked for in every place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping
from itertools import count
from typing import Any

import psycopg
import pytest
from psycopg import sql
from pydantic import ValidationError
from structlog.testing import capture_logs

from domain.commands import COMMANDS
from tests.bodies import BODIES, TERMS
from tests.journeys.network import Network, Person
from tests.servers import Database

Body = dict[str, Any]

UNDER_WAY = """
    SELECT FROM rm.projection_requests WHERE done_at IS NULL
    UNION ALL SELECT FROM rm.projection_generations WHERE state = 'building'
"""
KEPT_IN_CLEAR = (
    "forget_person/reason",  # it outlives the words that it is about: whoever writes it names nobody
    "/scope/",  # what the letter makes the function answer for
    "set_objective/indicator/",  # a figure, its unit, and the book that it is read in
    "document_access/system",
    "document_access/level",
    "document_access/documented_at",  # where a procedure is written, which outlives who wrote it
)
"""The texts that are about functions and things, kept as they are: docs/reference/record-format.md has all others."""
DOCUMENT = "F-2026-"
"""What is issued keeps the words of its parties."""

MORE: Mapping[str, Body] = {
    "correct_client": {"name": "N", "dirigeant": {"name": "D", "email": "d@example.nc"}},
    "correct_cadre": {"name": "N", "email": "d@example.nc"},
    "register_issuer": {"tax_number": "T", "iban": "I"},
    "correct_issuer": {"issuer_id": "I-1", "address": "A", "tax_number": "T"},
    "sign_mission": {"scope": {"responsibilities": ["R"], "kept_in_house": ["K"], "excluded": ["X"]}},
    "amend_mission": {"scope": {"responsibilities": ["R"], "kept_in_house": ["K"], "excluded": ["X"]}},
    "hold_review": {"decisions": [{"decision_id": "K-9", "text": "T"}]},
    "close_objective": {"note": "N"},
    "record_measurement": {"note": "N"},
    "close_action": {"note": "N"},
    "close_risk": {"note": "N"},
    "complete_handover_item": {"note": "N"},
    "hand_over": {"override_reason": "O"},
    "issue_invoices": {"month": "2026-03", "issued_on": "2026-03-31"},
    "issue_credit_note": {
        "invoice_number": "F-2026-00001",
        "issued_on": "2026-04-01",
        "reason": "R",
        "day_ids": ["D-1"],
    },
    "record_payment": {
        "payment_id": "P-1",
        "received_on": "2026-04-02",
        "amount": {"amount": "500", "currency": "XPF"},
        "payer": "P",
        "reference": "R",
    },
    "allocate_payment": {
        "payment_id": "P-1",
        "allocations": [{"invoice_number": "F-2026-00001", "amount": {"amount": "200", "currency": "XPF"}}],
    },
    "deallocate_payment": {
        "payment_id": "P-1",
        "invoice_number": "F-2026-00001",
        "amount": {"amount": "100", "currency": "XPF"},
        "reason": "R",
    },
    "withdraw_payment": {"payment_id": "P-1", "reason": "R"},
}
SCRIPT: list[tuple[str, Body]] = [
    ("register_client", {}),
    ("correct_client", {}),
    ("register_cadre", {}),
    ("register_cadre", {"cadre_id": "C-2"}),
    ("correct_cadre", {"functions": ["finance"]}),
    ("register_issuer", {}),
    ("correct_issuer", {}),
    ("sign_mission", {"ends_on": "2026-09-30"}),
    ("set_objective", {}),
    ("revise_objective", {}),
    ("record_measurement", {}),
    *[("deliver_day", {"day_id": f"D-{number}", "date": f"2026-03-{number + 2:02}"}) for number in range(1, 5)],
    ("withdraw_day", {"day_id": "D-2"}),
    ("dispute_day", {"day_id": "D-3"}),
    ("settle_dispute", {"day_id": "D-3"}),
    ("approve_days", {"day_ids": ["D-1"]}),
    ("record_expense", {}),
    ("record_expense", {"expense_id": "X-2"}),
    ("withdraw_expense", {}),
    ("hold_review", {}),
    ("record_decision", {}),
    ("open_action", {}),
    ("close_action", {}),
    ("identify_risk", {}),
    ("close_risk", {}),
    ("document_access", {}),
    ("revoke_access", {}),
    ("close_objective", {}),
    ("issue_invoices", {}),
    ("issue_credit_note", {}),
    ("record_payment", {}),
    ("allocate_payment", {}),
    ("deallocate_payment", {}),
    ("withdraw_payment", {}),
    ("amend_mission", {"terms": TERMS}),
    ("extend_mission", {"ends_on": "2026-12-31"}),
    ("start_handover", {}),
    ("complete_handover_item", {}),
    ("hand_over", {}),
    ("pause_mission", {"from_on": "2026-05-01"}),
    ("resume_mission", {"on": "2026-05-10"}),
    ("stop_mission", {"on": "2026-06-01"}),
]


class Aviary:
    """Puts a canary of its own into each text of a command, and remembers where each one was put."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.places: dict[str, str] = {}
        self.streams: dict[str, str] = {}

    def filled(self, name: str, body: Body, stream: str) -> Body:
        """The body with a canary wherever any words may stand."""
        for path in list(_texts(body, ())):
            for form in ("Canari{:03}é", "canari{:03}@exemple.nc"):
                canary = form.format(next(self._numbers))
                changed = _with(body, path, canary)
                if _is_sound(name, changed):
                    body = changed
                    place = "/".join([name, *(str(part) for part in path)])
                    self.places[canary.partition("@")[0].rstrip("é").lower()] = place
                    self.streams[canary.partition("@")[0].rstrip("é").lower()] = stream
                    break
        return body

    def seen_in(self, text: str, *, of: str | None = None) -> set[str]:
        """Where the canaries that are in a text had been put, all of them or those of a stream."""
        found = text.lower()
        return {
            place
            for canary, place in self.places.items()
            if canary in found and not _is_kept(place) and of in (None, self.streams[canary])
        }


def _is_kept(place: str) -> bool:
    return any(kept in place for kept in KEPT_IN_CLEAR)


def _texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*path, name))
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from _texts(part, (*path, number))


def _with(body: Body, path: tuple[str | int, ...], text: str) -> Body:
    changed: Body = json.loads(json.dumps(body))
    place: Any = changed
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = text
    return changed


def _is_sound(name: str, body: Body) -> bool:
    try:
        COMMANDS[name].model_validate(body)
    except ValidationError:
        return False
    return True


def stream_of(name: str, body: Body) -> str:
    """Whose words a command says: a party's, or the mission's."""
    for kind in ("client", "cadre", "issuer"):
        if name in {f"register_{kind}", f"correct_{kind}"}:
            return f"{kind}:{body[f'{kind}_id']}"
    return "mission:M-1"


def sing(net: Network, admin: Person) -> Aviary:
    """The life of a mission, each command full of canaries."""
    aviary = Aviary()
    paths = _paths(net)
    for name, changes in SCRIPT:
        body = {**BODIES.get(name, {}), **MORE.get(name, {}), **changes}
        body = aviary.filled(name, body, stream_of(name, body))
        path = paths[name]
        for part in (
            "mission_id",
            "client_id",
            "cadre_id",
            "issuer_id",
            "objective_id",
            "invoice_number",
            "payment_id",
        ):
            if f"{{{part}}}" in path:
                path = path.replace(f"{{{part}}}", str(body.pop(part, "M-1")))
        admin.does(path, body, key=f"key-{len(aviary.places)}-{name}")
    return aviary


def _paths(net: Network) -> dict[str, str]:
    described = net.app.openapi()["paths"]
    return {operation["operationId"]: path for path, methods in described.items() for operation in methods.values()}


def history(database: Database) -> str:
    """Everything that is kept for ever, and the table of ciphertexts."""
    with psycopg.connect(database.superuser_url) as connection:
        return "".join(
            value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            for table in ("events", "event_tags", "commands", "personal_values", "migrations")
            for row in connection.execute(f"SELECT * FROM relais.{table}").fetchall()
            for value in row
        )


def read_models(database: Database) -> list[str]:
    """Every row of every read model, once none is being built anew without the words that were erased."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        while connection.execute(UNDER_WAY).fetchone() is not None:
            connection.execute("SELECT pg_sleep(0.05)")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'rm'").fetchall()
        return [
            str(row)
            for (table,) in tables
            for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier("rm", table))).fetchall()
        ]


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Every line of the log, as it is told to whatever renders it."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def aviary(logged: object, net: Network, admin: Person) -> Aviary:
    """The life of a mission, with a canary in every text; the read models have seen all of it."""
    aviary = sing(net, admin)
    admin.reads("/missions")
    admin.reads("/events")
    return aviary


def test_history_and_logs_hold_no_canary(
    aviary: Aviary, database: Database, logged: list[MutableMapping[str, Any]]
) -> None:
    assert {name for name, _ in SCRIPT} == COMMANDS.keys() - {"forget_person", "record_refund"}
    assert len(aviary.places) > 60
    log = (database.postgres.data_dir / "postgres.log").read_text(errors="replace")
    assert {"commands_answered", "request", "projection_batch"} <= {line["event"] for line in logged}
    assert aviary.seen_in(history(database)) == set()
    assert aviary.seen_in(repr(logged)) == set()
    assert aviary.seen_in(log) == set()
    assert "sign_mission/title" in aviary.seen_in("".join(read_models(database))), "nothing would be found anywhere"


def test_the_words_of_who_is_forgotten_are_left_on_issued_documents_alone(
    aviary: Aviary, admin: Person, database: Database
) -> None:
    for stream in ("client:E-1", "cadre:C-1", "issuer:I-1"):
        assert aviary.seen_in("".join(read_models(database)), of=stream) != set()
        admin.does(f"/parties/{stream.partition(':')[2]}/erasure", {"reason": "Asked for by letter"})
        answers = [admin.reads(path) for path in ("/missions", "/missions/M-1", "/missions/M-1/audit-trail")]
        feed = [event for event in admin.reads("/events", limit=500)["items"] if DOCUMENT not in json.dumps(event)]
        assert len(feed) > len(SCRIPT) / 2
        assert aviary.seen_in(json.dumps([answers, feed], ensure_ascii=False), of=stream) == set()
        rows = "".join(row for row in read_models(database) if DOCUMENT not in row)
        assert aviary.seen_in(rows, of=stream) == set()
        assert aviary.seen_in(rows) != set()
