"""A small log and its bundles, made from the specification alone: what the verifiers are held against."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Json = Any
ORIGIN = "relais.example/log"
START = 1_772_520_000_000_000
"""The instant of the first event, in microseconds: 3 March 2026."""


def canonical(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()


def u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def lp(text: str) -> bytes:
    return len(text.encode()).to_bytes(4, "big") + text.encode()


def half(size: int) -> int:
    """The largest power of two below a size (RFC 6962, section 2.1)."""
    split = 1
    while split * 2 < size:
        split *= 2
    return split


def root_of(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = half(len(leaves))
    return digest(b"\x01", root_of(leaves[:split]), root_of(leaves[split:]))


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = half(len(leaves))
    if index < split:
        return [*path_of(index, leaves[:split]), root_of(leaves[split:])]
    return [*path_of(index - split, leaves[split:]), root_of(leaves[:split])]


def consistency_of(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    return [] if old == len(leaves) else _subproof(old, leaves, whole=True)


def _subproof(old: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = half(len(leaves))
    if old <= split:
        return [*_subproof(old, leaves[:split], whole=whole), root_of(leaves[split:])]
    return [*_subproof(old - split, leaves[split:], whole=False), root_of(leaves[:split])]


def map_root(heads: Mapping[bytes, bytes], depth: int = 0) -> bytes:
    """The heads map: a subtree with one head is that head, an empty one 32 zero bytes."""
    if len(heads) <= 1:
        return next(iter(heads.values()), bytes(32))
    sides = _sides(heads, depth)
    return digest(b"\x01", *(map_root(side, depth + 1) for side in sides))


def map_path(pseudonym: bytes, heads: Mapping[bytes, bytes], depth: int = 0) -> list[bytes]:
    if len(heads) == 1:
        return []
    sides, own = _sides(heads, depth), _bit(pseudonym, depth)
    return [*map_path(pseudonym, sides[own], depth + 1), map_root(sides[1 - own], depth + 1)]


def _sides(heads: Mapping[bytes, bytes], depth: int) -> list[dict[bytes, bytes]]:
    return [{key: head for key, head in heads.items() if _bit(key, depth) == side} for side in (0, 1)]


def _bit(pseudonym: bytes, depth: int) -> int:
    return int(f"{int.from_bytes(pseudonym, 'big'):0256b}"[depth])


@dataclass(frozen=True)
class Signer:
    """A log's or a witness's key."""

    name: str
    kind: int

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(f"{self.name} {self.kind}".encode()).digest())

    @property
    def _key(self) -> bytes:
        return bytes([self.kind]) + self._private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return digest(self.name.encode(), b"\n", self._key)[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(self._key).decode()}"

    def line(self, text: str, at: int | None = None) -> str:
        """The signature line; a witness's with the second at which it vouched."""
        signature = self._private.sign(text.encode())
        if at is not None:
            signature = u64(at) + self._private.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        return f"— {self.name} {b64encode(self.id + signature).decode()}\n"


LOG = Signer(ORIGIN, 1)
WITNESSES = tuple(Signer(f"{name}.example/witness", 4) for name in ("accountant", "association", "neighbour"))


def policy(quorum: str = "2", *, logs: Sequence[Signer] = (LOG,), witnesses: Sequence[Signer] = WITNESSES) -> str:
    """Whom the reader trusts; `quorum` is a number of the witnesses, or `none`."""
    lines = [f"log {log.vkey}" for log in logs]
    lines += [f"witness w{number} {witness.vkey}" for number, witness in enumerate(witnesses, 1)]
    if quorum != "none":
        lines.append(f"group enough {quorum} {' '.join(f'w{number}' for number in range(1, len(witnesses) + 1))}")
    return "\n".join([*lines, "quorum none" if quorum == "none" else "quorum enough", ""])


@dataclass
class Written:
    """An event as it was recorded, with what opens its personal fields."""

    stream: str
    version: int
    topic: str
    recorded_at: int
    envelope: str
    state: str
    salt: bytes
    openings: dict[str, tuple[bytes, str]]
    leaf: bytes
    index: int


