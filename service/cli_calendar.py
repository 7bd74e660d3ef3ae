"""The secret link to a calendar, for whoever runs the network and hands it to its owner."""

from __future__ import annotations

from typing import Annotated

import typer

from service.trouble import Trouble


def calendar(
    *,
    cadre: Annotated[str | None, typer.Option(metavar="ID", help="Whose calendar: this cadre's.")] = None,
    client: Annotated[str | None, typer.Option(metavar="ID", help="Whose calendar: this client's.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw the link first: the old one is dead.")] = False,
    at: Annotated[str, typer.Option(metavar="URL", help="Where people reach the service.")] = "http://127.0.0.1:8000",
) -> None:
    """Print the secret link to the calendar of a cadre or a client, for their calendar program."""
    from service.bearers import bearer
    from service.calendars.links import Owner
    from service.main import calendar_link, read_settings

    if (cadre is None) == (client is None):
        raise Trouble("say whose calendar: --cadre ID, or --client ID")
    actor = bearer("cadre" if cadre else "client", cadre, client, ()).actor
    owner = Owner(actor.role, actor.id or "")
    typer.echo(at.rstrip("/") + calendar_link(read_settings(), owner, withdraw=withdraw))
