"""Everything that a dossier is made of, read from history and from the accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeVar, cast

from domain.event import Event, Recorded
from domain.party.events import Language
from domain.streams import cadre_stream, client_stream, issuer_stream, mission_stream
from projections.contacts import Contact, contact_view
from projections.continuity.readiness import readiness_view
from projections.continuity.rituals import rituals_view
from projections.dossier.points import points_view
from projections.invoices.invoices import InvoiceRow
from projections.invoices.queries import InvoicesAsked, invoices_for
from projections.kpi.objectives import objectives_view
from projections.letter.agreed import letter_view
from projections.missions.answers import mission_view
from projections.read_model import Query, as_known
from service.documents.dossier import contact_lines, dossier, parties_of
from service.documents.dossier_shapes import ContactRole, DossierAnswer
from service.documents.saying import Saying
from service.documents.told import Told
from service.owed import Owed, exposure_answer
from service.results.held import held_then

R = TypeVar("R", bound=tuple[object, ...])


class History(Protocol):
    """Streams with the personal words that are still kept."""

    async def stream(self, stream: str) -> Sequence[Recorded[Event]]: ...


class Accounts(Protocol):
    """The read model of invoices."""

    async def rows(self, query: Query, row: type[R]) -> list[R]: ...

    async def ask(self, query: Query) -> Sequence[tuple[object, ...]]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dossier: of which mission, as of when, in which language."""

    mission_id: str
    on: date
    known_at: datetime | None = None
    language: Language = Language.FRENCH
    within: Sequence[str] | None = None
    """Only the invoices that bill nothing but these missions."""


async def gathered(wanted: Wanted, records: History, accounts: Accounts) -> DossierAnswer | None:
    """A mission's dossier; None before its letter was signed."""
    history = await records.stream(mission_stream(wanted.mission_id))
    on, known_at = wanted.on, wanted.known_at
    known = as_known(history, as_of=on, known_at=known_at)
    held, ready, rituals = held_then(known, ()), readiness_view(known, on), rituals_view(known, (), on)
    letter, points = letter_view(known, on), points_view(known, on)
    mission = mission_view(known, on, as_of=on)
    if held is None or ready is None or rituals is None or letter is None or points is None or mission is None:
        return None
    told = Told(
        mission=mission,
        letter=letter,
        points=points,
        objectives=objectives_view(known, on),
        money=exposure_answer(held.for_billing(), on, on, await _owed(wanted, accounts), known),
        readiness=ready,
        rituals=rituals.counts,
        known_at=known_at,
    )
    parties = parties_of(mission, points)
    contacts = [await _contact(role, party_id, wanted, records) for role, party_id in parties]
    return dossier(told, contact_lines(parties, contacts), Saying(wanted.language))


async def _contact(role: ContactRole, party_id: str, wanted: Wanted, records: History) -> Contact:
    streams = {ContactRole.CLIENT: client_stream, ContactRole.ISSUER: issuer_stream}
    history = await records.stream(streams.get(role, cadre_stream)(party_id))
    return contact_view(party_id, history, as_of=wanted.on, known_at=wanted.known_at)


async def _owed(wanted: Wanted, accounts: Accounts) -> list[Owed]:
    """The mission's invoices, and what was outstanding of each by the date, as known at the instant."""
    asked = InvoicesAsked(mission_id=wanted.mission_id, within=wanted.within)
    rows = await accounts.rows(invoices_for(wanted.on, asked), InvoiceRow)
    if wanted.known_at is not None:
        rows = [row for row in rows if row.recorded_at <= wanted.known_at]
    later = await _recorded_later(rows, wanted.known_at, accounts)
    owed = []
    for row in rows:
        moved = [each for each in row.movements if each.occurred_on <= wanted.on and each.position not in later]
        owed.append((row, row.gross - sum((each.paid + each.credited for each in moved), Decimal(0))))
    return owed


_LATER = """
    SELECT notification_id FROM relais.events
    WHERE notification_id = ANY(%(positions)s) AND recorded_at > %(known_at)s
"""


async def _recorded_later(rows: Sequence[InvoiceRow], known_at: datetime | None, accounts: Accounts) -> set[object]:
    """Which payments and credit notes nobody knew of then."""
    positions = [each.position for row in rows for each in row.movements]
    if known_at is None or not positions:
        return set()
    found = await accounts.ask(Query(_LATER, {"positions": cast("Sequence[str]", positions), "known_at": known_at}))
    return {position for (position,) in found}
