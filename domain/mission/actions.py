"""What is to be done, by whom and until when."""

from __future__ import annotations

from typing import Annotated, ClassVar

from domain.event import NAMELESS, Command, Context
from domain.mission.events import ActionClosed, ActionOpened
from domain.mission.period import reject_after_stop
from domain.mission.rejections import ActionIsClosed, UnknownAction
from domain.mission.state import Mission
from domain.rejections import AlreadyExists
from domain.values import Id, IsoDate, NullIsLeftOut, OptionalText, Text, said


class OpenAction(Command):
    """Give somebody something to do until a date; an owner may be found later, before a handover."""

    NAME: ClassVar[str] = "open_action"
    NAMES: ClassVar[str | None] = "action_id"
    action_id: Id = NAMELESS
    text: Text
    owner: Annotated[OptionalText, NullIsLeftOut] = ""
    due_on: IsoDate


class CloseAction(Command):
    """Close an action: done, or dropped."""

    NAME: ClassVar[str] = "close_action"
    DATED: ClassVar[str | None] = "on"
    action_id: Id
    on: IsoDate
    note: Text | None = None


def open_action(mission: Mission, command: OpenAction, context: Context) -> ActionOpened:
    """Something new is to be done while the mission runs."""
    reject_after_stop(mission, context.today)
    if command.action_id in mission.actions:
        raise AlreadyExists(f"{command.action_id} is an action of the mission already: choose another id")
    return ActionOpened.model_validate(dict(command) | {"owner": said(command.owner)})


def close_action(mission: Mission, command: CloseAction) -> ActionClosed:
    """An open action ends once."""
    action = mission.actions.get(command.action_id)
    if action is None:
        raise UnknownAction(f"the mission has no action {command.action_id}: name one that was opened")
    if action.over:
        raise ActionIsClosed(f"the action {command.action_id} is closed already")
    return ActionClosed.model_validate(dict(command))
