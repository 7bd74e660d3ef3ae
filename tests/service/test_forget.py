"""Who asks to be forgotten is found in no store, no dump and no file any more, but where the law keeps its name."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from service.embedded import EmbeddedPostgres
from service.erasure import Document, kept_by_law
from service.postgres_programs import bundled_binaries
from tests.bodies import BODIES
from tests.servers import scratch_directory
from tests.service.test_cli import relais

CANARY = "Canarinette"
ADDRESS = "zephyrine@volière.example"
COMPANY = "Menuiserie des Alizés"
BY = {"role": "network_admin"}


def line(
    command: str, data: Mapping[str, object], mission: str | None = None, at: str = "2026-03-31T17:00:00+11:00"
) -> str:
    entry = {"command": command, "at": at, "by": BY, "data": data} | ({} if mission is None else {"mission": mission})
    return json.dumps({"id": f"j-{abs(hash(json.dumps(entry)))}", **entry}, ensure_ascii=False)


def journal() -> str:
    """A client is invoiced for a day, and its dirigeant is named by the cadre in what is said of it."""
    dirigeant = {"name": f"Zéphyrine {CANARY}", "email": ADDRESS}
    mission = {name: value for name, value in BODIES["sign_mission"].items() if name != "mission_id"}
    review = {**BODIES["hold_review"], "attendees": [f"Mme {CANARY.upper()}", "L'équipe"], "summary": "Trésorerie vue"}
    day = {"day_id": "D-1", "date": "2026-03-03", "quantity": "1", "summary": f"Clôture, vue avec Mme {CANARY}"}
    return "\n".join(
        [
            line("register_client", {"client_id": "E-1", "name": COMPANY, "address": "Nouméa", "dirigeant": dirigeant}),
            line("register_cadre", BODIES["register_cadre"]),
            line("sign_mission", {**mission, "mission_id": "M-1", "client_id": "E-1"}),
            line("set_objective", BODIES["set_objective"], "M-1"),
            line("deliver_day", day, "M-1"),
            line("hold_review", review, "M-1"),
            line("approve_days", {"month": "2026-03"}, "M-1"),
            line("issue_invoices", {"month": "2026-03", "issued_on": "2026-03-31"}),
        ]
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where our own PostgreSQL keeps the history of a network."""
    with scratch_directory() as directory:
        told = relais({"RELAIS_DATA_DIR": str(directory)}, "import", "-", stdin=journal())
        assert told.returncode == 0, told.stdout + told.stderr
        assert relais({"RELAIS_DATA_DIR": str(directory)}, "reconcile").returncode == 0
        yield directory


def files_with(folder: Path, words: str) -> list[str]:
    """Every file of a server that has words in it, whatever it is for."""
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and not file.is_socket() and words.encode() in file.read_bytes()
    ]


def dump(folder: Path) -> str:
    """Everything that a backup made now would hold."""
    with EmbeddedPostgres(folder) as server:
        program = str(bundled_binaries() / "pg_dumpall")
        return subprocess.run(
            [program, "--inserts", "-d", server.url()], capture_output=True, text=True, check=True
        ).stdout


def test_a_forgotten_person_is_in_no_file_and_in_no_dump(folder: Path) -> None:
    settings = {"RELAIS_DATA_DIR": str(folder)}
    assert files_with(folder, CANARY), "nothing would be found anywhere"
    assert CANARY in dump(folder)
    told = relais(settings, "forget", "E-1", "--yes")
    assert told.returncode == 0, told.stderr
    assert "M-1 : 2 textes qui la nomment" in told.stdout
    assert "F-2026-00001 du 2026-03-31 : jusqu'au 2036-12-31" in told.stdout
    after = dump(folder)
    assert CANARY not in after
    assert CANARY.upper() not in after
    assert ADDRESS not in after
    assert COMPANY in after, "the invoice keeps the name of the company that owes it"
    assert "Trésorerie vue" in after, "what names nobody stays"
    for words in (CANARY, CANARY.upper(), ADDRESS):
        assert files_with(folder, words) == []


def test_forgetting_again_changes_nothing_and_says_so(folder: Path) -> None:
    settings = {"RELAIS_DATA_DIR": str(folder)}
    first = relais(settings, "forget", "E-1", "--yes")
    again = relais(settings, "forget", "E-1", "--yes", "--reason", "Une autre fois")
    assert (first.returncode, again.returncode) == (0, 0)
    assert "plus rien : c'est déjà oublié" in again.stdout
    assert first.stdout.splitlines()[-1] == again.stdout.splitlines()[-1]


def test_nobody_is_forgotten_who_was_not_confirmed(folder: Path) -> None:
    settings = {"RELAIS_DATA_DIR": str(folder)}
    told = relais(settings, "forget", "E-1", stdin="non\n")
    assert told.returncode == 1
    assert "Rien n'a été oublié" in told.stderr
    assert CANARY in dump(folder)


def test_who_is_not_known_cannot_be_forgotten(folder: Path) -> None:
    told = relais({"RELAIS_DATA_DIR": str(folder)}, "forget", "E-9", "--yes")
    assert (told.returncode, told.stdout) == (2, "")
    assert "unknown_party: no client, cadre or issuer has the id E-9" in told.stderr


def test_accounts_are_kept_for_ten_years_after_the_one_that_they_are_of() -> None:
    (kept,) = kept_by_law([("invoice", "F-2026-00001", date(2026, 1, 1))])
    assert (kept.document, kept.kept_until.isoformat()) == (Document.INVOICE, "2036-12-31")
