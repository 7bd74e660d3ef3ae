"""What a decision may read: folded streams, and the events found by a tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from domain.event import Event, Recorded, State
from domain.mission.state import Mission
from domain.party.state import NETWORK, Cadre, Client, Issuer
from domain.streams import cadre_stream, client_stream, issuer_stream, mission_stream
from domain.values import NETWORK_ISSUER

S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Needs:
    """The streams and tags that a decision reads: none may have changed when its events are taken."""

    streams: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


class NotGathered(Exception):
    """A decision read a tag that its needs do not name: its answer would not be exact."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was gathered for a decision. A stream without events adds up to None."""

    streams: Mapping[str, State | None] = field(default_factory=dict)
    tags: Mapping[str, Sequence[Recorded[Event]]] = field(default_factory=dict)

    def has(self, stream: str) -> bool:
        """Whether the stream was gathered and has events."""
        return self.streams.get(stream) is not None

    def has_tag(self, tag: str) -> bool:
        """Whether the tag was looked up."""
        return tag in self.tags

    def state(self, stream: str, kind: type[S]) -> S | None:
        """What a stream adds up to; None without events."""
        state = self.streams.get(stream)
        if state is None or isinstance(state, kind):
            return state
        raise TypeError(f"{stream} adds up to {type(state).__name__}, not {kind.__name__}")

    def mission(self, mission_id: str) -> Mission | None:
        """A mission, if its letter was signed."""
        return self.state(mission_stream(mission_id), Mission)

    def client(self, client_id: str) -> Client | None:
        """A client, if it is registered."""
        return self.state(client_stream(client_id), Client)

    def cadre(self, cadre_id: str) -> Cadre | None:
        """A cadre, if it is registered."""
        return self.state(cadre_stream(cadre_id), Cadre)

    def issuer(self, issuer_id: str) -> Issuer | None:
        """An issuer, if it is registered; the network is there from the start."""
        issuer = self.state(issuer_stream(issuer_id), Issuer)
        return NETWORK if issuer is None and issuer_id == NETWORK_ISSUER else issuer

    def tagged(self, tag: str) -> Sequence[Recorded[Event]]:
        """The events with a tag, in the order of history."""
        if tag not in self.tags:
            raise NotGathered(tag)
        return self.tags[tag]
