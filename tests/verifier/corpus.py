"""Good and broken bundles by name, each with what a verifier must say of it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

from tests.verifier.making import ORIGIN, WITNESSES, Json, Log, Signer, canonical, digest, file_of, policy, u64

MISSION = "mission:M-1"
STRANGER = Signer("stranger.example/witness", 4)
SUCCESSOR = Signer(f"{ORIGIN}/2", 1)


@dataclass(frozen=True)
class Case:
    """A bundle, what the reader brings beside it, and the code of the refusal; None where it is accepted."""

    name: str
    bundle: bytes
    policy: str | None
    code: str | None
    earlier: bytes | None = None


@cache
def world() -> Log:
    """Three missions side by side, sealed three times; the last with more of the neighbours than of M-1."""
    log = Log()
    for name in ("M-1", "M-2", "M-3"):
        log.record(f"mission:{name}", "mission.signed#1", _letter(name), ["/title"])
    _day(log, "mission:M-1", "D-1", "Budget et trésorerie")
    _day(log, "mission:M-2", "E-1", "Un secret du voisin")
    log.seal()
    _day(log, "mission:M-1", "D-2", "Réunion « à chaud » 🏝")
    _review(log)
    log.seal()
    _day(log, "mission:M-3", "F-1", "Rien")
    log.seal()
    return log


def _letter(name: str) -> dict[str, Json]:
    return {"mission_id": name, "title": f"Mission {name}", "starts_on": "2026-03-02", "function": "finance"}


def _day(log: Log, stream: str, day_id: str, summary: str) -> None:
    data = {"day_id": day_id, "date": "2026-03-03", "quantity": "1", "summary": summary, "half": None}
    log.record(stream, "mission.day_delivered#1", data, ["/summary"])


def _review(log: Log) -> None:
    data = {"attendees": ["Noémie", "Paul"], "decisions": [{"decision_id": "X", "text": "Recruter"}], "satisfaction": 5}
    personal = ["/attendees/0", "/attendees/1", "/decisions/0/text"]
    log.record(MISSION, "mission.review_held#1", data, personal, role="client")


def mission_bundle(**wanted: Json) -> dict[str, Json]:
    """The bundle of M-1 at the last seal."""
    return world().bundle("mission", "M-1", histories=[MISSION], **wanted)


def extract_bundle(**wanted: Json) -> dict[str, Json]:
    """Two events of M-1."""
    return world().bundle("extract", "M-1", extracts={MISSION: [1, 3]}, **wanted)


SERIES, CREDITS = "invoices:network:2026", "credit-notes:network:2026"


@cache
def billed() -> Log:
    """A mission, its invoice between two others of the series, and a credit note."""
    log = Log("billed")
    log.record(MISSION, "mission.signed#1", _letter("M-1"), ["/title"])
    _day(log, MISSION, "D-1", "Budget")
    for number in (1, 2, 3):
        log.record(SERIES, "billing.invoice_issued#1", _document("invoice", number))
    log.record(CREDITS, "billing.credit_note_issued#1", _document("credit_note", 1) | {"invoice_number": "F-2026-2"})
    log.seal()
    return log


def _document(kind: str, number: int) -> dict[str, Json]:
    letter = "F" if kind == "invoice" else "A"
    return {f"{kind}_number": f"{letter}-2026-{number}", "issuer_id": "network", "issued_on": "2026-04-01"}


def invoice_bundle(**wanted: Json) -> dict[str, Json]:
    """The second invoice, with what it bills and what was given back of it."""
    extracts = {SERIES: [2], MISSION: [1, 2], CREDITS: [1]}
    return billed().bundle("invoice", "F-2026-2", **{"extracts": extracts, **wanted})


def cases() -> list[Case]:
    """Every case of the corpus."""
    return [*_accepted(), *_refused()]


def _accepted() -> Iterator[Case]:
    log, whole = world(), file_of(mission_bundle())
    old = file_of(mission_bundle(size=log.sizes[0]))
    yield Case("witnessed by all", whole, policy(), None)
    yield Case("signed", whole, policy("none"), None)
    yield Case("unsigned", whole, None, None)
    yield Case("a quorum of all three", whole, policy("all"), None)
    yield Case("a quorum of any", whole, policy("any"), None)
    yield Case("one witness silent", file_of(_signed_by(mission_bundle(), WITNESSES[:2])), policy(), None)
    yield Case(
        "unknown keys passed over", file_of(_signed_by(mission_bundle(), (*WITNESSES, STRANGER))), policy(), None
    )
    yield Case("no witness asked for, none there", file_of(_signed_by(mission_bundle(), ())), policy("none"), None)
    yield Case("fields erased and withheld", file_of(_hidden()), policy(), None)
    yield Case("consistent with an earlier checkpoint", file_of(mission_bundle(since=log.sizes[0])), policy(), None)
    yield Case("continues a kept bundle", file_of(mission_bundle(since=log.sizes[0])), policy(), None, old)
    yield Case("is the kept bundle", whole, policy(), None, whole)
    yield Case("consistent with itself", file_of(mission_bundle(since=log.sizes[-1])), policy(), None)
    yield Case("single events", file_of(extract_bundle()), policy(), None)
    yield Case("an invoice", file_of(invoice_bundle()), policy(), None)
    yield Case("an earlier checkpoint", old, policy(), None)
    yield Case("a policy with comments and groups", whole, _elaborate_policy(), None)


def _hidden() -> dict[str, Json]:
    return mission_bundle(erased=[(4, "/attendees/0"), (2, "/summary")], withheld=[(4, "/attendees/1")])


def _elaborate_policy() -> str:
    keys = [witness.vkey for witness in WITNESSES]
    return (
        f"# whom we trust\n\n\tlog {policy().split()[1]} https://log.example\nwitness firm {keys[0]}\n"
        f"witness club {keys[1]} https://w.example\n witness other\t{keys[2]}  \n"
        "group outside any club other\ngroup everybody all firm outside\nquorum everybody\n"
    )


def _signed_by(bundle: dict[str, Json], witnesses: tuple[Signer, ...]) -> dict[str, Json]:
    log = world()
    return bundle | {"proof": log.proof(log.sizes[-1], log.signatures(log.sizes[-1], witnesses))}


Change = Callable[[dict[str, Json]], object]


def _changed(change: Change, bundle: dict[str, Json] | None = None) -> bytes:
    made = deepcopy(bundle or mission_bundle())
    replaced = change(made)
    return file_of(replaced if isinstance(replaced, dict) and "format" in replaced else made)


def _events(bundle: dict[str, Json]) -> list[Json]:
    found: list[Json] = (bundle["histories"] or bundle["extracts"])[0]["events"]
    return found


def _state(bundle: dict[str, Json], version: int, **changes: Json) -> None:
    event = _events(bundle)[version - 1]
    event["state"] = canonical(json.loads(event["state"]) | changes)


def _proof(bundle: dict[str, Json], old: str, new: str) -> dict[str, Json]:
    assert old in bundle["proof"]
    return bundle | {"proof": bundle["proof"].replace(old, new, 1)}


def _refused() -> Iterator[Case]:
    for name, code, change in _alterations():
        yield Case(name, _changed(change), policy(), code)
    for name, code, change in _extract_alterations():
        yield Case(name, _changed(change, extract_bundle()), policy(), code)
    for name, code, change in _invoice_alterations():
        yield Case(name, _changed(change, invoice_bundle()), policy(), code)
    whole = file_of(mission_bundle())
    for name, written in _bytes_of(whole).items():
        yield Case(name, written, policy(), "not_canonical")
    for name, written_policy in _bad_policies().items():
        yield Case(name, whole, written_policy, "policy_malformed")
    yield Case("no log of the policy signed", whole, policy(logs=[SUCCESSOR]), "log_unknown")
    yield Case("too few witnesses", file_of(_signed_by(mission_bundle(), WITNESSES[:1])), policy(), "quorum_not_met")
    yield Case("only strangers vouch", whole, policy("1", witnesses=[STRANGER]), "quorum_not_met")
    yield from _rewritten()


def _alterations() -> Iterator[tuple[str, str, Change]]:
    """Changes to the mission's bundle at the last seal."""
    gone = "history_not_in_heads"
    yield "the first event hidden", gone, lambda b: _events(b).pop(0)
    yield "a middle event hidden", gone, lambda b: _events(b).pop(1)
    yield "the last event hidden", gone, lambda b: _events(b).pop()
    yield "a middle event hidden and the others renumbered", gone, _renumbered
    yield "two events swapped", gone, lambda b: _events(b).insert(1, _events(b).pop(2))
    yield "an event twice", gone, lambda b: _events(b).insert(2, deepcopy(_events(b)[1]))
    yield "an event of a neighbour put in", gone, _foreign
    yield "a quantity altered", gone, lambda b: _state(b, 2, quantity="2")
    yield "a topic altered", gone, lambda b: _events(b)[1].update(topic="mission.day_withdrawn#1")
    yield "an instant altered", gone, lambda b: _events(b)[1].update(recorded_at=_events(b)[1]["recorded_at"] + 1)
    yield "an actor altered", gone, lambda b: _events(b)[1].update(envelope='{"actor":{"role":"client"}}')
    yield "a salt altered", gone, lambda b: _events(b)[1].update(salt="0" * 64)
    yield (
        "another pseudonym",
        gone,
        lambda b: b["histories"][0].update(pseudonym=world().pseudonym("mission:M-2").hex()),
    )
    yield "a sibling too many", gone, lambda b: b["histories"][0]["siblings"].append("0" * 64)
    yield "a sibling too few", gone, lambda b: b["histories"][0]["siblings"].pop()
    yield "no event at all", "malformed", lambda b: _events(b).clear()
    yield "the number of streams altered", "heads_not_in_log", lambda b: b["heads"].update(streams=4)
    yield "another map", "heads_not_in_log", lambda b: b["heads"].update(root="1" * 64)
    yield "the heads of an earlier tree", "heads_not_in_log", lambda b: b.update(heads=mission_bundle(size=6)["heads"])
    yield "a stale heads entry inside the tree", "heads_not_in_log", _stale
    yield "an index that is not the last", "heads_not_in_log", lambda b: _proof(b, "index 10", "index 9")
    yield "other words for a field", "opening_wrong", lambda b: _events(b)[1]["openings"][0].update(value="Autre")
    yield "another salt for a field", "opening_wrong", lambda b: _events(b)[1]["openings"][0].update(salt="0" * 64)
    yield "a field shown and erased", "field_unaccounted", lambda b: _events(b)[1].update(erased=["/summary"])
    yield "a field nowhere", "field_unaccounted", lambda b: _events(b)[1].update(openings=[])
    yield "a field that is not there", "field_unaccounted", lambda b: _events(b)[1].update(withheld=["/x"])
    yield (
        "two openings of one field",
        "malformed",
        lambda b: _events(b)[1]["openings"].append(_events(b)[1]["openings"][0]),
    )
    yield "openings out of order", "malformed", lambda b: _events(b)[3]["openings"].reverse()
    yield "a list as text", "malformed", lambda b: b.update(keys="none")
    yield "a text as a number", "malformed", lambda b: _events(b)[1].update(topic=1)
    yield "a text as a list", "malformed", lambda b: b.update(proof=[])
    yield "a number as text", "malformed", lambda b: _events(b)[1].update(version="2")
    yield "a number that is true", "malformed", lambda b: _events(b)[0].update(version=True)
    yield "a number below zero", "malformed", lambda b: _events(b)[1].update(recorded_at=-1)
    yield "a member too many", "malformed", lambda b: b.update(more=1)
    yield "a member too few", "malformed", lambda b: b.pop("keys")
    yield "a hash in capitals", "malformed", lambda b: b["heads"].update(root=b["heads"]["root"].upper())
    yield "a hash cut short", "malformed", lambda b: b["heads"].update(root=b["heads"]["root"][:-2])
    yield "another format", "malformed", lambda b: b.update(format="relais/v2/bundle")
    yield "another kind", "malformed", lambda b: b["subject"].update(kind="party")
    yield "another mission", "wrong_subject", lambda b: b["subject"].update(id="M-2")
    yield "a mission called an extract", "wrong_subject", lambda b: b["subject"].update(kind="extract")
    yield "a mission called an invoice", "wrong_subject", lambda b: b["subject"].update(kind="invoice")
    yield "the same history twice", "wrong_subject", lambda b: b["histories"].append(b["histories"][0])
    yield "no history", "wrong_subject", lambda b: b["histories"].clear()
    yield "another name for the stream", "wrong_subject", lambda b: b["histories"][0].update(stream="mission:M-9")
    yield "a known log's signature broken", "signature_wrong", lambda b: _broken_line(b, ORIGIN)
    yield "a known witness's signature broken", "signature_wrong", lambda b: _broken_line(b, WITNESSES[2].name)
    yield "a size altered", "heads_not_in_log", lambda b: _proof(b, f"{ORIGIN}\n11\n", f"{ORIGIN}\n12\n")
    yield (
        "a checkpoint's origin altered",
        "signature_wrong",
        lambda b: _proof(b, f"\n\n{ORIGIN}\n", "\n\nother.example\n"),
    )
    yield "an unsigned note", "proof_malformed", lambda b: b | {"proof": b["proof"].partition("\n\n— ")[0] + "\n\n"}
    yield "a line that is no signature", "proof_malformed", lambda b: b | {"proof": b["proof"] + "signed by me\n"}
    yield "a tab in a name", "proof_malformed", lambda b: b | {"proof": b["proof"] + "— a\tb AAAAAAAA\n"}
    yield "a note that ends early", "proof_malformed", lambda b: b | {"proof": b["proof"][:-1]}
    yield "a leading zero", "proof_malformed", lambda b: _proof(b, "index 10", "index 010")
    yield "an extra line", "proof_malformed", lambda b: _proof(b, "index 10", "extra AA==\nindex 10")
    yield "loose base64", "proof_malformed", lambda b: _proof(b, "\nindex 10\n", "\nindex 10\n=")
    yield "a carriage return", "proof_malformed", lambda b: _proof(b, "\nindex 10\n", "\nindex 10\r\n")
    yield "a wrong consistency proof", "not_consistent", _forged_consistency
    yield "a consistency with nothing", "not_consistent", lambda b: b.update(consistency=_none())
    yield "a state that is no object", "event_malformed", lambda b: _events(b)[1].update(state="[]")
    yield "a state with a key twice", "event_malformed", lambda b: _events(b)[1].update(state='{"a":1,"a":2}')
    yield "a state with spaces", "event_malformed", lambda b: _events(b)[1].update(state='{"a": 1}')
    yield "a state with a fraction", "event_malformed", lambda b: _events(b)[1].update(state='{"a":1.5}')
    yield "an envelope cut short", "event_malformed", lambda b: _events(b)[1].update(envelope='{"actor":')


