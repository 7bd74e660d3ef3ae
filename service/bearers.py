"""Who a token is made for: one role, and exactly what that role may see (contract, section 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.event import Role
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from service.trouble import Trouble

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
ROLES = f"{', '.join(Role)}".replace(", auditor", " or auditor")


def bearer(role: str, cadre_id: str | None, client_id: str | None, missions: Sequence[str]) -> Principal:
    """The one whom a token lets in. A role without its scope, or with another's, is refused with what to add."""
    if role not in set(Role):
        raise Trouble(f"there is no role {role}: choose {ROLES} with --role")
    scope = {"--cadre": cadre_id, "--client": client_id, "--mission": tuple(missions)}
    needed = {Role.CADRE: "--cadre", Role.CLIENT: "--client", Role.AUDITOR: "--mission"}.get(Role(role))
    if needed is not None and not scope[needed]:
        raise Trouble(f"a token of the role {role} needs {needed} with what it may see")
    for option, value in scope.items():
        if value and option != needed:
            raise Trouble(f"a token of the role {role} takes no {option}: leave it out")
    for named in (cadre_id, client_id, *missions):
        if named is not None and not _ID.fullmatch(named):
            raise Trouble(f"{named} is no id: letters, digits, dots, dashes and underlines, at most 64")
    return _principal(Role(role), cadre_id or client_id or "", frozenset(missions))


def _principal(role: Role, party_id: str, missions: frozenset[str]) -> Principal:
    match role:
        case Role.NETWORK_ADMIN:
            return network_admin()
        case Role.ACCOUNTANT:
            return accountant()
        case Role.CADRE:
            return cadre(party_id)
        case Role.CLIENT:
            return client(party_id)
        case Role.AUDITOR:
            return auditor(missions)
