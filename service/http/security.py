"""Bearer tokens: who asks, in which one role, and what that role may see.

A token is a signed JWT (`typ` `at+jwt`, HS256 and nothing else) that names one role, its scope and its end.
"""

from __future__ import annotations

import math
import re
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from domain.event import Actor, Role

ALGORITHM = "HS256"
TYPE = "at+jwt"
ISSUER = "relais"
AUDIENCE = "relais"
MAX_TOKEN_LENGTH = 8_000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}", re.ASCII)


class TokenRefused(Exception):
    """A token that proves nothing: forged, expired, or not made for this service."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a name for logs and idempotency keys, a role, and what the role may see."""

    name: str
    actor: Actor
    missions: frozenset[str] = frozenset()
    """The missions that an auditor may read."""
    until: float = field(default=math.inf, compare=False)
    """When its token ends, in seconds since 1970."""

    @property
    def role(self) -> Role:
        return self.actor.role


def network_admin(name: str = "network_admin") -> Principal:
    return Principal(name, Actor(Role.NETWORK_ADMIN))


def accountant(name: str = "accountant") -> Principal:
    return Principal(name, Actor(Role.ACCOUNTANT))


def cadre(cadre_id: str, name: str = "") -> Principal:
    return Principal(name or f"cadre:{cadre_id}", Actor(Role.CADRE, cadre_id))


def client(client_id: str, name: str = "") -> Principal:
    return Principal(name or f"client:{client_id}", Actor(Role.CLIENT, client_id))


def auditor(missions: frozenset[str], name: str = "auditor") -> Principal:
    return Principal(name, Actor(Role.AUDITOR), missions)


def token_key(secret: bytes) -> OctKey:
    """The network's one signing key, from the key store's secret."""
    if len(secret) < 32:
        raise ValueError("the token signing key needs at least 32 bytes")
    return OctKey.import_key(secret)


def issue_token(
    key: OctKey, principal: Principal, *, seconds: int, now: int | None = None, issuer: str = ISSUER
) -> str:
    """A token for a principal, good for so many seconds."""
    issued_at = int(time.time()) if now is None else now
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": principal.name,
        "iat": issued_at,
        "exp": issued_at + seconds,
        "jti": uuid.uuid4().hex,
        "role": principal.role.value,
        **_scope(principal),
    }
    _principal(claims)
    return jwt.encode({"alg": ALGORITHM, "typ": TYPE}, claims, key, algorithms=[ALGORITHM])


def read_token(key: OctKey, token: str, *, now: int | None = None, issuer: str = ISSUER) -> Principal:
    """Who a token speaks for; `TokenRefused` unless every part of it holds."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenRefused("the token is too long")
    rules = jwt.JWTClaimsRegistry(
        now=now,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
        role={"essential": True},
    )
    try:
        decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
        rules.validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise TokenRefused("the token is not valid") from error
    if decoded.header.get("typ") != TYPE or set(decoded.header) - {"alg", "typ", "kid"}:
        raise TokenRefused("the token is not an access token")
    return replace(_principal(decoded.claims), until=decoded.claims["exp"])


class Believed:
    """Remembers the tokens that held, until they end: the same token comes with every request."""

    def __init__(self, key: OctKey, most: int = 1_000) -> None:
        self._key = key
        self._most = most
        self._principals: dict[str, Principal] = {}

    def read(self, token: str, *, now: int | None = None) -> Principal:
        """Who a token speaks for; `TokenRefused` unless every part of it holds, now."""
        known = self._principals.get(token)
        if known is not None and (time.time() if now is None else now) < known.until:
            return known
        self._principals.pop(token, None)
        principal = read_token(self._key, token, now=now)
        if len(self._principals) >= self._most:
            self._principals.clear()
        self._principals[token] = principal
        return principal


def _scope(principal: Principal) -> dict[str, Any]:
    if principal.role is Role.AUDITOR:
        return {"missions": sorted(principal.missions)}
    return {principal.role.value: principal.actor.id} if principal.actor.id else {}


def _principal(claims: dict[str, Any]) -> Principal:
    """One role, exactly its scope, and no other role's: anything else is refused."""
    name = claims["sub"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise TokenRefused("the token's subject is no name")
    try:
        role = Role(claims["role"])
    except (ValueError, TypeError) as error:
        raise TokenRefused("the token names no known role") from error
    scope = {"cadre", "client", "missions"} & set(claims)
    match role:
        case Role.CADRE | Role.CLIENT if scope == {role.value}:
            return Principal(name, Actor(role, _id(claims[role.value])))
        case Role.AUDITOR if scope == {"missions"} and isinstance(claims["missions"], list):
            return Principal(name, Actor(role), frozenset(map(_id, claims["missions"])))
        case Role.NETWORK_ADMIN | Role.ACCOUNTANT if not scope:
            return Principal(name, Actor(role))
    raise TokenRefused("the token's scope does not fit its role")


def _id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise TokenRefused("the token's scope holds something that is no id")
    return value
