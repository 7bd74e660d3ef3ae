"""The containers are described in valid words, hold no secret, and give each part only what it needs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from service.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return read


def test_the_file_is_what_the_compose_specification_describes(compose: dict[str, Any]) -> None:
    schema = files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json")
    jsonschema.Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(compose)


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert not re.search(r"postgres(ql)?://", text)
    assert all(list(secret) == ["file"] for secret in compose["secrets"].values())
    for service in compose["services"].values():
        spoken = [name for name in service["environment"] if re.search("PASSWORD|SECRET|TOKEN|URL", name)]
        assert all(name.endswith("_FILE") for name in spoken)


def test_secrets_are_kept_out_of_git_and_out_of_the_image() -> None:
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[0] == "*"


@pytest.mark.parametrize(
    ("part", "also"), [("web", []), ("worker", ["sealer_database_url", "sealer_keys_database_url"])]
)
def test_what_runs_all_day_cannot_rewrite_history(compose: dict[str, Any], part: str, also: list[str]) -> None:
    known = ["relais_database_url", "relais_keys_database_url", *(f"relais_{each}" for each in also)]
    assert compose["services"][part]["secrets"] == known
    assert compose["services"][part]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_every_part_that_keeps_running_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    lasting = {name for name, part in compose["services"].items() if part["restart"] != "no"}
    assert lasting == {"postgres", "web", "worker"}
    assert all("healthcheck" in compose["services"][name] for name in lasting)


def test_every_file_of_secrets_is_a_setting_and_make_writes_it(compose: dict[str, Any], tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run(["make", "--silent", "secrets"], cwd=tmp_path, check=True)
    written = {file.name for file in (tmp_path / "secrets").iterdir()}
    assert written == set(compose["secrets"])
    assert {name.removeprefix("relais_") for name in written} - {"postgres_password", "superuser_url"} <= set(
        Settings.model_fields
    )
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_the_written_secrets_are_settings_that_agree(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run(["make", "--silent", "secrets"], cwd=tmp_path, check=True)
    settings = Settings(_secrets_dir=tmp_path / "secrets")
    app, keys = (url.get_secret_value() if url else "" for url in (settings.database_url, settings.keys_database_url))
    superuser = (tmp_path / "secrets" / "relais_superuser_url").read_text(encoding="utf-8")
    assert app.startswith("postgresql://relais_app:")
    assert keys == f"{app}_keys"
    assert (tmp_path / "secrets" / "postgres_password").read_text(encoding="utf-8") in superuser


def test_the_image_runs_without_root() -> None:
    instructions = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER relais" in instructions[instructions.index('ENTRYPOINT ["relais"]') - 3 :]
