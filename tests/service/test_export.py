"""What an accountant takes away at the command line: a file, or lines for the next program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from service.embedded import EmbeddedPostgres
from tests.journal_world import DATA
from tests.servers import cloned_database
from tests.service.exports.fec_rules import broken_rules
from tests.service.test_cli import relais


@pytest.fixture(scope="module")
def settings(postgres: EmbeddedPostgres) -> Iterator[dict[str, str]]:
    """A network after its first year; nothing here is changed by a test."""
    with cloned_database(postgres) as database:
        urls = {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}
        assert relais(urls, "import", str(DATA / "first-year.jsonl")).returncode == 0
        yield urls


def test_a_table_goes_to_standard_output(settings: dict[str, str]) -> None:
    told = relais(settings, "export", "invoices", "--from", "2025-05-01", "--to", "2025-05-31")
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    assert told.returncode == 0
    assert {row["issued_on"] for row in rows} == {"2025-05-03"}
    assert {row["client_name"] for row in rows if row["client_id"] == "E-012"} == {"Électricité Tontouta"}


def test_a_folder_takes_a_file_under_its_own_name_and_never_another_in_its_place(
    settings: dict[str, str], tmp_path: Path
) -> None:
    words = ("export", "bank-journal", "--issuer", "I-001", "--currency", "XPF", "--to", "2025-12-31")
    first, second = (relais(settings, *words, "--output", str(tmp_path)) for _ in range(2))
    (file,) = tmp_path.iterdir()
    assert file.name == "1234567001FEC20251231.txt"
    assert broken_rules(file.name, file.read_bytes()) == []
    assert (first.returncode, first.stderr) == (0, f"relais: {file}\n")
    assert second.returncode == 2
    assert "is there already: name another folder, or the very file to replace it" in second.stderr
    assert relais(settings, *words, "--output", str(file)).returncode == 0


def test_a_workbook_is_written_twice_the_same(settings: dict[str, str], tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        relais(settings, "export", "payments", "--format", "xlsx", "--output", str(tmp_path / name))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["Règlements"]
    assert page.max_row > 100


def test_a_network_brings_its_own_chart(settings: dict[str, str], tmp_path: Path) -> None:
    own = {**settings, "RELAIS_CHART_OF_ACCOUNTS": str(tmp_path / "none.toml")}
    told = relais(own, "export", "sales-journal", "--currency", "XPF")
    assert told.returncode == 2
    assert "none.toml cannot be read" in told.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("weather",), "NAME: write invoices or payments or days or sales-journal or bank-journal, not weather"),
        (("days", "--format", "pdf"), "--format: write csv or xlsx, not pdf"),
        (("days", "--from", "31/03/2026"), "--from: write the date as 2026-03-31, not 31/03/2026"),
        (("days", "--from", "2025-05-02", "--to", "2025-05-01"), "--to: the period begins on 2025-05-02"),
        (("sales-journal", "--currency", "USD"), "--currency: write XPF or EUR, not USD"),
        (("sales-journal",), "--currency: network invoices in EUR and XPF, and a file holds one: name it"),
        (("invoices", "--issuer", "I-9"), "--issuer: no issuer has this id; those who invoice are I-001, network"),
        (("days", "--output", "nowhere/days.csv"), "nowhere/days.csv cannot be written"),
    ],
)
def test_what_makes_no_file_is_told_with_what_to_write(
    settings: dict[str, str], words: tuple[str, ...], reason: str
) -> None:
    told = relais(settings, "export", *words)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith(f"relais: {reason}")


def test_the_audit_trail_of_a_mission_goes_out_as_csv_or_json(settings: dict[str, str]) -> None:
    asked = ("export", "audit-trail", "--mission", "M-2025-001", "--from", "2025-06-01", "--to", "2025-06-30")
    rows = list(csv.DictReader(io.StringIO(relais(settings, *asked).stdout)))
    assert {row["stream"] for row in rows} == {"mission:M-2025-001"}
    assert {row["occurred_on"][:7] for row in rows} == {"2025-06"}
    assert all(row["sentence"] and len(row["hash"]) == 64 for row in rows)
    entries = json.loads(relais(settings, *asked, "--format", "json").stdout)["items"]
    assert [str(entry["position"]) for entry in entries] == [row["position"] for row in rows]
    refused = relais(settings, "export", "audit-trail", "--format", "xlsx")
    assert (refused.returncode, refused.stderr) == (2, "relais: --format: write csv or json, not xlsx\n")