def _none() -> Json:
    return {"size": 0, "root": "0" * 64, "siblings": []}


def _renumbered(bundle: dict[str, Json]) -> None:
    _events(bundle).pop(1)
    for number, event in enumerate(_events(bundle), 1):
        event["version"] = number


def _foreign(bundle: dict[str, Json]) -> None:
    other = world().bundle("mission", "M-2", histories=["mission:M-2"])
    _events(bundle)[1] = _events(other)[1]


def _stale(bundle: dict[str, Json]) -> dict[str, Json]:
    """The signed tree of today, and the heads entry of the first seal at its true place in it."""
    log = world()
    from tests.verifier.making import path_of

    size, at = log.sizes[-1], log.sizes[0] - 1
    path = "".join(b64encode(each).decode() + "\n" for each in path_of(at, log.leaves[:size]))
    stale = mission_bundle(size=log.sizes[0])
    note = bundle["proof"].partition("\n\n")[2]
    return stale | {"proof": f"c2sp.org/tlog-proof@v1\nindex {at}\n{path}\n{note}"}


def _broken_line(bundle: dict[str, Json], name: str) -> dict[str, Json]:
    lines = bundle["proof"].split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(f"— {name} "))
    mark, owner, encoded = lines[at].split(" ")
    blob = bytearray(b64decode(encoded))
    blob[-1] ^= 1
    lines[at] = f"{mark} {owner} {b64encode(bytes(blob)).decode()}"
    return bundle | {"proof": "\n".join(lines)}


