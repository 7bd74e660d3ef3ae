"""A month's billing run as somebody starts it: shown first, by the very decision that issues it, then issued once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.billing.engagement import last_date_of
from domain.billing.events import InvoiceIssued
from domain.billing.invoicing import IssueInvoices
from domain.calendar import WorkingCalendar
from domain.catalogue import read_event
from domain.event import Actor, Filed, Role
from domain.facts import Needs
from domain.streams import client_stream, issuer_stream, kind_of
from projections.missions.parties import PARTIES
from service.decision import Decider
from service.history import AsOf, Memory
from service.snapshots import Seal
from service.store.canonical import Json, canonical
from service.store.gathering import Gatherer
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader
from service.submission import Accepted, Submission

OPERATOR = Actor(Role.NETWORK_ADMIN)
"""Who runs commands on the machine of the network."""


AT_ONCE = 50
"""Invoices that are read at once, from the last one back."""


class Commands(Protocol):
    """The writing bank."""

    def execute(self, submission: Submission) -> Accepted: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run is about to issue, and what of the month was issued before."""

    invoices: tuple[InvoiceIssued, ...]
    names: Mapping[str, str]
    """Of the clients and issuers on it, by id."""
    issued_before: tuple[str, ...]
    mark: str
    """Stands for exactly this: the same run on the same history has the same, any other another."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a month, as it is asked for."""

    command: IssueInvoices
    today: date

    def submission(self, mark: str) -> Submission:
        """The command as the service takes it. What was shown once is issued once, however often it is confirmed."""
        return Submission(
            command=self.command,
            mission_id=None,
            actor=OPERATOR,
            claimed_by=None,
            claimed_at=None,
            today=self.today,
            command_id=f"bill:{self.command.month}:{mark}",
            request=canonical(self.command.model_dump(mode="json")),
        )


class Rehearsals:
    """Decides runs on history as it stands, and records nothing."""

    def __init__(self, history: str, keys: str, calendar: WorkingCalendar, *, at_once: int = AT_ONCE) -> None:
        self._reader, self._gatherer, self._keys = Reader(history), Gatherer(history), KeyStore(keys)
        self._at_once = at_once
        self._decider, self._seal = Decider(self._reader, self._keys, calendar), Seal(self._keys)

    def shown(self, run: Run) -> Shown:
        """What the run would issue. Raises what stands in its way."""
        as_of, _ = Memory(self._gatherer, self._seal).as_of_now()
        filed, needs = self._decider.rehearse(run.submission(""), as_of)
        invoices = tuple(fact.event for fact in filed if isinstance(fact.event, InvoiceIssued))
        return Shown(
            invoices=invoices,
            names=self._names(invoices),
            issued_before=self._issued_before(run.command.month, needs, as_of),
            mark=_mark(run, filed, needs, as_of),
        )

    def _names(self, invoices: Sequence[InvoiceIssued]) -> dict[str, str]:
        streams = {client_stream(each.client_id) for each in invoices} | {
            issuer_stream(each.issuer_id) for each in invoices
        }
        rows = self._reader.read_streams(dict.fromkeys(sorted(streams), 0))
        parties = PARTIES.rows(open_rows(rows, self._reader, self._keys)).values()
        return {party.party_id: party.name for party in parties if party.name is not None}

    def _issued_before(self, month: str, needs: Needs, as_of: AsOf) -> tuple[str, ...]:
        series = sorted(stream for stream in needs.streams if kind_of(stream) == "invoices")
        found = [each for stream in series for each in self._issued_since(stream, last_date_of(month), as_of)]
        return tuple(each.invoice_number for each in found if each.month == month)

    def _issued_since(self, series: str, on: date, as_of: AsOf) -> list[InvoiceIssued]:
        """The invoices of a series dated since then, read from its end: no month is billed before it is over."""
        found: list[InvoiceIssued] = []
        last = as_of.version(series)
        while last > 0:
            rows = self._reader.read_stream(series, max(0, last - self._at_once), last)
            events = (read_event(row.topic, row.state) for row in rows)
            issued = [each for each in events if isinstance(each, InvoiceIssued) and each.issued_on >= on]
            found = issued + found
            last = last - self._at_once if len(issued) == len(rows) else 0
        return found

    def close(self) -> None:
        """Gives the connections back."""
        for connection in (self._reader, self._gatherer, self._keys):
            connection.close()


def issue(run: Run, shown: Shown, commands: Commands) -> tuple[InvoiceIssued, ...]:
    """Issues what was shown, through the door that every command takes; the invoices with their numbers."""
    accepted = commands.execute(run.submission(shown.mark))
    events = (recorded.event for recorded in accepted.events)
    return tuple(event for event in events if isinstance(event, InvoiceIssued))


def _mark(run: Run, filed: Sequence[Filed], needs: Needs, as_of: AsOf) -> str:
    """Days billed, credited and billed again look the same on paper; their missions are at other versions."""
    said: Json = {
        "run": run.command.model_dump(mode="json"),
        "facts": [fact.event.model_dump(mode="json", by_alias=True) for fact in filed],
        "versions": {stream: as_of.version(stream) for stream in sorted(needs.streams)},
    }
    return hashlib.sha256(canonical(said)).hexdigest()[:32]
