"""A question at a terminal, to which whatever is not yes is no."""

from __future__ import annotations

import sys

import typer

YES = frozenset({"o", "oui", "y", "yes"})


def said_yes(question: str) -> bool:
    """Asks on standard error, so that what is shown can be kept; a closed input says no."""
    typer.echo(question, err=True, nl=False)
    return sys.stdin.readline().strip().lower() in YES
