"""What others signed and published holds by our code: two real logs, a real witness, a real proof, a witness's answers.

Figures from the tests of others' programs: litewitness, transparency-dev's formats, Tillitis' tkey-verification.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from service.proof.merkle import leaf_hash, verify_inclusion
from service.proof.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Note,
    Signature,
    SigningKey,
    VerifierKey,
    cosigned_at,
    read_checkpoint,
    read_note,
    signed_by,
)
from service.proof.policy import Policy
from service.proof.witness import Witness
from verifier.relais_verify import is_in, read_key

# sum.golang.org, the log of all Go modules, and its checkpoint of 35,225,469 entries.
GO_LOG = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_CHECKPOINT = (
    "go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n\n"
    "— sum.golang.org Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=\n"
)
# A witness's key as its operator publishes it, of the cosigning kind.
PUBLISHED_WITNESS = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
# The log test.sigsum.org/barreleye at 4,684 entries, the witness tillitis.se/test-witness-1, and the entry at 4,683.
LOG_PUBLIC = bytes.fromhex("4644af2abd40f4895a003bca350f9d5912ab301a49c77f13e5b6d905c20a5fe6")
WITNESS_PUBLIC = bytes.fromhex("5c35281928e9da396beede5f22a2251a589e6ac6de52a4de85de8634ffccaf6d")
ROOT = bytes.fromhex("07e183bd7b31636eee13edba7ee64cc586363aea9e7cdd1579c047e2643a87b7")
SIGNED = bytes.fromhex(
    "9af6929d26d4dfb94802cba6f1cd988ac7165b73bfb1bbd1922175a771b54080"
    "56e2605e386a231b13ce7dda089db07beb35e2b387e88fa69e322f8839b01804"
)
VOUCHED_AT = 1_756_811_283
VOUCHED = bytes.fromhex(
    "8aff7c90eeeb74080bd81948afeb83ba5f25868ed06bb6103da45ecbc70c0dd8"
    "a195f6ab792bfa70a0f1af7d7dbd1c5beb480fc13d18f695a6fff9a8bbbb4709"
)
MESSAGE = bytes.fromhex("f23e454ee9c9627dd1a80f6ab2e1565fa0cda3a7c91f853eb8099ff645674719")
SUBMITTED = bytes.fromhex(
    "b4f9eabdcb6b05d259e964ba6fa427c178b5586d30e6b4026287656c8a7ee267"
    "4af33d2c05701ea8f98458fe7c54b787c7a73c0fda6f09046bcf7604cea86c00"
)
SUBMITTER = bytes.fromhex("e7f5de9e44de09b425853f0b267a06fe3eca528c96c8fabd521e5cbfaec83806")
PATH = [
    bytes.fromhex(each)
    for each in (
        "deed2b128c089094c865ce893aa9898f131460ea539f5ed38dd5a8054e087fd8",
        "ab8d1b7eb823ad50ffe619017aa14f66cde57a47a6d1739aa06bd64cbbffc91f",
        "1e2ef1212c516b59b7d3948958be90d8ef58acc427d3b4a558757041c6507db0",
        "72347e82644eea74e0e3806c16a40b396353c934850b98d9013658f13b99ecb9",
        "9103c094b7a2cbf2da7c1e1d492906ac0b9062cb0dee3a8e20f5fbff5b219c79",
        "9ca6b461d616cf790a32a967574087298abb4cd0c3da938b7fed143b7d92b5ec",
    )
]
BARRELEYE = VerifierKey(f"sigsum.org/v1/tree/{sha256(LOG_PUBLIC).hexdigest()}", ED25519, LOG_PUBLIC)
TILLITIS = VerifierKey("tillitis.se/test-witness-1", COSIGNATURE, WITNESS_PUBLIC)
TEXT = Checkpoint(BARRELEYE.name, 4_684, ROOT).text()
WITNESSED = Note(
    TEXT,
    (
        Signature(BARRELEYE.name, BARRELEYE.key_id, SIGNED),
        Signature(TILLITIS.name, TILLITIS.key_id, VOUCHED_AT.to_bytes(8, "big") + VOUCHED),
    ),
)


def test_the_checkpoint_of_the_log_of_all_go_modules_is_believed() -> None:
    key, note = VerifierKey.read(GO_LOG), read_note(GO_CHECKPOINT)
    assert (str(key), str(note)) == (GO_LOG, GO_CHECKPOINT)
    assert signed_by(note, [key]) == [key]
    assert (read_checkpoint(note.text).origin, read_checkpoint(note.text).size) == ("go.sum database tree", 35_225_469)


def test_a_published_witness_key_has_the_id_that_we_compute() -> None:
    key = VerifierKey.read(PUBLISHED_WITNESS)
    assert (str(key), key.kind, key.key_id.hex()) == (PUBLISHED_WITNESS, COSIGNATURE, "da77ade7")


def test_a_real_witness_vouches_for_a_real_log_and_its_proof_leads_there() -> None:
    policy = Policy.read(f"log {BARRELEYE}\nwitness tillitis {TILLITIS}\nquorum tillitis\n")
    judged = policy.judge(str(WITNESSED))
    assert (str(judged.trust), judged.checkpoint.size) == ("witnessed 1 of 1", 4_684)
    assert cosigned_at(WITNESSED.signatures[1]) == VOUCHED_AT
    leaf = leaf_hash(sha256(MESSAGE).digest() + SUBMITTED + SUBMITTER)
    assert verify_inclusion(leaf, 4_683, 4_684, PATH, ROOT)
    later = WITNESSED.signatures[1]._replace(blob=(VOUCHED_AT + 1).to_bytes(8, "big") + VOUCHED)
    assert not TILLITIS.verifies(TEXT, later)


def test_the_verifier_that_stands_alone_believes_them_too() -> None:
    log, witness = read_key(str(BARRELEYE).encode(), 1), read_key(str(TILLITIS).encode(), 4)
    assert log is not None
    assert witness is not None
    assert log.signed(TEXT.encode(), SIGNED) == 0
    assert witness.signed(TEXT.encode(), WITNESSED.signatures[1].blob) == VOUCHED_AT
    leaf = leaf_hash(sha256(MESSAGE).digest() + SUBMITTED + SUBMITTER)
    assert is_in(leaf, 4_683, 4_684, PATH, ROOT)


# The conversation with which litewitness, the reference witness, is tested.
ORIGIN = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
LITE_LOG = f"{ORIGIN}+5202289b+Af/cLU2Y5BJNP+r3iMDC+av9eWCD0fBJVDfzAux5zxAP"
ONE = (
    "1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    "7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=",
)
THREE = (
    "3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=\n",
    "2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=",
)
FIVE = (
    "5\nQrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=\n",
    "w/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=",
)


def leaf(number: int, last: int = 0) -> str:
    """The hashes of that log: 42, a number, and zeros."""
    return b64encode(bytes([42, number, *bytes(29), last])).decode()


def asked(old: int, proof: list[str], signed: tuple[str, str], origin: str = ORIGIN) -> bytes:
    text, signature = signed
    hashes = "".join(f"{each}\n" for each in proof)
    return f"old {old}\n{hashes}\n{origin}\n{text}\n— {origin} UgIom{signature}\n".encode()


MIDDLE = ["+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=", "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE="]


def test_our_witness_answers_as_the_reference_witness_is_tested(tmp_path: Path) -> None:
    """But for two: an unknown log is 404 by the specification of today, and base64 with stray bits malformed here."""
    key = SigningKey("example.com/witness", COSIGNATURE, sha256(b"witness").digest())
    witness = Witness(key, [VerifierKey.read(LITE_LOG)], tmp_path / "signed.sqlite", lambda: VOUCHED_AT)
    stray = (THREE[0], THREE[1].replace("6go=", "6gx="))
    forged = (THREE[0], THREE[1].replace("x6go=", "x7go="))
    with_three = [leaf(1), leaf(2)]
    conversation = [
        (asked(0, [], ONE), 200),
        (asked(1, with_three, stray), 400),
        (asked(1, with_three, forged), 403),
        (asked(1, with_three, THREE, origin=ORIGIN[:-1] + "3"), 404),
        (asked(1, [], THREE), 422),
        (asked(1, [leaf(1), leaf(2, last=16)], THREE), 422),
        (asked(1, with_three, THREE), 200),
        (asked(1, [leaf(1), MIDDLE[0], leaf(4)], FIVE), 409),
        (asked(3, [leaf(2), leaf(3), MIDDLE[1], leaf(4)], FIVE), 200),
        (asked(0, [], FIVE), 409),
    ]
    answers = [witness.add_checkpoint(body) for body, _ in conversation]
    assert [answer.status for answer in answers] == [status for _, status in conversation]
    assert [answer.text for answer in answers if answer.status == 409] == ["3\n", "5\n"]


@pytest.mark.parametrize("text", [TEXT.replace("4684", "4685"), TEXT.replace("sigsum.org", "sigsum.orG")])
def test_a_real_signature_is_of_its_own_text_alone(text: str) -> None:
    assert not BARRELEYE.verifies(text, WITNESSED.signatures[0])
    assert not TILLITIS.verifies(text, WITNESSED.signatures[1])
