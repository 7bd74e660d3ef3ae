"""The proof at the command line: check a store or a bundle, run a witness, look after the log's keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.trouble import Trouble

if TYPE_CHECKING:
    from service.proof.audit import Known
    from service.proof.findings import Report
    from service.settings import Settings

FAILED = 1
"""Exit code: something was altered."""
keys = typer.Typer(no_args_is_help=True, help="The keys that the log signs with, and whom it trusts.")


def verify(
    *,
    bundle: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Check this bundle, without any database.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(metavar="FILE", help="Whom you trust, as a C2SP policy.")] = None,
    earlier: Annotated[Path | None, typer.Option(metavar="FILE", help="An older bundle that this continues.")] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A checkpoint that somebody kept; repeat.")
    ] = None,
    read_models: Annotated[bool, typer.Option(help="Build the read models anew as well, and compare.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Check the whole store, or a client's bundle offline; exit code 1 when anything was altered."""
    from service.logging import configure_logging

    configure_logging(level="CRITICAL")
    if bundle is not None:
        from service.cli_bundles import verify_bundle

        raise typer.Exit(verify_bundle(bundle, policy, earlier, as_json=json))
    report = _verify_store(policy, checkpoint or [], read_models=read_models)
    typer.echo(_as_json(report) if json else "\n".join(_in_words(report)))
    if report.findings:
        raise typer.Exit(FAILED)


def _verify_store(policy: Path | None, checkpoints: list[Path], *, read_models: bool) -> Report:
    from service.databases import databases
    from service.main import read_settings
    from service.proof.audit import StoreAudit
    from service.proof.kept_in_database import kept_in_database

    settings = read_settings()
    with databases(settings) as found:
        known = _known(settings, policy, checkpoints)  # before the store is read: it is at least as long as this says
        with kept_in_database(found.history, found.keys) as kept, _shown(kept.head()) as told:
            report = StoreAudit(kept, known, told).run()
        if read_models:
            from service.proof.read_models import hold_against_read_models

            hold_against_read_models(found, report)
    return report


def _known(settings: Settings, policy: Path | None, checkpoints: list[Path]) -> Known:
    from service.proof.audit import Known
    from service.proof.folder import FolderDamaged, ProofFolder
    from service.proof.notes import NoteRefused, read_checkpoint, read_note
    from service.proof.policy import Policy, PolicyRefused

    folder = ProofFolder(settings.proof)
    try:
        trusted = folder.policy() if policy is None else Policy.read(_text(policy, strict=False))
        seen = {str(file): read_checkpoint(read_note(_text(file)).text) for file in checkpoints}
        return Known(trusted, folder.last_signed(), seen)
    except (FolderDamaged, NoteRefused, PolicyRefused) as refused:
        raise Trouble(str(refused)) from refused


def _text(file: Path, *, strict: bool = True) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="strict" if strict else "surrogateescape")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{file} cannot be read: correct its name, or give a text file") from error


