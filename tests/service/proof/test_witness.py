"""A witness signs what continues what it signed before, answers as C2SP's tlog-witness says, and never signs a fork."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server, socket
from threading import Event, Thread
from time import monotonic

import pytest

from service.proof.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, root
from service.proof.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Note,
    Signature,
    SigningKey,
    VerifierKey,
    cosigned_at,
    read_note,
    read_signatures,
)
from service.proof.policy import Policy
from service.proof.witness import Answer, Witness
from service.proof.witness_server import WitnessServer, witness_key
from service.proof.witnessing import WitnessAhead, WitnessSilent, add_checkpoint, request_body

ORIGIN = "relais.example/log"
LOG = SigningKey(ORIGIN, ED25519, sha256(b"log").digest())
STRANGER = SigningKey(ORIGIN, ED25519, sha256(b"stranger").digest())
KEY = SigningKey("firm.example/witness", COSIGNATURE, sha256(b"firm").digest())
ENTRIES = [leaf_hash(bytes([number])) for number in range(40)]
FORK = [*ENTRIES[:5], *(leaf_hash(b"other" + bytes([number])) for number in range(35))]
AT = 1_700_000_000


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(KEY, [LOG.verifier], tmp_path / "signed.sqlite", lambda: AT)


def note(size: int, entries: list[bytes] = ENTRIES, key: SigningKey = LOG, origin: str = ORIGIN) -> str:
    text = Checkpoint(origin, size, root(entries[:size])).text()
    return str(Note(text, (key.sign(text),)))


def asked(old: int, new: int, entries: list[bytes] = ENTRIES, signed: str | None = None) -> bytes:
    proof = consistency_proof(entries[:new], old) if 0 < old <= new else []
    return request_body(old, proof, signed or note(new, entries)).encode()


def test_it_signs_a_log_that_grows(witness: Witness) -> None:
    for old, new in ((0, 5), (5, 5), (5, 9), (9, 40)):
        answer = witness.add_checkpoint(asked(old, new))
        assert answer.status == 200
        (signature,) = read_signatures(answer.text)
        assert KEY.verifier.verifies(read_note(note(new)).text, signature)
        assert cosigned_at(signature) == AT


def test_it_never_signs_a_fork(witness: Witness) -> None:
    assert witness.add_checkpoint(asked(0, 9)).status == 200
    fork = witness.add_checkpoint(asked(9, 20, FORK))
    assert (fork.status, "—" in fork.text) == (422, False)
    other_root = witness.add_checkpoint(asked(9, 9, FORK))
    assert other_root.status == 422
    assert witness.add_checkpoint(asked(5, 20, FORK)) == Answer(409, "9\n", "text/x.tlog.size")
    assert witness.add_checkpoint(asked(9, 20)).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff", 400),
        (b"old 0\n\nno note", 400),
        (asked(0, 5).replace(b"old 0", b"old 00"), 400),
        (asked(0, 5).replace(b"old 0", b"new 0"), 400),
        (asked(0, 5).replace(b"old 0\n", b"old 0\nAAAA\n"), 400),
        (asked(0, 5).replace(b"old 0\n", b"old 0\n" + b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n" * 64), 400),
        (asked(0, 5).replace(b"old 0\n", b"old 0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"), 422),
        (asked(0, 5, signed=note(5, key=STRANGER)), 403),
        (asked(0, 5, signed=note(5).replace("relais.example/log\n5", "relais.example/log\n6")), 403),
        (asked(0, 5, signed=note(5, origin="unknown.example", key=LOG)), 404),
        (asked(7, 5), 400),
        (asked(3, 5), 409),
    ],
)
def test_what_it_does_not_sign_it_refuses_with_the_specified_status(witness: Witness, body: bytes, status: int) -> None:
    assert witness.add_checkpoint(body).status == status
    assert witness.add_checkpoint(asked(0, 9)).status == 200, "and nothing was remembered"


def test_an_empty_log_has_the_empty_root(witness: Witness) -> None:
    text = Checkpoint(ORIGIN, 0, bytes(32)).text()
    wrong = str(Note(text, (LOG.sign(text),)))
    assert witness.add_checkpoint(request_body(0, [], wrong).encode()).status == 422
    text = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text()
    right = str(Note(text, (LOG.sign(text),)))
    assert witness.add_checkpoint(request_body(0, [], right).encode()).status == 200


def test_a_log_with_a_wrong_and_a_right_signature_is_refused(witness: Witness) -> None:
    text = read_note(note(5)).text
    both = str(Note(text, (LOG.sign(text), LOG.sign("another\n"))))
    assert witness.add_checkpoint(request_body(0, [], both).encode()).status == 403


def test_it_keeps_and_shows_no_signature_that_it_did_not_check(tmp_path: Path) -> None:
    """Whoever submits a checkpoint may add lines under it, in the name of another log that the witness knows."""
    other = SigningKey("other.example/log", ED25519, sha256(b"other").digest())
    witness = Witness(KEY, [LOG.verifier, other.verifier], tmp_path / "signed.sqlite", lambda: AT)
    text = read_note(note(5)).text
    forged = other.sign("something else\n")
    assert witness.add_checkpoint(request_body(0, [], str(Note(text, (LOG.sign(text), forged)))).encode()).status == 200
    shown = read_note(witness.checkpoint(sha256(ORIGIN.encode()).hexdigest()).text)
    assert {each.name for each in shown.signatures} == {LOG.name, KEY.name}


def test_it_says_nothing_to_a_log_while_it_cannot_keep_what_it_would_sign(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    witness = Witness(KEY, [LOG.verifier], folder / "signed.sqlite", lambda: AT)
    (folder / "signed.sqlite").unlink()
    (folder / "signed.sqlite").mkdir()
    answer = witness.add_checkpoint(asked(0, 5))
    assert (answer.status, "—" in answer.text) == (503, False)
    assert witness.checkpoint(sha256(ORIGIN.encode()).hexdigest()).status == 503
    (folder / "signed.sqlite").rmdir()
    restarted = Witness(KEY, [LOG.verifier], folder / "signed.sqlite", lambda: AT)
    assert restarted.add_checkpoint(asked(0, 5)).status == 200


def test_sixteen_signatures_as_long_as_any_are_read(witness: Witness) -> None:
    """C2SP's signed-note: at least sixteen, of which a post-quantum one may take nearly 5 kB."""
    text = read_note(note(9)).text
    long = [Signature(f"other{number}.example/log", bytes(4), bytes(4_990)) for number in range(15)]
    proof = consistency_proof(ENTRIES[:9], 5)
    assert witness.add_checkpoint(asked(0, 5)).status == 200
    with served(witness) as url:
        add_checkpoint(url, request_body(5, proof, str(Note(text, (LOG.sign(text), *long)))))


