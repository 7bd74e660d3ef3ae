"""The composition root: everything is wired here, from the settings down, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from pydantic import ValidationError

from service.command_service import CommandService
from service.databases import Databases, databases
from service.embedded import make_directory
from service.projections.progress import Progress
from service.read_models import Connection
from service.settings import Settings
from service.store.keys import BEARERS, KeyStore
from service.store.reader import Reader
from service.trouble import Trouble
from service.worker import Worker

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service.calendars.links import Owner
    from service.http.security import Principal


def read_settings() -> Settings:
    """The settings of this machine; a wrong one is named as the environment variable that it is."""
    try:
        return Settings()
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise Trouble("; ".join(f"{_variable(fault['loc'])}{_said(fault['msg'])}" for fault in faults)) from None


def _variable(loc: tuple[int | str, ...]) -> str:
    return f"RELAIS_{str(loc[0]).upper()}: " if loc else ""


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def demo_directory(settings: Settings) -> Path:
    """Where the demonstration keeps its data, apart from the network's own."""
    make_directory(settings.data_dir)
    return settings.data_dir / "demo"


@contextmanager
def writing(settings: Settings) -> Iterator[CommandService]:
    """The writing bank over the network's databases."""
    with databases(settings) as found, command_service(found, settings) as commands:
        yield commands


def command_service(found: Databases, settings: Settings) -> CommandService:
    """The writing bank over databases that are open already; whoever asks for it closes it."""
    return CommandService.on(found.history, found.keys, settings.calendar)


@contextmanager
def working(found: Databases) -> Iterator[Worker]:
    """The worker that keeps the read models up to date, where no other leads."""
    with closing(KeyStore(found.keys)) as keys:
        worker = Worker(found.history, keys)
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()


@contextmanager
def looking(found: Databases) -> Iterator[Connection]:
    """A connection for a look at where things stand."""
    with psycopg.connect(found.history, autocommit=True, application_name="relais look", connect_timeout=10) as looks:
        yield looks


@contextmanager
def serving(
    settings: Settings, worker: Callable[[Databases], AbstractContextManager[object]] = nullcontext
) -> Iterator[FastAPI]:
    """The API over the network's databases, and the worker that it is given, unless that runs elsewhere."""
    from service.calendars.links import CalendarLinks
    from service.http.app import create_app
    from service.http.questions import Questions
    from service.http.records import Records
    from service.http.security import token_key
    from service.http.services import Services
    from service.proof.bundles import Bundles
    from service.proof.entries import Entries
    from service.proof.folder import ProofFolder
    from service.proof.log import Log

    with ExitStack() as opened:
        found = opened.enter_context(databases(settings))
        commands = opened.enter_context(command_service(found, settings))
        keys = opened.enter_context(closing(KeyStore(found.keys)))
        links = opened.enter_context(closing(CalendarLinks(found.keys, keys)))
        reader = opened.enter_context(closing(Reader(found.history, name="relais records")))
        log = opened.enter_context(Log(found.history))
        folder = ProofFolder(settings.proof)
        opened.enter_context(worker(found))
        yield create_app(
            Services(
                commands=commands,
                questions=Questions(found.history),
                records=Records(reader, keys),
                progress=Progress(),
                token_key=token_key(keys.network_secret(BEARERS)),
                clock=lambda: datetime.now(UTC),
                zone=settings.zone,
                working_days=settings.working_days_per_year,
                log=log,
                bundles=Bundles(reader, keys, log, folder.log_keys, folder.asks_witnesses),
                entries=Entries(reader, keys, log),
                holidays=settings.calendar,
                links=links,
                chart_of_accounts=settings.chart_of_accounts,
                thresholds=settings.thresholds,
            )
        )


def issue_token(settings: Settings, principal: Principal, days: int) -> str:
    """A bearer token, signed with the network's key."""
    from service.http.security import issue_token as issue
    from service.http.security import token_key

    with databases(settings) as found, closing(KeyStore(found.keys)) as keys:
        return issue(token_key(keys.network_secret(BEARERS)), principal, seconds=days * 86_400)


def calendar_link(settings: Settings, owner: Owner, *, withdraw: bool) -> str:
    """The path of the secret link to a calendar; another one, where the old one is to be dead."""
    from service.calendars.links import CalendarLinks

    with databases(settings) as found, closing(KeyStore(found.keys)) as keys:
        with closing(Reader(found.history, name="relais calendar")) as reader:
            if not reader.read_stream(f"{owner.role.value}:{owner.party_id}"):
                raise Trouble(f"{owner.party_id} is no registered {owner.role.value}: register it first")
        with closing(CalendarLinks(found.keys, keys)) as links:
            if withdraw:
                links.withdraw(owner)
            return links.path_of(owner)
