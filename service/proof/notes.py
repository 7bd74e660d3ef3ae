"""Signed notes, checkpoints and cosignatures as C2SP writes them: what the log says of itself, and who vouches."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from typing_extensions import override

from service.store.hashing import u64

ED25519: Final = 0x01
"""The kind of key with which a log signs a note."""
COSIGNATURE: Final = 0x04
"""The kind of key with which a witness vouches for a checkpoint, at an instant."""
LONGEST_NOTE: Final = 200_000
MOST_SIGNATURES: Final = 100
_KEY: Final = 32
_MARK: Final = "— "
_NAME: Final = re.compile(r"[^\s+]+")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]*")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PRIVATE: Final = "PRIVATE+KEY+"


class NoteRefused(ValueError):
    """A note, a key or a checkpoint that is not what it has to be; the text says in which way."""


class Signature(NamedTuple):
    """One line under a note: whose, and what it is."""

    name: str
    key_id: bytes
    blob: bytes

    @override
    def __str__(self) -> str:
        return f"{_MARK}{self.name} {b64encode(self.key_id + self.blob).decode()}\n"


class Note(NamedTuple):
    """A text, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    @override
    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """The note with further signatures, each key's once."""
        known = {(each.name, each.key_id): each for each in (*self.signatures, *more)}
        return Note(self.text, tuple(known.values()))


class Checkpoint(NamedTuple):
    """What a log says of itself: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key by its name, in C2SP's `vkey` form."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind not in (ED25519, COSIGNATURE) or len(self.public) != _KEY:
            raise NoteRefused(f"the key {self.name} is of a kind that is not known: Ed25519 keys are")

    @classmethod
    def read(cls, vkey: str) -> Self:
        """A key from its text, `<name>+<id>+<base64>`."""
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteRefused("a public key is written as <name>+<id>+<base64>")
        material = base64_bytes(parts[2])
        key = cls(parts[0], material[0] if material else 0, material[1:])
        if parts[1] != key.key_id.hex():
            raise NoteRefused(f"the key of {key.name} has the id {key.key_id.hex()}, not {parts[1]}")
        return key

    @override
    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def verifies(self, text: str, signature: Signature) -> bool:
        """Whether this key made this signature of the text."""
        message, signed = text.encode(), signature.blob
        if self.kind == COSIGNATURE:
            if len(signed) != 72 or signed[0] & 0x80:
                return False
            message, signed = cosigned_message(text, int.from_bytes(signed[:8], "big")), signed[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signed, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key by its name. It shows itself in no message and no log."""

    name: str
    kind: int
    seed: bytes

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> Self:
        """A new key."""
        _check_name(name)
        return cls(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, text: str) -> Self:
        """A key from the text that `secret_text` wrote."""
        written = text.strip()
        parts = written.removeprefix(_PRIVATE).split("+", 2)
        if not written.startswith(_PRIVATE) or len(parts) != 3:
            raise NoteRefused(f"a private key is written as {_PRIVATE}<name>+<id>+<base64>")
        material = base64_bytes(parts[2])
        if len(material) != 1 + _KEY:
            raise NoteRefused("a private key is 32 bytes long")
        key = cls(parts[0], material[0], material[1:])
        if parts[1] != key.verifier.key_id.hex():
            raise NoteRefused("the private key's id is not that of its public key: the file was altered")
        return key

    def secret_text(self) -> str:
        """The key in the form in which the Go programs of the field keep theirs."""
        material = b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}\n"

    @property
    def verifier(self) -> VerifierKey:
        """The public key."""
        return VerifierKey(self.name, self.kind, self._private.public_key().public_bytes_raw())

    def sign(self, text: str, at: int | None = None) -> Signature:
        """This key's signature of a text; a witness's says at which second since 1970."""
        if self.kind == ED25519:
            return Signature(self.name, self.verifier.key_id, self._private.sign(text.encode()))
        if at is None or at <= 0:
            raise ValueError("a cosignature says when it was made")
        return Signature(self.name, self.verifier.key_id, u64(at) + self._private.sign(cosigned_message(text, at)))

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def cosigned_message(text: str, at: int) -> bytes:
    """What a witness signs: the checkpoint, and when."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def cosigned_at(signature: Signature) -> int:
    """The second at which a witness says that it signed."""
    return int.from_bytes(signature.blob[:8], "big")


def read_note(written: str) -> Note:
    """A note from its text; whether to believe it is another question."""
    if len(written) > LONGEST_NOTE:
        raise NoteRefused("the note is too long")
    if _CONTROL.search(written) or not _is_text(written):
        raise NoteRefused("the note holds a control character, or half of one")
    body, separator, under = written.rpartition("\n\n")
    if not separator or not body:
        raise NoteRefused("a note is a text, an empty line, and signatures")
    return Note(body + "\n", read_signatures(under))


def _is_text(written: str) -> bool:
    try:
        return bool(written.encode())
    except UnicodeEncodeError:
        return False


def read_signatures(lines: str) -> tuple[Signature, ...]:
    """The signatures of lines under a note."""
    if not lines.endswith("\n"):
        raise NoteRefused("a line of signatures ends with a newline")
    found = tuple(map(_read_signature, lines[:-1].split("\n")))
    if len(found) > MOST_SIGNATURES:
        raise NoteRefused("the note has too many signatures")
    return found


def _read_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not space:
        raise NoteRefused("a signature is a dash, a name and base64")
    _check_name(name)
    blob = base64_bytes(encoded)
    if len(blob) < 5:
        raise NoteRefused(f"the signature of {name} is too short")
    return Signature(name, blob[:4], blob[4:])


def signed_by(note: Note, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Those of the keys that signed; unknown signatures are passed over, a known key's wrong one refuses the note."""
    known = {(key.name, key.key_id): key for key in keys}
    found: dict[VerifierKey, None] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.verifies(note.text, signature):
            raise NoteRefused(f"the signature of {key.name} is not of this text")
        found[key] = None
    return list(found)


def read_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from a note's text; whatever else it says is not ours to believe."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < 3 or not all(lines):
        raise NoteRefused("a checkpoint has an origin, a size and a root, each on its line")
    return Checkpoint(lines[0], decimal(lines[1]), root_hash(lines[2]))


def decimal(written: str) -> int:
    """A whole number as the formats write it: no sign, no zero in front."""
    if not _DECIMAL.fullmatch(written) or len(written) > 19 or int(written) >= 2**63:
        raise NoteRefused(f"{written[:40]!r} is no size: write digits without a zero in front")
    return int(written)


def root_hash(written: str) -> bytes:
    """A hash of 32 bytes from its base64."""
    found = base64_bytes(written)
    if len(found) != 32:
        raise NoteRefused("a hash is 32 bytes long")
    return found


def base64_bytes(written: str) -> bytes:
    """The bytes behind base64, in the only way in which they are written."""
    try:
        found = b64decode(written, validate=True)
    except (NotBase64, ValueError) as error:
        raise NoteRefused("this is no base64") from error
    if b64encode(found).decode() != written:
        raise NoteRefused("this base64 is not how these bytes are written")
    return found


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _CONTROL.search(name) or not _is_text(name):
        raise NoteRefused(f"{name!r} is no name of a key: leave out spaces and plus signs")
