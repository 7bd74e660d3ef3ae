"""Which systems the mission uses, and who holds their keys."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from domain.event import NAMELESS, Command
from domain.values import Id, IsoDate, OptionalText, Text


class DocumentAccess(Command):
    """Write down an access and where its procedure stands; never a secret."""

    NAME: ClassVar[str] = "document_access"
    NAMES: ClassVar[str | None] = "access_id"
    access_id: Id = NAMELESS
    system: Text
    level: Text
    custodian: OptionalText = ""
    documented_at: Text


class RevokeAccess(Command):
    """Take an access out of force."""

    NAME: ClassVar[str] = "revoke_access"
    access_id: Id
    on: IsoDate

    def business_date(self) -> date:
        return self.on
