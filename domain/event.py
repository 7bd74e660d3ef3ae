"""The words all else is made of: Event, Command, Context, CommandRejected, Recorded, Filed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.calendar import WorkingCalendar


class Sealed(BaseModel):
    """A personal text as history keeps it: its commitment, not its words (docs/reference/record-format.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    digest: str = Field(alias="$c", pattern="^[0-9a-f]{64}$")


class Personal:
    """Marks a field whose words may name a person: the store keeps them encrypted, outside the hash."""


PersonalText = Annotated[str | Sealed, Personal()]
"""Plain words before recording and after opening; `Sealed` where decisions and proofs read them."""


class Event(BaseModel):
    """A fact of the business. Its fields are what happened, not who typed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    TOPIC: ClassVar[str]
    VERSION: ClassVar[int] = 1


class Command(BaseModel):
    """A decision asked of the service. Its fields are the body of the HTTP request and of a journal line's `data`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    NAME: ClassVar[str]
    NAMES: ClassVar[str | None] = None
    """The field with the id that the command gives to something new: the service chooses it when it is left out."""
    NAMES_EACH: ClassVar[tuple[str, str] | None] = None
    """The field with several new things, and the field of each with its id."""
    DATED: ClassVar[str | None] = None
    """Where the command states the business date: a field, or a field of a field."""

    def named(self, new_id: Callable[[], str]) -> Self:
        """The command with an id for each new thing that the caller left nameless."""
        chosen: dict[str, object] = {}
        if self.NAMES is not None and not getattr(self, self.NAMES):
            chosen[self.NAMES] = new_id()
        if self.NAMES_EACH is not None:
            field, id_field = self.NAMES_EACH
            chosen[field] = tuple(_named(thing, id_field, new_id) for thing in getattr(self, field))
        return self.model_copy(update=chosen)

    def business_date(self) -> date | None:
        """The date that the command states for what happened, if it states one."""
        stated: object = self if self.DATED else None
        for field in (self.DATED or "").split("."):
            stated = getattr(stated, field, None)
        return stated if isinstance(stated, date) else None


def _named(thing: BaseModel, id_field: str, new_id: Callable[[], str]) -> BaseModel:
    return thing if getattr(thing, id_field) else thing.model_copy(update={id_field: new_id()})


NAMELESS = ""
"""An id that the caller left out."""


class Role(StrEnum):
    """What a token may do (contract, section 3)."""

    NETWORK_ADMIN = "network_admin"
    CADRE = "cadre"
    CLIENT = "client"
    ACCOUNTANT = "accountant"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: one role, and the cadre's or the client's id where the role has one."""

    role: Role
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides state and command. The domain has no clock of its own."""

    today: date
    """The date on which the command is given, in the network's time zone."""
    actor: Actor
    calendar: WorkingCalendar

    def occurred_on(self, command: Command) -> date:
        """The business date of the facts: the one stated, unless it lies after today."""
        stated = command.business_date()
        return self.today if stated is None or stated > self.today else stated


class State:
    """What the events of a stream add up to, as far as decisions ask."""

    __slots__ = ()


class CommandRejected(Exception):
    """The fact that stands in the way of a command: a public code, and what to do about it."""

    code: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Filed:
    """An event on its way into history: the stream it belongs to, the tags it can be found by."""

    stream: str
    event: Event
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An event where history keeps it, with its envelope."""

    event: E
    stream: str
    version: int
    position: int
    occurred_on: date
    recorded_at: datetime
    actor: Actor
    """As claimed: for an imported line, the line's `by`."""
    claimed_at: datetime | None = None
    command_id: str | None = None
    correlation_id: str | None = None


Decision = Sequence[Filed]
