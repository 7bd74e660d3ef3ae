"""Which dates are worked: neither Sunday nor a public holiday of the network's territory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The public holidays of one territory, as an ISO 3166 code: `FR-NC`, `FR`, `NC`."""

    territory: str = "FR-NC"

    def is_working_day(self, on: date) -> bool:
        """Whether people work on that date without being asked to make an exception."""
        return on.weekday() != 6 and on not in _holidays(self.territory)


@lru_cache(maxsize=8)
def _holidays(territory: str) -> holidays.HolidayBase:
    country, _, subdivision = territory.partition("-")
    return holidays.country_holidays(country, subdiv=subdivision or None)
