"""Every code block of every document runs, and every command, file and heading that a document names is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.embedded import EmbeddedPostgres
from service.postgres_programs import bundled_binaries
from tests.architecture.sources import ROOT, name_of
from tests.docs.blocks import DOCUMENTS, Block, blocks, run, seen
from tests.servers import scratch_directory

RUNNABLE = {"bash", "python", "sql", "console"}
SHOWN = {"json"}
ON_A_SERVER = {"docs/how-to/run-on-your-postgres.md", "docs/how-to/back-up.md", "docs/how-to/rotate-secrets.md"}
INSTALLED = {"docs/how-to/back-up.md"}
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
MAKE = re.compile(r"`make ([a-z]+)")
RELAIS = re.compile(r"(?:`|^|\$ |&& )relais ((?:(?:projections|keys) )?[a-z]+)", re.MULTILINE)


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch_directory() as scratch:
        scratch.chmod(0o755)
        for sample in (ROOT / "tests" / "data").glob("*.jsonl"):
            shutil.copy(sample, scratch)
        yield scratch


@pytest.fixture
def environment(request: pytest.FixtureRequest, folder: Path) -> Iterator[dict[str, str]]:
    """What the reader of a document is taken to have: an empty folder, or a PostgreSQL server of their own."""
    document: Path = request.getfixturevalue("document")
    if name_of(document) not in ON_A_SERVER:
        yield {"RELAIS_DATA_DIR": str(folder / "data")}
        return
    with EmbeddedPostgres(folder / "server") as server:
        urls = {
            "PATH": str(bundled_binaries()),
            "RELAIS_SUPERUSER_URL": server.url(),
            "RELAIS_DATABASE_OWNER_URL": server.url("relais_owner", "relais"),
            "RELAIS_DATABASE_URL": server.url("relais_app", "relais"),
            "RELAIS_KEYS_DATABASE_OWNER_URL": server.url("relais_owner", "relais_keys"),
            "RELAIS_KEYS_DATABASE_URL": server.url("relais_app", "relais_keys"),
            "PGHOST": str(folder / "server" / "run"),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
        }
        if name_of(document) in INSTALLED:
            relais = [sys.executable, "-m", "service.cli"]
            known = {**os.environ, **urls, "PYTHONPATH": str(ROOT)}
            for words in ("install", "migrate"):
                subprocess.run([*relais, words], cwd=folder, env=known, check=True)
            journal = "".join((folder / "first-year.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:100])
            subprocess.run([*relais, "import", "-"], cwd=folder, env=known, check=True, input=journal, text=True)
        yield urls


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if {b.language for b in blocks(path)} & RUNNABLE], ids=name_of
)
def test_a_document_runs_from_top_to_bottom(document: Path, folder: Path, environment: dict[str, str]) -> None:
    for block, printed in run(document, folder, environment):
        promised = block.promised()
        assert promised is None or seen(promised, printed), f"{block.text}\nprinted\n{printed}"


def test_no_document_shows_what_cannot_be_run() -> None:
    wrong = {(name_of(path), block.language) for path in DOCUMENTS for block in blocks(path)}
    assert not {(name, language) for name, language in wrong if language not in RUNNABLE | SHOWN}


def test_json_in_documents_is_json() -> None:
    for path in DOCUMENTS:
        for block in blocks(path):
            if block.language == "json":
                json.loads(block.text)


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{name_of(path)}: {target}"
        for path in DOCUMENTS
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert not broken


def test_every_make_command_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for path in DOCUMENTS for target in MAKE.findall(path.read_text(encoding="utf-8"))}
    assert named <= targets
    assert {"demo", "test"} <= named


def test_make_alone_explains_every_command_in_one_line() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    listed = subprocess.run(["make", "--silent"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in listed.splitlines()} == set(phony.split())
    assert all(len(line.split()) > 3 and len(line) <= 110 for line in listed.splitlines())


def test_every_relais_command_that_is_named_exists() -> None:
    from service.cli import app, projections
    from service.cli_proof import keys

    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {f"projections {command.name}" for command in projections.registered_commands}
    known |= {f"keys {command.name}" for command in keys.registered_commands}
    named = {words for path in DOCUMENTS for words in RELAIS.findall(path.read_text(encoding="utf-8"))}
    assert named <= known


def test_the_readme_is_one_screen() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= 50


def test_every_folder_of_the_project_is_described() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert not [
        folder
        for folder in ("domain", "projections", "service", "verifier", "tests", "docs")
        if f"`{folder}/`" not in guide
    ]


def test_a_promise_is_kept_to_the_letter_but_for_what_it_leaves_open() -> None:
    assert seen("imported … lines\ndone", "imported 12 lines\ndone\n")
    assert not seen("imported … lines\ndone", "imported 12 lines\nfailed\n")


def test_a_console_block_runs_its_commands_and_promises_the_rest() -> None:
    block = Block(ROOT / "README.md", "console", "$ echo one\none\n")
    assert block.script() == "echo one\n"
    assert block.promised() == "one"