def _forged_consistency(bundle: dict[str, Json]) -> None:
    bundle["consistency"] = mission_bundle(since=6)["consistency"] | {"root": "2" * 64}


def _extract_alterations() -> Iterator[tuple[str, str, Change]]:
    """Changes to a bundle of single events."""
    gone = "event_not_in_log"
    yield "a single event altered", gone, lambda b: _state(b, 2, quantity="9")
    yield "a single event at another place", gone, lambda b: _events(b)[1].update(index=7)
    yield "a single event beyond the tree", gone, lambda b: _events(b)[1].update(index=11)
    yield "a single event with a path too short", gone, lambda b: _events(b)[1]["siblings"].pop()
    yield "a single event with a path too long", gone, lambda b: _events(b)[1]["siblings"].append("0" * 64)
    yield "single events out of order", "malformed", lambda b: _events(b).reverse()
    yield "a single event twice", "malformed", lambda b: _events(b).append(deepcopy(_events(b)[1]))
    yield "single events without the letter", "wrong_subject", lambda b: _events(b).pop(0)
    yield "single events called a mission", "wrong_subject", lambda b: b["subject"].update(kind="mission")
    yield "no single event", "malformed", lambda b: _events(b).clear()


def _invoice_alterations() -> Iterator[tuple[str, str, Change]]:
    """Names in the bundle of an invoice that are not those of what is logged."""
    other = "wrong_subject"
    yield "another invoice's number", other, lambda b: b["subject"].update(id="F-2026-1")
    yield "an invoice in another year", other, lambda b: b["extracts"][0].update(stream="invoices:network:2025")
    yield (
        "an invoice in another issuer's series",
        other,
        lambda b: b["extracts"][0].update(stream="invoices:other:2026"),
    )
    yield "a credit note in another year", other, lambda b: b["extracts"][2].update(stream="credit-notes:network:2025")
    yield "a credit note among the invoices", other, lambda b: b["extracts"][2].update(stream="invoices:network:2027")
    yield "an invoice as a stream of no kind", other, lambda b: b["extracts"][0].update(stream="orders:network:2026")
    yield "two invoices", other, lambda _: invoice_bundle(extracts={SERIES: [1, 2]})
    yield "no invoice", other, lambda b: b["extracts"].pop(0)
    yield "a number that begins a new line", "malformed", lambda b: b["subject"].update(id="F-2026-2\ntrust: witnessed")
    yield "a number in letters that look alike", "malformed", lambda b: b["subject"].update(id="\u0415-2026-2")


