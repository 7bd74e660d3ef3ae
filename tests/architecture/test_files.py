"""Files are short, say what they are for, and leave nothing half done."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from tests.architecture.sources import ROOT, imports, name_of, python_files, tree, written_files

LONGEST = 500
LOOKED_UP = re.compile(r"docs/reference/|tests/golden/|.*\.json$")
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SUPPRESSED = re.compile(r"#\s*(type:\s*ignore|noqa|pragma|mypy:|ruff:)(?P<rest>.*)")
REASONED = re.compile(r"^\[[a-z-]+\]\s+# \S.{15,}$")
MACHINES = re.compile(r"/root/|/home/\w|/Users/\w|https?://[^\s\"'`)>]*pypi|files\.pythonhosted")
HERE = "tests/architecture/test_files.py"
LEFT_OUT = {f"pytest.mark.{mark}" for mark in ("skip", "skipif", "xfail")}
MODULES = python_files("domain", "projections", "service", "verifier", "tests")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_file_is_read_in_one_sitting() -> None:
    lengths = {name_of(path): _longest_chapter(path) for path in written_files()}
    long = [
        f"{name}: {lines} lines" for name, lines in lengths.items() if lines > LONGEST and not LOOKED_UP.match(name)
    ]
    assert not long, "a file that needs scrolling for its plot wants to be two"


def _longest_chapter(path: Path) -> int:
    """A page that stands alone holds all it needs: each of its scripts is a chapter, read in a sitting of its own."""
    chapters = re.split("<script>", text(path)) if path.suffix == ".html" else [text(path)]
    return max(chapter.count("\n") for chapter in chapters)


def test_a_file_is_finished() -> None:
    found = [name_of(path) for path in written_files() if name_of(path) != HERE and UNFINISHED.search(text(path))]
    assert not found, "finish it, or write a decision"


def test_a_file_is_of_no_particular_machine() -> None:
    found = [name_of(path) for path in written_files() if name_of(path) != HERE and MACHINES.search(text(path))]
    assert not found, "a path or an address of one machine"


def test_a_module_says_what_it_is_for() -> None:
    first_lines = {name_of(path): (ast.get_docstring(tree(path)) or "").split("\n")[0] for path in MODULES}
    silent = [name for name, line in first_lines.items() if not line.endswith((".", "!", "?", ":"))]
    assert not silent, "one sentence at the top, in the words of the business"


def test_a_module_has_a_name_that_says_something() -> None:
    assert not [name_of(path) for path in MODULES if {*path.relative_to(ROOT).with_suffix("").parts} & VAGUE]


def test_a_rule_is_suspended_only_for_a_reason_given_beside_it() -> None:
    unreasoned = [
        f"{name_of(path)}:{number}"
        for path in MODULES
        if name_of(path) != HERE
        for number, line in enumerate(text(path).splitlines(), start=1)
        if (found := SUPPRESSED.search(line)) and not REASONED.match(found["rest"])
    ]
    assert not unreasoned, "name the rule and say why, or follow it"


def test_no_test_is_left_out_or_expected_to_fail() -> None:
    marked = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in LEFT_OUT
    ]
    assert not marked, "a test that cannot pass is a bug, or not a test"


def test_domain_and_projections_know_the_exact_type_of_everything() -> None:
    vague = [name_of(path) for path in python_files("domain", "projections") if "Any" in _names(path)]
    assert not vague, "write `object`, a union or a type variable"


def _names(path: Path) -> set[str]:
    return {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}


def test_the_domain_stands_on_pydantic_holidays_and_python_alone() -> None:
    allowed = {"pydantic", "pydantic_core", "holidays", "typing_extensions", "domain"}
    assert not _outside(python_files("domain"), allowed)


def test_projections_read_facts_and_values_and_nothing_that_decides() -> None:
    allowed = re.compile(r"domain\.(event|values|streams)$|domain\.\w+\.events$|projections(\.|$)|pydantic(\.|$)")
    wrong = {
        f"{name_of(path)} imports {module}"
        for path in python_files("projections")
        for module in imports(path)
        if not allowed.match(module) and not _is_of_python(module)
    }
    assert not wrong


def test_a_verifier_stands_on_python_and_cryptography_alone() -> None:
    alone = ROOT / "verifier" / "relais_verify.py"
    assert not _outside((alone,), {"cryptography"})
    assert not _outside(tuple(path for path in python_files("verifier") if path != alone), {"verifier"})


def _outside(paths: tuple[Path, ...], allowed: set[str]) -> set[str]:
    return {
        f"{name_of(path)} imports {module}"
        for path in paths
        for module in imports(path)
        if module.partition(".")[0] not in allowed and not _is_of_python(module)
    }


def _is_of_python(module: str) -> bool:
    return module.partition(".")[0] in {*sys.stdlib_module_names, "_typeshed"}


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=\S)", lock.strip()))
