"""`make bench`: all figures of one run, on the same servers and durability, as ratios to what stands beside."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import gettempdir

import structlog

from tests.bench import appends, catching_up, folding, lag, months, proving, scale, scorecard, serving
from tests.bench.report import Figure, Row, markdown
from tests.bench.stage import MILLISECOND_DISK, SERVER, Stage, stage

SHORT, LONG = 10_000, 1_000_000


def main(arguments: Sequence[str]) -> None:
    """`python -m tests.bench [--short] [--grown=FOLDER] [a b c d e f g h p]`: all sections unless some are named.

    FOLDER holds a long history that `tests.bench.growing` left; without it, one is grown for (f), for (h) and for (p).
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    short = "--short" in arguments
    chosen = [each for each in arguments if not each.startswith("--")] or list("abcdefghp")
    grown = next((Path(each.partition("=")[2]) for each in arguments if each.startswith("--grown=")), None)
    rounds = 2 if short else 5
    folder = Path(gettempdir()) / "relais-bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    try:
        with stage(folder / "f", SERVER) as fast, stage(folder / "s", MILLISECOND_DISK) as slow:
            for letter in chosen:
                title, measure = _section(letter, folder, (fast, slow), rounds, short, grown)
                sys.stdout.write(markdown(f"({letter}) {title}", measure()) + "\n")
                sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _section(
    letter: str, folder: Path, servers: tuple[Stage, Stage], rounds: int, short: bool, grown: Path | None
) -> tuple[str, Callable[[], Sequence[Row | Figure]]]:
    fast, slow = servers
    match letter:
        case "a":
            return "appends", lambda: appends.run(fast, slow, rounds)
        case "b":
            return "catching up", lambda: catching_up.run(fast, 10_000 if short else 50_000, min(rounds, 3))
        case "c":
            return "from commit to visible", lambda: lag.run(fast)
        case "d":
            return "HTTP", lambda: serving.run(fast, rounds)
        case "e":
            return "folding", lambda: folding.run(fast, rounds)
        case "f":
            sizes = (SHORT // 2, SHORT) if short else (SHORT, LONG)
            return "a short and a long history", lambda: scale.run(folder / "h", sizes, rounds, grown)
        case "g":
            missions, before = ((20, 60), (2,)) if short else ((100, 300, 1000), (3, 6))
            return "issuing a month", lambda: months.run(folder / "g", missions, before)
        case "h":
            histories = [SHORT] if short else [SHORT, LONG]
            return "the network beside one indexed read", lambda: [
                *scorecard.run(folder / "n", histories, rounds, grown)
            ]
        case "p":
            return "the proof", lambda: proving.run(folder / "p", SHORT if short else LONG, rounds, grown)
        case _:
            raise SystemExit(f"{letter} is no section: name some of a b c d e f g h p")


if __name__ == "__main__":
    main(sys.argv[1:])