@contextmanager
def _shown(events: int) -> Iterator[Callable[[int], None]]:
    """A bar where standard error is a terminal, nothing elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("events", total=events)
        yield lambda position: bars.update(task, completed=position)


def _in_words(report: Report) -> Iterator[str]:
    yield from map(str, report.findings)
    told = len(report.findings)
    if (more := report.counted.total() - told) > 0:
        yield f"… and {more} more of the same kinds"
    counts = (
        f"{report.events} events of {report.streams} streams, {report.seals} seals, {report.checkpoints} checkpoints"
    )
    if report.findings:
        first = report.first_bad_position
        yield f"{counts}: altered" + ("" if first is None else f", first at position {first}")
    else:
        yield f"{counts}: as they were sealed; the newest checkpoint ({report.size} entries) is {report.trust}"
    if report.unsealed:
        yield f"{report.unsealed} events wait for their seal: nothing vouches for them yet"


def _as_json(report: Report) -> str:
    from base64 import b64encode
    from json import dumps

    return dumps(
        {
            "altered": bool(report.findings),
            "first_bad_position": report.first_bad_position,
            "findings": [
                {"kind": each.kind.value, "position": each.position, "until": each.until, "detail": each.detail}
                for each in report.findings
            ],
            "events": report.events,
            "streams": report.streams,
            "seals": report.seals,
            "checkpoints": report.checkpoints,
            "unsealed": report.unsealed,
            "size": report.size,
            "root": b64encode(report.root).decode(),
            "trust": report.trust,
        },
        indent=2,
    )


def witness(
    folder: Annotated[Path, typer.Argument(help="Where the witness keeps its key and what it signed.")],
    name: Annotated[
        str, typer.Option(help="The witness's name: an address of your own, such as firm.example/witness.")
    ],
    log: Annotated[list[str], typer.Option(metavar="VKEY", help="The public key of a log to sign for; repeat.")],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8100,
) -> None:
    """Run a witness: it signs a log's checkpoints for as long as the log only grows."""
    import sqlite3
    from threading import Thread
    from time import time

    from service.logging import configure_logging
    from service.proof.folder import FolderDamaged
    from service.proof.notes import NoteRefused
    from service.proof.witness import Witness, known_logs
    from service.proof.witness_server import WitnessServer, witness_key
    from service.serving import stopping

    configure_logging()
    try:
        key = witness_key(folder, name)
        signing = Witness(key, known_logs(dict(enumerate(log, start=1))), folder / "signed.sqlite", lambda: int(time()))
    except (NoteRefused, FolderDamaged) as refused:
        raise Trouble(str(refused)) from refused
    except (sqlite3.Error, OSError) as error:
        raise Trouble(f"{folder} cannot be written: give the witness a folder of its own") from error
    try:
        server = WitnessServer((host, port), signing)
    except OSError as error:
        raise Trouble(f"nothing can be served at {host}:{port}: {error.strerror}") from error
    with server, stopping() as stopped:
        typer.echo(f"{key.verifier}")
        typer.echo(
            f"The witness {name} answers at http://{host}:{server.server_address[1]}; Ctrl-C stops it.", err=True
        )
        Thread(target=server.serve_forever, daemon=True).start()
        stopped.wait()
        server.shutdown()


@keys.command("show")
def show_keys() -> None:
    """Print whom the log trusts, its own public keys first: the policy to hand to those who check it."""
    from service.main import read_settings
    from service.proof.folder import ProofFolder

    folder = ProofFolder(read_settings().proof)
    text = folder.policy_text()
    if text is None:
        raise Trouble(f"{folder.path} holds no key yet: `relais serve` makes one, or `relais keys add`")
    typer.echo(text.rstrip("\n").encode(errors="surrogateescape"))
    signing = [key.verifier.key_id.hex() for key in folder.signing_keys()]
    typer.echo(f"signs: {', '.join(signing)}", err=True)


@keys.command("add")
def add_key() -> None:
    """Make one more key. All keys sign every checkpoint from then on; the policy names it."""
    from service.main import read_settings
    from service.proof.folder import ProofFolder

    settings = read_settings()
    typer.echo(str(ProofFolder(settings.proof).add_key(settings.origin).verifier))


@keys.command("retire")
def retire_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The eight digits after the key's name.")],
) -> None:
    """Let a key sign no more. What it signed stays verifiable: the policy keeps its public half."""
    from service.main import read_settings
    from service.proof.folder import ProofFolder

    try:
        typer.echo(str(ProofFolder(read_settings().proof).retire_key(key_id)))
    except LookupError as refused:
        raise Trouble(str(refused)) from refused


@keys.command("adopt")
def adopt_head() -> None:
    """Where the last signed head was lost: take the newest checkpoint for it, after checking the whole store."""
    from service.databases import databases
    from service.logging import configure_logging
    from service.main import read_settings
    from service.proof.folder import HeadMoved, ProofFolder, SignedHead
    from service.proof.log import Log

    configure_logging(level="CRITICAL")
    report = _verify_store(None, [], read_models=False)
    if report.findings:
        raise Trouble("the store is not what was signed: `relais verify` says where")
    settings = read_settings()
    folder = ProofFolder(settings.proof)
    with databases(settings) as found, Log(found.history) as log:
        last = log.latest_signed()
    if last is None:
        raise Trouble("nothing was ever signed: there is no head to adopt")
    try:
        folder.swap(None, SignedHead(settings.origin, last.number, last.size, last.last_position, bytes(last.root)))
    except HeadMoved:
        raise Trouble(f"{folder.path} knows a last signed head: nothing is to be adopted") from None
    typer.echo(
        f"the head of {last.size} entries is the last signed one; ask your witnesses whether they know a longer one"
    )
