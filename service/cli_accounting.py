"""The accountant's commands: bill a month, take the books away."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from service.trouble import Trouble

if TYPE_CHECKING:
    from datetime import date

    from domain.values import Currency
    from projections.audit_trail.queries import Search
    from service.billing_run import Rehearsals, Run, Shown
    from service.billing_words import Words
    from service.command_service import CommandService
    from service.exports.exporting import File, Wanted
    from service.settings import Settings

K = TypeVar("K", bound=StrEnum)
TRAIL, PROOF, LOG = "audit-trail", "proof", "log"
FAILED = 1
"""Exit code: what was shown was not wanted, and nothing was issued."""


def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="invoices, payments, days, sales-journal, bank-journal, audit-trail, proof or log."
        ),
    ],
    subject: Annotated[str | None, typer.Argument(metavar="[MISSION]", help="For a proof: whose history.")] = None,
    *,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this date on.")] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Up to this date, which is part of it.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="csv or xlsx; csv or json for the audit trail; journals have their own.")
    ] = "csv",
    issuer: Annotated[
        str | None, typer.Option(metavar="ID", help="Who invoices; journals: the network if left out.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="For a journal, where the issuer invoices in several.")] = None,
    invoice: Annotated[str | None, typer.Option(metavar="NUMBER", help="For a proof: of this invoice.")] = None,
    since: Annotated[int | None, typer.Option(min=1, help="For a proof: the size of the one that was kept.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="For an invoice's proof: with its missions whole.")] = False,
    bom: Annotated[bool, typer.Option("--bom", help="Begin a CSV file as spreadsheet programs like it.")] = False,
    mission: Annotated[str | None, typer.Option(metavar="ID", help="For the audit trail: of one mission.")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file, or a folder for a file named by itself.")
    ] = None,
) -> None:
    """Take away invoices, payments or days as a table, a journal in the FEC's format, the audit trail, proof or log."""
    from service.exports.exporting import Format, Name, Wanted
    from service.logging import configure_logging
    from service.main import read_settings

    configure_logging(level="WARNING")
    if name == TRAIL:
        _hand_out(_exported_trail(_trail_of(mission, _date(first, "--from"), _date(last, "--to")), form), output)
        return
    if name == PROOF:
        from service.cli_bundles import proof_of
        from service.proof.bundles import Asked

        _hand_out(proof_of(subject, invoice, Asked(since=since, whole=whole), read_settings()), output)
        return
    if subject is not None:
        raise Trouble(f"{name} is of all missions: leave {subject} out, and name a file with --output")
    if name == LOG:
        from service.cli_bundles import log_file

        _hand_out(log_file(read_settings()), output)
        return
    wanted = Wanted(
        name=_one_of(Name, name, "NAME"),
        first=_date(first, "--from"),
        last=_date(last, "--to"),
        issuer_id=issuer,
        currency=_currency(currency),
        format=_one_of(Format, form, "--format"),
        marked=bom,
    )
    if output is None and wanted.format is Format.XLSX and sys.stdout.isatty():
        raise Trouble("a workbook is no text for a terminal: name a file or a folder with --output")
    _hand_out(_exported(wanted, read_settings()), output)


def bill(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="The month to bill, such as 2026-03.")],
    issued_on: Annotated[
        str | None, typer.Option("--issued-on", metavar="DATE", help="The date of the invoices; today if left out.")
    ] = None,
    client: Annotated[str | None, typer.Option(metavar="ID", help="For one client only.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Issue without asking.")] = False,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Show what a month's run would invoice, ask, and issue it: once, however often it is confirmed."""
    from contextlib import closing
    from datetime import UTC, datetime

    from domain.event import CommandRejected
    from domain.party.events import Language
    from service.billing_run import Rehearsals
    from service.billing_words import WORDS
    from service.databases import databases
    from service.logging import configure_logging
    from service.main import command_service, read_settings

    configure_logging(level="WARNING")
    words = WORDS[_one_of(Language, language, "--language")]
    settings = read_settings()
    today = datetime.now(UTC).astimezone(settings.zone).date()
    run = _run(month, _date(issued_on, "--issued-on") or today, client, today)
    with databases(settings) as found, closing(Rehearsals(found.history, found.keys, settings.calendar)) as rehearsals:
        try:
            shown = _confirmed(run, rehearsals, words, yes=yes)
            if shown is not None:
                with command_service(found, settings) as commands:
                    _issue(run, shown, commands, words)
        except CommandRejected as rejection:
            raise Trouble(f"{rejection.code}: {rejection.detail}") from None


