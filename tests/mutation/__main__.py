"""`make mutate`: break every line of the domain in turn, and compare what no test noticed with the list of before."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

SURVIVORS = Path(__file__).with_name("survivors.txt")
MUTANT = re.compile(r"^\s*(?P<function>\S+)__mutmut_\d+: (?P<fate>survived|no tests|suspicious)$")
HEADING = "# How many ways to break each function no test notices. Written by `make mutate`; it may only shrink.\n"


def survivors_of(results: str) -> Counter[str]:
    """How many mutants of each function lived, from what mutmut says."""
    found = (MUTANT.match(line) for line in results.splitlines())
    return Counter(mutant["function"] for mutant in found if mutant)


def read_list(text: str) -> Counter[str]:
    """The list of before: a count and a function a line."""
    entries = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return Counter({function: int(count) for count, function in entries})


def written(survivors: Counter[str]) -> str:
    """The list as it is kept."""
    return HEADING + "".join(f"{count} {function}\n" for function, count in sorted(survivors.items()))


def judge(now: Counter[str], allowed: Counter[str]) -> Counter[str]:
    """What lives although the list does not allow it."""
    return now - allowed


def main() -> int:
    subprocess.run([sys.executable, "-m", "mutmut", "run"], check=True)
    told = subprocess.run([sys.executable, "-m", "mutmut", "results"], check=True, capture_output=True, text=True)
    now, allowed = survivors_of(told.stdout), read_list(SURVIVORS.read_text(encoding="utf-8"))
    if unnoticed := judge(now, allowed):
        sys.stdout.write(f"No test notices these breaks; see one with `mutmut show`:\n{told.stdout}")
        sys.stdout.write("".join(f"{function}: {count} more than allowed\n" for function, count in unnoticed.items()))
        return 1
    SURVIVORS.write_text(written(now), encoding="utf-8")
    sys.stdout.write(f"{now.total()} breaks unnoticed, {allowed.total() - now.total()} fewer than before.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
