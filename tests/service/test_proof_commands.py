"""A proof is taken away and checked at the command line, and the one does not need the other's machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.embedded import EmbeddedPostgres
from tests.architecture.sources import ROOT
from tests.journal_world import journal
from tests.servers import cloned_database
from tests.service.test_cli import relais


@pytest.fixture(scope="module")
def settings(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A network after its first months; nothing is sealed before it is asked for."""
    with cloned_database(postgres) as database:
        lived = {
            "RELAIS_DATABASE_URL": database.app_url,
            "RELAIS_KEYS_DATABASE_URL": database.keys_url,
            "RELAIS_SEALER_DATABASE_URL": database.sealer_url,
            "RELAIS_SEALER_KEYS_DATABASE_URL": database.sealer_keys_url,
            "RELAIS_PROOF_DIR": str(tmp_path_factory.mktemp("proof") / "folder"),
        }
        lines = b"\n".join(journal("first-year")[:260]).decode()
        assert relais(lived, "import", "-", stdin=lines).returncode == 0
        yield lived


def test_a_mission_is_taken_away_and_checked_with_the_policy_and_without(
    settings: dict[str, str], tmp_path: Path
) -> None:
    taken = relais(settings, "export", "proof", "M-2025-001", "--output", str(tmp_path))
    file = tmp_path / "M-2025-001.bundle.json"
    assert (taken.returncode, taken.stderr.splitlines()[-1]) == (0, f"relais: {file}")
    policy = Path(settings["RELAIS_PROOF_DIR"]) / "policy"
    trusted = relais({}, "verify", "--bundle", str(file), "--policy", str(policy))
    assert trusted.returncode == 0
    assert "ACCEPTED: mission M-2025-001" in trusted.stdout
    assert "trust: signed" in trusted.stdout
    alone = relais({}, "verify", "--bundle", str(file), "--json")
    assert json.loads(alone.stdout)["trust"]["level"] == "unsigned"
    size = json.loads(alone.stdout)["checkpoint"]["size"]
    later = relais(settings, "export", "proof", "M-2025-001", "--since", str(size))
    (tmp_path / "later.json").write_text(later.stdout, encoding="utf-8")
    kept = relais({}, "verify", "--bundle", str(tmp_path / "later.json"), "--earlier", str(file), "--json")
    assert json.loads(kept.stdout)["earlier"]["size"] == size
    file.write_text(file.read_text(encoding="utf-8").replace("M-2025-001", "M-2025-002"), encoding="utf-8")
    altered = relais({}, "verify", "--bundle", str(file), "--policy", str(policy))
    assert (altered.returncode, altered.stdout[:9]) == (1, "REFUSED: ")


def test_an_invoice_is_derived_from_its_facts(settings: dict[str, str], tmp_path: Path) -> None:
    listed = relais(settings, "export", "invoices").stdout
    number = next(word for word in listed.replace("\n", ",").split(",") if word.startswith("F-"))
    file = tmp_path / "invoice.json"
    assert relais(settings, "export", "proof", "--invoice", number, "--output", str(file)).returncode == 0
    told = relais({}, "verify", "--bundle", str(file))
    assert told.returncode == 0
    assert "the invoice follows from these facts" in told.stdout
    assert (
        json.loads(relais({}, "verify", "--bundle", str(file), "--json").stdout)["invoice"]["invoice_number"] == number
    )


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("proof",), "name a mission, or an invoice"),
        (("proof", "M-2025-001", "--invoice", "F-1"), "name a mission, or an invoice"),
        (("proof", "M-NONE"), "there is no mission M-NONE"),
        (("proof", "M-2025-001", "--since", "99999999"), "not as many entries"),
        (("invoices", "M-2025-001"), "leave M-2025-001 out"),
    ],
)
def test_what_cannot_be_taken_away_is_said(settings: dict[str, str], words: tuple[str, ...], advice: str) -> None:
    told = relais(settings, "export", *words)
    assert told.returncode == 2
    assert advice in told.stderr


def test_a_bundle_that_is_not_there_is_said_so() -> None:
    told = relais({}, "verify", "--bundle", "nowhere.json")
    assert told.returncode == 2
    assert "nowhere.json cannot be read" in told.stderr


def test_an_auditor_takes_the_log_away_and_audits_it_with_a_program_of_its_own(
    settings: dict[str, str], tmp_path: Path
) -> None:
    file, policy = tmp_path / "log.jsonl", Path(settings["RELAIS_PROOF_DIR"]) / "policy"
    taken = relais(settings, "export", "log", "--output", str(tmp_path))
    assert (taken.returncode, taken.stderr.splitlines()[-1]) == (0, f"relais: {file}")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"format": "relais/v1/log"}
    assert list(lines[-1]) == ["checkpoint"]
    program = [sys.executable, "-m", "verifier.relais_audit", str(file), "--policy", str(policy)]
    audited = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert audited.returncode == 0
    assert "0 bad" in audited.stdout
    assert "trust: signed" in audited.stdout
    refused = relais(settings, "export", "log", "M-2025-001")
    assert (refused.returncode, "leave M-2025-001 out" in refused.stderr) == (2, True)


def test_of_a_history_that_nobody_signed_there_is_no_log(postgres: EmbeddedPostgres) -> None:
    with cloned_database(postgres) as database:
        urls = {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}
        refused = relais(urls, "export", "log")
    assert (refused.returncode, "nothing is sealed and signed yet" in refused.stderr) == (2, True)
