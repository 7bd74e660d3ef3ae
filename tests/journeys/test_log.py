"""The log is open to whoever checks it: what was signed, that it only grew, and the hashes that it is made of."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from domain.event import Role
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from service.proof.entries import Entries
from service.proof.merkle import leaf_hash, root, verify_consistency
from service.proof.notes import read_checkpoint, read_note
from service.store.reader import Reader
from tests.bodies import BODIES
from tests.journeys.network import Person
from tests.servers import Database
from tests.service.proof.sealed import Network as SealedNetwork
from tests.service.proof.sealed import network as sealed_network


@pytest.fixture
def sealed(database: Database, tmp_path: Path) -> Iterator[SealedNetwork]:
    """The same history, to be sealed."""
    with sealed_network(database, tmp_path / "proof") as found:
        yield found


@pytest.fixture
def anybody(address: str) -> Iterator[httpx2.Client]:
    """Somebody without a token."""
    with httpx2.Client(base_url=address) as client:
        yield client


def test_before_the_first_seal_there_is_no_checkpoint(anybody: httpx2.Client) -> None:
    answer = anybody.get("/log/checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_sealed_yet")
    assert anybody.get("/log/checkpoints").json() == {"items": [], "next_cursor": None}
    assert anybody.get("/log/consistency?from=1&to=2").status_code == 404
    assert anybody.get("/log/tile/0/000").status_code == 404


def test_checkpoints_are_told_with_their_trust_and_proved_to_go_together(
    anybody: httpx2.Client, sealed: SealedNetwork
) -> None:
    for _ in range(3):
        sealed.record(["mission:M-1", "mission:M-2"])
        sealed.seal()
    newest = read_checkpoint(read_note(anybody.get("/log/checkpoint").text).text)
    first = anybody.get("/log/checkpoints?limit=2").json()
    rest = anybody.get("/log/checkpoints", params={"cursor": first["next_cursor"]}).json()
    told = [*first["items"], *rest["items"]]
    assert [each["size"] for each in told] == [9, 6, 3]
    assert [each["position"] for each in told] == [6, 4, 2]
    assert {each["trust"] for each in told} == {"signed"}
    assert b64decode(told[0]["root"]) == newest.root
    for old in told:
        proof = anybody.get("/log/consistency", params={"from": old["size"], "to": 9}).json()
        assert (proof["from"], proof["to"]) == (old["size"], 9)
        hashes = [b64decode(each) for each in proof["proof"]]
        assert verify_consistency(old["size"], b64decode(old["root"]), 9, newest.root, hashes)
    assert anybody.get("/log/consistency?from=9&to=3").status_code == 422
    assert anybody.get("/log/consistency?from=0&to=3").status_code == 422
    assert anybody.get("/log/consistency?from=9&to=10").status_code == 404


def test_the_hashes_are_there_in_tiles(anybody: httpx2.Client, sealed: SealedNetwork) -> None:
    sealed.record([f"mission:M-{number % 7}" for number in range(300)])
    sealed.seal()
    entries = sealed.defined()[-1].entries
    whole, part = anybody.get("/log/tile/0/000"), anybody.get("/log/tile/0/001.p/45")
    assert whole.content + part.content == b"".join(entries)
    assert whole.headers["cache-control"].endswith("immutable")
    assert anybody.get("/log/tile/1/000.p/1").content == root(entries[:256])
    assert anybody.get("/log/tile/0/000.p/3").content == b"".join(entries[:3])
    for missing in ("0/001", "0/001.p/46", "1/000", "2/000.p/1", "0/1", "0/x000", "0/000.p/0", "0/000.p/256", "0/x"):
        assert anybody.get(f"/log/tile/{missing}").status_code == 404, missing
    for missing in ("9/000", "01/000", "entries/000", "entries/000.p/3"):
        assert anybody.get(f"/log/tile/{missing}").status_code == 404, missing


WHO = [network_admin(), auditor(frozenset({"M-9"})), cadre("C-001"), client("E-001"), accountant()]


@pytest.mark.parametrize("principal", WHO, ids=lambda each: each.role)
def test_the_entries_are_for_auditors_and_admins_alone(
    address: str, anybody: httpx2.Client, sealed: SealedNetwork, principal: Principal
) -> None:
    with Person(address, principal) as person:
        may = principal.role in {Role.NETWORK_ADMIN, Role.AUDITOR}
        assert person.http.get("/log/entries").status_code == (200 if may else 403)
    assert anybody.get("/log/entries").status_code == 401


def test_an_auditor_reads_page_by_page_what_the_file_of_the_log_holds_and_the_tree_is_made_of(
    address: str, anybody: httpx2.Client, sealed: SealedNetwork
) -> None:
    with Person(address, auditor(frozenset())) as person:
        assert person.http.get("/log/entries").json() == {"items": [], "next_cursor": None}
        for count in (1, 4, 30):
            sealed.record([f"mission:M-{number % 7}" for number in range(count)])
            sealed.seal()
        sealed.record(["mission:M-1"])
        told, following = [], "/log/entries?limit=9"
        while following:
            page = person.http.get(following)
            told += page.json()["items"]
            following = page.links["next"]["url"] if page.links else ""
        assert [each["index"] for each in told] == [*range(38)], "the entry that waits for its seal is not among them"
        leaves = anybody.get("/log/tile/0/000.p/38").content
        assert b"".join(leaf_hash(b64decode(each["entry"])) for each in told) == leaves
        newest = sealed.log.latest_signed()
        assert newest is not None
        with Reader(sealed.database.app_url) as reader:
            lines = [json.loads(line) for line in Entries(reader, sealed.keys, sealed.log).file(newest)]
        assert [line for line in lines if "index" in line] == told
        assert person.http.get("/log/entries?after=30").json()["items"] == told[31:]
        assert person.http.get("/log/entries?after=30&limit=3").json()["items"] == told[31:34]
        assert person.http.get("/log/entries?after=37").json() == {"items": [], "next_cursor": None}
        for wrong in ("after=-1", "limit=0", "limit=501", "cursor=nonsense", "from=1"):
            assert person.http.get(f"/log/entries?{wrong}").status_code == 422, wrong


def test_how_far_history_is_sealed_and_why_not_further_is_told(anybody: httpx2.Client, sealed: SealedNetwork) -> None:
    sealed.record(["mission:M-1"])
    sealed.seal()
    sealed.record(["mission:M-1"])
    ready = anybody.get("/readyz").json()
    assert (ready["position"], ready["sealed"], ready["sealing"]) == (2, 1, "ok")
    connections = sealed.connect()
    connections.writer.notice("log_forked", "history was rewritten", 1)
    connections.close()
    ready = anybody.get("/readyz").json()
    assert (ready["status"], ready["sealing"]) == ("degraded", "log_forked")


def test_a_checkpoint_is_the_text_that_is_signed(anybody: httpx2.Client, sealed: SealedNetwork) -> None:
    sealed.record(["mission:M-1"])
    sealed.seal()
    answer = anybody.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    told = anybody.get("/log/checkpoints").json()["items"][0]
    assert answer.text == told["note"]
    assert answer.text.startswith(f"relais.example/log\n2\n{told['root']}\n\n— relais.example/log ")
    assert b64encode(b64decode(told["root"])).decode() == told["root"]


def test_what_a_client_keeps_carries_the_newest_checkpoint(
    admin: Person, anybody: httpx2.Client, sealed: SealedNetwork
) -> None:
    day = {"day_id": "D-1", "date": "2026-03-03", "quantity": "1", "summary": "Clôture"}
    client_id = BODIES["sign_mission"]["client_id"]
    for path, body in (
        ("/clients", BODIES["register_client"]),
        ("/cadres", BODIES["register_cadre"]),
        ("/missions", {**BODIES["sign_mission"], "mission_id": "M-1"}),
        ("/missions/M-1/objectives", BODIES["set_objective"]),
        ("/missions/M-1/days", day),
        ("/missions/M-1/days/approvals", {"day_ids": ["D-1"]}),
        ("/billing/runs", {"month": "2026-03", "issued_on": "2026-03-31"}),
    ):
        admin.does(path, dict(body))
    statement = f"/clients/{client_id}/report"
    assert [admin.reads(path)["checkpoint"] for path in ("/invoices/F-2026-00001", statement)] == [None, None]
    sealed.seal()
    newest = read_checkpoint(read_note(anybody.get("/log/checkpoint").text).text)
    for path in ("/invoices/F-2026-00001", statement):
        assert admin.reads(path)["checkpoint"] == {
            "size": newest.size,
            "root": b64encode(newest.root).decode(),
            "trust": "signed",
        }
