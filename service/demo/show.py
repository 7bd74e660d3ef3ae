"""Shows Relais at work to somebody who has just installed it: nothing to set up, nothing to read first."""

from __future__ import annotations

import asyncio
import fcntl
import shlex
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.text import Text

from domain.party.events import Language
from service.databases import Databases, embedded
from service.demo.pages import billed_page, buckets_page, console, missions_page, next_page, trail_page
from service.demo.proof import sealed_and_checked
from service.demo.sample import Sample, read_sample
from service.demo.words import WORDS, Words
from service.journal import Verdict, run_import
from service.main import command_service, looking, working
from service.proof.folder import ProofFolder
from service.read_models import catch_up
from service.settings import Settings
from service.trouble import Trouble

MARK = "relais-demo"
"""A file that says that a folder holds a demonstration, and may be emptied for the next one."""


def show_demo(settings: Settings, directory: Path, language: Language) -> bool:
    """Import a sample year into a database made for it, and show what can be read there; whether all was accepted."""
    words, out = WORDS[language], console()
    out.print(Text(words.title, style="bold"))
    with ExitStack() as closing:
        with _told(out, words.preparing, words) as took:
            make_room(directory)
            found = closing.enter_context(embedded(directory))
            done = words.prepared.format(seconds=took())
        _done(out, done)
        with _told(out, words.importing, words) as took:
            verdicts = _import_sample(settings, found)
            done = words.imported.format(lines=verdicts[Verdict.ACCEPTED], seconds=took())
        _done(out, done)
        if refused := verdicts[Verdict.REFUSED]:
            out.print(Text(f"  ✗ {words.refused.format(lines=refused)}", style="red"))
        with _told(out, words.folding, words) as took:
            with working(found), looking(found) as connection:
                position = catch_up(connection)
            done = words.folded.format(seconds=took(), position=position)
        _done(out, done)
        with _told(out, words.sealing, words) as took:
            report = sealed_and_checked(found, ProofFolder(directory / "proof"), settings.origin)
            done = words.sealed.format(events=report.events, seconds=took())
        if report.findings:
            raise Trouble(words.altered.format(findings="; ".join(map(str, report.findings))))
        _done(out, done)
        sample = asyncio.run(read_sample(found.history, language))
    _show(out, sample, words, directory)
    return not verdicts[Verdict.REFUSED]


def _import_sample(settings: Settings, found: Databases) -> Counter[Verdict]:
    with as_file(files("service.demo").joinpath("first-year.jsonl")) as journal:
        return _imported(journal, settings, found)


def _imported(journal: Path, settings: Settings, found: Databases) -> Counter[Verdict]:
    with journal.open("rb") as source, command_service(found, settings) as commands:
        outcomes = run_import(source, commands, lambda: datetime.now(UTC), settings.zone)
        return Counter(outcome.verdict for outcome in outcomes)


def _show(out: Console, sample: Sample, words: Words, directory: Path) -> None:
    out.print(missions_page(sample.missions, sample.on, words))
    out.print(buckets_page(sample.buckets, sample.differences, words))
    out.print(billed_page(sample.billed, words))
    out.print(trail_page(sample.trail, words))
    out.print(next_page(_next_steps(directory, sample.trail.mission_id, words), words))


def _next_steps(directory: Path, mission_id: str, words: Words) -> list[tuple[str, str]]:
    there, program = f"export RELAIS_DATA_DIR={shlex.quote(str(directory))}", _program()
    ask = 'curl -H "Authorization: Bearer $TOKEN" \\\n  http://127.0.0.1:8000'
    taken = f"{program} export proof {mission_id} --output {mission_id}.json"
    checked = f"{program} verify --bundle {mission_id}.json \\\n  --policy $RELAIS_DATA_DIR/proof/policy"
    page = ask.replace(" \\\n", ' -H "Accept: text/html" \\\n')
    return [
        (words.serve, f"{there}\n{program} serve"),
        (words.admit, f"{there}\nTOKEN=$({program} token --role network_admin)"),
        (words.ask, f"{ask}/missions"),
        (words.ask_trail, f"{ask}/missions/{mission_id}/audit-trail"),
        (words.ask_network, f"{ask}/network/indicators"),
        (words.ask_alerts, f"{ask}/network/alerts"),
        (words.dossier, f"{page}/missions/{mission_id}/dossier > dossier.html"),
        (words.prove, f"{there}\n{taken}\n{checked}"),
    ]


def _program() -> str:
    """How this program is called from here: by its name where that is found, else by its place."""
    place = Path(sys.argv[0])
    if place.name != "relais" or shutil.which("relais"):
        return "relais"
    return shlex.quote(str(place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place))


@contextmanager
def _told(out: Console, doing: str, words: Words) -> Iterator[Callable[[], str]]:
    """Says what is being done for as long as it is, where there is a terminal; gives the seconds that it took."""
    started = time.monotonic()
    with out.status(doing) if out.is_terminal else nullcontext():
        yield lambda: words.seconds(time.monotonic() - started)


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
