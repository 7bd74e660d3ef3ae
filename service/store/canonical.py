"""The one way in which history writes a value as bytes: JSON as RFC 8785 sorts it, over fewer kinds of value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from unicodedata import is_normalized, normalize

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

LARGEST_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """A value that history does not write, or bytes that it would have written otherwise."""


def canonical(value: Json) -> bytes:
    """The canonical bytes of a value; its strings are brought to Unicode NFC first, whoever typed them."""
    text = _dumps(_profiled(value))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a text holds half of a surrogate pair: send well-formed Unicode") from error


def read_canonical(data: bytes) -> Json:
    """The value behind canonical bytes; bytes that `canonical` would not have written are refused."""
    try:
        value: Json = json.loads(data.decode())
        rewritten = canonical(value)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical("these bytes are no JSON in UTF-8") from error
    if rewritten != data:
        raise NotCanonical("this JSON is not in canonical form: compare it with docs/reference/record-format.md")
    return value


_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


def _profiled(value: Json) -> Json:
    if isinstance(value, str):
        return _nfc(value if type(value) is str else str.__str__(value))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {_key(key): _profiled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_profiled(item) for item in value]
    if isinstance(value, int) and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return int(value)
    raise NotCanonical(f"history does not write {type(value).__name__} like this: use text, whole numbers or lists")


def _nfc(text: str) -> str:
    return text if text.isascii() or is_normalized("NFC", text) else normalize("NFC", text)


def _key(key: str) -> str:
    if type(key) is str and key.isascii():
        return key
    raise NotCanonical("names of fields are ASCII text")