def _run(month: str, issued_on: date, client: str | None, today: date) -> Run:
    from pydantic import ValidationError

    from domain.billing.invoicing import IssueInvoices
    from service.billing_run import Run

    try:
        command = IssueInvoices.model_validate({"month": month, "issued_on": issued_on, "client_id": client})
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors()}
        raise Trouble("MONTH: write the month as 2026-03" if "month" in wrong else "--client: write an id") from None
    return Run(command, today)


def _confirmed(run: Run, rehearsals: Rehearsals, words: Words, *, yes: bool) -> Shown | None:
    """What is shown and confirmed; None where nothing is billable. What changed meanwhile is shown anew."""
    from service.asking import said_yes
    from service.billing_words import table

    shown = rehearsals.shown(run)
    while shown.invoices:
        title = words.about.format(month=run.command.month, on=words.date(run.command.issued_on))
        table(title, shown.invoices, shown.names, words, numbered=False)
        if yes:
            return shown
        if not said_yes(words.question.format(count=len(shown.invoices))):
            typer.echo(words.left, err=True)
            raise typer.Exit(FAILED)
        before, shown = shown, rehearsals.shown(run)
        if shown.mark == before.mark:
            return shown
        typer.echo(words.changed, err=True)
    typer.echo(words.nothing.format(month=run.command.month), err=True)
    if shown.issued_before:
        typer.echo(words.before.format(numbers=", ".join(shown.issued_before)), err=True)
    return None


def _issue(run: Run, shown: Shown, commands: CommandService, words: Words) -> None:
    from service.billing_run import issue
    from service.billing_words import table

    issued = issue(run, shown, commands)
    table(words.issued.format(month=run.command.month), issued, shown.names, words, numbered=True)


def _exported(wanted: Wanted, settings: Settings) -> File:
    import asyncio
    from datetime import UTC, datetime

    from service.databases import databases
    from service.exports.exporting import CannotExport, House
    from service.exports.exporting import export as exported
    from service.http.questions import Questions
    from service.main import looking, working
    from service.read_models import catch_up

    house = House(datetime.now(UTC).astimezone(settings.zone).date(), settings.zone, settings.chart_of_accounts)

    async def ask(history: str) -> File:
        async with Questions(history, connections=1) as questions:
            return await exported(wanted, questions, house)

    with databases(settings) as found, working(found), looking(found) as connection:
        catch_up(connection)
        try:
            return asyncio.run(ask(found.history))
        except CannotExport as error:
            raise Trouble(str(error)) from None


def _trail_of(mission: str | None, first: date | None, last: date | None) -> Search:
    from domain.streams import mission_stream
    from projections.audit_trail.queries import Search

    return Search(stream=None if mission is None else mission_stream(mission), first=first, last=last)


def _exported_trail(search: Search, form: str) -> File:
    import asyncio

    from service.databases import databases
    from service.exports.audit_trail import FileFormat, trail_file
    from service.http.questions import Questions
    from service.main import looking, read_settings, working
    from service.read_models import catch_up

    wanted = _one_of(FileFormat, form, "--format")

    async def ask(history: str) -> File:
        async with Questions(history, connections=1) as questions:
            return await trail_file(search, wanted, questions)

    with databases(read_settings()) as found, working(found), looking(found) as connection:
        catch_up(connection)
        return asyncio.run(ask(found.history))


def _hand_out(file: File, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(file.content)
        sys.stdout.buffer.flush()
        return
    path = output / file.name if output.is_dir() else output
    if output.is_dir() and path.exists():
        raise Trouble(f"{path} is there already: name another folder, or the very file to replace it")
    try:
        path.write_bytes(file.content)
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror}") from None
    typer.echo(f"relais: {path}", err=True)


def _one_of(kind: type[K], word: str, option: str) -> K:
    try:
        return kind(word)
    except ValueError:
        raise Trouble(f"{option}: write {' or '.join(each.value for each in kind)}, not {word}") from None


def _date(text: str | None, option: str) -> date | None:
    from datetime import date

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Trouble(f"{option}: write the date as 2026-03-31, not {text}") from None


def _currency(word: str | None) -> Currency | None:
    from domain.values import Currency

    return None if word is None else _one_of(Currency, word, "--currency")