@dataclass
class Log:
    """Streams, their leaves in order, and a heads entry at the end of each sealed tree."""

    seed: str = "log"
    written: list[Written] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def secret(self, use: str) -> bytes:
        return sha256(f"{self.seed} {use}".encode()).digest()

    def pseudonym(self, stream: str) -> bytes:
        kind, _, name = stream.partition(":")
        return digest(b"relais/v1/", kind.encode(), b"\0", self.secret(stream), name.encode())

    def stream(self, stream: str, upto: int | None = None) -> list[Written]:
        return [each for each in self.written if each.stream == stream and (upto is None or each.index < upto)]

    def record(
        self, stream: str, topic: str, data: dict[str, Json], personal: Collection[str] = (), role: str = "cadre"
    ) -> Written:
        """One more event; the fields at the JSON pointers `personal` are sealed."""
        version, sealed = len(self.stream(stream)) + 1, deepcopy(data)
        openings: dict[str, tuple[bytes, str]] = {}
        for path in personal:
            holder: Json = sealed
            *parents, last = path.split("/")[1:]
            for step in parents:
                holder = holder[int(step)] if isinstance(holder, list) else holder[step]
            place: Json = int(last) if isinstance(holder, list) else last
            salt, words = self.secret(f"{stream} {version} {path}"), holder[place]
            key = digest(b"relais/v1/field\0", salt, path.encode(), b"\0", words.encode()).hex()
            holder[place] = {"$c": key}
            openings[path] = (salt, words)
        at = START + 60_000_000 * len(self.written)
        envelope = canonical({"actor": {"id": "C-001", "role": role}, "occurred_on": "2026-03-03", "principal": "p-1"})
        state = canonical(sealed)
        salt = hmac.digest(self.secret(stream), b"relais/v1/salt" + u64(version), "sha256")
        commitment = digest(b"relais/v1/event\0", salt, lp(topic), u64(at), lp(envelope), lp(state))
        leaf = self._enter(b"relais/v1/leaf\0", self.pseudonym(stream), u64(version), commitment)
        event = Written(stream, version, topic, at, envelope, state, salt, openings, leaf, len(self.leaves) - 1)
        self.written.append(event)
        return event

    def _enter(self, *parts: bytes) -> bytes:
        """One more entry at the end; its leaf."""
        self.entries.append(b"".join(parts))
        self.leaves.append(digest(b"\0", *parts))
        return self.leaves[-1]

    def heads(self, upto: int) -> dict[bytes, bytes]:
        """The head of every stream, as of a size."""
        found = {}
        for stream in {event.stream for event in self.written if event.index < upto}:
            leaves = [event.leaf for event in self.stream(stream, upto)]
            key = self.pseudonym(stream)
            found[key] = digest(b"\0relais/v1/head\0", key, u64(len(leaves)), root_of(leaves))
        return found

    def seal(self) -> int:
        """A heads entry as the last leaf; the size of the tree."""
        heads = self.heads(len(self.leaves))
        self._enter(b"relais/v1/heads\0", u64(len(heads)), map_root(heads))
        self.sizes.append(len(self.leaves))
        return len(self.leaves)

    def text(self, size: int) -> str:
        """The checkpoint's text."""
        return f"{ORIGIN}\n{size}\n{b64encode(root_of(self.leaves[:size])).decode()}\n"

    def proof(self, size: int, signatures: str) -> str:
        """The tlog-proof of the heads entry."""
        path = "".join(b64encode(each).decode() + "\n" for each in path_of(size - 1, self.leaves[:size]))
        return f"c2sp.org/tlog-proof@v1\nindex {size - 1}\n{path}\n{self.text(size)}\n{signatures}"

    def signatures(self, size: int, witnesses: Sequence[Signer] = WITNESSES, log: Signer = LOG) -> str:
        """The log's signature, and a cosignature each second from the first of April 2026 on."""
        text, april = self.text(size), 1_775_000_000
        return log.line(text) + "".join(each.line(text, april + number) for number, each in enumerate(witnesses))

    def bundle(
        self,
        kind: str,
        subject: str,
        *,
        size: int | None = None,
        histories: Collection[str] = (),
        extracts: Mapping[str, Collection[int]] | None = None,
        since: int | None = None,
        erased: Collection[tuple[int, str]] = (),
        withheld: Collection[tuple[int, str]] = (),
        signatures: str | None = None,
    ) -> dict[str, Json]:
        """A bundle; `erased` and `withheld` name fields by version and path."""
        at = size or self.sizes[-1]
        heads = self.heads(at - 1)
        leaves = self.leaves[:at]
        hidden = (set(erased), set(withheld))
        return {
            "format": "relais/v1/bundle",
            "subject": {"kind": kind, "id": subject},
            "heads": {"streams": len(heads), "root": map_root(heads).hex()},
            "proof": self.proof(at, self.signatures(at) if signatures is None else signatures),
            "keys": [LOG.vkey],
            "consistency": None
            if since is None
            else {
                "size": since,
                "root": root_of(self.leaves[:since]).hex(),
                "siblings": [each.hex() for each in consistency_of(since, leaves)],
            },
            "histories": [
                {
                    "stream": stream,
                    "pseudonym": self.pseudonym(stream).hex(),
                    "siblings": [each.hex() for each in map_path(self.pseudonym(stream), heads)],
                    "events": [_shown(event, hidden) for event in self.stream(stream, at)],
                }
                for stream in histories
            ],
            "extracts": [
                {
                    "stream": stream,
                    "pseudonym": self.pseudonym(stream).hex(),
                    "events": [
                        _shown(event, hidden)
                        | {"index": event.index, "siblings": [each.hex() for each in path_of(event.index, leaves)]}
                        for event in self.stream(stream, at)
                        if event.version in versions
                    ],
                }
                for stream, versions in (extracts or {}).items()
            ],
        }


def _shown(event: Written, hidden: tuple[set[tuple[int, str]], set[tuple[int, str]]]) -> dict[str, Json]:
    erased, withheld = (sorted(path for version, path in each if version == event.version) for each in hidden)
    return {
        "version": event.version,
        "topic": event.topic,
        "recorded_at": event.recorded_at,
        "envelope": event.envelope,
        "state": event.state,
        "salt": event.salt.hex(),
        "openings": [
            {"path": path, "salt": salt.hex(), "value": words}
            for path, (salt, words) in sorted(event.openings.items())
            if path not in (*erased, *withheld)
        ],
        "erased": [path for path in erased if path in event.openings],
        "withheld": [path for path in withheld if path in event.openings],
    }


def file_of(bundle: Json) -> bytes:
    """A bundle as the file that is sent."""
    return canonical(bundle).encode()
