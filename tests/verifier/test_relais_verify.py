"""The Python verifier believes what the specification says it may, and nothing else; every refusal says why."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT
from tests.verifier import invoices
from tests.verifier.corpus import Case, cases, mission_bundle, with_two_forms_of_one_event, world
from tests.verifier.making import Log, canonical, consistency_of, digest, file_of, path_of, policy, root_of
from verifier.relais_verify import WORDS, Refused, continues, is_in, main, verify

PROGRAM = ROOT / "verifier" / "relais_verify.py"
GOLDEN = ROOT / "tests" / "golden" / "bundle"
CASES = [*cases(), *invoices.cases()]


def judged(case: Case) -> tuple[str | None, dict[str, Any] | None]:
    """The code of a refusal, or the statement."""
    try:
        return None, verify(case.bundle, case.policy.encode() if case.policy is not None else None, case.earlier)
    except Refused as refused:
        return refused.code if str(refused).startswith(WORDS[refused.code]) else "a refusal without its reason", None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bundle_is_accepted_or_refused_for_what_is_wrong_with_it(case: Case) -> None:
    assert judged(case)[0] == case.code


def test_every_reason_of_the_specification_has_its_case() -> None:
    assert {case.code for case in CASES} == {None, *WORDS}
    page = (ROOT / "docs" / "reference" / "bundle.md").read_text(encoding="utf-8")
    assert all(f"`{code}`" in page for code in WORDS)


def test_the_statement_tells_what_was_recorded() -> None:
    statement = verify(file_of(mission_bundle()), policy().encode())
    assert statement["complete"]
    assert statement["trust"] == {"level": "witnessed", "of": 3, "witnesses": 3}
    assert (statement["complete_until"], statement["until_by"]) == ("2026-03-31T23:33:21.000000Z", "witnesses")
    assert [event["version"] for event in statement["events"]] == [1, 2, 3, 4]
    assert statement["events"][3]["data"]["attendees"] == ["Noémie", "Paul"]
    assert statement["not_proven"] == ["later", "second_stream", "truth"]


def test_without_a_policy_nothing_but_agreement_is_claimed() -> None:
    statement = verify(file_of(mission_bundle()))
    assert statement["trust"]["level"] == "unsigned"
    assert "origin" in statement["not_proven"]
    assert statement["until_by"] == "record"
    assert statement["complete_until"] == statement["events"][-1]["recorded_at"] == "2026-03-03T06:46:00.000000Z"


def test_complete_until_is_when_a_whole_quorum_vouched() -> None:
    until = {quorum: verify(file_of(mission_bundle()), policy(quorum).encode())["complete_until"] for quorum in "123"}
    assert [until[quorum][17:19] for quorum in "123"] == ["22", "21", "20"]


def test_erased_words_leave_every_proof_as_it_was() -> None:
    before = verify(file_of(mission_bundle()), policy().encode())
    after = verify(file_of(mission_bundle(erased=[(2, "/summary")])), policy().encode())
    assert after["events"][1]["erased"] == ["/summary"]
    assert list(after["events"][1]["data"]["summary"]) == ["$c"]
    assert {name: after[name] for name in ("checkpoint", "complete", "trust", "pseudonyms")} == {
        name: before[name] for name in ("checkpoint", "complete", "trust", "pseudonyms")
    }
    assert "words" in after["not_proven"]


def test_an_event_that_could_be_read_in_two_ways_is_refused() -> None:
    bundle, trusted = with_two_forms_of_one_event()
    with pytest.raises(Refused) as refused:
        verify(bundle, trusted)
    assert refused.value.code == "event_malformed"


def test_every_leaf_and_every_beginning_of_every_small_tree_is_proven_and_no_other() -> None:
    leaves = [digest(bytes([number])) for number in range(34)]
    for size in range(1, 34):
        root = root_of(leaves[:size])
        for index in range(size):
            path = path_of(index, leaves[:size])
            assert is_in(leaves[index], index, size, path, root)
            assert not is_in(leaves[33], index, size, path, root)
            assert not is_in(leaves[index], index, size, [*path, leaves[33]], root)
            assert not any(is_in(leaves[index], other, size, path, root) for other in range(34) if other != index)
        for old in range(1, size + 1):
            path, before = consistency_of(old, leaves[:size]), root_of(leaves[:old])
            assert continues(old, before, size, root, path)
            assert not continues(old, leaves[33], size, root, path)
            assert not continues(old, before, size, leaves[33], path)
            assert not continues(old, before, size, root, [*path, leaves[33]])
            assert old == size or not continues(old, before, size, root, path[:-1])


def test_the_golden_bundles_are_judged_as_they_were(golden: Callable[[Path, str], None]) -> None:
    """Files for whoever writes another verifier: a bundle, a policy, the statement that they make."""
    wanted = {
        "witnessed by all",
        "fields erased and withheld",
        "consistent with an earlier checkpoint",
        "single events",
    }
    for case in CASES:
        if case.name in wanted:
            name = case.name.replace(" ", "-")
            golden(GOLDEN / f"{name}.bundle.json", case.bundle.decode())
            golden(GOLDEN / f"{name}.statement.json", canonical({"accepted": True} | (judged(case)[1] or {})))
    golden(GOLDEN / "policy.txt", policy())


def test_it_stands_alone(tmp_path: Path) -> None:
    """Copied somewhere else, isolated from the project, it says the same."""
    program, bundle, trusted = tmp_path / "check.py", tmp_path / "b.json", tmp_path / "policy.txt"
    program.write_bytes(PROGRAM.read_bytes())
    bundle.write_bytes(file_of(mission_bundle()))
    trusted.write_text(policy(), encoding="utf-8")
    asked = [sys.executable, "-I", str(program), str(bundle), "--policy", str(trusted), "--json"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert json.loads(done.stdout) == {"accepted": True} | verify(bundle.read_bytes(), policy().encode())


def test_its_exit_code_and_words_say_how_it_went(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "b.json"
    bundle.write_bytes(file_of(mission_bundle(erased=[(2, "/summary")])))
    assert main([str(bundle)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("ACCEPTED: mission M-1, 4 events\ntrust: unsigned")
    assert "erased: /summary" in told
    assert "anybody can make one" in told
    bundle.write_bytes(file_of(mission_bundle())[:-1])
    assert main([str(bundle)]) == 1
    assert capsys.readouterr().out.startswith("REFUSED: the file is not canonical JSON")
    assert main([str(bundle), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "not_canonical"
    assert main([str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_who_wrote_a_file_writes_no_line_of_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal shows the words of a file as words: they neither move its cursor nor begin a line."""
    log, written = Log("hostile"), "\x1b[2J\r\nACCEPTED: mission M-9, 3 events\ntrust: witnessed"
    log.record("mission:M-1", "mission.signed#1", {"mission_id": "M-1", written: "x"}, [f"/{written}"])
    log.record("mission:M-1", f"mission.paused{written}\u202e#1", {})
    log.seal()
    accepted = log.bundle("mission", "M-1", histories=["mission:M-1"], erased=[(1, f"/{written}")])
    refused = log.bundle("mission", "M-1", histories=["mission:M-1"]) | {"heads": {"root": 1, written: 2}}
    named = deepcopy(accepted)
    named["histories"][0]["stream"] = f"mission:{written}"
    named["histories"][0]["events"][0]["erased"] = []
    for made, code in ((accepted, 0), (refused, 1), (named, 1)):
        (tmp_path / "b.json").write_bytes(file_of(made))
        assert main([str(tmp_path / "b.json")]) == code
        told = capsys.readouterr().out
        assert not [
            line for line in told.splitlines() if line.startswith(("ACCEPTED: mission M-9", "trust: witnessed"))
        ]
        assert all(each.isprintable() for each in told.replace("\n", ""))


def test_nothing_of_a_neighbour_stands_in_a_bundle() -> None:
    """Neither its name, its pseudonym, its salts, its leaves nor its words; only hashes over salted hashes."""
    written, log = file_of(mission_bundle()).decode(), world()
    for event in log.written:
        own = event.stream == "mission:M-1"
        for secret in (log.pseudonym(event.stream).hex(), event.salt.hex(), event.stream, *_words(event.openings)):
            assert (secret in written) is own
        assert event.leaf.hex() not in written


def _words(openings: dict[str, tuple[bytes, str]]) -> list[str]:
    return [words for _, words in openings.values()]
