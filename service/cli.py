"""The command line: one command a job. What a job needs is imported inside it, so that every command starts fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from service import cli_accounting, cli_proof
from service.cli_calendar import calendar
from service.cli_dossier import dossier
from service.cli_erasure import forget
from service.cli_reconcile import reconcile
from service.trouble import Trouble

FAILED = 1
"""Exit code: the job was done, and something was refused or found wrong."""
CANNOT = 2
"""Exit code: the job cannot be done as things are; the message says what to do."""
STOPPED = 130
"""Exit code: stopped from the keyboard."""

app = typer.Typer(
    name="relais",
    help="The history of part-time executives' missions: what was agreed, delivered, approved, billed and paid.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
projections = typer.Typer(no_args_is_help=True, help="The read models: where each stands, and how to build one anew.")
app.add_typer(projections, name="projections")


def main() -> None:
    """Run a command. What a person can put right is told in one line, without a traceback."""
    try:
        app()
    except Trouble as trouble:
        print(f"relais: {trouble}", file=sys.stderr)
        raise SystemExit(CANNOT) from None
    except KeyboardInterrupt:
        print("relais: stopped", file=sys.stderr)
        raise SystemExit(STOPPED) from None
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has left, as `head` does: there is nobody to tell
        raise SystemExit(FAILED) from None


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"relais {version('relais')}")
        raise typer.Exit


@app.callback()
def relais(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What all commands have in common: the version."""


@app.command()
def demo(
    directory: Annotated[Path | None, typer.Option(help="Where its data lies; made anew each time.")] = None,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Show a sample year at work in a database of its own. Needs no set-up."""
    from domain.party.events import Language
    from service.demo.show import show_demo
    from service.logging import configure_logging
    from service.main import demo_directory, read_settings

    if language not in set(Language):
        raise Trouble(f"the demonstration speaks {' and '.join(Language)}, not {language}: choose with --language")
    configure_logging(level="WARNING")
    settings = read_settings()
    if not show_demo(settings, directory or demo_directory(settings), Language(language)):
        raise typer.Exit(FAILED)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
    work: Annotated[bool, typer.Option("--work/--no-work", help="Keep the read models up to date as well.")] = True,
) -> None:
    """Serve the API and the pages, and keep the read models up to date."""
    from service.serving import serve_until_stopped

    serve_until_stopped(host, port, work=work)


@app.command()
def work() -> None:
    """Keep the read models up to date, without serving."""
    from service.serving import work_until_stopped

    work_until_stopped()


@app.command("import")
def import_journal(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The journal, JSON Lines; - for standard input.")],
    stop_on_error: Annotated[bool, typer.Option("--stop-on-error", help="Stop at the first refused line.")] = False,
) -> None:
    """Import a journal, one command a line, in order. Importing it again changes nothing."""
    from datetime import UTC, datetime

    from service.console import Tally, opened, progress, report
    from service.journal import Interrupted, run_import
    from service.logging import configure_logging
    from service.main import read_settings, writing

    configure_logging(level="WARNING")
    settings = read_settings()
    tally = Tally()
    try:
        with opened(file) as source, writing(settings) as service, progress(source) as shown:
            now, zone = lambda: datetime.now(UTC), settings.zone
            report(run_import(source, service, now, zone, stop_on_refusal=stop_on_error), shown, tally)
    except Interrupted as interrupted:
        raise Trouble(f"{interrupted}. Import it again: what was accepted is not doubled ({tally.summary()})") from None
    except KeyboardInterrupt:
        print(f"relais: stopped; import it again to go on ({tally.summary()})", file=sys.stderr)
        raise typer.Exit(STOPPED) from None
    print(tally.summary(), file=sys.stderr)
    if tally.refused:
        raise typer.Exit(FAILED)


@app.command()
def bank(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The statement as the bank wrote it; - for stdin.")],
    kind: Annotated[
        str | None, typer.Option("--format", help="camt053, ofx or csv, where the name does not say.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="For CSV: whose export it is.")] = None,
) -> None:
    """Record the credits of a bank statement as payments, each once, and show what they pay."""
    from service.banking.files import read_file, summary, take_file
    from service.logging import configure_logging
    from service.main import read_settings, serving, working

    configure_logging(level="WARNING")
    data, found = read_file(file, kind)
    with serving(read_settings(), working) as served:
        answer = take_file(served, data, found, profile)
    print(answer.model_dump_json(indent=2))
    print(summary(answer), file=sys.stderr)
    if any(statement.refused for statement in answer.statements):
        raise typer.Exit(FAILED)


app.command()(forget)
app.command()(cli_accounting.bill)
app.command()(cli_accounting.export)
app.command()(reconcile)
app.command()(dossier)
app.command()(calendar)
app.command()(cli_proof.verify)
app.command()(cli_proof.witness)
app.add_typer(cli_proof.keys, name="keys")


@app.command()
def token(
    role: Annotated[str, typer.Option(help="network_admin, cadre, client, accountant or auditor.")],
    cadre: Annotated[str | None, typer.Option(metavar="ID", help="The cadre who will use it.")] = None,
    client: Annotated[str | None, typer.Option(metavar="ID", help="The client who will use it.")] = None,
    mission: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A mission an auditor may read; repeat.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days it holds.")] = 30,
) -> None:
    """Print a bearer token for the API."""
    from service.bearers import bearer
    from service.main import issue_token, read_settings

    principal = bearer(role, cadre, client, tuple(mission or ()))
    print(issue_token(read_settings(), principal, days))


@app.command()
def install(
    superuser_url: Annotated[str, typer.Option(envvar="RELAIS_SUPERUSER_URL", help="The server, as its superuser.")],
) -> None:
    """Prepare a PostgreSQL that others run: roles, databases and the guard of history. Once, before `migrate`."""
    from service.databases import install as prepare
    from service.main import read_settings

    prepare(superuser_url, read_settings())


@app.command()
def migrate() -> None:
    """Bring the databases to this version's schema, as the role that owns them."""
    from service.databases import migrate as bring_up_to_date
    from service.main import read_settings

    applied = bring_up_to_date(read_settings())
    print("\n".join(f"applied {step}" for step in applied) or "nothing to apply: the schema is this version's")


@projections.command("status")
def projections_status() -> None:
    """Say where each read model stands; exit code 1 where one needs somebody's attention."""
    from service.databases import databases
    from service.main import looking, read_settings
    from service.projections.status import status
    from service.read_models import in_words
    from service.worker import READ_MODELS

    with databases(read_settings()) as found, looking(found) as connection:
        standing = status(connection, READ_MODELS)
    print("\n".join(map(in_words, standing)))
    if not all(model.is_healthy for model in standing):
        raise typer.Exit(FAILED)


@projections.command("rebuild")
def projections_rebuild(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all when left out.")] = None,
) -> None:
    """Build read models anew beside the old ones, which serve until the new ones are complete."""
    from service.databases import databases
    from service.logging import configure_logging
    from service.main import looking, read_settings, working
    from service.read_models import catch_up, rebuild

    configure_logging(level="WARNING")
    with databases(read_settings()) as found, working(found), looking(found) as connection:
        catch_up(connection)
        for line in rebuild(connection, tuple(names or ())):
            print(line, flush=True)


if __name__ == "__main__":
    main()
