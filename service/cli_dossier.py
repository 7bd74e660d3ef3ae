"""The handover dossier at the command line: for the desk of whoever takes over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.trouble import Trouble

if TYPE_CHECKING:
    from datetime import date

    from service.documents.dossier_shapes import DossierAnswer
    from service.documents.gathering import Wanted
    from service.settings import Settings

FORMS = ("html", "json")
NOT_YET = "--format: there is no PDF of a dossier yet: write html and print it, or json"


def dossier(
    mission: Annotated[str, typer.Argument(metavar="MISSION", help="The mission's id, such as M-2026-001.")],
    *,
    form: Annotated[str, typer.Option("--format", help="html or json.")] = "html",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="As it stood on this date; today if left out.")
    ] = None,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="A file; standard output if left out.")] = None,
) -> None:
    """Write all that a successor needs of a mission: what to do, who to call, what is open, what is missing."""
    from datetime import UTC, datetime

    from domain.party.events import Language
    from service.documents.dossier_page import dossier_page
    from service.documents.gathering import Wanted
    from service.logging import configure_logging
    from service.main import read_settings
    from service.owed import AHEAD

    if form not in FORMS:
        raise Trouble(NOT_YET if form == "pdf" else f"--format: write {' or '.join(FORMS)}, not {form}")
    if language not in set(Language):
        raise Trouble(f"--language: write {' or '.join(Language)}, not {language}")
    configure_logging(level="WARNING")
    settings = read_settings()
    today = datetime.now(UTC).astimezone(settings.zone).date()
    on = _date(as_of) or today
    if on > today + AHEAD:
        raise Trouble("--as-of: name a date within the next two years")
    found = _gathered(Wanted(mission, on, language=Language(language)), settings)
    _write(dossier_page(found) if form == "html" else found.model_dump_json(indent=2), output)


def _gathered(wanted: Wanted, settings: Settings) -> DossierAnswer:
    import asyncio
    from contextlib import closing

    from service.databases import databases
    from service.documents.gathering import gathered
    from service.http.questions import Questions
    from service.http.records import Records
    from service.main import looking, working
    from service.read_models import catch_up
    from service.store.keys import KeyStore
    from service.store.reader import Reader

    async def ask(records: Records, history: str) -> DossierAnswer | None:
        async with Questions(history, connections=1) as questions:
            return await gathered(wanted, records, questions)

    with databases(settings) as found, working(found), looking(found) as connection:
        catch_up(connection)
        with closing(Reader(found.history, name="relais dossier")) as reader, closing(KeyStore(found.keys)) as keys:
            dossier = asyncio.run(ask(Records(reader, keys), found.history))
    if dossier is None:
        raise Trouble(f"there is no mission {wanted.mission_id} on {wanted.on}: correct its id, or name a later date")
    return dossier


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text)
        return
    try:
        output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise Trouble(f"{output} cannot be written: {error.strerror}") from None
    typer.echo(f"relais: {output}", err=True)


def _date(text: str | None) -> date | None:
    from datetime import date

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Trouble(f"--as-of: write the date as 2026-03-31, not {text}") from None