def _bytes_of(whole: bytes) -> dict[str, bytes]:
    text = whole.decode()
    return {
        "empty": b"",
        "not JSON": b"hello",
        "cut in the middle": whole[: len(whole) // 2],
        "a line feed behind": whole + b"\n",
        "a byte order mark before": b"\xef\xbb\xbf" + whole,
        "no UTF-8": whole.replace("é".encode(), b"\xe9"),
        "in UTF-16": text.encode("utf-16"),
        "with spaces": json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True).encode(),
        "in another order": json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":")).encode(),
        "with escapes": json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True).encode(),
        "a key twice": text.replace('"format"', '"format":"relais/v1/bundle","format"').encode(),
        "NaN": text.replace('"version":2', '"version":NaN').encode(),
        "infinite": text.replace('"version":2', '"version":1e999').encode(),
        "a fraction": text.replace('"version":2', '"version":2.0').encode(),
        "minus zero": text.replace('"version":2', '"version":-0').encode(),
        "a number of 5000 digits": text.replace('"version":2', '"version":' + "9" * 5000).encode(),
        "a number beyond 2^53": text.replace('"version":2', '"version":9007199254740992').encode(),
        "nested without end": b"[" * 100_000 + b"]" * 100_000,
        "nested too deep": text.replace('"keys":[', '"keys":[' + "[" * 40 + "]" * 40 + ",").encode(),
        "half a surrogate": text.replace("Budget", "\\ud800").encode(),
        "a name outside ASCII": text.replace('"format"', '"formaté"').encode(),
    }


