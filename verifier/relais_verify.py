"""Checks a bundle of Relais offline, by docs/reference/bundle.md alone: Python, `cryptography`, nothing of ours.

    python relais_verify.py M-2026-001.bundle.json --policy policy.txt [--earlier OLD.bundle.json] [--json]

Exit code 0: accepted, and what is printed is what the bundle proves. 1: refused, with the reason. 2: no such file.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WORDS = {
    "not_canonical": "the file is not canonical JSON: it was altered, or saved by another program",
    "malformed": "something is missing in the bundle, or does not belong there",
    "proof_malformed": "the proof or the checkpoint in the bundle cannot be read",
    "policy_malformed": "the policy cannot be read: it must be a C2SP tlog-policy file with Ed25519 keys",
    "signature_wrong": "a signature by a key of your policy does not fit the checkpoint",
    "log_unknown": "no log of your policy signed the checkpoint",
    "quorum_not_met": "too few witnesses of your policy vouch for the checkpoint",
    "heads_not_in_log": "the list of all streams is not the last entry of the log that was signed",
    "not_consistent": "the log does not continue the earlier one that the bundle names: history was rewritten",
    "event_malformed": "an event is not written as the record format asks",
    "field_unaccounted": "a personal field is neither shown, nor said to be erased or withheld",
    "opening_wrong": "the words shown for a personal field are not those that were recorded",
    "history_not_in_heads": "these are not the events of the stream as logged: one was altered, hidden or added",
    "event_not_in_log": "an event is not in the log as it is shown",
    "wrong_subject": "the bundle is not about what it says",
    "earlier_refused": "the earlier bundle does not hold by itself",
    "earlier_differs": "what the earlier bundle proved is not in this one",
}
NOT_PROVEN = {
    "truth": "that what was recorded is what happened: the record says who stated it and when, not that it was so",
    "later": "anything recorded after this checkpoint",
    "origin": "who made this bundle: without a policy of yours, anybody can make one that looks like it",
    "one_history": "that nobody was shown another history: no witness vouches for this checkpoint",
    "second_stream": "that there is no second record under another pseudonym: compare it with the other party's",
    "others": "of what is shown as single events, and not as a whole history: that nothing else was recorded",
    "words": "why a field is not shown: that it was erased, or is withheld from you, is what the service says",
    "derivation": "that the invoice follows from these facts: verifier.relais_invoice checks that",
}
BUNDLE = "format:str subject:any heads:any proof:str histories:list extracts:list consistency:any keys:strs"
EVENT = "version:int topic:str recorded_at:int envelope:str state:str salt:hash openings:list erased:strs withheld:strs"
LARGEST, LAST_SECOND, DEEPEST = 2**53 - 1, 253402300799, 32
HEX = re.compile("[0-9a-f]{64}").fullmatch
ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
STREAM = re.compile(f"mission:{ID}|(?:invoices|credit-notes):{ID}:[0-9]{{4}}").fullmatch


class Refused(Exception):
    """Why a bundle is not believed: a code of the specification, and where."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(WORDS[code] + (f" ({plain(where)})" if where else ""))
        self.code = code


def plain(text: object) -> str:
    """Escaped: who wrote a file neither moves a terminal's cursor nor begins a line of ours."""
    return ascii(str(text))[1:-1]


def need(holds: object, code: str, where: str = "") -> None:
    if not holds:
        raise Refused(code, where)


def canonical(text: str, code: str, where: str = "") -> Any:
    """The value of canonical JSON; a text that the same value would not be written as is refused."""
    try:
        value = json.loads(text, parse_int=_whole, parse_float=_whole, parse_constant=_whole)
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        again.encode()
    except (ValueError, RecursionError) as error:
        raise Refused(code, where) from error
    need(again == text and _is_plain(value, DEEPEST), code, where)
    return value


def _whole(digits: str) -> int:
    number = int(digits)
    if abs(number) > LARGEST:
        raise ValueError(digits)
    return number


