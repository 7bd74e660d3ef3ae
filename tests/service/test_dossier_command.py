"""A dossier at the command line: a file to keep, or lines for the next program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.embedded import EmbeddedPostgres
from tests.journal_world import DATA
from tests.servers import cloned_database
from tests.service.test_cli import relais


@pytest.fixture(scope="module")
def settings(postgres: EmbeddedPostgres) -> Iterator[dict[str, str]]:
    """A network after its first year; nothing here is changed by a test."""
    with cloned_database(postgres) as database:
        urls = {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}
        assert relais(urls, "import", str(DATA / "first-year.jsonl")).returncode == 0
        yield urls


def test_a_dossier_is_one_page(settings: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "dossier.html"
    told = relais(settings, "dossier", "M-2025-013", "--as-of", "2026-01-31", "--output", str(file))
    assert (told.returncode, told.stdout, told.stderr) == (0, "", f"relais: {file}\n")
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Au 31 janvier 2026" in page


def test_a_dossier_is_json_for_the_next_program(settings: dict[str, str]) -> None:
    words = ("dossier", "M-2025-013", "--format", "json", "--as-of", "2025-08-23", "--language", "en")
    dossier = json.loads(relais(settings, *words).stdout)
    assert (dossier["as_of"], dossier["cadre_id"], dossier["language"]) == ("2025-08-23", "C-003", "en")
    assert [each["party_id"] for each in (line["contact"] for line in dossier["contacts"])][:3] == [
        "E-010",
        "C-003",
        "C-006",
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("M-2025-013", "--format", "pdf"), "there is no PDF of a dossier yet: write html and print it, or json"),
        (("M-2025-013", "--format", "odt"), "--format: write html or json, not odt"),
        (("M-2025-013", "--language", "de"), "--language: write fr or en, not de"),
        (("M-2025-013", "--as-of", "31/01/2026"), "--as-of: write the date as 2026-03-31, not 31/01/2026"),
        (("M-2025-013", "--as-of", "9999-12-31"), "--as-of: name a date within the next two years"),
        (("M-2025-099", "--as-of", "2026-01-31"), "there is no mission M-2025-099 on 2026-01-31"),
        (("M-2025-013", "--as-of", "2025-01-01"), "correct its id, or name a later date"),
        (("M-2025-013", "--output", "nowhere/d.html"), "nowhere/d.html cannot be written"),
    ],
)
def test_what_makes_no_dossier_is_told_with_what_to_write(
    settings: dict[str, str], words: tuple[str, ...], reason: str
) -> None:
    told = relais(settings, "dossier", *words)
    assert told.returncode == 2
    assert reason in told.stderr
