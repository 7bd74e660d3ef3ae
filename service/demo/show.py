"""Shows Relais at work to somebody who has just installed it: nothing to set up, nothing to read first."""

from __future__ import annotations

import fcntl
import shlex
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import psycopg
from rich.console import Console
from rich.text import Text

from domain.party.events import Language
from service.databases import Databases, embedded
from service.demo.pages import buckets_page, console, missions_page, next_page, trail_page
from service.demo.sample import Sample, read_sample
from service.demo.words import WORDS, Words
from service.journal import Verdict, run_import
from service.main import catch_up, command_service
from service.settings import Settings
from service.trouble import Trouble

MARK = "relais-demo"
"""A file that says that a folder holds a demonstration, and may be emptied for the next one."""


def show_demo(settings: Settings, directory: Path, language: Language) -> bool:
    """Import a sample year into a database made for it, and show what can be read there; whether all was accepted."""
    words, out = WORDS[language], console()
    out.print(Text(words.title, style="bold"))
    with ExitStack() as closing:
        with _told(out, words.preparing) as seconds:
            make_room(directory)
            found = closing.enter_context(embedded(directory))
        _done(out, words.prepared.format(seconds=seconds()))
        with _told(out, words.importing) as seconds:
            verdicts = _import_sample(settings, found)
        _done(out, words.imported.format(lines=verdicts[Verdict.ACCEPTED], seconds=seconds()))
        if left := verdicts[Verdict.UNSUPPORTED]:
            _done(out, words.awaited.format(lines=left))
        if refused := verdicts[Verdict.REFUSED]:
            out.print(Text(f"  ✗ {words.refused.format(lines=refused)}", style="red"))
        with _told(out, words.folding) as seconds:
            position = catch_up(found)
        _done(out, words.folded.format(seconds=seconds(), position=position))
        with psycopg.connect(found.history, autocommit=True) as history:
            sample = read_sample(history, language)
    _show(out, sample, words, directory)
    return not verdicts[Verdict.REFUSED]


def _import_sample(settings: Settings, found: Databases) -> Counter[Verdict]:
    journal = files("service.demo").joinpath("first-year.jsonl")
    with journal.open("rb") as source, command_service(found, settings) as commands:
        outcomes = run_import(source, commands, lambda: datetime.now(UTC), settings.zone)
        return Counter(outcome.verdict for outcome in outcomes)


def _show(out: Console, sample: Sample, words: Words, directory: Path) -> None:
    out.print(missions_page(sample.missions, sample.on, words))
    out.print(buckets_page(sample.buckets, sample.differences, words))
    out.print(trail_page(sample.trail, words))
    out.print(next_page(_next_steps(directory, sample.trail.mission_id, words), words))


def _next_steps(directory: Path, mission_id: str, words: Words) -> list[tuple[str, str]]:
    there = f"export RELAIS_DATA_DIR={shlex.quote(str(directory))}"
    ask = 'curl -H "Authorization: Bearer $TOKEN"'
    address = "http://127.0.0.1:8000"
    return [
        (words.place, there),
        (words.serve, "relais serve"),
        (words.admit, f"{there}\nTOKEN=$(relais token --role network_admin)"),
        (words.ask, f"{ask} {address}/missions"),
        (words.ask_trail, f"{ask} {address}/missions/{mission_id}/audit-trail"),
    ]


@contextmanager
def _told(out: Console, doing: str) -> Iterator[Seconds]:
    """Says what is being done for as long as it is, where there is a terminal to say it on."""
    seconds = Seconds()
    with out.status(doing) if out.is_terminal else ExitStack():
        yield seconds
    seconds.stop()


class Seconds:
    """How long something took."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._took = 0.0

    def stop(self) -> None:
        self._took = time.monotonic() - self._started

    def __call__(self) -> str:
        return f"{self._took:.1f}"


def _done(out: Console, what: str) -> None:
    out.print(Text("  ✓ ", style="green").append(what, style="default"))


def make_room(directory: Path) -> None:
    """An empty folder, in the place of an earlier demonstration and of nothing else."""
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARK).exists():
            raise Trouble(f"{directory} holds something else than a demonstration: name another with --directory")
        _refuse_while_in_use(directory)
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARK).touch()


def _refuse_while_in_use(directory: Path) -> None:
    with (directory / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"something still runs on {directory}: stop it, or name another with --directory") from None
