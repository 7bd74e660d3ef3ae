"""Sealing goes on by itself: it takes over, asks the witnesses, says what stands in its way, and survives kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic

import pytest

from service.proof.audit import Known, StoreAudit
from service.proof.kept_in_database import kept_in_database
from service.proof.log import Sealed
from service.proof.notes import COSIGNATURE, SigningKey
from service.proof.sealing import Sealing
from service.proof.witness import Witness
from tests.service.proof.sealed import ORIGIN, Network
from tests.service.proof.test_witness import AT, served

PATIENCE = 30.0
SEALER = """
import sys
from pathlib import Path
from service.proof.folder import ProofFolder
from service.proof.sealer import Connections
from service.proof.sealing import Sealing
connect = lambda: Connections.to(sys.argv[1], sys.argv[2], durable=False)
Sealing(connect, ProofFolder(Path(sys.argv[3])), sys.argv[4], every=0.01, batch=3).run()
"""


def eventually(holds: Callable[[], bool]) -> None:
    give_up = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < give_up, "it did not come to pass"
        Event().wait(0.02)


@contextmanager
def sealing(sealed: Network) -> Iterator[Sealing]:
    running = Sealing(sealed.connect, sealed.folder, ORIGIN, every=0.02, look_again=0.1)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def latest(sealed: Network) -> Sealed:
    found = sealed.log.latest()
    assert found is not None
    return found


def test_what_is_recorded_is_sealed_within_seconds_and_another_takes_over(sealed: Network) -> None:
    with sealing(sealed) as first, sealing(sealed) as second:
        sealed.record(["mission:M-1"])
        eventually(lambda: sealed.log.covering(1) is not None)
        leader, other = (first, second) if first.leading.is_set() else (second, first)
        assert not other.leading.is_set()
        leader.stop()
        sealed.record(["mission:M-1"])
        eventually(lambda: sealed.log.covering(2) is not None)


def test_witnesses_are_asked_and_what_they_sign_is_published(sealed: Network, tmp_path: Path) -> None:
    log_key = sealed.folder.add_key(ORIGIN)
    with ExitStack() as opened:
        lines = []
        for name in ("books", "bank", "club"):
            key = SigningKey.generate(f"{name}.example/witness", COSIGNATURE)
            witness = Witness(key, [log_key.verifier], tmp_path / name, lambda: AT)
            url = "http://127.0.0.1:1" if name == "club" else opened.enter_context(served(witness))
            lines.append(f"witness {name} {key.verifier} {url}")
        log_line = f"log {log_key.verifier}"
        policy = "\n".join([log_line, *lines, "group two 2 books bank club", "quorum two", ""])
        (sealed.folder.path / "policy").write_text(policy)
        opened.enter_context(sealing(sealed))
        for _ in range(3):
            position = sealed.record(["mission:M-1", "mission:M-2"])
            eventually(partial(is_witnessed, sealed, position))
    found = latest(sealed)
    assert found.note is not None
    assert str(sealed.folder.policy().judge(found.note).trust) == "witnessed 2 of 3"
    with kept_in_database(sealed.database.app_url, sealed.database.keys_url) as kept:
        report = StoreAudit(kept, Known(sealed.folder.policy(), sealed.folder.last_signed())).run()
    assert (report.findings, report.trust) == ([], "witnessed 2 of 3")


def is_sealed(sealed: Network, position: int) -> bool:
    return sealed.log.covering(position) is not None


def is_witnessed(sealed: Network, position: int) -> bool:
    return covered(sealed, position) == "witnessed 2 of 3"


def covered(sealed: Network, position: int) -> str | None:
    found = sealed.log.covering(position)
    return None if found is None else found.trust


def test_what_stands_in_the_way_is_said_and_sealing_goes_on_once_it_is_gone(sealed: Network) -> None:
    sealed.record(["mission:M-1"])
    sealed.seal()
    kept = sealed.folder.path / "last-signed"
    moved = kept.rename(kept.with_name("elsewhere"))
    with sealing(sealed):
        eventually(lambda: (notice := sealed.log.notice()) is not None and notice.code == "head_missing")
        assert sealed.record(["mission:M-1"]) == 2, "the service goes on"
        moved.rename(kept)
        eventually(lambda: sealed.log.covering(2) is not None)
        eventually(lambda: (notice := sealed.log.notice()) is not None and notice.code is None)


@pytest.mark.slow
def test_killed_again_and_again_it_loses_nothing_and_signs_no_two_logs(sealed: Network) -> None:
    random = Random(20)
    arguments = [sealed.database.sealer_url, sealed.database.sealer_keys_url, str(sealed.folder.path), ORIGIN]
    signed: dict[int, bytes] = {}
    for _ in range(int(os.environ.get("RELAIS_TEST_KILLS", "6"))):
        process = subprocess.Popen([sys.executable, "-c", SEALER, *arguments], stdout=subprocess.DEVNULL)
        eventually(partial(is_sealed, sealed, sealed.record(["mission:M-1"])))
        give_up = monotonic() + random.uniform(0, 0.5)
        while monotonic() < give_up:
            sealed.record([f"mission:M-{random.randrange(5)}"])
        process.send_signal(signal.SIGKILL)
        process.wait()
        for found in sealed.log.page(2**62, 10_000):
            assert signed.setdefault(found.size, found.root) == found.root
    with sealing(sealed):
        last = sealed.record(["mission:M-1"])
        eventually(lambda: covered(sealed, last) == "signed")
    assert len(signed) > 10
    with kept_in_database(sealed.database.app_url, sealed.database.keys_url) as kept:
        report = StoreAudit(kept, Known(sealed.folder.policy(), sealed.folder.last_signed())).run()
    assert report.findings == []
    assert report.unsealed == 0
