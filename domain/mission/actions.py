"""What is to be done, by whom and until when."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from domain.event import NAMELESS, Command
from domain.values import Id, IsoDate, OptionalText, Text


class OpenAction(Command):
    """Give somebody something to do until a date; an owner may be found later, before a handover."""

    NAME: ClassVar[str] = "open_action"
    NAMES: ClassVar[str | None] = "action_id"
    action_id: Id = NAMELESS
    text: Text
    owner: OptionalText = ""
    due_on: IsoDate


class CloseAction(Command):
    """Close an action: done, or dropped."""

    NAME: ClassVar[str] = "close_action"
    action_id: Id
    on: IsoDate
    note: Text | None = None

    def business_date(self) -> date:
        return self.on