def _is_plain(value: Any, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ascii_names = not isinstance(value, dict) or all(map(str.isascii, value))
    return depth >= 0 and ascii_names and all(_is_plain(item, depth - 1) for item in inner)


def shaped(value: Any, shape: str, where: str) -> list[Any]:
    """The members of an object that has these and no other, each of its kind, hashes as bytes."""
    kinds = dict(member.split(":") for member in shape.split())
    need(isinstance(value, dict) and value.keys() == kinds.keys(), "malformed", where)
    return [_of_kind(value[name], kind, f"{where}: {name}") for name, kind in kinds.items()]


def _of_kind(value: Any, kind: str, where: str) -> Any:
    inner = {"list": "any", "strs": "str", "hashes": "hash"}.get(kind)
    if inner is not None:
        need(isinstance(value, list), "malformed", where)
        return [_of_kind(item, inner, where) for item in value]
    text, whole = isinstance(value, str), type(value) is int and value >= 0
    need({"str": text, "int": whole, "hash": text and HEX(value)}.get(kind, True), "malformed", where)
    return bytes.fromhex(value) if kind == "hash" else value


def digest(*parts: bytes | int) -> bytes:
    """Of bytes, and of whole numbers as u64."""
    return sha256(b"".join(part.to_bytes(8, "big") if isinstance(part, int) else part for part in parts)).digest()


def lp(text: str) -> bytes:
    return len(text.encode()).to_bytes(4, "big") + text.encode()


def node(left: bytes, right: bytes) -> bytes:
    return digest(b"\1", left, right)


def tree_root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree_root(leaves[:split]), tree_root(leaves[split:]))


def climbs(index: int, last: int, path: Sequence[bytes], left: Sequence[bytes], both: Sequence[bytes]) -> list[bytes]:
    """Roots from the hashes below by RFC 9162's walk: `both` take every sibling, `left` only those on their left."""
    inside, above = list(left), list(both)
    for sibling in path:
        if last == 0:
            return []
        if index & 1 or index == last:
            inside, above = [node(sibling, each) for each in inside], [node(sibling, each) for each in above]
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            above = [node(each, sibling) for each in above]
        index, last = index >> 1, last >> 1
    return inside + above if last == 0 else []


def is_in(leaf: bytes, index: int, size: int, siblings: Sequence[bytes], root: bytes) -> bool:
    return index < size and climbs(index, size - 1, siblings, [], [leaf]) == [root]


def continues(old: int, old_root: bytes, size: int, root: bytes, siblings: Sequence[bytes]) -> bool:
    """Whether the tree begins with the one that had `old` leaves."""
    if not 0 < old < size or not siblings:
        return old == size and root == old_root and not siblings
    first, *rest = siblings if old & (old - 1) else [old_root, *siblings]
    index, last = old - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    return climbs(index, last, rest, [first], [first]) == [old_root, root]


