"""Proofs at the command line: taken away as bundles, and checked by the programs that clients have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from service.trouble import Trouble

if TYPE_CHECKING:
    from service.exports.exporting import File
    from service.proof.bundles import Asked
    from service.proof.folder import ProofFolder
    from service.proof.log import Log, Sealed
    from service.settings import Settings
    from service.store.keys import KeyStore
    from service.store.reader import Reader

REFUSED = 1
"""Exit code: the bundle is not believed."""
WHOLE = "its missions are shown whole: nothing was billed before, no amendment, withdrawal or credit note left out"
PATIENCE = 30.0
"""Seconds for which a proof waits until what is recorded is sealed."""
WITNESSES = 10.0
"""Seconds for which it waits after that, until the witnesses that the log asks vouch for it."""


class Opened(NamedTuple):
    """What bundles and the blinded log are made of."""

    reader: Reader
    keys: KeyStore
    log: Log
    folder: ProofFolder


def proof_of(mission_id: str | None, invoice_number: str | None, asked: Asked, settings: Settings) -> File:
    """The bundle of a mission, or of an invoice, once what is recorded now is sealed."""
    from dataclasses import replace

    from service.exports.exporting import File
    from service.proof.bundles import Bundles, HistoryDisagrees, NotInTheLog, NotSealedYet, NotThatLong

    if (mission_id is None) == (invoice_number is None):
        raise Trouble("name a mission, or an invoice with --invoice: relais export proof M-2026-001")
    if asked.whole and invoice_number is None:
        raise Trouble("--whole is for an invoice: a mission's proof is whole as it is")
    name = mission_id or invoice_number or ""
    with _sealed_history(settings) as (reader, keys, log, folder):
        bundles = Bundles(reader, keys, log, folder.log_keys, folder.asks_witnesses)
        made = bundles.mission if invoice_number is None else bundles.invoice
        try:
            try:
                content = made(name, replace(asked, vouched=True))
            except NotSealedYet:
                content = made(name, asked)
        except NotInTheLog:
            raise Trouble(f"there is no mission {name}") from None
        except NotSealedYet:
            raise Trouble(f"no signed checkpoint covers {name}: is there such a one, and does a sealer run?") from None
        except NotThatLong:
            raise Trouble(f"--since: the log has not as many entries as {asked.since}") from None
        except HistoryDisagrees as error:
            raise Trouble(str(error)) from None
    return File(f"{name}.bundle.json", "application/json", content)


def log_file(settings: Settings) -> File:
    """The log's blinded entries and checkpoints, once what is recorded now is sealed."""
    from service.exports.exporting import File
    from service.proof.bundles import HistoryDisagrees
    from service.proof.entries import Entries

    with _sealed_history(settings) as (reader, keys, log, folder):
        sealed = (log.latest_witnessed() if folder.asks_witnesses() else None) or log.latest_signed()
        if sealed is None:
            raise Trouble("nothing is sealed and signed yet: record something, and let a sealer run")
        try:
            return File("log.jsonl", "application/jsonl", b"".join(Entries(reader, keys, log).file(sealed)))
        except HistoryDisagrees as error:
            raise Trouble(str(error)) from None


@contextmanager
def _sealed_history(settings: Settings) -> Iterator[Opened]:
    """History and its log, once what is recorded now is sealed, and vouched for where the log asks witnesses."""
    from contextlib import closing

    from service.databases import databases
    from service.proof.folder import ProofFolder
    from service.proof.log import Log
    from service.proof.starting import sealing
    from service.store.keys import KeyStore
    from service.store.reader import Reader

    with (
        databases(settings) as found,
        sealing(found, settings),
        closing(KeyStore(found.keys)) as keys,
        Reader(found.history) as reader,
        Log(found.history) as log,
    ):
        folder = ProofFolder(settings.proof)
        if found.sealer is not None:
            _wait(log.latest_signed, reader.head(), PATIENCE)
        if folder.asks_witnesses():
            _wait(log.latest_witnessed, reader.head(), WITNESSES)
        yield Opened(reader, keys, log, folder)


def verify_bundle(bundle: Path, policy: Path | None, earlier: Path | None, *, as_json: bool) -> int:
    """What a bundle proves, as the stand-alone programs say it; an invoice's is derived as well. The exit code."""
    from verifier.relais_facts import NotDerived
    from verifier.relais_invoice import derive
    from verifier.relais_verify import Refused, in_words, plain
    from verifier.relais_verify import verify as verified

    try:
        statement = verified(_bytes_of(bundle), _given(policy), _given(earlier))
        derived = derive(statement) if statement["subject"]["kind"] == "invoice" else None
    except Refused as refused:
        return _refused({"code": refused.code, "reason": str(refused)}, as_json=as_json)
    except NotDerived as missing:
        reason = f"it does not follow from the facts that {plain(missing)}"
        told = {"code": "invoice_not_derived", "difference": missing.code, "reason": reason}
        return _refused(told, as_json=as_json)
    if as_json:
        typer.echo(json.dumps({"accepted": True, **statement, "invoice": derived}, ensure_ascii=False))
        return 0
    for line in in_words(statement):
        typer.echo(line)
    if derived is not None:
        sums = f"net {derived['net']}, tax {derived['tax']}, gross {derived['gross']} {derived['currency']}"
        typer.echo(f"the invoice follows from these facts: {len(derived['days'])} days, {sums}")
        if derived["complete"]:
            typer.echo(WHOLE)
    return 0


def _refused(told: dict[str, str], *, as_json: bool) -> int:
    typer.echo(json.dumps({"accepted": False, **told}, ensure_ascii=False) if as_json else f"REFUSED: {told['reason']}")
    return REFUSED


def _given(path: Path | None) -> bytes | None:
    return None if path is None else _bytes_of(path)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}") from None


def _wait(newest: Callable[[], Sealed | None], position: int, patience: float) -> None:
    """Until a checkpoint covers what is recorded; what is sealed, or vouched for, later is not waited for."""
    from threading import Event
    from time import monotonic

    deadline, never = monotonic() + patience, Event()
    while position and monotonic() < deadline:
        sealed = newest()
        if sealed is not None and sealed.last_position >= position:
            return
        never.wait(0.05)
