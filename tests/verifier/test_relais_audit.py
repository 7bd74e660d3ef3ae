"""Who holds the blinded log computes all of it again: what holds is told, what does not is named with its index."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.architecture.sources import ROOT
from tests.verifier.corpus import world
from tests.verifier.making import LOG, WITNESSES, Json, Log, canonical, policy, root_of, u64
from verifier.relais_audit import REASONS, Altered, audit, main

HEADS = b"relais/v1/heads\0"
Alters = Callable[[list[Json]], None]


def lines_of(log: Log, signatures: Callable[[int], str] | None = None) -> list[Json]:
    """The file of a log, as docs/reference/proof-log.md specifies it, line by line."""
    found: list[Json] = [{"format": "relais/v1/log"}]
    for index, entry in enumerate(log.entries):
        found.append({"index": index, "entry": b64encode(entry).decode()})
        if (size := index + 1) in log.sizes:
            found.append({"checkpoint": f"{log.text(size)}\n{(signatures or log.signatures)(size)}"})
    return found


def file_of(lines: list[Json]) -> list[bytes]:
    return [canonical(line).encode() + b"\n" for line in lines]


def found_in(lines: list[Json], *, seen: bytes | None = None, trusts: str | None = None) -> Altered:
    with pytest.raises(Altered) as found:
        audit(file_of(lines), (trusts or policy()).encode(), [] if seen is None else [seen])
    return found.value


def flipped(entry: str, bit: int) -> str:
    changed = bytearray(b64decode(entry))
    changed[bit // 8] ^= 1 << bit % 8
    return b64encode(changed).decode()


def numbered(lines: list[Json]) -> None:
    """The indexes anew, as if nothing was missing."""
    for index, line in enumerate(each for each in lines if "index" in each):
        line["index"] = index


def signed_anew(lines: list[Json]) -> None:
    """What a dishonest log would sign, with all its witnesses, of these entries."""
    log = Log()
    for line in lines[1:]:
        if "entry" in line:
            log._enter(b64decode(line["entry"]))
        else:
            size = len(log.leaves)
            line["checkpoint"] = f"{log.text(size)}\n{log.signatures(size)}"


def place(lines: list[Json], index: int) -> int:
    """In which line an entry stands."""
    return next(at for at, line in enumerate(lines) if line.get("index") == index)


def test_a_log_that_holds_is_told_by_its_counts_and_its_trust() -> None:
    log = world()
    told = audit(file_of(lines_of(log)), policy().encode(), [log.text(log.sizes[0]).encode() + b"\n" + LINE])
    assert told == {
        "checkpoint": {"origin": LOG.name, "root": root_of(log.leaves).hex(), "size": len(log.leaves)},
        "checkpoints": 3,
        "entries": len(log.leaves),
        "events": len(log.written),
        "streams": 3,
        "trust": {"level": "witnessed", "of": 3, "witnesses": 3},
    }
    assert audit(file_of(lines_of(log)))["trust"]["level"] == "unsigned"


LINE = "— somebody.example/kept AAAAAAAA\n".encode()


def test_an_early_checkpoint_needs_no_quorum_and_the_newest_does() -> None:
    log = world()
    early = lines_of(log, lambda size: log.signatures(size, WITNESSES if size == log.sizes[-1] else ()))
    assert audit(file_of(early), policy().encode())["trust"]["level"] == "witnessed"
    late = lines_of(log, lambda size: log.signatures(size, ()))
    assert (found := found_in(late)).code == "quorum_not_met"
    assert found.first == log.sizes[-1] - 1


def test_a_log_of_many_streams_and_seals_has_the_heads_maps_of_the_definition() -> None:
    random, log = Random(3), Log("many")
    for _ in range(20):
        for _ in range(random.randrange(1, 50)):
            log.record(f"mission:M-{random.randrange(400)}", "mission.day_delivered#1", {"day_id": "D"})
        log.seal()
    told = audit(file_of(lines_of(log)), policy().encode())
    assert (told["checkpoints"], told["events"]) == (20, len(log.written))
    assert told["streams"] > 200, "so many that some share their first eight bits"


def flip_a_commitment(lines: list[Json]) -> None:
    lines[place(lines, 1)]["entry"] = flipped(lines[place(lines, 1)]["entry"], 86 * 8)


def flip_a_version(lines: list[Json]) -> None:
    lines[place(lines, 3)]["entry"] = flipped(lines[place(lines, 3)]["entry"], 54 * 8)


def flip_a_tag(lines: list[Json]) -> None:
    lines[place(lines, 2)]["entry"] = flipped(lines[place(lines, 2)]["entry"], 0)


def drop(lines: list[Json]) -> None:
    del lines[place(lines, 3)]


def drop_and_number_anew(lines: list[Json]) -> None:
    del lines[place(lines, 6)]
    numbered(lines)


def leave_a_gap_and_sign(lines: list[Json]) -> None:
    """An event is hidden from the tree and from a heads map that is made to fit, and signed by all."""
    log = Log()
    for name in ("M-1", "M-2", "M-1", "M-1"):
        log.record(f"mission:{name}", "mission.day_delivered#1", {"day_id": "D"})
    for kept in (log.written, log.entries, log.leaves):
        del kept[2]
    log.seal()
    lines[:] = lines_of(log)


def swap(lines: list[Json]) -> None:
    a, b = place(lines, 0), place(lines, 1)
    lines[a]["entry"], lines[b]["entry"] = lines[b]["entry"], lines[a]["entry"]


def swap_and_sign(lines: list[Json]) -> None:
    """Versions of one stream in another order are no history, whoever signs them."""
    a, b = place(lines, 6), place(lines, 7)
    lines[a]["entry"], lines[b]["entry"] = lines[b]["entry"], lines[a]["entry"]
    signed_anew(lines)


def alter_and_sign(lines: list[Json]) -> None:
    flip_a_commitment(lines)
    signed_anew(lines)


def another_map(lines: list[Json]) -> None:
    lines[place(lines, 5)]["entry"] = b64encode(HEADS + u64(3) + bytes(32)).decode()


def another_map_and_sign(lines: list[Json]) -> None:
    another_map(lines)
    signed_anew(lines)


def fewer_streams_and_sign(lines: list[Json]) -> None:
    entry = b64decode(lines[place(lines, 5)]["entry"])
    lines[place(lines, 5)]["entry"] = b64encode(HEADS + u64(2) + entry[-32:]).decode()
    signed_anew(lines)


def forge_a_checkpoint(lines: list[Json]) -> None:
    note = lines[place(lines, 5) + 1]["checkpoint"].split("— ")
    signature = bytearray(b64decode(note[1].split()[1]))
    signature[-1] ^= 1
    note[1] = f"{LOG.name} {b64encode(signature).decode()}\n"
    lines[place(lines, 5) + 1]["checkpoint"] = "— ".join(note)


def another_root(lines: list[Json]) -> None:
    at, later = place(lines, 5) + 1, lines[-1]["checkpoint"].split("\n")[2]
    text = lines[at]["checkpoint"].split("\n")
    lines[at]["checkpoint"] = "\n".join([*text[:2], later, *text[3:]])


def another_size(lines: list[Json]) -> None:
    at = place(lines, 5) + 1
    lines[at]["checkpoint"] = lines[at]["checkpoint"].replace("\n6\n", "\n7\n")


def no_checkpoint(lines: list[Json]) -> None:
    del lines[place(lines, 5) + 1]


def cut_before_the_last_checkpoint(lines: list[Json]) -> None:
    del lines[-1]


def two_checkpoints(lines: list[Json]) -> None:
    lines.insert(place(lines, 5) + 1, lines[place(lines, 5) + 1])


def signed_by_nobody_known(lines: list[Json]) -> None:
    at = place(lines, 5) + 1
    lines[at]["checkpoint"] = lines[at]["checkpoint"].split("\n\n")[0] + "\n\n" + LINE.decode()


def no_note(lines: list[Json]) -> None:
    lines[place(lines, 5) + 1]["checkpoint"] = "signed, truly"


def no_entry(lines: list[Json]) -> None:
    lines[place(lines, 4)]["entry"] = "nothing"


def something_besides(lines: list[Json]) -> None:
    lines[place(lines, 4)]["name"] = "Noémie"


def another_file(lines: list[Json]) -> None:
    lines[0]["format"] = "relais/v1/bundle"


CASES: list[tuple[Alters, str, int | None, int | None]] = [
    (flip_a_commitment, "root_differs", 0, 5),
    (flip_a_version, "version_wrong", 3, 3),
    (flip_a_tag, "entry_malformed", 2, 2),
    (drop, "index_wrong", 3, 3),
    (drop_and_number_anew, "version_wrong", 6, 6),
    (leave_a_gap_and_sign, "version_wrong", 2, 2),
    (swap, "root_differs", 0, 5),
    (swap_and_sign, "version_wrong", 6, 6),
    (alter_and_sign, "heads_differ", 5, 5),
    (another_map, "root_differs", 0, 5),
    (another_map_and_sign, "heads_differ", 5, 5),
    (fewer_streams_and_sign, "heads_differ", 5, 5),
    (forge_a_checkpoint, "signature_wrong", 5, 5),
    (another_root, "root_differs", 0, 5),
    (another_size, "checkpoint_misplaced", 5, 5),
    (no_checkpoint, "checkpoint_missing", 5, 5),
    (cut_before_the_last_checkpoint, "checkpoint_missing", 9, 10),
    (two_checkpoints, "checkpoint_misplaced", 5, 5),
    (signed_by_nobody_known, "log_unknown", 5, 5),
    (no_note, "proof_malformed", 5, 5),
    (no_entry, "entry_malformed", 4, 4),
    (something_besides, "line_malformed", 4, 4),
    (another_file, "not_a_log", None, None),
]


@pytest.mark.parametrize(("alters", "code", "first", "last"), CASES, ids=lambda each: getattr(each, "__name__", ""))
def test_every_alteration_is_named_with_the_first_index_that_it_can_be(
    alters: Alters, code: str, first: int | None, last: int | None
) -> None:
    lines = lines_of(world())
    alters(lines)
    found = found_in(lines)
    assert (found.code, found.first, found.last) == (code, first, last)


def test_a_checkpoint_that_somebody_kept_is_of_this_log_or_an_alarm() -> None:
    log = world()
    lines = lines_of(log)
    kept = lines[-1]["checkpoint"].encode()
    shorter = lines[: place(lines, log.sizes[1] - 1) + 2]
    assert audit(file_of(shorter), policy().encode())["entries"] == log.sizes[1]
    assert found_in(shorter, seen=kept).code == "log_shorter"
    other = Log("other")
    other.record("mission:M-1", "mission.signed#1", {"mission_id": "M-1"})
    other.seal()
    text = f"{other.text(other.sizes[0])}\n{other.signatures(other.sizes[0])}"
    assert found_in(lines, seen=text.encode()).code == "log_forked"
    assert found_in(lines, seen=b"kept well").code == "seen_malformed"


def test_every_reason_has_its_case_and_stands_in_the_specification() -> None:
    kept = {"log_shorter", "log_forked", "seen_malformed"}
    assert {code for _, code, _, _ in CASES if code in REASONS} | kept == {*REASONS}
    page = (ROOT / "docs" / "reference" / "proof-log.md").read_text(encoding="utf-8")
    assert all(f"`{code}`" in page for code in REASONS)


def test_whatever_bit_is_turned_the_statement_is_the_same_or_there_is_none() -> None:
    """A turned bit in the line of one witness may cost its voice, where the others are enough."""
    log = Log()
    for name in ("M-1", "M-2", "M-1"):
        log.record(f"mission:{name}", "mission.day_delivered#1", {"day_id": "D"})
    log.seal()
    whole, trusted = b"".join(file_of(lines_of(log))), policy().encode()
    true = audit(whole.splitlines(keepends=True), trusted)
    accepted = 0
    for bit in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            told = audit(bytes(changed).splitlines(keepends=True), trusted)
        except Altered:
            continue
        accepted += 1
        assert told | {"trust": None} == true | {"trust": None}
        assert told["trust"]["level"] == "witnessed"
    assert accepted < len(whole)


def test_it_is_a_program_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, trusted, kept = tmp_path / "log.jsonl", tmp_path / "policy", tmp_path / "kept"
    lines = lines_of(world())
    file.write_bytes(b"".join(file_of(lines)))
    trusted.write_text(policy(), encoding="utf-8")
    kept.write_text(lines[-1]["checkpoint"], encoding="utf-8")
    words = [str(file), "--policy", str(trusted), "--checkpoint", str(kept)]
    program = [sys.executable, "-m", "verifier.relais_audit", *words]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.splitlines()[0]) == (
        0,
        f"ACCEPTED: {len(world().leaves)} entries, 3 sealed trees with their heads maps: 0 bad",
    )
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"]
    alter_and_sign(lines)
    file.write_bytes(b"".join(file_of(lines)))
    assert main(words[:3]) == 1
    assert capsys.readouterr().out.startswith("REFUSED: the heads entry is not that of the streams")
    assert main([*words[:3], "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["first"] == 5
    assert main([str(tmp_path / "nowhere")]) == 2