def test_it_remembers_after_a_restart(tmp_path: Path) -> None:
    for old, new in ((0, 5), (5, 9)):
        started = Witness(KEY, [LOG.verifier], tmp_path / "signed.sqlite", lambda: AT)
        assert started.add_checkpoint(asked(old, new)).status == 200
    restarted = Witness(KEY, [LOG.verifier], tmp_path / "signed.sqlite", lambda: AT)
    assert restarted.add_checkpoint(asked(5, 20)).text == "9\n"


def test_of_many_that_race_from_one_size_one_is_signed_and_the_log_never_turns_back(witness: Witness) -> None:
    assert witness.add_checkpoint(asked(0, 5)).status == 200
    with ThreadPoolExecutor(8) as racers:
        answers = list(racers.map(witness.add_checkpoint, [asked(5, size) for size in range(10, 26)]))
    assert sorted({answer.status for answer in answers}) == [200, 409]
    assert sum(answer.status == 200 for answer in answers) == 1


def test_it_shows_what_it_signed_last(witness: Witness) -> None:
    origin_hash = sha256(ORIGIN.encode()).hexdigest()
    assert witness.checkpoint(origin_hash).status == 404
    witness.add_checkpoint(asked(0, 5))
    shown = witness.checkpoint(origin_hash)
    policy = Policy.read(f"log {LOG.verifier}\nwitness firm {KEY.verifier}\nquorum firm\n")
    assert str(policy.judge(shown.text).trust) == "witnessed 1 of 1"


@contextmanager
def served(witness: Witness) -> Iterator[str]:
    with WitnessServer(("127.0.0.1", 0), witness) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_it_is_asked_over_http(witness: Witness) -> None:
    with served(witness) as url:
        signed = add_checkpoint(url, asked(0, 5).decode())
        assert KEY.verifier.verifies(read_note(note(5)).text, read_signatures(signed)[0])
        with pytest.raises(WitnessAhead) as ahead:
            add_checkpoint(url, asked(0, 9).decode())
        assert ahead.value.size == 5
        with pytest.raises(WitnessSilent, match="it answered 422"):
            add_checkpoint(url, asked(5, 9, ENTRIES[::-1]).decode())
        connection = HTTPConnection(url.removeprefix("http://"))
        for method, path, status in (
            ("GET", f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint", 200),
            ("GET", "/", 404),
            ("POST", "/elsewhere", 404),
        ):
            connection.request(method, path, body=b"x" if method == "POST" else None)
            response = connection.getresponse()
            response.read()
            assert response.status == status
        connection.request("POST", "/add-checkpoint", body=b"x" * 300_000)
        assert connection.getresponse().status == 413
        connection.close()


def test_a_witness_that_answers_drop_by_drop_is_left_at_the_deadline() -> None:
    """Each drop comes in time; all of them would hold up the witnesses that have answered."""
    ended = Event()

    def drip(listening: socket) -> None:
        with listening.accept()[0] as caller:
            while not ended.wait(0.1):
                with suppress(OSError):
                    caller.sendall(b"X")

    with create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=drip, args=(listening,))
        thread.start()
        begun = monotonic()
        with pytest.raises(WitnessSilent):
            add_checkpoint(f"http://127.0.0.1:{listening.getsockname()[1]}", asked(0, 5).decode(), deadline=1)
        ended.set()
        thread.join()
    assert monotonic() - begun < 20


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://127.0.0.1:1"])
def test_a_witness_that_cannot_be_reached_is_silent(url: str) -> None:
    with pytest.raises(WitnessSilent):
        add_checkpoint(url, asked(0, 5).decode(), deadline=2)


def test_its_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    made = witness_key(tmp_path / "witness", "firm.example/witness")
    assert witness_key(tmp_path / "witness", "firm.example/witness") == made
    assert (tmp_path / "witness" / "witness-key").stat().st_mode & 0o777 == 0o600
    assert VerifierKey.read(str(made.verifier)).kind == COSIGNATURE
    with pytest.raises(ValueError, match="is the key of firm"):
        witness_key(tmp_path / "witness", "bank.example/witness")
    with pytest.raises(ValueError, match="cosignature key"):
        Witness(LOG, [], tmp_path / "x.sqlite", lambda: AT)
