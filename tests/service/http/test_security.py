"""A token speaks for one role and its scope, or it is refused."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from domain.event import Actor, Role
from service.http.security import (
    AUDIENCE,
    ISSUER,
    MAX_TOKEN_LENGTH,
    Believed,
    Principal,
    TokenRefused,
    accountant,
    auditor,
    cadre,
    client,
    issue_token,
    network_admin,
    read_token,
    token_key,
)

KEY = token_key(b"k" * 32)
OTHER_KEY = token_key(b"o" * 32)
PRINCIPALS = [
    network_admin(),
    accountant(),
    cadre("C-001"),
    client("E-001"),
    auditor(frozenset({"M-1", "M-2"})),
    auditor(frozenset()),
    network_admin("ops@relais"),
]


def test_a_token_that_held_once_is_not_believed_beyond_its_end() -> None:
    believed = Believed(KEY)
    token = issue_token(KEY, cadre("C-001"), seconds=60, now=1_000)
    assert believed.read(token, now=1_000) is believed.read(token, now=1_059)

    with pytest.raises(TokenRefused):
        believed.read(token, now=1_060)


def test_what_is_remembered_has_a_limit() -> None:
    believed = Believed(KEY, most=2)
    tokens = [issue_token(KEY, cadre(f"C-{number}"), seconds=60) for number in range(5)]

    assert [believed.read(token).actor.id for token in tokens * 2] == [f"C-{number}" for number in range(5)] * 2


@pytest.mark.parametrize("forge", ["", "."])
def test_a_refused_token_is_refused_again(forge: str) -> None:
    believed = Believed(KEY)
    for _ in range(2):
        with pytest.raises(TokenRefused):
            believed.read(issue_token(OTHER_KEY, network_admin(), seconds=60) + forge)


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda p: p.name)
def test_a_token_gives_back_whom_it_was_issued_to(principal: Principal) -> None:
    assert read_token(KEY, issue_token(KEY, principal, seconds=60)) == principal


def test_a_token_ends_when_it_says() -> None:
    token = issue_token(KEY, cadre("C-001"), seconds=60, now=1_000)

    assert read_token(KEY, token, now=1_059).actor == Actor(Role.CADRE, "C-001")
    with pytest.raises(TokenRefused):
        read_token(KEY, token, now=1_060)


def claims(**changes: Any) -> dict[str, Any]:
    """What a good token says, with some of it changed; None leaves a claim out."""
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "cadre:C-001",
        "iat": now,
        "exp": now + 60,
        "role": "cadre",
        "cadre": "C-001",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(body: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    alg = header.setdefault("alg", "HS256")
    return jwt.encode({"typ": "at+jwt", **header}, body, key, algorithms=[alg])


def unsigned(header: dict[str, Any], body: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(body).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def tampered() -> str:
    header, _, signature = signed(claims()).split(".")
    _, other, _ = signed(claims(role="network_admin", cadre=None)).split(".")
    return f"{header}.{other}.{signature}"


def key_confusion() -> str:
    """The public half of an asymmetric key, used as the secret of a symmetric one."""
    public = ECKey.generate_key("P-256").as_pem(private=False)
    return signed(claims(), OctKey.import_key(base64.b64encode(public)))


HOSTILE: dict[str, Callable[[], str]] = {
    "algorithm none": lambda: unsigned({"alg": "none", "typ": "at+jwt"}, claims()),
    "algorithm none with a signature": lambda: unsigned({"alg": "None", "typ": "at+jwt"}, claims(), b"x" * 32),
    "another algorithm with the right key": lambda: signed(claims(), alg="HS512"),
    "an asymmetric algorithm": lambda: signed(claims(), RSAKey.generate_key(2048), alg="RS256"),
    "expired": lambda: signed(claims(exp=int(time.time()) - 1)),
    "not valid yet": lambda: signed(claims(nbf=int(time.time()) + 600)),
    "issued in the future": lambda: signed(claims(iat=int(time.time()) + 600)),
    "for another service": lambda: signed(claims(aud="billing")),
    "from another issuer": lambda: signed(claims(iss="elsewhere")),
    "without an end": lambda: signed(claims(exp=None)),
    "an end that is no number": lambda: signed(claims(exp="tomorrow")),
    "without an audience": lambda: signed(claims(aud=None)),
    "an identity token": lambda: signed(claims(), typ="JWT"),
    "tampered payload": tampered,
    "signed with another key": lambda: signed(claims(), OTHER_KEY),
    "key confusion": key_confusion,
    "a key of its own in the header": lambda: unsigned(
        {"alg": "HS256", "typ": "at+jwt", "jwk": {"kty": "oct", "k": "b28"}}, claims(), b"x" * 32
    ),
    "critical header": lambda: unsigned({"alg": "HS256", "typ": "at+jwt", "crit": ["x"], "x": 1}, claims(), b"x" * 32),
    "garbage": lambda: "garbage",
    "three empty parts": lambda: "..",
    "no ASCII": lambda: "é.è.ê",
    "too long": lambda: "a" * (MAX_TOKEN_LENGTH + 1),
    "no role": lambda: signed(claims(role=None)),
    "unknown role": lambda: signed(claims(role="god")),
    "two roles": lambda: signed(claims(role=["cadre", "network_admin"])),
    "two scopes": lambda: signed(claims(client="E-001")),
    "a cadre without a scope": lambda: signed(claims(cadre=None)),
    "an admin with a cadre's scope": lambda: signed(claims(role="network_admin")),
    "an auditor without missions": lambda: signed(claims(role="auditor", cadre=None)),
    "an auditor with something else than ids": lambda: signed(claims(role="auditor", cadre=None, missions=[1])),
    "an auditor with no list": lambda: signed(claims(role="auditor", cadre=None, missions="M-1")),
    "a scope that is no id": lambda: signed(claims(cadre="C 1\n")),
    "a subject that is no name": lambda: signed(claims(sub="a b")),
}


@pytest.mark.parametrize("forge", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_token_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(TokenRefused):
        read_token(KEY, forge())


def test_the_token_that_the_hostile_ones_are_made_from_is_good() -> None:
    assert read_token(KEY, signed(claims())) == cadre("C-001")


def test_a_scope_without_a_role_is_not_even_issued() -> None:
    with pytest.raises(TokenRefused):
        issue_token(KEY, Principal("x", Actor(Role.CADRE)), seconds=60)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        token_key(b"short")
