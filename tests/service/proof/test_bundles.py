"""Every bundle of a lived year is believed by a verifier that knows nothing of us, and tells nothing of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service.embedded import EmbeddedPostgres
from service.proof.bundles import Asked, Bundles, NotInTheLog, NotSealedYet, NotThatLong, billing_alone
from service.proof.notes import COSIGNATURE, SigningKey
from service.store.record import pseudonym, salt
from tests.journal_world import journal
from tests.servers import Database, cloned_database
from tests.service.proof.sealed_year import Year, vouched_for, year
from verifier.relais_facts import NotDerived
from verifier.relais_invoice import derive
from verifier.relais_verify import Refused, verify

NOTHING = Asked()


@pytest.fixture(scope="module")
def lived(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with cloned_database(postgres) as database, year(database, tmp_path_factory.mktemp("proof") / "folder") as found:
        yield found


def streams(lived: Year, kind: str) -> list[str]:
    rows = [row for start in range(0, 100_000, 5_000) for row in lived.reader.read_all(start, 5_000)]
    return sorted({row.stream for row in rows if row.stream.startswith(f"{kind}:")})


def invoices(lived: Year) -> list[str]:
    rows = [row for stream in streams(lived, "invoices") for row in lived.reader.read_stream(stream)]
    return [json.loads(row.state)["invoice_number"] for row in rows]


def test_every_mission_is_proven_complete(lived: Year) -> None:
    for stream in streams(lived, "mission"):
        name = stream.removeprefix("mission:")
        told = verify(lived.bundles.mission(name, NOTHING), lived.policy)
        rows = lived.reader.read_stream(stream)
        assert told["complete"]
        assert told["trust"]["level"] == "signed"
        assert [(event["version"], event["topic"]) for event in told["events"]] == [
            (row.version, row.topic) for row in rows
        ]
        assert not any(event["erased"] or event["withheld"] for event in told["events"])


def test_a_proof_is_of_the_newest_checkpoint_for_which_the_witnesses_vouch(database: Database, tmp_path: Path) -> None:
    """Witnesses take a moment: who asks in between gets what its policy believes, unless it needs what came after."""
    with year(database, tmp_path / "proof", 300) as found:
        witness = SigningKey.generate("firm.example/witness", COSIGNATURE)
        made = Bundles(found.reader, found.keys, found.log, found.folder.log_keys, found.folder.asks_witnesses)
        name = streams(found, "mission")[0].removeprefix("mission:")
        asked = Asked(vouched=True)
        assert verify(made.mission(name, asked), found.policy)["trust"]["level"] == "signed", "nobody is asked"
        lines = f"{found.policy.decode().split(chr(10))[0]}\nwitness firm {witness.verifier}\nquorum firm\n"
        (tmp_path / "proof" / "policy").write_text(lines)
        with pytest.raises(NotSealedYet):
            made.mission(name, asked)
        vouched = vouched_for(found.log, found.database, witness)
        found.live(journal("first-year")[300:310])
        found.seal()
        told = verify(made.mission(name, asked), found.policy)
        assert (told["trust"], told["checkpoint"]["size"]) == (
            {"level": "witnessed", "of": 1, "witnesses": 1},
            vouched.size,
        )
        for later in (
            Asked(min_position=vouched.last_position + 1, vouched=True),
            Asked(since=vouched.size + 1, vouched=True),
        ):
            with pytest.raises(NotSealedYet):
                made.mission(name, later)
        with pytest.raises(Refused, match="too few witnesses"):
            verify(made.mission(name, NOTHING), found.policy)


def test_every_invoice_is_derived_from_its_facts(lived: Year) -> None:
    numbers = invoices(lived)
    assert len(numbers) > 50
    for number in numbers:
        told = verify(lived.bundles.invoice(number, NOTHING), lived.policy)
        found = derive(told)
        assert found["invoice_number"] == number
        assert not told["complete"]


def test_no_fact_of_an_invoice_can_be_left_out(lived: Year) -> None:
    number = max(invoices(lived), key=lambda each: len(lived.bundles.invoice(each, NOTHING)))
    whole = verify(lived.bundles.invoice(number, NOTHING), lived.policy)
    needed = {"mission.day_delivered#1", "mission.signed#1", "mission.days_invoiced#1", "billing.invoice_issued#1"}
    for at, event in enumerate(whole["events"]):
        of_another = event["data"].get("invoice_number", number) != number
        if event["topic"] in needed and not of_another:
            less = {**whole, "events": [*whole["events"][:at], *whole["events"][at + 1 :]]}
            with pytest.raises(NotDerived):
                derive(less)


def test_no_figure_of_an_invoice_can_be_another(lived: Year) -> None:
    """What a dishonest network might sign: each figure and date of the document and of the facts behind it, altered."""
    numbers = sorted(invoices(lived), key=lambda each: len(lived.bundles.invoice(each, NOTHING)))
    for number in (numbers[0], numbers[len(numbers) // 2], numbers[-1]):
        whole = verify(lived.bundles.invoice(number, NOTHING), lived.policy)
        derive(whole)
        for at, event in enumerate(whole["events"]):
            for path in _figures(event["topic"], event["data"]):
                altered = deepcopy(whole)
                _alter(altered["events"][at]["data"], path)
                with pytest.raises(NotDerived):
                    derive(altered)


COUNTS = {
    "billing.invoice_issued#1": {"quantity", "unit_price", "net", "tax", "gross", "rate", "date", "day_id", "cadre_id"}
    | {"issued_on", "due_on", "client_id", "issuer_id", "invoice_number", "spent_on", "mission_id"},
    "mission.day_delivered#1": {"day_id", "date", "quantity", "cadre_id"},
    "mission.expense_recorded#1": {"expense_id", "date", "amount"},
    "mission.days_invoiced#1": {"invoice_number"},
}


def _figures(topic: str, value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where figures stand in an event that an invoice hangs on; names of parties and mentions are not among them."""
    if isinstance(value, str):
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        if name in COUNTS.get(topic, set()) and "mentions" not in path:
            yield path
    elif isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _figures(topic, item, (*path, key))


