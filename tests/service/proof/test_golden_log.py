"""The log's format stays what it is: vectors that were written once, computed anew from the specification alone."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.service.proof.stores import ORIGIN, blind_of, built, events

FILE = Path(__file__).parents[2] / "golden" / "record" / "log.json"


def made() -> dict[str, Any]:
    """Eleven events of three streams in three seals, as our code seals them."""
    rows = events(Random(2026), 11, 3)
    store = built(rows, [4, 5, 11])
    return {
        "origin": ORIGIN,
        "events": [{"pseudonym": blind_of(row.stream).pseudonym.hex(), "leaf": row.leaf.hex()} for row in rows],
        "seals": [
            {
                "last_position": seal.last_position,
                "size": seal.size,
                "streams": seal.streams,
                "map_root": seal.map_root.hex(),
                "root": seal.root.hex(),
                "checkpoint": row.note,
            }
            for seal, row in zip(store.sealed, store.notes, strict=True)
        ],
    }


def test_the_log_is_made_as_it_ever_was(golden: Callable[[Path, str], None]) -> None:
    golden(FILE, json.dumps(made(), indent=1, ensure_ascii=False) + "\n")


def tree(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    left = 1
    while left * 2 < len(hashes):
        left *= 2
    return sha256(b"\x01" + tree(hashes[:left]) + tree(hashes[left:])).digest()


def heads_map(heads: Mapping[str, bytes]) -> bytes:
    """By the pseudonyms' bits, written out; a part with one stream is that stream."""
    if not heads:
        return bytes(32)
    if len(heads) == 1:
        return next(iter(heads.values()))
    halves = [{bits[1:]: leaf for bits, leaf in heads.items() if bits[0] == half} for half in "01"]
    return sha256(b"\x01" + heads_map(halves[0]) + heads_map(halves[1])).digest()


def test_the_vectors_are_what_the_specification_says() -> None:
    """Nothing of ours is used here but the file."""
    written = json.loads(FILE.read_text(encoding="utf-8"))
    entries: list[bytes] = []
    streams: defaultdict[bytes, list[bytes]] = defaultdict(list)
    done = 0
    for seal in written["seals"]:
        for event in written["events"][done : seal["last_position"]]:
            entries.append(bytes.fromhex(event["leaf"]))
            streams[bytes.fromhex(event["pseudonym"])].append(entries[-1])
        done = seal["last_position"]
        heads = {}
        for pseudonym, leaves in streams.items():
            head = b"relais/v1/head\0" + pseudonym + len(leaves).to_bytes(8, "big") + tree(leaves)
            heads[f"{int.from_bytes(pseudonym, 'big'):0256b}"] = sha256(b"\x00" + head).digest()
        map_root = heads_map(heads)
        entry = b"relais/v1/heads\0" + len(heads).to_bytes(8, "big") + map_root
        entries.append(sha256(b"\x00" + entry).digest())
        assert (seal["streams"], seal["map_root"]) == (len(heads), map_root.hex())
        assert (seal["size"], seal["root"]) == (len(entries), tree(entries).hex())
        check_note(seal["checkpoint"], written["origin"], len(entries), tree(entries))


def check_note(note: str, origin: str, size: int, root: bytes) -> None:
    text, _, signature = note.rpartition("\n\n")
    assert text.split("\n")[:2] == [origin, str(size)]
    assert b64decode(text.split("\n")[2]) == root
    dash, name, encoded = signature.rstrip("\n").split(" ")
    public = public_key()
    blob = b64decode(encoded)
    assert (dash, name) == ("—", origin)
    assert blob[:4] == sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], (text + "\n").encode())


def public_key() -> bytes:
    """The key of the vectors: its seed is the hash of the words `the log's`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(sha256(b"the log's").digest()).public_key().public_bytes_raw()
