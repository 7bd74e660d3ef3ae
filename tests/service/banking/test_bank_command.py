"""`relais bank`, as somebody types it, on a real PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.servers import Database
from tests.service.banking.files import CAMT, FOLDER, TWO_DAYS, sample
from tests.service.test_cli import relais


@pytest.fixture
def settings(database: Database) -> dict[str, str]:
    return {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}


def test_a_statement_is_taken_once_and_told_as_json(settings: dict[str, str], tmp_path: Path) -> None:
    done = relais(settings, "bank", str(FOLDER / TWO_DAYS))
    assert (done.returncode, done.stderr.strip()) == (
        0,
        "2 statements: 1 recorded, 0 known already, 1 ignored, 0 refused, 1 unallocated",
    )
    (credit,) = json.loads(done.stdout)["statements"][0]["recorded"]
    assert (credit["amount"], credit["unallocated"]) == ("2180.32", "2180.32")

    other = tmp_path / "statement"
    other.write_bytes(sample("fr-may.ofx", ("2180.32", "2180.33")))
    done = relais(settings, "bank", str(other), "--format", "ofx")
    assert done.returncode == 1
    (refused,) = json.loads(done.stdout)["statements"][0]["refused"]
    assert (refused["payment_id"], refused["code"]) == (credit["payment_id"], "reference_reused")


def test_a_file_that_cannot_be_taken_is_told_in_one_line(settings: dict[str, str], tmp_path: Path) -> None:
    wrong = tmp_path / "may.xml"
    wrong.write_bytes(sample(CAMT, (">45000<", ">44000<")))
    done = relais(settings, "bank", str(wrong))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("relais: line 8: the statement does not add up")
    assert done.stderr.endswith("(statement_does_not_add_up). Nothing was recorded\n")


def test_a_file_that_does_not_say_what_it_is_is_asked_to(tmp_path: Path) -> None:
    nameless = tmp_path / "may"
    nameless.write_text("x")
    assert "add --format" in relais({}, "bank", str(nameless)).stderr
    assert "choose camt053, ofx, csv" in relais({}, "bank", str(nameless), "--format", "pdf").stderr
    assert "there is no file" in relais({}, "bank", str(tmp_path / "june.xml")).stderr
