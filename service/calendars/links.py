"""Secret links to calendars: whoever has one reads, so it cannot be guessed and can be withdrawn at once.

Calendar programs send no token. A link ends in a code derived from the network's secret, the party and how often its
link was withdrawn: no link is stored anywhere, and withdrawing one changes the code.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from domain.event import Role
from service.store.connections import Line, OverALine
from service.store.keys import KeyStore

CALENDARS: Final = "links to calendars"
"""Derives the secret links of this network."""
_SECRET = re.compile(
    r"(?P<role>cadre|client)-(?P<party_id>[A-Za-z0-9][A-Za-z0-9._-]{0,63})-(?P<code>[A-Za-z0-9_-]{43})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is: a cadre's or a client's."""

    role: Role
    party_id: str


class CalendarLinks(OverALine):
    """Gives links out, opens them, withdraws them. One call at a time."""

    def __init__(self, keys_database: str, keys: KeyStore, *, durable: bool = True) -> None:
        self._line = Line(keys_database, _STATEMENTS, name="relais calendar links", durable=durable)
        self._keys = keys

    def secret_of(self, owner: Owner) -> str:
        """The secret in the link to a calendar, as it is now."""
        return f"{owner.role.value}-{owner.party_id}-{self._code(owner)}"

    def path_of(self, owner: Owner) -> str:
        """Where the calendar is, at any address of the service."""
        return f"/calendars/{self.secret_of(owner)}.ics"

    def opens(self, secret: str) -> Owner | None:
        """Whose calendar a secret opens; None where it opens none, or no longer."""
        said = _SECRET.fullmatch(secret)
        if said is None:
            return None
        owner = Owner(Role(said["role"]), said["party_id"])
        return owner if hmac.compare_digest(self._code(owner), said["code"]) else None

    def withdraw(self, owner: Owner) -> None:
        """Nobody gets in by the link any more; the next one that is given out is another."""
        self._line.rows("withdraw", _named(owner), tuple)

    def _code(self, owner: Owner) -> str:
        found: Sequence[int] = self._line.rows("read", _named(owner), _generation)
        generation = found[0] if found else 0
        said = "\0".join(("relais/v1/calendar", owner.role.value, owner.party_id, str(generation)))
        code = hmac.digest(self._keys.network_secret(CALENDARS), said.encode(), sha256)
        return urlsafe_b64encode(code).rstrip(b"=").decode()


def _named(owner: Owner) -> list[bytes]:
    return [owner.role.value.encode(), owner.party_id.encode()]


def _generation(row: Sequence[Any]) -> int:
    generation: int = row[0]
    return generation


_STATEMENTS: Final = {
    "read": "select generation from public.calendar_links where role = $1::text and party_id = $2::text",
    "withdraw": "insert into public.calendar_links as held (role, party_id) values ($1::text, $2::text)"
    " on conflict (role, party_id) do update set generation = held.generation + 1, withdrawn_at = clock_timestamp()",
}
