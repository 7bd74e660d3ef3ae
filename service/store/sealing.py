"""Personal words stay outside history: it keeps a commitment to each, so that erasing the words breaks no proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from os import urandom
from types import MappingProxyType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel
from pydantic_core import from_json, to_json

from domain.event import Event, Personal
from service.store.canonical import canonical
from service.store.hashing import DOMAIN, hmac_sha256, lp, u64

NONCE_LENGTH = 12
BUCKET = 64

Path: TypeAlias = str
"""A JSON pointer (RFC 6901) from the event's root: `/dirigeant/name`, `/attendees/0`."""


class SubjectForgotten(Exception):
    """Personal words were to be recorded under a key that has been erased."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"{stream} was forgotten: nothing personal can be recorded about it any more")


class PersonalValueAltered(Exception):
    """Kept words do not answer to their commitment: somebody changed them, or they belong to another event."""

    def __init__(self, stream: str, version: int, path: Path) -> None:
        super().__init__(f"{path} of {stream} version {version} is not what was recorded: run `relais verify`")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a personal value stands: it opens there and nowhere else."""

    stream: str
    version: int
    path: Path

    def encoded(self) -> bytes:
        """Unambiguous bytes of the place."""
        return lp(self.stream.encode()) + u64(self.version) + lp(self.path.encode())


