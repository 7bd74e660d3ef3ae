"""A witness: signs a log's checkpoints for as long as the log only grows, and never two that do not go together.

C2SP's tlog-witness. Somebody else than who runs the log runs it: an accounting firm, an association, another network.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from service.proof.merkle import EMPTY_ROOT, LONGEST_PROOF, verify_consistency
from service.proof.notes import (
    COSIGNATURE,
    LONGEST_NOTE,
    Checkpoint,
    Note,
    NoteRefused,
    Signature,
    SigningKey,
    VerifierKey,
    decimal,
    read_checkpoint,
    read_note,
    root_hash,
    signed_by,
)

TEXT: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"
LONGEST_REQUEST: Final = LONGEST_NOTE + 50 * (LONGEST_PROOF + 1)
UNABLE: Final = "what is signed cannot be kept just now: ask again\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness says."""

    status: int
    text: str = ""
    media_type: str = TEXT


class Refused(Exception):
    """The request is answered with a status that says why not."""

    def __init__(self, status: int, reason: str, media_type: str = TEXT) -> None:
        super().__init__(reason)
        self.answer = Answer(status, f"{reason}\n", media_type)


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks: to sign this, which continues what was signed before by this proof."""

    old: int
    proof: Sequence[bytes]
    note: Note
    checkpoint: Checkpoint


class Witness:
    """Signs for the logs that it knows. What it signed is on its disk before anybody hears of it."""

    def __init__(self, key: SigningKey, logs: Sequence[VerifierKey], state: Path, now: Callable[[], int]) -> None:
        if key.kind != COSIGNATURE:
            raise ValueError("a witness signs with a cosignature key")
        self._key, self._logs, self._state, self._now = key, tuple(logs), state, now
        with self._opened() as state_:
            state_.execute(
                "create table if not exists logs (origin text primary key, size int not null,"
                " root blob not null, note text not null)"
            )

    def add_checkpoint(self, body: bytes) -> Answer:
        """A cosignature, or why there is none."""
        try:
            asked = read_request(body)
            self._check_signature(asked)
            return Answer(200, self._sign(asked))
        except Refused as refused:
            return refused.answer
        except sqlite3.Error:
            return Answer(503, UNABLE)

    def checkpoint(self, origin_hash: str) -> Answer:
        """The newest checkpoint of a log that this witness signed, with both signatures."""
        try:
            with self._opened() as state:
                signed = state.execute("select origin, note from logs").fetchall()
        except sqlite3.Error:
            return Answer(503, UNABLE)
        for origin, note in signed:
            if sha256(origin.encode()).hexdigest() == origin_hash:
                return Answer(200, note)
        return Answer(404, "nothing was signed for such a log\n")

    def _check_signature(self, asked: Request) -> None:
        keys = [key for key in self._logs if key.name == asked.checkpoint.origin]
        if not keys:
            raise Refused(404, "this log is not known here")
        try:
            signed = signed_by(asked.note, keys)
        except NoteRefused as wrong:
            raise Refused(403, str(wrong)) from wrong
        if not signed:
            raise Refused(403, "no key that is known here signed this checkpoint")
        if asked.old > asked.checkpoint.size:
            raise Refused(400, "the old size is larger than the checkpoint's")

    def _sign(self, asked: Request) -> str:
        """Checked and kept in one transaction: of two requests at once, one sees what the other signed."""
        checkpoint = asked.checkpoint
        with self._opened() as state:
            state.execute("begin immediate")
            known = state.execute("select size, root from logs where origin = ?", (checkpoint.origin,)).fetchone()
            size, root = known or (0, EMPTY_ROOT)
            if asked.old != size:
                raise Refused(409, str(size), SIZE)
            if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
                raise Refused(422, "an empty log has another root")
            if not verify_consistency(size, root, checkpoint.size, checkpoint.root, asked.proof):
                raise Refused(422, "the checkpoint does not continue what was signed before")
            signature = self._key.sign(asked.note.text, at=self._now())
            kept = Note(asked.note.text, self._of_the_log(asked)).with_signatures([signature])
            state.execute(
                "insert into logs values (?, ?, ?, ?) on conflict (origin) do update"
                " set size = excluded.size, root = excluded.root, note = excluded.note",
                (checkpoint.origin, checkpoint.size, checkpoint.root, str(kept)),
            )
            state.execute("commit")
        return str(signature)

    def _of_the_log(self, asked: Request) -> tuple[Signature, ...]:
        known = {(key.name, key.key_id) for key in self._logs if key.name == asked.checkpoint.origin}
        return tuple(each for each in asked.note.signatures if (each.name, each.key_id) in known)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._state, timeout=10, isolation_level=None)) as state:
            state.execute("pragma synchronous = full")
            yield state


def read_request(body: bytes) -> Request:
    """What a log asks, from the lines of `add-checkpoint`."""
    try:
        head, separator, note = body.decode().partition("\n\n")
        lines = head.split("\n")
        if not separator or not lines[0].startswith("old ") or len(lines) - 1 > LONGEST_PROOF:
            raise Refused(400, "write `old` and a size, at most 63 hashes, an empty line and a checkpoint")
        found = read_note(note)
        proof = [root_hash(line) for line in lines[1:]]
        return Request(decimal(lines[0].removeprefix("old ")), proof, found, read_checkpoint(found.text))
    except (UnicodeDecodeError, NoteRefused) as malformed:
        raise Refused(400, f"this is no request: {malformed}") from malformed


def known_logs(lines: Mapping[int, str]) -> list[VerifierKey]:
    """The logs that a witness signs for, one key a line."""
    found = []
    for number, line in lines.items():
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                found.append(VerifierKey.read(line.strip().removeprefix("log ").strip()))
            except NoteRefused as refused:
                raise NoteRefused(f"line {number}: {refused}") from refused
    return found
