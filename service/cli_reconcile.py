"""The accountant's check: all events added up anew, beside what the tables say."""

from __future__ import annotations

from typing import Annotated

import typer

from service.trouble import Trouble

FAILED = 1
"""Exit code: something does not agree."""


def reconcile(
    month: Annotated[
        str | None, typer.Argument(metavar="[MONTH]", help="The month to show, such as 2026-03; all if left out.")
    ] = None,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Add all events up anew and hold the tables against them; exit code 1 where a day or an invoice differs."""
    from contextlib import closing

    from pydantic import TypeAdapter, ValidationError

    from domain.party.events import Language
    from domain.values import Month
    from service.databases import databases
    from service.logging import configure_logging
    from service.main import looking, read_settings, working
    from service.read_models import catch_up
    from service.reconciling.checking import check
    from service.reconciling.words import report
    from service.store.reader import Reader

    if language not in set(Language):
        raise Trouble(f"the books are read in {' and '.join(Language)}, not {language}: choose with --language")
    try:
        TypeAdapter(Month | None).validate_python(month)
    except ValidationError:
        raise Trouble("MONTH: write the month as 2026-03") from None
    configure_logging(level="WARNING")
    with databases(read_settings()) as found, working(found), looking(found) as connection:
        catch_up(connection)
        with closing(Reader(found.history, name="relais reconcile")) as reader:
            checked = check(connection, reader)
    typer.echo("\n".join(report(checked, month, Language(language))))
    if checked.of(month):
        raise typer.Exit(FAILED)
