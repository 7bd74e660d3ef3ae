"""A policy says whom one trusts; a checkpoint is never said to be trusted further than that."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from service.proof.folder import ProofFolder
from service.proof.notes import COSIGNATURE, ED25519, Checkpoint, Note, NoteRefused, SigningKey
from service.proof.policy import Level, Policy, PolicyRefused

ORIGIN = "relais.example/log"


def key(name: str, kind: int = COSIGNATURE) -> SigningKey:
    return SigningKey(name, kind, sha256(name.encode()).digest())


LOG = key(ORIGIN, ED25519)
BOOKS, BANK, CLUB, CITY = key("books.example"), key("bank.example"), key("club.example"), key("city.example")
TEXT = Checkpoint(ORIGIN, 7, sha256(b"root").digest()).text()
POLICY = f"""
# Whom we trust
log {LOG.verifier} https://relais.example
witness books {BOOKS.verifier} https://books.example/witness
\twitness  bank\t{BANK.verifier}
witness club {CLUB.verifier}
group firms all books bank
group enough any firms club
quorum enough
"""


def note(*keys: SigningKey) -> str:
    return str(Note(TEXT, tuple(each.sign(TEXT, at=1_700_000_000) for each in keys)))


@pytest.mark.parametrize(
    ("signers", "level", "words"),
    [
        ((CITY,), Level.UNSIGNED, "unsigned"),
        ((BOOKS, BANK, CLUB), Level.UNSIGNED, "unsigned"),
        ((LOG,), Level.SIGNED, "signed"),
        ((LOG, CITY), Level.SIGNED, "signed"),
        ((LOG, BOOKS), Level.SIGNED, "signed, witnessed 1 of 3, which is no quorum"),
        ((LOG, CLUB), Level.WITNESSED, "witnessed 1 of 3"),
        ((LOG, BOOKS, BANK), Level.WITNESSED, "witnessed 2 of 3"),
        ((LOG, BOOKS, BANK, CLUB, CITY), Level.WITNESSED, "witnessed 3 of 3"),
    ],
)
def test_trust_is_as_far_as_who_stands_behind_it(signers: tuple[SigningKey, ...], level: Level, words: str) -> None:
    judged = Policy.read(POLICY).judge(note(*signers))
    assert judged.trust.level is level
    assert str(judged.trust) == words
    assert judged.checkpoint.size == 7


def test_without_a_quorum_nothing_is_witnessed() -> None:
    policy = Policy.read(f"log {LOG.verifier}\nwitness books {BOOKS.verifier}\nquorum none\n")
    assert str(policy.judge(note(LOG, BOOKS)).trust) == "signed, witnessed 1 of 1, which is no quorum"
    assert Policy.read("quorum none\n").judge(note(LOG)).trust.level is Level.UNSIGNED


def test_one_witness_may_be_the_whole_quorum() -> None:
    policy = Policy.read(f"log {LOG.verifier}\nwitness books {BOOKS.verifier}\nquorum books\n")
    assert str(policy.judge(note(LOG, BOOKS)).trust) == "witnessed 1 of 1"
    assert policy.judge(note(LOG, BOOKS)).witnesses == ("books",)


def test_a_log_signs_for_its_own_origin_only() -> None:
    other = key("another.example/log", ED25519)
    assert Policy.read(f"log {other.verifier}\nquorum none\n").judge(note(other)).trust.level is Level.UNSIGNED


def test_a_wrong_signature_of_a_known_witness_is_not_passed_over() -> None:
    wrong = Note(TEXT, (LOG.sign(TEXT), BOOKS.sign("x\n", at=1_700_000_000)))
    with pytest.raises(NoteRefused):
        Policy.read(POLICY).judge(str(wrong))


def test_where_witnesses_are_asked_is_known() -> None:
    assert Policy.read(POLICY).urls == {"books": "https://books.example/witness"}


@pytest.mark.parametrize(
    ("lines", "because"),
    [
        ("", "there is no quorum"),
        ("quorum nobody", "line 1: nobody is not defined above"),
        ("quorum none\nquorum none", "line 2: there is one quorum already"),
        (f"witness none {BOOKS.verifier}\nquorum none", "the name none is taken"),
        (f"witness a {BOOKS.verifier}\nwitness a {BANK.verifier}\nquorum a", "line 2: the name a is taken"),
        (f"witness a {BOOKS.verifier}\nwitness b {BOOKS.verifier}\nquorum a", "stands there already"),
        (f"log {LOG.verifier}\nlog {LOG.verifier}\nquorum none", "stands there already"),
        (f"log {BOOKS.verifier}\nquorum none", "kind 1"),
        (f"witness a {LOG.verifier}\nquorum a", "kind 4"),
        ("witness a b\nquorum a", "a public key is written as"),
        (f"witness a {BOOKS.verifier} url url\nquorum a", "is no line of a policy"),
        ("group g any\nquorum g", "is no line of a policy"),
        ("group g any a\nquorum g", "a is not defined above"),
        (f"witness a {BOOKS.verifier}\ngroup g any a a\nquorum g", "a counts twice"),
        (f"witness a {BOOKS.verifier}\ngroup g any a\ngroup h any a\nquorum g", "a counts twice"),
        (f"witness a {BOOKS.verifier}\ngroup a any a\nquorum a", "the name a is taken"),
        (f"witness a {BOOKS.verifier}\ngroup g 2 a\nquorum g", "how many of 1"),
        (f"witness a {BOOKS.verifier}\ngroup g 0 a\nquorum g", "how many of 1"),
        (f"witness a {BOOKS.verifier}\ngroup g some a\nquorum g", "how many of 1"),
        (f"witness a {BOOKS.verifier}\ngroup g 01 a\nquorum g", "how many of 1"),
        (f"witness a {BOOKS.verifier}\ngroup g {'9' * 5000} a\nquorum g", "how many of 1"),
        (f"log a\udce9{LOG.verifier}\nquorum none", "no name of a key"),
        ("quorum none\r", "control character"),
        ("quorum", "is no line of a policy"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(lines: str, because: str) -> None:
    with pytest.raises(PolicyRefused, match=because):
        Policy.read(lines)


def test_a_comment_holds_any_octets_and_keeps_them(tmp_path: Path) -> None:
    """C2SP's tlog-policy asks for no UTF-8: a file from an older editor is followed, and handed on as it is."""
    folder = ProofFolder(tmp_path)
    first = folder.add_key("relais.example/log").verifier
    file = tmp_path / "policy"
    file.write_bytes(file.read_bytes() + "# les témoins\n".encode("latin-1"))
    second = folder.add_key("relais.example/log").verifier
    assert folder.policy().logs == (second, first)
    assert file.read_bytes().endswith("# les témoins\n".encode("latin-1"))


def test_a_damaged_policy_gives_no_hints_and_no_failure(tmp_path: Path) -> None:
    """Hints are for people; whoever asks for a bundle meanwhile gets it without."""
    folder = ProofFolder(tmp_path)
    key = folder.add_key("relais.example/log").verifier
    assert folder.log_keys() == [str(key)]
    (tmp_path / "policy").write_text("trust me\n")
    assert folder.log_keys() == []
