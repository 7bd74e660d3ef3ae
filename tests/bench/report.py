"""How figures are shown: one line a comparison, with the ratio, its spread over the rounds and the goal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A comparison within one run. Rates are per second unless `unit` says otherwise."""

    what: str
    of: str
    rate: float
    to: str
    other: float
    ratio: float
    lowest: float
    highest: float
    goal: float | None = None
    unit: str = "/s"


@dataclass(frozen=True)
class Figure:
    """A figure that stands for itself: a delay, a size."""

    what: str
    value: str
    goal: str = ""


def markdown(title: str, rows: Iterable[Row | Figure]) -> str:
    """A table for the terminal and for docs/explanation/performance.md."""
    lines = [
        f"### {title}",
        "",
        "| what | rate | beside | ratio (lowest-highest round) | goal |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if isinstance(row, Figure):
            lines.append(f"| {row.what} | {row.value} | | | {row.goal} |")
        else:
            goal = "" if row.goal is None else f"{row.goal:g}"
            lines.append(
                f"| {row.what} | {row.rate:,.0f}{row.unit} | {row.to}: {row.other:,.0f}{row.unit} "
                f"| **{row.ratio:.2f}** ({row.lowest:.2f}-{row.highest:.2f}) | {goal} |"
            )
    return "\n".join(lines) + "\n"
