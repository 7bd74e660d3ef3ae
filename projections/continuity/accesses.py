"""The register of accesses (registre des accès): which systems the mission uses, who holds each, where it is written.

A register of places, never of secrets: the command that documents an access refuses what looks like one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Recorded
from domain.mission.events import AccessDocumented, AccessRevoked
from domain.values import IsoDate
from projections.read_model import as_known, words


class AccessAnswer(BaseModel):
    """An access as of a date."""

    model_config = ConfigDict(frozen=True)
    access_id: str
    system: str
    level: str
    has_custodian: bool
    custodian: str | None
    """In the words of who documented it; null where nobody was named, or the words were erased."""
    documented_at: str
    documented_on: IsoDate
    revoked_on: IsoDate | None
    in_force: bool
    facts: tuple[int, ...]
    """The positions of all that was said of it."""


def accesses_view(
    history: Iterable[Recorded[Event]], on: date, *, known_at: datetime | None = None
) -> list[AccessAnswer]:
    """A mission's accesses from its stream, in the order in which they were documented, the revoked ones too."""
    accesses: dict[str, AccessAnswer] = {}
    for recorded in as_known(history, as_of=on, known_at=known_at):
        event = recorded.event
        if isinstance(event, AccessDocumented):
            accesses[event.access_id] = _documented(event, recorded)
        elif isinstance(event, AccessRevoked) and event.access_id in accesses:
            known = accesses[event.access_id]
            changes = {"revoked_on": event.on, "in_force": False, "facts": (*known.facts, recorded.position)}
            accesses[event.access_id] = known.model_copy(update=changes)
    return list(accesses.values())


def _documented(event: AccessDocumented, recorded: Recorded[Event]) -> AccessAnswer:
    return AccessAnswer(
        access_id=event.access_id,
        system=event.system,
        level=event.level,
        has_custodian=event.custodian is not None,
        custodian=words(event.custodian),
        documented_at=event.documented_at,
        documented_on=recorded.occurred_on,
        revoked_on=None,
        in_force=True,
        facts=(recorded.position,),
    )
