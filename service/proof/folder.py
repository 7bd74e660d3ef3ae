"""What the log keeps outside the databases: its keys, whom it trusts, and the last head that it signed."""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from service.proof.notes import ED25519, NoteRefused, SigningKey, VerifierKey
from service.proof.policy import NONE, Policy, PolicyRefused

KEYS: Final = "log-keys"
POLICY: Final = "policy"
LAST_SIGNED: Final = "last-signed"
LOCK: Final = "lock"


class FolderDamaged(ValueError):
    """A file of the folder cannot be read; the text says which and what to do."""


class HeadMoved(Exception):
    """Somebody else signed meanwhile: two sealers with one folder."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The last tree that the log put its name to."""

    origin: str
    number: int
    size: int
    last_position: int
    root: bytes


class ProofFolder:
    """The folder, closed to others, every file of it replaced as a whole and on the disk before one goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last_signed(self) -> SignedHead | None:
        """The last signed head, or None where nothing was ever signed."""
        try:
            written = json.loads((self.path / LAST_SIGNED).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise FolderDamaged(f"{self.path / LAST_SIGNED} is not readable: restore it from its copy") from error
        try:
            return SignedHead(**{**written, "root": b64decode(written["root"], validate=True)})
        except (TypeError, KeyError, ValueError) as error:
            raise FolderDamaged(f"{self.path / LAST_SIGNED} does not hold a head: restore it from its copy") from error

    def swap(self, before: SignedHead | None, after: SignedHead) -> None:
        """Puts a head in the place of the one that was read before, and of no other."""
        with self._locked():
            if self.last_signed() != before:
                raise HeadMoved("another sealer signed meanwhile")
            written = {**asdict(after), "root": b64encode(after.root).decode()}
            self._write(LAST_SIGNED, json.dumps(written, indent=1) + "\n")

    def signing_keys(self) -> list[SigningKey]:
        """The keys that sign, the oldest first; none before the first was made."""
        try:
            lines = (self.path / KEYS).read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return []
        try:
            return [SigningKey.read(line) for line in lines if line.strip()]
        except NoteRefused as refused:
            raise FolderDamaged(f"{self.path / KEYS} is damaged ({refused}): restore it from its copy") from refused

    def add_key(self, origin: str) -> SigningKey:
        """Makes one more key that signs; the policy knows it from then on."""
        with self._locked():
            key = SigningKey.generate(origin, ED25519)
            self._add_to_policy(key.verifier)
            self._write(KEYS, "".join(each.secret_text() for each in (*self.signing_keys(), key)))
            return key

    def retire_key(self, key_id: str) -> VerifierKey:
        """Removes a key from those that sign. The policy keeps it, so that what it signed stays verifiable."""
        with self._locked():
            keys = self.signing_keys()
            retired = [key for key in keys if key.verifier.key_id.hex() == key_id]
            staying = [key for key in keys if key not in retired]
            if not retired:
                raise LookupError(f"no key that signs has the id {key_id}")
            if not staying:
                raise LookupError("this is the only key that signs: add one first, and let both sign for a while")
            self._write(KEYS, "".join(each.secret_text() for each in staying))
            return retired[0].verifier

    def policy_text(self) -> str | None:
        """Whom the log trusts, to be handed to those who check it; None before the first key was made.

        C2SP lets a comment hold any octets: those that are no UTF-8 are kept as they are.
        """
        try:
            return (self.path / POLICY).read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None

    def policy(self) -> Policy:
        """Whom the log trusts: its own keys, old ones too, the witnesses, and how many of them it takes."""
        return Policy.read(self.policy_text() or "quorum none\n")

    def log_keys(self) -> list[str]:
        """The public keys that the log signs with or signed with, as hints for people; none where no policy is read."""
        try:
            return [str(key) for key in self.policy().logs]
        except (OSError, PolicyRefused):
            return []

    def asks_witnesses(self) -> bool:
        """Whether the log's own policy takes a checkpoint for good only once witnesses vouch for it."""
        try:
            return self.policy().quorum != NONE
        except (OSError, PolicyRefused):
            return False

    def _add_to_policy(self, key: VerifierKey) -> None:
        text = self.policy_text() or "quorum none\n"
        self._write(POLICY, f"log {key}\n{text}", mode=0o644)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time, in this process or another; the kernel frees the lock of a dead one."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, name: str, text: str, mode: int = 0o600) -> None:
        write_durably(self.path / name, text, mode)


def write_durably(file: Path, text: str, mode: int = 0o600) -> None:
    """On the disk under another name first, then in its place, then the place itself on the disk."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
