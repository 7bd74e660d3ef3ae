"""`make mutate`: break every line of the domain in turn, and compare what no test noticed with the list of before.

`make mutate ONLY='domain.mission.days*'` does so for a part, and leaves the rest of the list as it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

SURVIVORS = Path(__file__).with_name("survivors.txt")
MUTANT = re.compile(r"^\s*(?P<function>\S+)__mutmut_\d+: (?P<fate>survived|no tests|suspicious)$")
HEADING = """\
# How many ways to break each function no test notices; what was not tried yet counts as unnoticed.
# Written by `make mutate`; it may only shrink. What is left are mostly breaks that nobody could notice:
# - a sum that begins with nothing instead of zero, a branch that gives the same either way, a default for what is
#   never missing, a month written with its second day instead of its first;
# - the argument of a `cast`, the subject of an `assert_never`, `strict=False` left out: words for the type checker;
# - the words of a message beyond the names that a test looks for in it.
# See one with `.venv/bin/mutmut show NAME`.
"""


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


def main(patterns: list[str]) -> int:
    subprocess.run([sys.executable, "-m", "mutmut", "run", *patterns], check=True)
    told = subprocess.run([sys.executable, "-m", "mutmut", "results"], check=True, capture_output=True, text=True)
    now, listed = survivors_of(told.stdout), read_list(SURVIVORS.read_text(encoding="utf-8"))
    asked = Counter({function: count for function, count in listed.items() if matches(function, patterns)})
    if unnoticed := judge(now, asked):
        sys.stdout.write("".join(f"{count} more than allowed: {function}\n" for function, count in unnoticed.items()))
        sys.stdout.write("See one with `.venv/bin/mutmut show NAME`, and write the test that notices it:\n")
        sys.stdout.write("".join(line + "\n" for line in told.stdout.splitlines() if MUTANT.match(line)))
        return 1
    SURVIVORS.write_text(written(listed - asked + now), encoding="utf-8")
    sys.stdout.write(f"{now.total()} breaks unnoticed, {asked.total() - now.total()} fewer than before.\n")
    return 0


def matches(function: str, patterns: list[str]) -> bool:
    """Whether a function was asked for; all are when none was named."""
    return not patterns or any(fnmatch(f"{function}__mutmut_1", pattern) for pattern in patterns)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
