"""Each reader takes home the proof of what it may see, checks it without us, and finds nothing of others in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from service.embedded import EmbeddedPostgres
from service.http.app import create_app
from service.http.security import Principal, accountant, auditor, cadre, client, network_admin
from service.proof.bundles import Bundles
from service.proof.folder import ProofFolder
from service.proof.log import Log
from service.proof.notes import COSIGNATURE, SigningKey
from service.proof.sealer import Connections, Sealer
from service.store.keys import KeyStore
from service.store.reader import Reader
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person, network, served
from tests.servers import Database, cloned_database
from tests.service.proof.sealed_year import vouched_for
from verifier.relais_invoice import derive
from verifier.relais_verify import verify

FIRST, SECOND = "F-2026-00001", "F-2026-00002"
WHOLE, PART, NOT_THERE = "whole", "part", "not there"
MISSIONS: dict[str, tuple[Principal, dict[str, str]]] = {
    "network admin": (network_admin(), {"M-1": WHOLE, "M-2": WHOLE, "M-3": WHOLE}),
    "who holds one and left one": (cadre("C-001"), {"M-1": WHOLE, "M-2": NOT_THERE, "M-3": PART}),
    "who came": (cadre("C-002"), {"M-1": NOT_THERE, "M-2": WHOLE, "M-3": WHOLE}),
    "client of two": (client("E-001"), {"M-1": WHOLE, "M-2": NOT_THERE, "M-3": WHOLE}),
    "client of one": (client("E-002"), {"M-1": NOT_THERE, "M-2": WHOLE, "M-3": NOT_THERE}),
    "auditor of one": (auditor(frozenset({"M-2"})), {"M-1": NOT_THERE, "M-2": WHOLE, "M-3": NOT_THERE}),
    "accountant": (accountant(), dict.fromkeys(("M-1", "M-2", "M-3"), NOT_THERE)),
}
INVOICES: dict[str, tuple[Principal, dict[str, int]]] = {
    "network admin": (network_admin(), {FIRST: 200, SECOND: 200}),
    "accountant": (accountant(), {FIRST: 200, SECOND: 200}),
    "client of the first": (client("E-001"), {FIRST: 200, SECOND: 404}),
    "auditor of half of the first": (auditor(frozenset({"M-1"})), {FIRST: 404, SECOND: 404}),
    "auditor of the second": (auditor(frozenset({"M-2"})), {FIRST: 404, SECOND: 200}),
    "cadre": (cadre("C-001"), {FIRST: 403, SECOND: 403}),
}


@dataclass
class Proven:
    """A network that is sealed, and the policy that its log hands out."""

    address: str
    database: Database
    folder: ProofFolder

    @property
    def policy(self) -> bytes:
        return (self.folder.policy_text() or "").encode()

    def seal(self) -> None:
        urls = (self.database.sealer_url, self.database.sealer_keys_url)
        with closing(Connections.to(*urls, durable=False)) as connections:
            assert connections.writer.leads()
            sealer = Sealer(connections, self.folder, "relais.example/log")
            sealer.resume()
            while sealer.seal():
                pass


@pytest.fixture(scope="module")
def proven(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proven]:
    folder = ProofFolder(tmp_path_factory.mktemp("proof") / "folder")
    with cloned_database(postgres) as database, network(database) as net, served(net.app) as url:
        found = Proven(url, database, folder)
        with Person(url, network_admin()) as admin:
            _worked(admin)
            found.seal()
            _billed(admin)
            admin.reads("/invoices")
            admin.reads("/missions")
        found.seal()
        yield found


def _worked(admin: Person) -> None:
    for number in (1, 2):
        admin.does("/clients", bakery(f"E-00{number}"))
        admin.does("/cadres", finance_cadre(f"C-00{number}"))
        admin.does("/missions", finance_mission(f"M-{number}", f"E-00{number}", f"C-00{number}"))
    admin.does("/missions", finance_mission("M-3", "E-001", "C-001"))
    for mission_id, on in (("M-1", "2026-03-03"), ("M-2", "2026-03-04"), ("M-3", "2026-03-05")):
        admin.does(f"/missions/{mission_id}/objectives", closing_time())
        admin.does(f"/missions/{mission_id}/days", day(on, f"D-{mission_id}", summary=f"Words of {mission_id}"))
        admin.does(f"/missions/{mission_id}/days/approvals", {"month": "2026-03"})
    amount = {"amount": "1500", "currency": "XPF"}
    expense = {"expense_id": "X-1", "date": "2026-03-10", "label": "Ferry", "amount": amount}
    admin.does("/missions/M-1/expenses", expense)


def _billed(admin: Person) -> None:
    admin.does("/billing/runs", {"month": "2026-03", "issued_on": "2026-04-01"})
    credit = {"issued_on": "2026-04-10", "reason": "Absent", "day_ids": ["D-M-2"]}
    admin.does(f"/invoices/{SECOND}/credit-notes", credit)
    admin.does("/missions/M-3/handover", {"reason": "Moves", "leaving_on": "2026-06-01"})
    handover = {"to_cadre_id": "C-002", "effective_on": "2026-06-01", "accepted_by": "Marie Wamytan"}
    admin.does("/missions/M-3/handover/completion", handover | {"override_reason": "Agreed on the phone"})
    admin.does("/missions/M-3/days", day("2026-06-02", "D-NEW", summary="Words of the successor"))


@pytest.mark.parametrize(("principal", "sees"), MISSIONS.values(), ids=MISSIONS.keys())
def test_each_reader_gets_the_proof_of_what_it_sees(proven: Proven, principal: Principal, sees: dict[str, str]) -> None:
    with Person(proven.address, principal) as person:
        unknown = person.asks("/missions/M-9/proof")
        for mission_id, extent in sees.items():
            answer = person.asks(f"/missions/{mission_id}/proof")
            if extent == NOT_THERE:
                assert (answer.status_code, answer.content) == (404, unknown.content)
                continue
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["content-disposition"] == f'attachment; filename="{mission_id}.bundle.json"'
            told = verify(answer.content, proven.policy)
            assert told["subject"] == {"id": mission_id, "kind": "mission" if extent == WHOLE else "extract"}
            assert told["complete"] is (extent == WHOLE)


def test_who_left_is_shown_nothing_of_the_time_after(proven: Proven) -> None:
    with Person(proven.address, cadre("C-001")) as left:
        written = left.asks("/missions/M-3/proof").text
    assert "Words of M-3" in written
    assert "Words of the successor" not in written
    assert "D-NEW" not in written


@pytest.mark.parametrize(("principal", "sees"), INVOICES.values(), ids=INVOICES.keys())
def test_an_invoice_is_proven_to_whoever_may_read_it(
    proven: Proven, principal: Principal, sees: dict[str, int]
) -> None:
    with Person(proven.address, principal) as person:
        for number, status in sees.items():
            answer = person.asks(f"/invoices/{number}/proof")
            assert answer.status_code == status
            if status == 200:
                told = derive(verify(answer.content, proven.policy))
                assert told["invoice_number"] == number
                assert told["credited"] == ("0" if number == FIRST else "90100")


def test_who_sees_the_missions_may_have_them_whole_beside_the_invoice(proven: Proven) -> None:
    for principal in (network_admin(), client("E-001"), auditor(frozenset({"M-1", "M-3"}))):
        with Person(proven.address, principal) as person:
            answer = person.asks(f"/invoices/{FIRST}/proof", whole="true")
            assert answer.status_code == 200
            told = verify(answer.content, proven.policy)
            assert told["complete"]
            assert derive(told)["complete"]
    with Person(proven.address, client("E-001")) as owner:
        assert not verify(owner.asks(f"/invoices/{FIRST}/proof").content, proven.policy)["complete"]
    with Person(proven.address, accountant()) as books:
        answer = books.asks(f"/invoices/{FIRST}/proof", whole="true")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_an_accountant_reads_no_word_of_a_mission(proven: Proven) -> None:
    with Person(proven.address, accountant()) as person:
        written = person.asks(f"/invoices/{FIRST}/proof").text
    assert "Words of" not in written
    assert "Ferry" not in written
    assert "Boulangerie du Port" in written


def test_the_invoice_of_one_client_tells_nothing_of_another(proven: Proven) -> None:
    with Person(proven.address, client("E-001")) as person:
        written = person.asks(f"/invoices/{FIRST}/proof").text
    for foreign in ("M-2", "E-002", SECOND, "A-2026-00001"):
        assert f'"{foreign}' not in written
        assert f'\\"{foreign}' not in written


def test_a_proof_continues_the_checkpoint_that_the_reader_kept(proven: Proven) -> None:
    with Person(proven.address, client("E-001")) as person:
        now = person.asks("/missions/M-1/proof").content
        size = verify(now, proven.policy)["checkpoint"]["size"]
        told = verify(person.asks("/missions/M-1/proof", since=str(size - 1)).content, proven.policy)
        assert told["consistent_with"]["size"] == size - 1
        beyond = person.asks("/missions/M-1/proof", since="999999")
        assert beyond.status_code == 422
        assert beyond.json()["errors"][0]["pointer"] == "/since"
        assert person.asks("/missions/M-1/proof", since="0").status_code == 422


def test_the_newest_that_is_vouched_for_is_sent_and_what_came_after_once_it_is_needed(proven: Proven) -> None:
    """Witnesses may be slow, or away: nobody is left without a proof, and nobody gets a weaker one for no reason."""
    witness = SigningKey.generate("firm.example/witness", COSIGNATURE)
    policy = proven.policy.replace(b"quorum none", f"witness firm {witness.verifier}\nquorum firm".encode())
    with (
        closing(KeyStore(proven.database.keys_url, durable=False)) as keys,
        Reader(proven.database.app_url) as reader,
        Log(proven.database.app_url) as log,
        network(proven.database) as net,
    ):
        bundles = Bundles(reader, keys, log, asks_witnesses=lambda: True)
        app = create_app(replace(net.app.state.services, bundles=bundles))
        with served(app) as url, Person(url, network_admin()) as admin, Person(url, client("E-001")) as owner:
            assert verify(owner.asks("/missions/M-1/proof").content, proven.policy)["trust"]["level"] == "signed"
            vouched = vouched_for(log, proven.database, witness)
            done = admin.does("/missions/M-1/days", day("2026-06-04"))
            proven.seal()
            told = verify(owner.asks("/missions/M-1/proof").content, policy)
            assert (told["trust"]["witnesses"], told["checkpoint"]["size"]) == (1, vouched.size)
            needed = owner.asks("/missions/M-1/proof", min_position=done["position"]).content
            assert verify(needed, proven.policy)["checkpoint"]["size"] > vouched.size
            vouched_for(log, proven.database, witness)
            needed = owner.asks("/missions/M-1/proof", min_position=done["position"]).content
            assert verify(needed, policy)["trust"]["witnesses"] == 1


def test_what_is_recorded_and_not_sealed_yet_is_said_so_and_then_proven(proven: Proven, tmp_path: Path) -> None:
    with Person(proven.address, network_admin()) as admin, Person(proven.address, client("E-001")) as owner:
        before = owner.asks("/missions/M-1/proof").content
        done = admin.does("/missions/M-1/days", day("2026-06-03"))
        answer = owner.asks("/missions/M-1/proof", min_position=done["position"])
        assert (answer.status_code, answer.json()["code"]) == (503, "not_sealed_yet")
        proven.seal()
        size = json.loads(before)["proof"].split("\n\n")[1].split("\n")[1]
        after = owner.asks("/missions/M-1/proof", min_position=done["position"], since=size).content
        told = verify(after, proven.policy, before)
        assert told["earlier"] == {"events": len(told["events"]) - 1, "size": int(size)}
