"""The sample year in a database, sealed and signed by the real sealer, with whoever makes bundles of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.calendar import WorkingCalendar
from service.command_service import CommandService
from service.journal import run_import
from service.proof.bundles import Bundles
from service.proof.folder import ProofFolder
from service.proof.log import Log, Sealed
from service.proof.notes import SigningKey, read_note
from service.proof.policy import Level, Trust
from service.proof.sealer import Connections, Sealer
from service.proof.writing import SealWriter
from service.store.keys import KeyStore
from service.store.reader import Reader
from tests.journal_world import NOUMEA, journal
from tests.servers import Database

ORIGIN = "relais.example/log"
NOW = datetime(2026, 6, 30, tzinfo=UTC)


@dataclass
class Year:
    """A network after its first year."""

    database: Database
    folder: ProofFolder
    reader: Reader
    keys: KeyStore
    log: Log
    bundles: Bundles

    @property
    def policy(self) -> bytes:
        """Whom a client trusts: the log's key, as the network handed it out."""
        return (self.folder.policy_text() or "").encode()

    def live(self, lines: list[bytes]) -> None:
        """Carries out lines of a journal."""
        calendar = WorkingCalendar("FR-NC")
        with CommandService.on(self.database.app_url, self.database.keys_url, calendar, durable=False) as commands:
            for _ in run_import(io.BytesIO(b"\n".join(lines)), commands, lambda: NOW, NOUMEA):
                pass

    def seal(self) -> None:
        """Seals all that there is."""
        urls = (self.database.sealer_url, self.database.sealer_keys_url)
        with closing(Connections.to(*urls, durable=False)) as connections:
            assert connections.writer.leads()
            sealer = Sealer(connections, self.folder, ORIGIN)
            sealer.resume()
            while sealer.seal():
                pass


def vouched_for(log: Log, database: Database, witness: SigningKey) -> Sealed:
    """The newest checkpoint, once a witness has signed it."""
    sealed = log.latest_signed()
    assert sealed is not None
    note = read_note(sealed.note or "")
    cosigned = note.with_signatures([witness.sign(note.text, at=1_790_000_000)])
    with closing(SealWriter(database.sealer_url, durable=False)) as writer:
        writer.checkpoint(sealed.size, str(cosigned), Trust(Level.WITNESSED, 1, 1))
    return sealed


@contextmanager
def year(database: Database, folder: Path, upto: int | None = None, lines: list[bytes] | None = None) -> Iterator[Year]:
    """The sample year lived in two halves, each sealed; or its first lines, or another journal."""
    with (
        closing(KeyStore(database.keys_url, durable=False)) as keys,
        Reader(database.app_url) as reader,
        Log(database.app_url) as log,
    ):
        found = Year(database, ProofFolder(folder), reader, keys, log, Bundles(reader, keys, log))
        lived = journal("first-year")[:upto] if lines is None else lines
        for half in (lived[: len(lived) // 2], lived[len(lived) // 2 :]):
            found.live(half)
            found.seal()
        yield found
