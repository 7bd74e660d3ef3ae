"""Dates ahead: in months of unequal length, up to the end of the calendar, or open."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from domain.mission.events import ReviewEvery


def day_after(on: date) -> date | None:
    """The date after; after the last date of the calendar there is none."""
    return on + timedelta(days=1) if on < date.max else None


def earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two ends, of which either may be open."""
    ends = [end for end in (one, other) if end is not None]
    return min(ends) if ends else None


def later(on: date, every: ReviewEvery) -> date | None:
    """A week, a month or a quarter later; nothing comes after the last date of the calendar."""
    if every is ReviewEvery.WEEKLY:
        return on + timedelta(days=7) if on <= _LAST_WEEK else None
    return months_later(on, 1 if every is ReviewEvery.MONTHLY else 3)


def months_later(on: date, months: int) -> date | None:
    """So many calendar months later: the same day of the month, or its last where the month is shorter."""
    total = on.month - 1 + months
    year, month = on.year + total // 12, total % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1])) if year <= date.max.year else None


_LAST_WEEK = date.max - timedelta(days=7)
