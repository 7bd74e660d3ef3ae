"""The pieces that all hashes of the record format are made of."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

DOMAIN: Final = b"relais/v1/"
"""Begins every tag, so that bytes made for one use are never valid for another."""

_BLOCK: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) under a key of one block at most.

    The standard library's lets go of the interpreter's lock at each call, and then waits while other threads run:
    beside the thread that rings the bell, a command paid more for its hashes than for its append.
    """
    if len(key) > _BLOCK:
        raise ValueError("keys of the record format are 32 bytes long")
    block = key.ljust(_BLOCK, b"\0")
    return sha256(block.translate(_OUTER) + sha256(block.translate(_INNER) + message).digest()).digest()


def u64(number: int) -> bytes:
    """A whole number in eight bytes, the largest first."""
    return number.to_bytes(8, "big")


def lp(data: bytes) -> bytes:
    """Bytes behind their length, so that what follows cannot be taken for theirs."""
    return len(data).to_bytes(4, "big") + data
