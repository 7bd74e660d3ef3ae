"""Which systems the mission uses, and who holds their keys."""

from __future__ import annotations

from typing import Annotated, ClassVar

from domain.event import NAMELESS, Command, Context
from domain.mission.events import AccessDocumented, AccessRevoked
from domain.mission.period import reject_after_stop
from domain.mission.rejections import AccessIsRevoked, UnknownAccess
from domain.mission.secrecy import OpenText, OptionalOpenText
from domain.mission.state import Mission
from domain.rejections import AlreadyExists
from domain.values import Id, IsoDate, NullIsLeftOut, said


class DocumentAccess(Command):
    """Write down an access and where its procedure stands; what looks like a password or a key is refused."""

    NAME: ClassVar[str] = "document_access"
    NAMES: ClassVar[str | None] = "access_id"
    access_id: Id = NAMELESS
    system: OpenText
    level: OpenText
    custodian: Annotated[OptionalOpenText, NullIsLeftOut] = ""
    documented_at: OpenText


class RevokeAccess(Command):
    """Take an access out of force."""

    NAME: ClassVar[str] = "revoke_access"
    DATED: ClassVar[str | None] = "on"
    access_id: Id
    on: IsoDate


def document_access(mission: Mission, command: DocumentAccess, context: Context) -> AccessDocumented:
    """A new access is written down while the mission runs."""
    reject_after_stop(mission, context.today)
    if command.access_id in mission.accesses:
        raise AlreadyExists(f"{command.access_id} is an access of the mission already: choose another id")
    return AccessDocumented.model_validate(dict(command) | {"custodian": said(command.custodian)})


def revoke_access(mission: Mission, command: RevokeAccess) -> AccessRevoked:
    """An access in force is revoked once."""
    access = mission.accesses.get(command.access_id)
    if access is None:
        raise UnknownAccess(f"the mission has no access {command.access_id}: name one that was documented")
    if access.over:
        raise AccessIsRevoked(f"the access {command.access_id} is revoked already")
    return AccessRevoked.model_validate(dict(command))