def _bad_policies() -> dict[str, str]:
    good, key = policy(), policy().split()[1]
    return {
        "a policy without a quorum": good.replace("quorum enough\n", ""),
        "a policy with two quorums": good + "quorum none\n",
        "a policy without a log": good.replace("log ", "#log "),
        "a policy with an unknown word": good + "trust me\n",
        "a policy with an unknown member": good.replace("w1 w2 w3", "w1 w2 w4"),
        "a policy with a member twice": good.replace("w1 w2 w3", "w1 w2 w2"),
        "a policy with a member in two groups": good.replace("quorum", "group g any w1\nquorum"),
        "a policy that asks too much": good.replace("enough 2", "enough 4"),
        "a policy that asks nothing": good.replace("enough 2", "enough 0"),
        "a policy with a key twice": good + f"log {key}\n",
        "a policy with a witness as a log": good.replace(key, WITNESSES[0].vkey),
        "a policy with a wrong key id": good.replace(key, key.replace(key.split("+")[1], "00000000")),
        "a policy with a cut key": good.replace(key, key[:-4]),
        "a policy with a carriage return": good.replace("\n", "\r\n"),
        "a policy with none as a member": good.replace("w1 w2 w3", "w1 w2 none"),
        "an empty policy": "",
    }


def _rewritten() -> Iterator[Case]:
    """Another history under the same keys: what a dishonest operator would sign."""
    other = Log()
    for event in world().written:
        data = json.loads(event.state) | ({"quantity": "9"} if event.version == 2 else {})
        other.record(event.stream, event.topic, data)
        if len(other.leaves) in (size - 1 for size in world().sizes):
            other.seal()
    forged = other.bundle("mission", "M-1", histories=[MISSION], erased=[], withheld=[])
    for each in _events(forged):
        each["withheld"] = sorted(_sealed(json.loads(each["state"])))
    kept = file_of(mission_bundle(size=world().sizes[0]))
    yield Case("a rewritten history, signed and witnessed", file_of(forged), policy(), None)
    yield Case("a rewritten history against a kept bundle", file_of(forged), policy(), "earlier_differs", kept)
    forged["consistency"] = mission_bundle(since=world().sizes[0])["consistency"]
    yield Case("a rewritten history that claims to continue", file_of(forged), policy(), "not_consistent", kept)
    yield Case("a kept bundle of another mission", file_of(mission_bundle()), policy(), "earlier_differs", _others())
    yield Case("a kept bundle that was altered", file_of(mission_bundle()), policy(), "earlier_refused", kept[:-9])


