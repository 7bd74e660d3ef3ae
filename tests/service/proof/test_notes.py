"""Notes, checkpoints and cosignatures are C2SP's, to the byte."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from service.proof.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Note,
    NoteRefused,
    SigningKey,
    VerifierKey,
    cosigned_at,
    read_checkpoint,
    read_note,
    read_signatures,
    signed_by,
)

# The example of C2SP's signed-note specification.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# The example of the Go package from which the format comes, with its private key.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"  #
GO_SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of C2SP's tlog-checkpoint and tlog-cosignature.
CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
COSIGNED = (
    f"{CHECKPOINT}\n"
    "— example.com/behind-the-sofa"
    " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1"
    " jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)

LOG = SigningKey("relais.example/log", ED25519, sha256(b"log").digest())
WITNESS = SigningKey("witness.example/w1", COSIGNATURE, sha256(b"witness").digest())


def test_the_specifications_example_is_believed() -> None:
    key = VerifierKey.read(EXAMPLE_KEY)
    assert str(key) == EXAMPLE_KEY
    assert signed_by(read_note(EXAMPLE), [key]) == [key]
    assert str(read_note(EXAMPLE)) == EXAMPLE


def test_we_sign_as_the_package_from_which_the_format_comes() -> None:
    key = SigningKey.read(GO_PRIVATE)
    assert key.secret_text() == GO_PRIVATE + "\n"
    assert str(key.verifier) == GO_KEY
    assert str(Note(GO_TEXT, (key.sign(GO_TEXT),))) == f"{GO_TEXT}\n{GO_SIGNATURE}"


def test_a_checkpoint_is_read_and_written() -> None:
    note = read_note(COSIGNED)
    checkpoint = read_checkpoint(note.text)
    root = b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert checkpoint == Checkpoint("example.com/behind-the-sofa", 20_852_163, root)
    assert checkpoint.text() == CHECKPOINT
    assert str(note) == COSIGNED
    assert cosigned_at(note.signatures[1]) == 1_679_315_147
    assert read_checkpoint(CHECKPOINT + "an extension\n") == checkpoint


def test_a_cosignature_is_of_the_checkpoint_and_the_instant() -> None:
    """Computed anew from the specification's words, without our code."""
    signature = WITNESS.sign(CHECKPOINT, at=1_679_315_147)
    private = Ed25519PrivateKey.from_private_bytes(sha256(b"witness").digest())
    public = private.public_key().public_bytes_raw()
    message = b"cosignature/v1\ntime 1679315147\n" + CHECKPOINT.encode()
    assert signature.key_id == sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    assert signature.blob[:8] == (1_679_315_147).to_bytes(8, "big")
    Ed25519PublicKey.from_public_bytes(public).verify(signature.blob[8:], message)
    assert WITNESS.verifier.verifies(CHECKPOINT, signature)


def test_unknown_signatures_are_passed_over_and_a_known_keys_wrong_one_refuses_the_note() -> None:
    other = SigningKey("relais.example/log", ED25519, sha256(b"other").digest())
    note = Note(CHECKPOINT, (other.sign(CHECKPOINT), LOG.sign(CHECKPOINT), WITNESS.sign(CHECKPOINT, at=5)))
    assert signed_by(note, []) == []
    assert signed_by(note, [LOG.verifier, WITNESS.verifier]) == [LOG.verifier, WITNESS.verifier]
    forged = Note(CHECKPOINT, (LOG.sign(CHECKPOINT), LOG.sign("another text\n")))
    with pytest.raises(NoteRefused, match="is not of this text"):
        signed_by(forged, [LOG.verifier])


def test_a_log_key_does_not_pass_for_a_witness_nor_the_other_way_round() -> None:
    as_witness = SigningKey(LOG.name, COSIGNATURE, LOG.seed)
    assert as_witness.verifier.key_id != LOG.verifier.key_id
    assert not as_witness.verifier.verifies(CHECKPOINT, LOG.sign(CHECKPOINT))
    assert not LOG.verifier.verifies(CHECKPOINT, as_witness.sign(CHECKPOINT, at=5))


def test_each_key_signs_a_note_once() -> None:
    note = Note(CHECKPOINT, (LOG.sign(CHECKPOINT),)).with_signatures([WITNESS.sign(CHECKPOINT, at=5)])
    assert note.with_signatures([LOG.sign(CHECKPOINT)]) == note
    assert [cosigned_at(each) for each in note.with_signatures([WITNESS.sign(CHECKPOINT, at=6)]).signatures[1:]] == [6]


