"""A statement from a file, at the command line: what it is by its name, and the answer as JSON."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

from fastapi import FastAPI

from domain.event import Actor, Role
from service.banking.answers import StatementsAnswer
from service.banking.formats import SUFFIXES, StatementFormat, kind_of
from service.banking.statements import MAX_BYTES, StatementRefused
from service.console import opened
from service.http.problems import Problem
from service.http.services import Services
from service.http.taking import Sender, take_statements
from service.trouble import Trouble


def read_file(file: str, named: str | None) -> tuple[bytes, StatementFormat]:
    """The bytes of a file, and what it is: as it was said, else as its name ends."""
    with opened(file) as source:
        data = source.read(MAX_BYTES + 1)
    if named is not None:
        if named not in set(StatementFormat):
            raise Trouble(f"there is no format {named}: choose {', '.join(StatementFormat)} with --format")
        return data, StatementFormat(named)
    suffix = SUFFIXES.get(Path(file).suffix.lower())
    found = kind_of("text/xml", data) if suffix is StatementFormat.CAMT053 else suffix
    if found is None:
        raise Trouble(f"{file} does not say what it is: add --format with {', '.join(StatementFormat)}")
    return data, found


def take_file(app: FastAPI, data: bytes, kind: StatementFormat, profile: str | None) -> StatementsAnswer:
    """Takes a statement as the network itself, over the running application's services."""
    return asyncio.run(_take(app, data, kind, profile))


async def _take(app: FastAPI, data: bytes, kind: StatementFormat, profile: str | None) -> StatementsAnswer:
    services: Services = app.state.services
    sender = Sender(Actor(Role.NETWORK_ADMIN), None, f"bank:{uuid.uuid4().hex}")
    async with app.router.lifespan_context(app):
        try:
            return await take_statements(services, data, kind, profile, sender)
        except StatementRefused as refused:
            raise Trouble(f"{refused} ({refused.code}). Nothing was recorded") from None
        except Problem as problem:
            raise Trouble(problem.detail) from None


def summary(answer: StatementsAnswer) -> str:
    """One line for a person: `2 statements: 3 recorded, 1 known already, 2 ignored, 0 refused, 1 waits`."""
    of = answer.statements
    names = ("recorded", "known_already", "ignored", "refused")
    counts = [f"{sum(len(getattr(each, name)) for each in of)} {name.replace('_', ' ')}" for name in names]
    waits = sum(len(each.unallocated) for each in of)
    return f"{len(of)} {'statement' if len(of) == 1 else 'statements'}: {', '.join(counts)}, {waits} unallocated"
