"""The demonstration shows a sample year to somebody who has set nothing up."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.demo.pages import WIDTH
from service.demo.show import MARK, make_room
from service.trouble import Trouble
from service.worker import READ_MODELS
from tests.servers import scratch_directory
from tests.service.test_cli import relais


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with scratch_directory() as found:
        yield found


@pytest.fixture(scope="module")
def shown(folder: Path) -> subprocess.CompletedProcess[str]:
    """The first demonstration in a folder."""
    return relais({"RELAIS_DATA_DIR": str(folder)}, "demo")


def test_all_of_the_sample_year_is_accepted(shown: subprocess.CompletedProcess[str]) -> None:
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "✓ 2261 commandes importées" in shown.stdout


def test_a_newcomer_sees_missions_days_facts_and_what_to_do_next(shown: subprocess.CompletedProcess[str]) -> None:
    for words in (
        "Les missions au 31/01/2026",
        "M-2025-005 Garage de Koutio         Camille C.  finance                en cours",
        "Ce qui est livré, et ce que chaque jour attend",
        "Chaque jour livré est compté une fois et une seule.",
        "Ce qui est facturé, et ce qui est réglé",
        "57   36\u202f069\u202f340  1\u202f531\u202f656  32\u202f358\u202f441  2\u202f179\u202f243",
        "La piste d'audit de M-2025-005 : 157 faits",
        "La lettre de mission M-2025-005 est signée",
        "✓ 2485 faits scellés, signés et vérifiés un à un",
        "Et maintenant",
        "token --role network_admin)",
    ):
        assert words in shown.stdout


def test_it_fits_eighty_columns_and_is_plain_text_where_there_is_no_terminal(
    shown: subprocess.CompletedProcess[str],
) -> None:
    assert max(map(len, shown.stdout.splitlines())) <= WIDTH
    assert "\x1b" not in shown.stdout


def test_commands_can_be_copied_as_they_stand(shown: subprocess.CompletedProcess[str], folder: Path) -> None:
    said = shown.stdout[shown.stdout.index("Et maintenant") :]
    assert f"   export RELAIS_DATA_DIR={folder}/demo\n" in said
    assert 'curl -H "Authorization: Bearer $TOKEN" \\\n' in said, "nothing follows the backslash"


def test_its_data_stays_and_is_made_anew_by_the_next(shown: subprocess.CompletedProcess[str], folder: Path) -> None:
    there = {"RELAIS_DATA_DIR": str(folder / "demo")}
    standing = "".join(f"{model.name}: serving, position 2485, 0 behind\n" for model in READ_MODELS)
    assert relais(there, "projections", "status").stdout == standing
    again = relais({"RELAIS_DATA_DIR": str(folder)}, "demo", "--language", "en")
    assert again.returncode == 0
    assert "✓ 2261 commands imported" in again.stdout
    assert relais(there, "projections", "status").stdout == standing


def test_a_language_that_it_does_not_speak_is_refused() -> None:
    told = relais({}, "demo", "--language", "de")
    assert told.returncode == 2
    assert told.stderr == "relais: the demonstration speaks fr and en, not de: choose with --language\n"


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "accounts.xlsx").touch()
    with pytest.raises(Trouble, match="holds something else than a demonstration"):
        make_room(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.xlsx"]


def test_an_earlier_demonstration_makes_room(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    make_room(directory)
    (directory / "old").touch()
    make_room(directory)
    assert [path.name for path in directory.iterdir()] == [MARK]
