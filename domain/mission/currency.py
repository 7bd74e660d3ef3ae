"""A mission counts in one currency: that of its terms."""

from __future__ import annotations

from domain.mission.rejections import CurrencyDiffers
from domain.mission.state import Mission
from domain.values import Money


def reject_other_currency(mission: Mission, money: Money) -> None:
    """An amount on a mission is in the mission's currency."""
    _, terms = mission.terms[0]
    if money.currency is not terms.currency:
        raise CurrencyDiffers(f"the mission is in {terms.currency}: state the amount in that currency")
