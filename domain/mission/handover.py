"""A cadre leaves and a successor takes the mission over (passation), once the checklist holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import ClassVar

from domain.event import Command
from domain.mission.events import Gap, HandedOver, HandoverItem, HandoverItemCompleted, HandoverStarted, Missing
from domain.mission.period import reject_delivered_after
from domain.mission.rejections import (
    AlreadyCompleted,
    FunctionNotPractised,
    HandoverAlreadyStarted,
    HandoverIncomplete,
    HandoverNotStarted,
    SameCadre,
    UnknownItem,
)
from domain.mission.secrecy import OpenText
from domain.mission.state import Handover, Mission, OpenPoint
from domain.party.state import Cadre
from domain.rejections import UnknownCadre
from domain.values import Id, IsoDate, Text


class StartHandover(Command):
    """Announce that the cadre leaves; opens the four items."""

    NAME: ClassVar[str] = "start_handover"
    reason: Text
    leaving_on: IsoDate
    successor_id: Id | None = None


class CompleteHandoverItem(Command):
    """Tick off an item of the handover; a note that looks like a password or a key is refused."""

    NAME: ClassVar[str] = "complete_handover_item"
    item_id: Id
    note: OpenText | None = None


class HandOver(Command):
    """Give the mission to its successor; a network admin's reason lets an incomplete checklist pass."""

    NAME: ClassVar[str] = "hand_over"
    DATED: ClassVar[str | None] = "effective_on"
    to_cadre_id: Id
    effective_on: IsoDate
    accepted_by: Text
    override_reason: Text | None = None


FRESH_FOR = timedelta(days=45)


def start_handover(mission: Mission, command: StartHandover, *, successor: Cadre | None) -> HandoverStarted:
    """One handover at a time, to a registered cadre where the successor is known."""
    if mission.handover is not None:
        raise HandoverAlreadyStarted("a handover is under way: complete it first")
    if command.successor_id is not None and successor is None:
        raise UnknownCadre(f"{command.successor_id} is no registered cadre: register it first, or leave it out")
    return HandoverStarted.model_validate(dict(command))


def complete_handover_item(mission: Mission, command: CompleteHandoverItem) -> HandoverItemCompleted:
    """Each of the four items is completed once."""
    handover = _under_way(mission)
    if command.item_id not in set(HandoverItem):
        raise UnknownItem(f"a handover has no item {command.item_id}: its items are {', '.join(HandoverItem)}")
    item = HandoverItem(command.item_id)
    if item in handover.completed:
        raise AlreadyCompleted(f"the item {item} is completed already")
    return HandoverItemCompleted(item_id=item, note=command.note)


def hand_over(mission: Mission, command: HandOver, *, successor: Cadre | None) -> HandedOver:
    """Another cadre who practises the function takes over once nothing is missing, or an admin says why it must."""
    handover = _under_way(mission)
    if successor is None:
        raise UnknownCadre(f"{command.to_cadre_id} is no registered cadre: register it first")
    if command.to_cadre_id == mission.holder_on(command.effective_on):
        raise SameCadre(f"{command.to_cadre_id} holds the mission: name another cadre")
    if mission.function not in successor.functions:
        raise FunctionNotPractised(f"{command.to_cadre_id} does not practise {mission.function}: name a cadre who does")
    reject_delivered_after(mission, command.effective_on)
    missing = missing_on(mission, handover, command.effective_on)
    if missing and command.override_reason is None:
        listed = ", ".join(f"{lack.gap} {lack.id}" if lack.id else lack.gap for lack in missing)
        raise HandoverIncomplete(f"complete the handover before it takes effect; missing: {listed}", missing)
    return HandedOver.model_validate(dict(command) | {"missing": missing})


def missing_on(mission: Mission, handover: Handover, on: date) -> tuple[Missing, ...]:
    """What the checklist lacks on a date: empty when the mission can change hands."""
    unmeasured = [
        objective_id
        for objective_id, objective in mission.objectives.items()
        if not objective.closed and not _is_fresh(objective.measured_on, on)
    ]
    return (
        *(Missing(gap=Gap.OBJECTIVE_NOT_MEASURED, id=objective_id) for objective_id in unmeasured),
        *_unanswered(mission.actions, Gap.ACTION_WITHOUT_OWNER),
        *_unanswered(mission.risks, Gap.RISK_WITHOUT_BACKUP),
        *_unanswered(mission.accesses, Gap.ACCESS_WITHOUT_CUSTODIAN),
        *(() if _is_fresh(mission.reviews.values(), on) else (Missing(gap=Gap.NO_RECENT_REVIEW),)),
        *(Missing(gap=Gap.ITEM_NOT_COMPLETED, id=item) for item in HandoverItem if item not in handover.completed),
    )


def _under_way(mission: Mission) -> Handover:
    if mission.handover is None:
        raise HandoverNotStarted("no handover is under way: start one first")
    return mission.handover


def _is_fresh(dates: Iterable[date], on: date) -> bool:
    return any(seen <= on and on - seen <= FRESH_FOR for seen in dates)


def _unanswered(points: Mapping[str, OpenPoint], gap: Gap) -> Iterator[Missing]:
    return (Missing(gap=gap, id=name) for name, point in points.items() if not (point.over or point.answered_for))
