"""How a figure is taken on a noisy machine: short slices, variants in random order, ratios within a round."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

ROUNDS = 5
"""Rounds of one slice per variant; a ratio is the median over the rounds."""

Variant = TypeVar("Variant", bound=Hashable)


@dataclass
class Series:
    """The slices of one variant, in operations per second."""

    rates: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Operations per second, median over the rounds."""
        return statistics.median(self.rates)


def interleave(
    variants: Mapping[Variant, Callable[[], float]], rounds: int = ROUNDS, seed: int = 0
) -> dict[Variant, Series]:
    """Runs every variant once a round, in random order; a variant returns its operations per second."""
    series = {name: Series() for name in variants}
    order = list(variants)
    shuffle = random.Random(seed)
    for _ in range(rounds):
        shuffle.shuffle(order)
        for name in order:
            series[name].rates.append(variants[name]())
    return series


def ratio(of: Series, to: Series) -> float:
    """The median over the rounds of the ratio within each round."""
    return statistics.median(a / b for a, b in zip(of.rates, to.rates, strict=True))


def spread(of: Series, to: Series) -> tuple[float, float]:
    """The smallest and the largest ratio of a round."""
    ratios = [a / b for a, b in zip(of.rates, to.rates, strict=True)]
    return min(ratios), max(ratios)


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
