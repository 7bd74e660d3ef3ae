"""Why the service says no, whatever the command is about."""

from __future__ import annotations

from typing import ClassVar

from domain.event import CommandRejected


class Malformed(CommandRejected):
    """The command contradicts itself or the values that its fields may take."""

    code: ClassVar[str] = "malformed"


class NotAllowed(CommandRejected):
    """The role, or the person, may not ask for this."""

    code: ClassVar[str] = "not_allowed"


class AlreadyExists(CommandRejected):
    """An id names one thing for ever: this one is used."""

    code: ClassVar[str] = "already_exists"


class InTheFuture(CommandRejected):
    """What is reported has not happened yet."""

    code: ClassVar[str] = "in_the_future"


class UnknownMission(CommandRejected):
    """No mission has that id."""

    code: ClassVar[str] = "unknown_mission"


class UnknownClient(CommandRejected):
    """No client is registered under that id."""

    code: ClassVar[str] = "unknown_client"


class UnknownCadre(CommandRejected):
    """No cadre is registered under that id."""

    code: ClassVar[str] = "unknown_cadre"


class UnknownIssuer(CommandRejected):
    """No issuer is registered under that id."""

    code: ClassVar[str] = "unknown_issuer"


class UnknownParty(CommandRejected):
    """No client, cadre or issuer is registered under that id."""

    code: ClassVar[str] = "unknown_party"


class PersonIsForgotten(CommandRejected):
    """The party's personal words were erased, and none are taken in its place."""

    code: ClassVar[str] = "person_forgotten"
