"""What a token may see of a mission, judged on the mission's row. What it may not see does not exist for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.billing.events import BILLING_EVENTS
from domain.event import Role
from domain.streams import cadre_stream, client_stream, mission_stream
from domain.values import eve
from projections.audit_trail.queries import Search
from projections.missions.mission import MissionRow
from projections.missions.queries import missions_for
from service.http.security import Principal
from service.http.services import Services


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a principal sees: the last date of what it is shown, or all there is."""

    until: date | None = None

    def date(self, asked: date) -> date:
        """The date as of which it is shown a mission."""
        return asked if self.until is None else min(asked, self.until)

    def reaches(self, other: Sight) -> bool:
        """Whether it shows at least what the other shows."""
        return self.until is None or (other.until is not None and other.until <= self.until)


ALL = Sight()


def sight_of(principal: Principal, mission: MissionRow, today: date) -> Sight | None:
    """Admins see every mission, auditors those on their list, clients and cadres their own; None: it is not there."""
    match principal.role:
        case Role.NETWORK_ADMIN:
            return ALL
        case Role.AUDITOR:
            return ALL if mission.mission_id in principal.missions else None
        case Role.CLIENT:
            return ALL if mission.client_id == principal.actor.id else None
        case Role.CADRE:
            return as_holder(principal.actor.id, mission, today)
        case Role.ACCOUNTANT:
            return None


def as_holder(cadre_id: str | None, mission: MissionRow, today: date) -> Sight | None:
    """Who holds the mission sees all of it; who held it sees it up to the eve of the handover."""
    first = mission.holders[0]
    seen: Sight | None = None
    for holder, successor in zip(mission.holders, (*mission.holders[1:], None), strict=True):
        if holder.cadre_id != cadre_id or (holder is not first and holder.from_on > today):
            continue
        if successor is None or successor.from_on > today:
            return ALL
        seen = Sight(eve(successor.from_on))
    return seen


async def missions_seen(services: Services, principal: Principal) -> Sequence[tuple[MissionRow, Sight]]:
    """Every mission that a cadre, a client or an auditor sees, and how far."""
    today = services.today()
    query = missions_for(
        today,
        mission_ids=sorted(principal.missions) if principal.role is Role.AUDITOR else None,
        client_id=principal.actor.id if principal.role is Role.CLIENT else None,
        cadre_id=principal.actor.id if principal.role is Role.CADRE else None,
    )
    missions = await services.questions.rows(query, MissionRow)
    return [(row, sight) for row in missions if (sight := sight_of(principal, row, today)) is not None]


BILLED = tuple(event_type.TOPIC for event_type in BILLING_EVENTS)
"""What accountants read of: invoices, credit notes and payments."""


async def as_seen(services: Services, principal: Principal, search: Search) -> Search:
    """What is searched for in all history, narrowed to what a principal sees.

    Admins see all, accountants what is billed; the others their missions, and what is said of themselves.
    """
    own: dict[str, date | None] = {}
    match principal.role:
        case Role.NETWORK_ADMIN:
            return search
        case Role.ACCOUNTANT:
            return replace(search, types=[type_ for type_ in BILLED if search.types is None or type_ in search.types])
        case Role.CLIENT:
            own = {client_stream(principal.actor.id or ""): None}
        case Role.CADRE:
            own = {cadre_stream(principal.actor.id or ""): None}
        case Role.AUDITOR:
            pass
    missions = await missions_seen(services, principal)
    return replace(search, streams=own | {mission_stream(row.mission_id): sight.until for row, sight in missions})
