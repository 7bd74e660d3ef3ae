"""What a person sees of an import: refused lines on standard output; progress and the summary on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import typer

from service.journal import Outcome, Verdict
from service.trouble import Trouble

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

SECONDS_BETWEEN_LINES = 5.0
"""How often an import says where it stands when there is no terminal to draw on."""


class Tally:
    """How many lines came to which end, and how long it took."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._verdicts: Counter[Verdict] = Counter()

    def count(self, outcome: Outcome) -> None:
        self._verdicts[outcome.verdict] += 1

    @property
    def lines(self) -> int:
        return self._verdicts.total()

    @property
    def refused(self) -> int:
        return self._verdicts[Verdict.REFUSED]

    def summary(self) -> str:
        """One line: `2261 lines in 3.2 s: 2261 accepted, 0 refused, 0 repeated`."""
        seconds = time.monotonic() - self._started
        counts = ", ".join(f"{self._verdicts[verdict]} {verdict.value}" for verdict in Verdict)
        return f"{self.lines} {'line' if self.lines == 1 else 'lines'} in {seconds:.1f} s: {counts}"


class Progress(Protocol):
    """Shows how far an import has come."""

    def advance(self, tally: Tally) -> None: ...


def report(outcomes: Iterable[Outcome], shown: Progress, tally: Tally) -> None:
    """Say of each refused line why, as it happens, and keep count of all."""
    for outcome in outcomes:
        tally.count(outcome)
        if outcome.code:
            typer.echo(outcome.report())
        shown.advance(tally)


def opened(file: str) -> BinaryIO:
    """The journal's bytes, from a file or from standard input."""
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except FileNotFoundError:
        raise Trouble(f"there is no file {file}: correct its name, or give - to read standard input") from None
    except IsADirectoryError:
        raise Trouble(f"{file} is a folder: name the journal in it") from None
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}") from None


@contextmanager
def progress(source: BinaryIO) -> Iterator[Progress]:
    """A bar where standard error is a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield PlainLines()
        return
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TaskProgressColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    # Refused lines go above the bar where both are on the terminal, and to the file where they are sent to one.
    above = sys.stdout.isatty()
    with rich_progress.Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=above) as bars:
        yield Bar(bars, source)


class PlainLines:
    """A line of progress now and then, for logs."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def advance(self, tally: Tally) -> None:
        if time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            typer.echo(tally.summary(), err=True)


class Bar:
    """A bar on a terminal, as long as the file."""

    def __init__(self, bars: Bars, source: BinaryIO) -> None:
        self._bars, self._source = bars, source
        length = os.fstat(source.fileno()).st_size if source.seekable() else None
        self._task = bars.add_task("0 lines", total=length)

    def advance(self, tally: Tally) -> None:
        done = self._source.tell() if self._source.seekable() else 0
        self._bars.update(self._task, completed=done, description=f"{tally.lines} lines")