def test_a_new_key_is_read_back_and_keeps_its_secret() -> None:
    for kind in (ED25519, COSIGNATURE):
        key = SigningKey.generate("relais.example/new", kind)
        assert SigningKey.read(key.secret_text()) == key
        assert key.seed.hex() not in repr(key)
        assert repr(key.seed) not in repr(key)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "text\n",
        "text\n\n",
        "\n\n— a AAAAAAA=\n",
        EXAMPLE[:-1],
        EXAMPLE.replace("— ", "- "),
        EXAMPLE.replace("— example", "—  example"),
        EXAMPLE.replace("This", "\x01This"),
        EXAMPLE.replace("This", "\tThis"),
        EXAMPLE.replace("\n", "\r\n"),
        EXAMPLE.replace("This", "\ud800"),
        EXAMPLE.replace("yaQM=", "yaQM"),
        EXAMPLE.replace("yaQM=", "yaQN="),
        EXAMPLE + "\n",
        EXAMPLE + "— a+b AAAAAAA=\n",
        EXAMPLE + "— short AAAA\n",
        EXAMPLE + "— short AAAAAA==\n",
        EXAMPLE + "— nothing\n",
        EXAMPLE + "— example.com/foo AAAAAAA=\n" * 100,
        "x" * 200_001 + "\n\n— a AAAAAAA=\n",
    ],
)
def test_what_is_no_note_is_refused(wrong: str) -> None:
    with pytest.raises(NoteRefused):
        read_note(wrong)


@given(st.integers(0, len(EXAMPLE.encode()) * 8 - 1))
def test_no_bit_of_a_note_can_be_turned(place: int) -> None:
    """The text, the name, the key's id, the signature: whichever bit it is, the note is no longer this key's."""
    written = bytearray(EXAMPLE.encode())
    written[place // 8] ^= 1 << place % 8
    key = VerifierKey.read(EXAMPLE_KEY)
    try:
        believed = signed_by(read_note(written.decode()), [key])
    except ValueError:
        believed = []
    assert believed == []


@pytest.mark.parametrize(
    "wrong",
    [
        "a\n1\n",
        "a\n1\nAAAA\n",
        "a\n01\n" + CHECKPOINT.split("\n")[2] + "\n",
        "a\n-1\n" + CHECKPOINT.split("\n")[2] + "\n",
        "a\n1_0\n" + CHECKPOINT.split("\n")[2] + "\n",
        "a\n٣\n" + CHECKPOINT.split("\n")[2] + "\n",
        "a\n9223372036854775808\n" + CHECKPOINT.split("\n")[2] + "\n",
        "\n1\n" + CHECKPOINT.split("\n")[2] + "\n",
        CHECKPOINT[:-1],
        CHECKPOINT + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(wrong: str) -> None:
    with pytest.raises(NoteRefused):
        read_checkpoint(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "name",
        "name+530d903a",
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("530d903a", "530D903A"),
        EXAMPLE_KEY.replace("+Aeky", "+Beky"),
        EXAMPLE_KEY[:-4],
        EXAMPLE_KEY.replace("example.com/foo", "example com"),
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "name+00000000+",
    ],
)
def test_what_is_no_public_key_is_refused(wrong: str) -> None:
    with pytest.raises(NoteRefused):
        VerifierKey.read(wrong)


@pytest.mark.parametrize(
    "wrong",
    ["", GO_KEY, GO_PRIVATE.replace("c74f20a3", "c74f20a4"), GO_PRIVATE[:-4], GO_PRIVATE.replace("+AYEK", "+AYEL")],
)
def test_what_is_no_private_key_is_refused(wrong: str) -> None:
    with pytest.raises(NoteRefused):
        SigningKey.read(wrong)


def test_a_cosignature_needs_an_instant() -> None:
    for at in (None, 0):
        with pytest.raises(ValueError, match="says when"):
            WITNESS.sign(CHECKPOINT, at=at)
    good = WITNESS.sign(CHECKPOINT, at=5)
    late = good._replace(blob=b"\xff" * 8 + good.blob[8:])
    assert not WITNESS.verifier.verifies(CHECKPOINT, late)
    assert not WITNESS.verifier.verifies(CHECKPOINT, good._replace(blob=good.blob[:-1]))


def test_an_answer_of_signatures_ends_with_a_newline() -> None:
    with pytest.raises(NoteRefused):
        read_signatures(str(LOG.sign(CHECKPOINT)).rstrip("\n"))