def _others() -> bytes:
    return file_of(world().bundle("mission", "M-2", histories=["mission:M-2"]))


def _sealed(value: Json, path: str = "") -> Iterator[str]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(item, dict) and "$c" in item:
            yield f"{path}/{key}"
        else:
            yield from _sealed(item, f"{path}/{key}")


def with_two_forms_of_one_event() -> tuple[bytes, bytes]:
    """An operator that commits to a state that is not canonical: it would be read in two ways."""
    log, text = Log("careless"), '{"mission_id":"M-1","mission_id":"M-2"}'
    log.record("mission:M-1", "mission.signed#1", {"mission_id": "M-1"})
    event = log.written[0]
    commitment = digest(
        b"relais/v1/event\0",
        event.salt,
        *(part for field in (event.topic,) for part in (len(field).to_bytes(4, "big"), field.encode())),
        u64(event.recorded_at),
        *(part for field in (event.envelope, text) for part in (len(field).to_bytes(4, "big"), field.encode())),
    )
    event.state = text
    event.leaf = digest(b"\0relais/v1/leaf\0", log.pseudonym("mission:M-1"), u64(1), commitment)
    log.leaves[0] = event.leaf
    log.seal()
    return file_of(log.bundle("mission", "M-1", histories=["mission:M-1"])), policy().encode()
