"""Which missions a token may see; what it may not see does not exist for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import assert_never

from domain.event import Actor, Role
from domain.mission.state import Mission
from domain.values import eve


def sees_mission(actor: Actor, mission: Mission, listed: Collection[str] = ()) -> bool:
    """A cadre sees what it holds or held, a client its company's, an auditor the missions listed in its token."""
    match actor.role:
        case Role.NETWORK_ADMIN:
            return True
        case Role.CADRE:
            return any(cadre_id == actor.id for _, cadre_id in mission.holders)
        case Role.CLIENT:
            return mission.client_id == actor.id
        case Role.AUDITOR:
            return mission.mission_id in listed
        case Role.ACCOUNTANT:
            return False
        case _:
            assert_never(actor.role)


def sees_until(actor: Actor, mission: Mission) -> date | None:
    """The last date whose facts the actor sees: none but for a cadre who handed the mission over."""
    _, holder = mission.holders[-1]
    if actor.role is not Role.CADRE or holder == actor.id:
        return None
    handed_over = [
        from_on
        for (_, before), (from_on, _) in zip(mission.holders, mission.holders[1:], strict=False)
        if before == actor.id
    ]
    return eve(max(handed_over)) if handed_over else None
