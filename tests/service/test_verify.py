"""`relais verify`, `relais keys` and `relais witness`, as somebody types them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from service.proof.notes import COSIGNATURE, VerifierKey
from service.proof.witnessing import WitnessSilent, add_checkpoint
from tests.servers import Database
from tests.service.proof.sealed import ORIGIN, network
from tests.service.proof.sealed_year import year
from tests.service.test_cli import environment, relais


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> dict[str, str]:
    return {
        "RELAIS_DATABASE_URL": database.app_url,
        "RELAIS_KEYS_DATABASE_URL": database.keys_url,
        "RELAIS_PROOF_DIR": str(tmp_path / "proof"),
        "RELAIS_ORIGIN": ORIGIN,
    }


@pytest.mark.slow
def test_a_year_as_it_was_sealed_is_found_so_read_models_included(
    database: Database, tmp_path: Path, settings: dict[str, str]
) -> None:
    with year(database, tmp_path / "proof", 300):
        told = relais(settings, "verify")
        assert (told.returncode, told.stderr) == (0, "")
        assert "as they were sealed" in told.stdout
        assert "is signed" in told.stdout


def test_the_first_bad_position_is_named(database: Database, tmp_path: Path, settings: dict[str, str]) -> None:
    with network(database, tmp_path / "proof") as sealed:
        sealed.record([f"mission:M-{number % 3}" for number in range(12)])
        sealed.seal()
        assert relais(settings, "verify", "--no-read-models").returncode == 0
        kept = tmp_path / "checkpoint.txt"
        latest = sealed.log.latest_signed()
        assert latest is not None
        kept.write_text(latest.note or "")
        sealed.superuser("update relais.events set state = '{}' where notification_id = 7")
        told = relais(settings, "verify", "--no-read-models", "--checkpoint", str(kept))
        assert told.returncode == 1
        assert told.stdout.startswith("leaf_differs at position 7: ")
        assert "altered, first at position 7" in told.stdout
        as_json = json.loads(relais(settings, "verify", "--no-read-models", "--json").stdout)
        assert (as_json["altered"], as_json["first_bad_position"]) == (True, 7)
        refused = relais(settings, "verify", "--no-read-models", "--checkpoint", "nowhere")
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


@pytest.mark.slow
def test_a_table_that_says_something_else_is_found(
    database: Database, tmp_path: Path, settings: dict[str, str]
) -> None:
    with year(database, tmp_path / "proof", 300):
        assert relais(settings, "verify").returncode == 0
        with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
            row = superuser.execute(
                "select table_name from information_schema.tables where table_schema = 'rm'"
                " and table_type = 'BASE TABLE' and table_name like 'invoices%' order by table_name desc limit 1"
            ).fetchone()
            assert row is not None
            superuser.execute(f'update rm."{row[0]}" set due_on = due_on + 1'.encode())
        told = relais(settings, "verify")
        assert told.returncode == 1
        assert "read_model_differs" in told.stdout


def test_keys_are_shown_added_and_retired_and_old_checkpoints_hold(
    database: Database, tmp_path: Path, settings: dict[str, str]
) -> None:
    assert relais(settings, "keys", "show").returncode == 2
    with network(database, tmp_path / "proof") as sealed:
        sealed.record(["mission:M-1"])
        sealed.seal()
        (first,) = sealed.folder.signing_keys()
        added = VerifierKey.read(relais(settings, "keys", "add").stdout)
        sealed.record(["mission:M-1"])
        sealed.seal()
        latest = sealed.log.latest()
        assert latest is not None
        assert (latest.note or "").count("— ") == 2, "both sign for a while"
        assert relais(settings, "keys", "retire", first.verifier.key_id.hex()).returncode == 0
        refused = relais(settings, "keys", "retire", added.key_id.hex())
        assert (refused.returncode, "only key" in refused.stderr) == (2, True)
        sealed.record(["mission:M-1"])
        sealed.seal()
        shown = relais(settings, "keys", "show").stdout
        assert f"log {first.verifier}" in shown
        assert f"log {added}" in shown
        assert relais(settings, "verify", "--no-read-models").returncode == 0


def test_a_lost_head_is_adopted_once_the_store_was_checked(
    database: Database, tmp_path: Path, settings: dict[str, str]
) -> None:
    with network(database, tmp_path / "proof") as sealed:
        sealed.record(["mission:M-1"])
        sealed.seal()
        head = sealed.folder.last_signed()
        assert relais(settings, "keys", "adopt").returncode == 2
        (tmp_path / "proof" / "last-signed").unlink()
        assert relais(settings, "keys", "adopt").returncode == 0
        assert sealed.folder.last_signed() == head
        (tmp_path / "proof" / "last-signed").unlink()
        sealed.superuser("update relais.events set state = '{}'")
        assert "not what was signed" in relais(settings, "keys", "adopt").stderr


def test_a_witness_says_its_key_and_answers(tmp_path: Path, settings: dict[str, str]) -> None:
    log = relais(settings, "keys", "add").stdout.strip()
    command = [sys.executable, "-m", "service.cli", "witness", str(tmp_path / "w"), "--name", "firm.example/witness"]
    with subprocess.Popen(
        [*command, "--log", log, "--port", "0"],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        key = VerifierKey.read(process.stdout.readline())
        assert (key.name, key.kind) == ("firm.example/witness", COSIGNATURE)
        url = process.stderr.readline().split("answers at ")[1].split(";")[0]
        with pytest.raises(WitnessSilent, match="400"):
            add_checkpoint(url, "nonsense")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    told = relais(settings, "witness", str(tmp_path / "w"), "--name", "other.example", "--log", log)
    assert (told.returncode, "is the key of firm.example/witness" in told.stderr) == (2, True)