def map_root(pseudonym: bytes, head: bytes, siblings: Sequence[bytes]) -> bytes:
    """The root of the map, up from a stream's head; the bits of the pseudonym say left (0) or right (1)."""
    for depth, sibling in zip(reversed(range(len(siblings))), siblings, strict=True):
        right = pseudonym[depth // 8] >> 7 - depth % 8 & 1
        head = node(sibling, head) if right else node(head, sibling)
    return head


class Key(NamedTuple):
    """A public key: a log's (kind 1) or a witness's (kind 4)."""

    name: bytes
    id: bytes
    kind: int
    public: bytes

    def signed(self, text: bytes, signature: bytes) -> int | None:
        """The second that a witness states, 0 for a log; None where the signature is wrong."""
        at = 0
        if self.kind == 4:
            at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            text = b"cosignature/v1\ntime %d\n" % at + text
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return None
        return at if at <= LAST_SECOND else None


class Policy:
    """Whom the reader trusts: logs, witnesses, and which of these are enough together."""

    def __init__(self, data: bytes) -> None:
        self.logs: list[Key] = []
        self.witnesses: dict[bytes, Key] = {}
        self.groups: dict[bytes, tuple[int, list[bytes]]] = {b"none": (0, [])}
        self.quorum = b""
        self._members: list[bytes] = []
        for number, line in enumerate(data.split(b"\n"), start=1):
            words = [word for word in re.split(b"[ \t]+", line) if word]
            fits = not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", line)
            blank = not words or words[0].startswith(b"#")
            need(fits and (blank or self._takes(words)), "policy_malformed", f"line {number}")
        need(self.logs and self.quorum, "policy_malformed", "no log, or no quorum")

    def met(self, name: bytes, vouched: set[bytes]) -> bool:
        least, members = self.groups.get(name, (1, []))
        return name in vouched or (name in self.groups and sum(self.met(each, vouched) for each in members) >= least)

    def _takes(self, words: list[bytes]) -> bool:
        names = {*self.witnesses, *self.groups}
        match words:
            case [b"log", vkey, *url] if len(url) <= 1 and (key := read_key(vkey, 1)):
                self.logs.append(key)
                return len({each.public for each in self.logs}) == len(self.logs)
            case [b"witness", name, vkey, *url] if len(url) <= 1 and name not in names and (key := read_key(vkey, 4)):
                self.witnesses[name] = key
                return len({each.public for each in self.witnesses.values()}) == len(self.witnesses)
            case [b"group", name, least, *members] if members and name not in names:
                count = {b"any": b"1", b"all": b"%d" % len(members)}.get(least, least)
                self._members += members
                self.groups[name] = (int(count) if re.fullmatch(b"[1-9][0-9]{0,3}", count) else 0, members)
                once = len({*self._members}) == len(self._members) and names - {b"none"} >= {*members}
                return once and 1 <= self.groups[name][0] <= len(members)
            case [b"quorum", name] if not self.quorum and name in names:
                self.quorum = name
            case _:
                return False
        return True


def read_key(vkey: bytes, kind: int) -> Key | None:
    """A C2SP vkey: name, key id and key, which must belong together."""
    name, key_id, encoded = (*vkey.split(b"+", 2), b"", b"")[:3]
    raw = unbase64(encoded)
    made = digest(name, b"\n", raw)[:4]
    fits = name and len(raw) == 33 and raw[0] == kind and made.hex().encode() == key_id
    return Key(name, made, kind, raw[1:]) if fits else None


def unbase64(encoded: bytes) -> bytes:
    """The bytes of strict base64; none at all where it is not."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""
    return raw if base64.b64encode(raw) == encoded else b""


class Checkpoint(NamedTuple):
    """A signed head of the log: its text, its signatures, and the siblings of the log's last entry."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: list[tuple[bytes, bytes]]
    siblings: list[bytes]


def read_proof(proof: bytes) -> Checkpoint:
    """A C2SP tlog-proof whose entry is the last one of its tree."""
    before, _, note = proof.partition(b"\n\n")
    text, _, signed = note.rpartition(b"\n\n")
    found = re.fullmatch(rb"c2sp\.org/tlog-proof@v1\nindex (0|[1-9][0-9]{0,15})((?:\n[^\n]+)*)", before)
    head = re.fullmatch(rb"([^\n]+)\n([1-9][0-9]{0,15})\n([^\n]+)(?:\n[^\n]+)*", text)
    lines = [re.fullmatch("— ([^ +]+) ([^ ]+)".encode(), line) for line in signed.split(b"\n")[:-1]]
    need(found and head and lines and signed.endswith(b"\n") and len(lines) <= 100, "proof_malformed")
    need(all(lines) and not re.search(rb"[\x00-\x09\x0b-\x1f]", proof), "proof_malformed")
    siblings = [unbase64(line) for line in found[2].split(b"\n")[1:]] if found else []
    signatures = [(line[1], unbase64(line[2])) for line in lines if line]
    origin, size, root = (head[1].decode(), int(head[2]), unbase64(head[3])) if head else ("", 0, b"")
    sized = len(root) == 32 and size <= LARGEST and all(len(each) == 32 for each in siblings)
    need(sized and all(len(signature) > 4 for _, signature in signatures), "proof_malformed")
    need(found and int(found[1]) == size - 1, "heads_not_in_log", "it is not the last entry")
    return Checkpoint(origin, size, root, text + b"\n", signatures, siblings)


def judged(checkpoint: Checkpoint, policy: Policy | None) -> tuple[dict[str, Any], int | None]:
    """How far a checkpoint is vouched for, and the last second at which a quorum of witnesses did."""
    signed, times = False, dict[bytes, int]()
    if policy is None:
        return {"level": "unsigned", "of": 0, "witnesses": 0}, None
    known = [(b"", key) for key in policy.logs] + list(policy.witnesses.items())
    for name, signature in checkpoint.signatures:
        for witness, key in known:
            if (key.name, key.id) == (name, signature[:4]):
                at = key.signed(checkpoint.text, signature[4:])
                if at is None:
                    raise Refused("signature_wrong", name.decode())
                times |= {witness: max(at, times.get(witness, 0))} if witness else {}
                signed |= not witness and name == checkpoint.origin.encode()
    need(signed, "log_unknown", checkpoint.origin)
    agreed = [at for at in times.values() if policy.met(policy.quorum, {each for each in times if times[each] >= at})]
    need(agreed or policy.quorum == b"none", "quorum_not_met", f"{len(times)} of {len(policy.witnesses)}")
    level = "signed" if policy.quorum == b"none" else "witnessed"
    return {"level": level, "of": len(policy.witnesses), "witnesses": len(times)}, None if level == "signed" else max(
        agreed
    )


def instant(microseconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_event(stream: str, pseudonym: bytes, values: list[Any]) -> tuple[dict[str, Any], bytes]:
    """An event whose personal fields are each shown, or said to be erased or withheld; and the leaf of its bytes."""
    version, topic, recorded_at, envelope, state, salt, openings, erased, withheld = values
    where = f"{stream} version {version}"
    blinded = digest(b"relais/v1/event\0", salt, lp(topic), recorded_at, lp(envelope), lp(state))
    leaf = digest(b"\0relais/v1/leaf\0", pseudonym, version, blinded)
    data, who = (canonical(text, "event_malformed", where) for text in (state, envelope))
    need(isinstance(data, dict) and isinstance(who, dict) and "$c" not in data, "event_malformed", where)
    places = {path: (holder, key) for holder, key, path in sealed(data, "", where)}
    shown = [shaped(each, "path:str salt:hash value:str", where) for each in openings]
    named = [path for path, _, _ in shown]
    need(all(each == sorted({*each}) for each in (named, erased, withheld)), "malformed", where)
    need(sorted([*named, *erased, *withheld]) == sorted(places), "field_unaccounted", where)
    for path, field_salt, words in shown:
        holder, key = places[path]
        made = digest(b"relais/v1/field\0", field_salt, path.encode(), b"\0", words.encode())
        need(made.hex() == holder[key]["$c"], "opening_wrong", f"{where} {path}")
        holder[key] = words
    told = {"data": data, "envelope": who, "erased": erased, "recorded_at": instant(recorded_at)}
    return told | {"stream": stream, "topic": topic, "version": version, "withheld": withheld}, leaf


def sealed(value: Any, path: str, where: str) -> Iterator[tuple[Any, Any, str]]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        at = f"{path}/" + str(key).replace("~", "~0").replace("/", "~1")
        if isinstance(item, dict) and "$c" in item:
            need(len(item) == 1 and isinstance(item["$c"], str) and HEX(item["$c"]), "event_malformed", where)
            yield value, key, at
        else:
            yield from sealed(item, at, where)


def read_history(value: Any, heads: bytes) -> tuple[str, list[dict[str, Any]]]:
    """All events of a stream: their number and their root stand in the map under its pseudonym."""
    stream, alias, siblings, listed = shaped(
        value, "stream:str pseudonym:hash siblings:hashes events:list", "histories"
    )
    events = [read_event(stream, alias, shaped(each, EVENT, stream)) for each in listed]
    need(events and len(siblings) <= 256, "malformed", stream)
    root = tree_root([leaf for _, leaf in events])
    head = digest(b"\0relais/v1/head\0", alias, len(events), root)
    ordered = [told["version"] for told, _ in events] == [*range(1, len(events) + 1)]
    need(ordered and map_root(alias, head, siblings) == heads, "history_not_in_heads", stream)
    return stream, [told for told, _ in events]


def read_extract(value: Any, checkpoint: Checkpoint) -> tuple[str, list[dict[str, Any]]]:
    stream, pseudonym, listed = shaped(value, "stream:str pseudonym:hash events:list", "extracts")
    events, places = [], []
    for each in listed:
        *values, index, siblings = shaped(each, f"{EVENT} index:int siblings:hashes", stream)
        told, leaf = read_event(stream, pseudonym, values)
        events.append(told)
        places.append((index, values[0]))
        found = is_in(leaf, index, checkpoint.size, siblings, checkpoint.root)
        need(found, "event_not_in_log", f"{stream} version {values[0]}")
    ordered = all(a < b and v < w for (a, v), (b, w) in pairwise(places))
    need(events and ordered, "malformed", f"{stream}: not in order")
    return stream, events


def verify(data: bytes, policy: bytes | None = None, earlier: bytes | None = None) -> dict[str, Any]:
    """The statement of a bundle: what it proves and what it does not. Refused is raised where it proves nothing."""
    bundle = canonical(data.decode(errors="surrogateescape"), "not_canonical")
    named, subject, heads, proof, histories, extracts, since, _ = shaped(bundle, BUNDLE, "bundle")
    kind, name = shaped(subject, "kind:str id:str", "subject")
    streams, heads_root = shaped(heads, "streams:int root:hash", "heads")
    need(
        named == "relais/v1/bundle" and kind in ("mission", "extract", "invoice") and re.fullmatch(ID, name),
        "malformed",
    )
    checkpoint = read_proof(proof.encode())
    trust, until = judged(checkpoint, None if policy is None else Policy(policy))
    entry = digest(b"\0relais/v1/heads\0", streams, heads_root)
    size, root = checkpoint.size, checkpoint.root
    need(is_in(entry, size - 1, size, checkpoint.siblings, root), "heads_not_in_log")
    if since is not None:
        old_root, old, siblings = shaped(since, "root:hash size:int siblings:hashes", "consistency")
        need(continues(old, old_root, size, root, siblings), "not_consistent", f"size {old}")
    shown = [read_history(each, heads_root) for each in histories]
    shown += [read_extract(each, checkpoint) for each in extracts]
    check_subject(kind, name, len(histories), shown)
    events = [event for _, each in shown for event in each]
    recorded = max(event["recorded_at"] for event in events)
    missing = {"truth", "later"} | ({"second_stream"} if histories else set()) | ({"others"} if extracts else set())
    missing |= {"unsigned": {"origin"}, "signed": {"one_history"}}.get(trust["level"], set())
    missing |= {"words"} if any(event["erased"] or event["withheld"] for event in events) else set()
    missing |= {"derivation"} if kind == "invoice" else set()
    statement: dict[str, Any] = {
        "checkpoint": {"origin": checkpoint.origin, "root": root.hex(), "size": size},
        "complete": bool(histories),
        "complete_until": (recorded if until is None else instant(until * 1_000_000)) if histories else None,
        "consistent_with": since and {"root": since["root"], "size": since["size"]},
        "earlier": None,
        "events": events,
        "not_proven": sorted(missing),
        "pseudonyms": {each["stream"]: each["pseudonym"] for each in (*histories, *extracts)},
        "subject": subject,
        "trust": trust,
        "until_by": ("record" if until is None else "witnesses") if histories else None,
    }
    return statement if earlier is None else statement | {"earlier": continued(statement, earlier, policy)}


def check_subject(kind: str, name: str, histories: int, shown: list[tuple[str, list[dict[str, Any]]]]) -> None:
    """A bundle is about what it says, and what is logged names the stream that it is shown in."""
    streams = [stream for stream, _ in shown]
    counted = (histories, len(shown)) == {"mission": (1, 1), "extract": (0, 1)}.get(kind, (histories, len(shown)))
    whole = not histories or streams[:histories] == [each for each in streams if each.startswith("mission:")]
    numbers = [event["data"].get("invoice_number") for at, each in shown for event in each if at[0:1] == "i"]
    about = whole and numbers == [name] if kind == "invoice" else streams == [f"mission:{name}"]
    need(counted and about and len({*streams}) == len(streams), "wrong_subject")
    for stream, events in shown:
        telling = events[:1] if stream.startswith("mission:") else events
        need(STREAM(stream) and all(names(stream, each) for each in telling), "wrong_subject", stream)
        forward = all(before["recorded_at"] <= after["recorded_at"] for before, after in pairwise(events))
        need(forward, "event_malformed", f"{stream}: recorded before the event before it")


def names(stream: str, told: dict[str, Any]) -> bool:
    """Whether an event says to which stream it belongs: a letter names its mission, a document its series."""
    data, series = told["data"], f":{told['data'].get('issuer_id')}:{str(told['data'].get('issued_on'))[:4]}"
    mission = f"mission:{data.get('mission_id')}" if told["version"] == 1 else ""
    kinds = {"mission.signed": mission, "billing.invoice_issued": f"invoices{series}"}
    kinds |= {"billing.credit_note_issued": f"credit-notes{series}"}
    return kinds.get(told["topic"].partition("#")[0]) == stream


def continued(now: dict[str, Any], earlier: bytes, policy: bytes | None) -> dict[str, Any]:
    """What an earlier bundle proved, once it is found again in this one."""
    try:
        before = verify(earlier, policy)
    except Refused as refused:
        raise Refused("earlier_refused", str(refused)) from refused
    old, known = before["checkpoint"], now["consistent_with"] or now["checkpoint"]
    same = old["origin"] == now["checkpoint"]["origin"] and before["subject"] == now["subject"]
    linked = same and (old["root"], old["size"]) == (known["root"], known["size"])
    need(linked, "earlier_differs", f"ask for a bundle with since={old['size']}")
    need(before["pseudonyms"].items() <= now["pseudonyms"].items(), "earlier_differs", "another pseudonym")
    found = {(event["stream"], event["version"]): event for event in now["events"]}
    for event in before["events"]:
        twin = found.get((event["stream"], event["version"]), {})
        fits = all(event[each] == twin.get(each) for each in ("topic", "recorded_at", "envelope"))
        need(fits, "earlier_differs", f"{event['stream']} version {event['version']}")
    return {"events": len(before["events"]), "size": old["size"]}


def in_words(statement: dict[str, Any]) -> Iterator[str]:
    trust, subject = statement["trust"] | statement["checkpoint"], statement["subject"]
    yield f"ACCEPTED: {subject['kind']} {subject['id']}, {len(statement['events'])} events"
    yield plain("trust: {level} (witnesses: {witnesses} of {of}), {origin} {size} {root}".format_map(trust))
    yield f"complete until: {statement['complete_until'] or 'not a complete history'} {statement['until_by'] or ''}"
    for event in statement["events"]:
        hidden = "".join(f", {why}: {' '.join(event[why])}" for why in ("erased", "withheld") if event[why])
        yield f"{event['recorded_at']} {event['stream']} {event['version']} {plain(event['topic'])}{plain(hidden)}"
    yield from (f"pseudonym of {stream}: {alias}" for stream, alias in statement["pseudonyms"].items())
    yield from (f"not proven: {NOT_PROVEN[code]}" for code in statement["not_proven"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="relais_verify", description="Check a bundle of Relais offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--policy", type=Path, help="whom you trust (C2SP tlog-policy), from elsewhere than the bundle")
    parser.add_argument("--earlier", type=Path, help="a bundle of the same subject that you kept")
    parser.add_argument("--json", action="store_true", help="the statement as JSON")
    asked = parser.parse_args(arguments)
    try:
        statement = verify(*(path and path.read_bytes() for path in (asked.bundle, asked.policy, asked.earlier)))
    except OSError as error:
        print(f"{error.filename} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    except Refused as refused:
        told = json.dumps({"accepted": False, "code": refused.code, "reason": str(refused)}, ensure_ascii=False)
        print(told if asked.json else f"REFUSED: {refused}")
        return 1
    told = json.dumps({"accepted": True} | statement, ensure_ascii=False)
    print(told if asked.json else "\n".join(in_words(statement)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
