"""The names of streams, where history is kept, and of tags, by which conditions find it."""

from __future__ import annotations

from datetime import date


def mission_stream(mission_id: str) -> str:
    """One mission's history."""
    return f"mission:{mission_id}"


def client_stream(client_id: str) -> str:
    """One client's history."""
    return f"client:{client_id}"


def cadre_stream(cadre_id: str) -> str:
    """One cadre's history."""
    return f"cadre:{cadre_id}"


def issuer_stream(issuer_id: str) -> str:
    """One issuer's history."""
    return f"issuer:{issuer_id}"


def kind_of(stream: str) -> str:
    """What a stream is about: `mission`, `client`, `payment`..."""
    return stream.partition(":")[0]


MISSIONS_TAG = "mission"
"""On every letter signed: lists the network's missions."""


def party_tag(party_id: str) -> str:
    """On a registration: a party's id is used once, by whichever kind of party."""
    return f"party:{party_id}"


def client_tag(client_id: str) -> str:
    """On every letter signed with a client: lists its missions."""
    return f"client:{client_id}"


def day_tag(day_id: str) -> str:
    """On a delivered day: its id is used once in the network."""
    return f"day:{day_id}"


def cadre_day_tag(cadre_id: str, on: date) -> str:
    """On all that takes or frees a cadre's time on a date, whatever the mission."""
    return f"cadre-day:{cadre_id}:{on.isoformat()}"
