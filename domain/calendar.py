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
        return on.weekday() != 6 and on not in _named(self.territory, "fr")

    def holiday(self, on: date, language: str = "fr") -> str | None:
        """What the public holiday on a date is called, if there is one; in the territory's language where need be."""
        return _named(self.territory, language).get(on)


@lru_cache(maxsize=16)
def _named(territory: str, language: str) -> holidays.HolidayBase:
    """The holidays in a language; the machine's own must not decide what a feast is called."""
    country, _, subdivision = territory.partition("-")
    known = holidays.country_holidays(country, subdiv=subdivision or None)
    spoken = next((each for each in known.supported_languages if each.startswith(language)), known.default_language)
    return holidays.country_holidays(country, subdiv=subdivision or None, language=spoken)
