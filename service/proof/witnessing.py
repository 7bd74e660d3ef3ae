"""Asking the witnesses of the policy to vouch for the newest checkpoint, beside the sealing and never in its way."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Event, Thread, Timer
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import psycopg
import structlog

from service.proof.folder import FolderDamaged, ProofFolder
from service.proof.log import Log, Sealed
from service.proof.notes import (
    Note,
    NoteRefused,
    Signature,
    VerifierKey,
    decimal,
    read_note,
    read_signatures,
    signed_by,
)
from service.proof.policy import Policy, PolicyRefused
from service.store.connections import ConnectionLost, DatabaseUnreachable

if TYPE_CHECKING:
    from service.proof.sealer import Connections

DEADLINE: Final = 5.0
"""Seconds that a witness has to answer."""
ASK_AGAIN: Final = 10.0
"""Seconds after which witnesses that did not vouch are asked again."""
LONGEST_ANSWER: Final = 100_000
log = structlog.get_logger(__name__)


class WitnessSilent(Exception):
    """A witness did not vouch; the text says why, as far as it is known."""


class WitnessAhead(WitnessSilent):
    """A witness vouched for another size before, which it says."""

    def __init__(self, size: int) -> None:
        super().__init__(f"it last vouched for {size} entries")
        self.size = size


def request_body(old: int, proof: list[bytes], note: str) -> str:
    """What `add-checkpoint` is asked with."""
    hashes = "".join(f"{b64encode(each).decode()}\n" for each in proof)
    return f"old {old}\n{hashes}\n{note}"


def add_checkpoint(url: str, body: str, deadline: float = DEADLINE) -> str:
    """The lines with which a witness vouches for a checkpoint."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WitnessSilent(f"{url} is no address of a witness: write https://…")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(kind(parts.hostname, parts.port, timeout=deadline)) as connection:
        try:
            connection.connect()
            with _left_at(deadline, connection.sock):
                connection.request("POST", f"{parts.path.rstrip('/')}/add-checkpoint", body.encode())
                response = connection.getresponse()
                answer = response.read(LONGEST_ANSWER).decode()
        except (OSError, HTTPException, UnicodeDecodeError) as error:
            raise WitnessSilent(type(error).__name__) from error
    if response.status == 409:
        raise WitnessAhead(decimal(answer.strip()))
    if response.status != 200:
        raise WitnessSilent(f"it answered {response.status}")
    return answer


@contextmanager
def _left_at(deadline: float, connected: socket) -> Iterator[None]:
    """Cuts the connection at the deadline: a witness that answers drop by drop is in time with each drop."""

    def cut() -> None:
        with suppress(OSError):
            socket.shutdown(connected, SHUT_RDWR)

    timer = Timer(deadline, cut)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Witness:
    """One witness, as the log asks it: remembers for which size it vouched last."""

    def __init__(self, name: str, key: VerifierKey, url: str) -> None:
        self.name, self.key, self.url = name, key, url
        self.size = 0

    def vouch(self, sealed: Sealed, note: str, consistency: Callable[[int, int], list[bytes]]) -> Signature:
        """Its signature of a checkpoint, checked."""
        try:
            answer = self._ask(sealed.size, note, consistency)
        except WitnessAhead as ahead:
            if ahead.size > sealed.size or ahead.size == self.size:
                raise
            self.size = ahead.size
            answer = self._ask(sealed.size, note, consistency)
        text = read_note(note).text
        found = [
            each for each in read_signatures(answer) if (each.name, each.key_id) == (self.key.name, self.key.key_id)
        ]
        if not found or not self.key.verifies(text, found[0]):
            raise WitnessSilent("it signed with another key than the policy has")
        self.size = sealed.size
        return found[0]

    def _ask(self, size: int, note: str, consistency: Callable[[int, int], list[bytes]]) -> str:
        return add_checkpoint(self.url, request_body(self.size, consistency(self.size, size), note))


class Witnessing:
    """A thread that takes the newest checkpoint to the witnesses, and publishes what they signed."""

    def __init__(self, connect: Callable[[], Connections], folder: ProofFolder) -> None:
        self._connect, self._folder = connect, folder
        self._rung, self._stopping = Event(), Event()
        self._thread = Thread(target=self._run, name="relais witnessing", daemon=True)
        self._known: dict[VerifierKey, Witness] = {}

    def start(self) -> None:
        """Begins to ask, and returns."""
        self._rung.set()
        self._thread.start()

    def ring(self) -> None:
        """Says that there is a new checkpoint."""
        self._rung.set()

    def close(self) -> None:
        """Ends after the answers that are under way."""
        self._stopping.set()
        self._rung.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        with closing(self._connect()) as connections:
            while not self._stopping.is_set():
                self._rung.wait(ASK_AGAIN)
                self._rung.clear()
                if self._stopping.is_set():
                    return
                try:
                    self.ask(connections)
                except (psycopg.Error, ConnectionLost, DatabaseUnreachable, OSError) as trouble:
                    log.warning("witnessing_interrupted", error=type(trouble).__name__)
                except (FolderDamaged, PolicyRefused, NoteRefused) as refused:
                    log.warning("witnessing_refused", exc_info=refused)
                except Exception:
                    log.exception("witnessing_failed")

    def ask(self, connections: Connections) -> None:
        """Takes the newest checkpoint to every witness that has not vouched for it yet."""
        policy = self._folder.policy()
        sealed = connections.log.latest_signed() if policy.urls else None
        if sealed is None or sealed.note is None:
            return
        note = read_note(sealed.note)
        signed = signed_by(note, policy.witnesses.values())
        asked = {name: key for name, key in policy.witnesses.items() if name in policy.urls and key not in signed}
        answers = self._ask_all(asked, policy.urls, sealed, connections.log)
        if answers:
            self._publish(connections, policy, sealed, note.with_signatures(answers.values()))

    def _ask_all(
        self, asked: Mapping[str, VerifierKey], urls: Mapping[str, str], sealed: Sealed, found: Log
    ) -> dict[str, Signature]:
        """All at once: the slowest costs its own deadline and nobody else's."""
        if not asked:
            return {}
        note = sealed.note or ""
        witnesses = [self._witness(name, key, urls[name]) for name, key in asked.items()]
        answers: dict[str, Signature] = {}
        with ThreadPoolExecutor(len(witnesses)) as askers:
            tasks = {witness: askers.submit(witness.vouch, sealed, note, found.consistency) for witness in witnesses}
            for witness, task in tasks.items():
                try:
                    answers[witness.name] = task.result()
                except (WitnessSilent, NoteRefused, ValueError) as silent:
                    log.warning("witness_did_not_vouch", witness=witness.name, size=sealed.size, exc_info=silent)
        return answers

    def _witness(self, name: str, key: VerifierKey, url: str) -> Witness:
        """The witness as it is known from before, unless it has moved."""
        known = self._known.get(key)
        if known is None or known.url != url:
            self._known[key] = known = Witness(name, key, url)
        return known

    def _publish(self, connections: Connections, policy: Policy, sealed: Sealed, note: Note) -> None:
        judged = policy.judge(str(note))
        connections.writer.checkpoint(sealed.size, str(note), judged.trust)
        log.info("checkpoint_witnessed", size=sealed.size, trust=str(judged.trust), by=list(judged.witnesses))