def _alter(data: Any, path: tuple[Any, ...]) -> None:
    *parents, last = path
    for step in parents:
        data = data[step]
    text = data[last]
    data[last] = text[:-1] + ("1" if text[-1] != "1" else "2")


def test_a_bundle_continues_the_one_from_before(lived: Year) -> None:
    first = lived.log.page(10**9, 10)[-1].size
    (name, *_) = [stream.removeprefix("mission:") for stream in streams(lived, "mission")]
    bundle = lived.bundles.mission(name, Asked(since=first))
    assert verify(bundle, lived.policy)["consistent_with"]["size"] == first
    with pytest.raises(NotThatLong):
        lived.bundles.mission(name, Asked(since=10**9))


def test_what_is_not_sealed_is_waited_for_and_what_is_not_there_is_not(lived: Year) -> None:
    with pytest.raises(NotSealedYet):
        lived.bundles.mission("M-001", Asked(min_position=10**9))
    with pytest.raises(NotInTheLog):
        lived.bundles.mission("NOBODY", NOTHING)
    with pytest.raises(NotSealedYet):
        lived.bundles.invoice("F-1999-00001", NOTHING)


def test_who_sees_a_part_gets_a_part_and_it_is_never_called_complete(lived: Year) -> None:
    stream = max(streams(lived, "mission"), key=lambda each: len(lived.reader.read_stream(each)))
    name = stream.removeprefix("mission:")
    whole = verify(lived.bundles.mission(name, NOTHING), lived.policy)
    until = date.fromisoformat(whole["events"][len(whole["events"]) // 2]["envelope"]["occurred_on"])
    part = verify(lived.bundles.extract(name, NOTHING, until), lived.policy)
    assert part["subject"]["kind"] == "extract"
    assert not part["complete"]
    assert part["complete_until"] is None
    assert 0 < len(part["events"]) < len(whole["events"])
    assert all(event["envelope"]["occurred_on"] <= until.isoformat() for event in part["events"])
    with pytest.raises(NotInTheLog):
        lived.bundles.extract(name, NOTHING, date(2000, 1, 1))


def test_an_accountant_reads_documents_and_no_word_of_a_mission(lived: Year) -> None:
    told = verify(lived.bundles.invoice(invoices(lived)[0], NOTHING, billing_alone), lived.policy)
    derive(told)
    for event in told["events"]:
        if event["stream"].startswith("mission:"):
            assert not _words(event["data"], event)
            assert not event["erased"]
        else:
            assert not event["withheld"]
    assert any(event["withheld"] for event in told["events"])


def _words(_data: Any, event: dict[str, Any]) -> bool:
    personal = {"mission.signed#1": "title", "mission.day_delivered#1": "summary", "mission.amended#1": "reason"}
    field = personal.get(event["topic"])
    return field is not None and isinstance(event["data"][field], str)


def test_nothing_of_another_mission_stands_in_a_bundle(lived: Year) -> None:
    """Neither ids, nor words, nor pseudonyms, nor salts, nor leaves of any other stream."""
    every = streams(lived, "mission")
    own = every[0]
    written = lived.bundles.mission(own.removeprefix("mission:"), NOTHING).decode()
    secrets = lived.keys.stream_secrets(every)
    assert pseudonym(secrets[own].secret, own).hex() in written
    for stream in every[1:]:
        assert f'"{stream.removeprefix("mission:")}' not in written
        assert pseudonym(secrets[stream].secret, stream).hex() not in written
        assert secrets[stream].secret.hex() not in written
        for row in lived.reader.read_stream(stream):
            assert salt(secrets[stream].secret, row.version).hex() not in written
            assert row.leaf.hex() not in written
            assert json.dumps(row.state.decode())[1:-1] not in written
    assert secrets[own].secret.hex() not in written
    assert (secrets[own].key or b"").hex() not in written


def test_a_right_guess_of_a_neighbours_event_looks_like_a_wrong_one(lived: Year) -> None:
    """Whoever knows all of a neighbour's event but its salt finds none of its hashes in the bundle."""
    from service.store.record import commitment, leaf_entry, leaf_hash

    own, neighbour = streams(lived, "mission")[:2]
    written = lived.bundles.mission(own.removeprefix("mission:"), NOTHING).decode()
    row = lived.reader.read_stream(neighbour)[0]
    alias = pseudonym(lived.keys.stream_secrets([neighbour])[neighbour].secret, neighbour)
    guessed = [bytes(32), *(bytes.fromhex(each["salt"]) for each in json.loads(written)["histories"][0]["events"])]
    for event_salt in guessed:
        guess = commitment(event_salt, row.topic, row.recorded_at, row.envelope, row.state)
        assert leaf_hash(leaf_entry(alias, row.version, guess)).hex() not in written


def test_who_is_erased_is_proven_still(database: Database, tmp_path: Path) -> None:
    with year(database, tmp_path / "folder", upto=120) as young:
        stream = streams(young, "mission")[0]
        name = stream.removeprefix("mission:")
        before = verify(young.bundles.mission(name, NOTHING), young.policy)
        young.keys.erase(stream)
        after = verify(young.bundles.mission(name, NOTHING), young.policy)
    assert after["checkpoint"] == before["checkpoint"]
    assert after["complete"]
    assert after["events"][0]["erased"] == ["/title"]
    assert before["events"][0]["erased"] == []
    assert "words" in after["not_proven"]


def test_the_bundle_of_a_mission_is_small_beside_its_events(lived: Year, tmp_path: Path) -> None:
    stream = max(streams(lived, "mission"), key=lambda each: len(lived.reader.read_stream(each)))
    rows = lived.reader.read_stream(stream)
    content = sum(len(row.state) + len(row.envelope) + len(row.topic) for row in rows)
    proof = json.loads(lived.bundles.mission(stream.removeprefix("mission:"), NOTHING))
    fixed = len(proof["proof"]) + 67 * len(proof["histories"][0]["siblings"])
    assert fixed < 3_000
    assert content > 10 * fixed
