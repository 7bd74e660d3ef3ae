"""The command that forgets a person: shows what would go and what must stay, asks, and sees it through to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.trouble import Trouble

if TYPE_CHECKING:
    from service.command_service import CommandService
    from service.databases import Databases
    from service.erasure import Kept
    from service.forgetting import Findings
    from service.read_models import Connection
    from service.settings import Settings

FAILED = 1
"""Exit code: what was shown was not wanted, and nothing was forgotten."""


def forget(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The client, cadre or issuer, by its id.")],
    reason: Annotated[
        str, typer.Option(help="Why, without naming anybody: it outlives the words.")
    ] = "À la demande de la personne",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Forget without asking.")] = False,
) -> None:
    """Make a person's words unreadable for ever, everywhere; say what the law makes one keep. Repeatable."""
    from service.asking import said_yes
    from service.databases import databases
    from service.erasure import sweep
    from service.logging import configure_logging
    from service.main import command_service, looking, read_settings, working
    from service.read_models import catch_up, scrubbed

    configure_logging(level="WARNING")
    settings = read_settings()
    with (
        databases(settings) as found,
        working(found),
        looking(found) as connection,
        command_service(found, settings) as commands,
    ):
        stream = _stream_of(person, found)
        catch_up(connection)
        findings = commands.forgetting.findings(stream)
        kept = _kept(connection, person)
        _show(person, findings, kept)
        if not yes and not said_yes("Oublier cette personne ? C'est définitif. [o/N] "):
            typer.echo("Rien n'a été oublié.", err=True)
            raise typer.Exit(FAILED)
        position = _recorded(stream, found, commands) or _record(person, reason, commands, settings)
        catch_up(connection)
        scrubbed(connection)
        if found.superuser is not None:
            sweep(*found.superuser)
    typer.echo(f"{person} est oublié : position {position}. Les preuves restent valables et disent « effacé ».")
    if found.superuser is None:
        typer.echo(
            "Sur un PostgreSQL tenu par d'autres, ses fichiers et ses sauvegardes gardent encore les anciennes pages :"
            " docs/how-to/forget-a-person.md dit quoi faire."
        )


def _stream_of(person: str, found: Databases) -> str:
    from contextlib import closing

    from domain.streams import party_tag
    from service.store.reader import Reader

    with closing(Reader(found.history)) as reader:
        rows = reader.read_tags([party_tag(person)])
    if not rows:
        raise Trouble(f"unknown_party: no client, cadre or issuer has the id {person}")
    return rows[0].stream


def _kept(connection: Connection, person: str) -> tuple[Kept, ...]:
    from projections.invoices.queries import documents_of
    from service.erasure import kept_by_law

    query = documents_of(person)
    return kept_by_law(connection.execute(query.sql.encode(), dict(query.parameters)).fetchall())


def _show(person: str, findings: Findings, kept: tuple[Kept, ...]) -> None:
    typer.echo(f"Ce qui sera effacé de {person}, pour toujours :")
    typer.echo(f"  ses propres données : {findings.own} valeurs")
    for mission, places in sorted(findings.mentions.items()):
        typer.echo(f"  {mission.partition(':')[2]} : {len(places)} textes qui la nomment")
    if not findings.own and not findings.mentions:
        typer.echo("  plus rien : c'est déjà oublié")
    if kept:
        typer.echo("Ce que la loi oblige à garder, et qui reste lisible jusque-là :")
        for each in kept:
            typer.echo(f"  {each.number} du {each.dated_on.isoformat()} : jusqu'au {each.kept_until.isoformat()}")


def _recorded(stream: str, found: Databases, commands: CommandService) -> int | None:
    """The position of the fact that the person is forgotten, if it is one; what a crash left undone is done."""
    from contextlib import closing

    from domain.party.events import PersonForgotten
    from service.store.opening import sealed_row
    from service.store.reader import Reader

    with closing(Reader(found.history)) as reader:
        facts = [sealed_row(row) for row in reader.read_stream(stream)]
    forgettings = [fact for fact in facts if isinstance(fact.event, PersonForgotten)]
    commands.forgetting.carry_out(forgettings)
    return forgettings[0].position if forgettings else None


def _record(person: str, reason: str, commands: CommandService, settings: Settings) -> int:
    """Records that the person is forgotten, which carries it out; the position of that fact, new or old."""
    from datetime import UTC, datetime

    from pydantic import ValidationError

    from domain.event import Actor, CommandRejected, Role
    from domain.party.forgetting import ForgetPerson
    from service.store.canonical import canonical
    from service.submission import Submission

    try:
        command = ForgetPerson(party_id=person, reason=reason)
    except ValidationError:
        raise Trouble("--reason: say why in a few words, without naming anybody") from None
    now = datetime.now(UTC)
    submission = Submission(
        command=command,
        mission_id=None,
        actor=Actor(Role.NETWORK_ADMIN),
        claimed_by=None,
        claimed_at=None,
        today=now.astimezone(settings.zone).date(),
        command_id=None,
        request=canonical(command.model_dump(mode="json")),
        principal="cli",
    )
    try:
        return commands.execute(submission).position
    except CommandRejected as rejection:
        raise Trouble(f"{rejection.code}: {rejection.detail}") from None