def seal_fields(
    event: Event,
    stream: str,
    version: int,
    subject_key: bytes | None,
    words_elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> tuple[bytes, list[tuple[Path, bytes]]]:
    """The bytes of an event as history keeps them, and its personal words encrypted beside it.

    What the event copies from another one is sealed already: its words are taken from `words_elsewhere`, by digest,
    and what is not there was erased and stays so.
    """
    state = event.model_dump(mode="json", by_alias=True)
    side: list[tuple[Path, bytes]] = []
    for holder, key, path in _personal_values(state, personal_fields(type(event)), ""):
        words = holder[key]
        if isinstance(words, dict):
            words = words_elsewhere.get(words["$c"])
        if words is None:
            continue
        if subject_key is None:
            raise SubjectForgotten(stream)
        value = normalize("NFC", words).encode()
        place = Place(stream, version, path)
        digest = field_digest(field_salt(subject_key, place), path, value)
        side.append((path, encrypt(subject_key, place, digest, value, urandom(NONCE_LENGTH))))
        holder[key] = {"$c": digest.hex()}
    return canonical(state), side


def sealed_elsewhere(event: Event) -> set[str]:
    """The digests that a new event copies from events before it."""
    shape = personal_fields(type(event))
    if shape is None:
        return set()
    state = event.model_dump(mode="json", by_alias=True)
    values = (holder[key] for holder, key, _ in _personal_values(state, shape, ""))
    return {value["$c"] for value in values if isinstance(value, dict)}


def open_fields(
    state: bytes, stream: str, version: int, side: Mapping[Path, bytes], subject_key: bytes | None
) -> bytes:
    """The event's JSON with its words again; what was erased stays sealed."""
    if subject_key is None or not side:
        return state
    # A commitment stands for one value, and quotes within words are escaped: nothing else is replaced.
    for _, digest, words in opened_values(state, stream, version, side, subject_key):
        state = state.replace(b'{"$c":"%b"}' % digest.encode(), to_json(words))
    return state


def sealed_words(
    state: bytes, stream: str, version: int, side: Mapping[Path, bytes], subject_key: bytes | None
) -> dict[str, str]:
    """The words of an event that are still kept, by the digest that stands for them in history."""
    if subject_key is None:
        return {}
    return {digest: words for _, digest, words in opened_values(state, stream, version, side, subject_key)}


def opened_values(
    state: bytes, stream: str, version: int, side: Mapping[Path, bytes], subject_key: bytes
) -> Iterator[tuple[Path, str, str]]:
    """Each value kept beside an event: where it stands, the digest that stands for it, and its words."""
    fields = from_json(state)
    for path, ciphertext in side.items():
        holder, key = _resolve(fields, path)
        digest = holder[key]["$c"]
        yield path, digest, decrypt(subject_key, Place(stream, version, path), bytes.fromhex(digest), ciphertext)


def field_salt(subject_key: bytes, place: Place) -> bytes:
    """Blinds one personal value; shown with the words, it lets anyone check them against the commitment."""
    return _field_salt(subject_key, place.encoded())


def field_digest(salt: bytes, path: Path, value: bytes) -> bytes:
    """The commitment that history keeps in place of the words."""
    return sha256(DOMAIN + b"field\0" + salt + path.encode() + b"\0" + value).digest()


def encrypt(subject_key: bytes, place: Place, digest: bytes, value: bytes, nonce: bytes) -> bytes:
    """Nonce and ciphertext of one value, padded so that its length says little."""
    padded = lp(value)
    padded += bytes(-len(padded) % BUCKET)
    at = place.encoded()
    return nonce + AESGCM(_field_key(subject_key, at)).encrypt(nonce, padded, _bound(at, digest))


def decrypt(subject_key: bytes, place: Place, digest: bytes, ciphertext: bytes) -> str:
    """The words, once they answer to their commitment."""
    at = place.encoded()
    try:
        padded = AESGCM(_field_key(subject_key, at)).decrypt(
            ciphertext[:NONCE_LENGTH], ciphertext[NONCE_LENGTH:], _bound(at, digest)
        )
    except (InvalidTag, ValueError) as error:
        raise PersonalValueAltered(place.stream, place.version, place.path) from error
    value = padded[4 : 4 + int.from_bytes(padded[:4], "big")]
    if field_digest(_field_salt(subject_key, at), place.path, value) != digest:
        raise PersonalValueAltered(place.stream, place.version, place.path)
    return value.decode()


def _field_salt(subject_key: bytes, at: bytes) -> bytes:
    return hmac_sha256(subject_key, DOMAIN + b"field-salt\0" + at)


def _field_key(subject_key: bytes, at: bytes) -> bytes:
    return hmac_sha256(subject_key, DOMAIN + b"field-key\0" + at)


def _bound(at: bytes, digest: bytes) -> bytes:
    return DOMAIN + b"field-value\0" + at + digest


def _personal_values(value: Any, shape: Shape | None, path: Path) -> Iterator[tuple[Any, str | int, Path]]:
    """Each personal value of a dumped event: the object or list that holds it, its key there, its path."""
    if isinstance(shape, Inside) and value is not None:
        for name, inner in shape.fields:
            yield from _at(value, name, inner, f"{path}/{name}")
    elif isinstance(shape, Each) and value is not None:
        for index in range(len(value)):
            yield from _at(value, index, shape.item, f"{path}/{index}")


def _at(holder: Any, key: str | int, shape: Shape, path: Path) -> Iterator[tuple[Any, str | int, Path]]:
    if isinstance(shape, Words):
        yield holder, key, path
    else:
        yield from _personal_values(holder[key], shape, path)


def _resolve(fields: Any, path: Path) -> tuple[Any, str | int]:
    *parents, last = path.split("/")[1:]
    for step in parents:
        fields = fields[int(step)] if isinstance(fields, list) else fields[step]
    return fields, int(last) if isinstance(fields, list) else last


# Which fields are personal is read once from the event's class.


@dataclass(frozen=True, slots=True)
class Words:
    """A personal text stands here."""


@dataclass(frozen=True, slots=True)
class Each:
    """Every item of a list is like this."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Inside:
    """The fields of an object that are personal, or have something personal in them."""

    fields: tuple[tuple[str, Shape], ...]


Shape: TypeAlias = Words | Each | Inside


@cache
def personal_fields(model: type[BaseModel]) -> Shape | None:
    """What is personal in a model; None when nothing is."""
    found: list[tuple[str, Shape]] = []
    for name, field in model.model_fields.items():
        shape = Words() if _marks_personal(field.metadata) else _shape_of(field.annotation)
        if shape is not None:
            found.append((field.serialization_alias or field.alias or name, shape))
    return Inside(tuple(found)) if found else None


def personal_paths(model: type[BaseModel]) -> tuple[Path, ...]:
    """The personal fields of a model as patterns for the reference manual: `/attendees/*`."""
    return tuple(sorted(_patterns(personal_fields(model), "")))


def _shape_of(annotation: object) -> Shape | None:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Words() if _marks_personal(arguments[1:]) else _shape_of(arguments[0])
    if origin in (Union, UnionType):
        shapes = {shape for argument in arguments if (shape := _shape_of(argument)) is not None}
        if len(shapes) > 1:
            raise TypeError(f"{annotation} holds different personal fields: give each its own field")
        return shapes.pop() if shapes else None
    if origin in (list, tuple, Sequence):
        item = _shape_of(arguments[0])
        return None if item is None else Each(item)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return personal_fields(annotation)
    return None


def _marks_personal(metadata: Sequence[object]) -> bool:
    return any(isinstance(mark, Personal) or mark is Personal for mark in metadata)


def _patterns(shape: Shape | None, path: Path) -> Iterator[Path]:
    match shape:
        case None:
            return
        case Words():
            yield path
        case Each(item=item):
            yield from _patterns(item, f"{path}/*")
        case Inside(fields=fields):
            for name, inner in fields:
                yield from _patterns(inner, f"{path}/{name}")
