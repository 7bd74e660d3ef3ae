"""A small chart of an objective's series: where it began, where it is to go, what was measured on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projections.kpi.objectives import ObjectiveAnswer

WIDTH, HEIGHT = 320, 96
LEFT, RIGHT, TOP, BOTTOM = 8, 312, 12, 76
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Chart:
    """Places in a box of WIDTH by HEIGHT; `plan` runs from baseline to target, `series` through the measurements."""

    plan: tuple[str, str, str, str]
    series: tuple[tuple[str, str], ...]
    today: str | None
    """Where the date of the dossier lies, if it lies on the chart."""
    target: str
    """How high the target lies."""
    last_on: date
    """The date at the right end."""


def chart_of(objective: ObjectiveAnswer, on: date) -> Chart:
    """Time runs to the right, values to the top, whichever way the indicator is to go."""
    until = objective.closed_on or on
    dates = [objective.set_on, objective.due_on, until, *(each.measured_on for each in objective.measurements)]
    values = [objective.baseline, objective.target, *(each.value for each in objective.measurements)]

    def across(day: date) -> str:
        return _place(Decimal(day.toordinal()), [Decimal(each.toordinal()) for each in dates], LEFT, RIGHT)

    def up(value: Decimal) -> str:
        return _place(value, values, BOTTOM, TOP)

    return Chart(
        plan=(across(objective.set_on), up(objective.baseline), across(objective.due_on), up(objective.target)),
        series=tuple((across(each.measured_on), up(each.value)) for each in objective.measurements),
        today=across(on) if min(dates) <= on <= max(dates) else None,
        target=up(objective.target),
        last_on=max(dates),
    )


def _place(value: Decimal, among: Sequence[Decimal], first: int, last: int) -> str:
    """Where a value stands between the least and the most; in the middle where all are one."""
    least, most = min(among), max(among)
    share = (value - least) / (most - least) if most != least else Decimal("0.5")
    return format((first + share * (last - first)).quantize(TENTH), "f")
