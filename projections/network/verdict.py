"""The verdict on the network: go on, adjust or stop, by a rule that was written down before the figures came.

The founding text asks four things of the first months (two real missions in three months, missions that are extended,
explicit satisfaction, a position nobody takes for consulting); where they are not met, the model is to be adjusted,
or given up. The numbers beside the first are the network's own rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

RULE = "2026-11-22"
"""The date of this rule; another rule is another date."""
REAL_MISSIONS = 2
EXTENDED = Decimal(50)
SATISFIED = Decimal("3.50")
ANSWERED = Decimal(50)
CLEAR = Decimal(80)


class Verdict(StrEnum):
    """What the figures allow."""

    GO_ON = "go_on"
    ADJUST = "adjust"
    STOP = "stop"


class State(StrEnum):
    """Where a criterion stands."""

    MET = "met"
    OPEN = "open"
    """There is nothing to judge it by yet, or time is left."""
    MISSED = "missed"


class Words(BaseModel):
    """A sentence in both languages."""

    model_config = ConfigDict(frozen=True)
    fr: str
    en: str


class Reason(BaseModel):
    """One criterion of the verdict, and where it stands."""

    model_config = ConfigDict(frozen=True)
    indicator: str
    state: State
    fr: str
    en: str


class Evidence(BaseModel):
    """The figures that the rule judges."""

    model_config = ConfigDict(frozen=True)
    on: date
    deadline: date | None
    """The end of the first three months; None before the first letter."""
    real_missions: int
    extension_rate: Decimal | None
    satisfaction: Decimal | None
    satisfaction_response_rate: Decimal | None
    clarity: Decimal | None

    @property
    def time_is_over(self) -> bool:
        """Whether the first three months are behind."""
        return self.deadline is not None and self.on > self.deadline


def judged(evidence: Evidence) -> tuple[Verdict, Sequence[Reason]]:
    """Go on while nothing is missed; stop once the three months are over and more is missed than met; else adjust."""
    reasons = (_real(evidence), _extended(evidence), _satisfied(evidence), _clear(evidence))
    missed = sum(reason.state is State.MISSED for reason in reasons)
    met = sum(reason.state is State.MET for reason in reasons)
    if missed == 0:
        return Verdict.GO_ON, reasons
    return Verdict.STOP if evidence.time_is_over and missed > met else Verdict.ADJUST, reasons


def _real(evidence: Evidence) -> Reason:
    count = evidence.real_missions
    return _reason(
        "real_missions_first_three_months",
        _state(None if count < REAL_MISSIONS and not evidence.time_is_over else count >= REAL_MISSIONS),
        f"{count} mission(s) réelle(s) dans les trois premiers mois, pour {REAL_MISSIONS} au moins",
        f"{count} real mission(s) in the first three months, of {REAL_MISSIONS} at least",
    )


def _extended(evidence: Evidence) -> Reason:
    rate = evidence.extension_rate
    return _reason(
        "extension_rate",
        _state(None if rate is None else rate >= EXTENDED),
        "aucune mission n'a encore huit semaines"
        if rate is None
        else f"{rate} % des missions courent encore à huit semaines, pour {EXTENDED} % au moins",
        "no mission has reached eight weeks yet"
        if rate is None
        else f"{rate} % of missions still run at eight weeks, of {EXTENDED} % at least",
    )


def _satisfied(evidence: Evidence) -> Reason:
    mean, answered = evidence.satisfaction, evidence.satisfaction_response_rate
    if mean is None or answered is None:
        state, fr, en = _unheard(evidence), "aucune note d'un dirigeant", "no score from a dirigeant"
    else:
        state = State.MISSED if mean < SATISFIED else State.MET if answered >= ANSWERED else _unheard(evidence)
        fr = (
            f"note moyenne {mean} sur 5, pour {SATISFIED} au moins ; {answered} % de missions notées, pour {ANSWERED} %"
        )
        en = f"mean score {mean} of 5, of {SATISFIED} at least; {answered} % of missions, of {ANSWERED} %"
    return _reason("satisfaction", state, fr, en)


def _clear(evidence: Evidence) -> Reason:
    clarity = evidence.clarity
    if clarity is None:
        state, fr, en = (
            _unheard(evidence),
            "aucun dirigeant n'a dit cadre ou conseil",
            "no dirigeant said cadre or adviser",
        )
    else:
        state = State.MET if clarity >= CLEAR else State.MISSED
        fr = f"{clarity} % des réponses disent : cette personne tient la fonction, pour {CLEAR} % au moins"
        en = f"{clarity} % of answers say: this person runs the function, of {CLEAR} % at least"
    return _reason("positioning_clarity", state, fr, en)


def _unheard(evidence: Evidence) -> State:
    """Silence is no answer: in the first three months it is early, after them it is a lack."""
    return State.MISSED if evidence.time_is_over else State.OPEN


def _state(met: bool | None) -> State:
    return State.OPEN if met is None else State.MET if met else State.MISSED


def _reason(indicator: str, state: State, fr: str, en: str) -> Reason:
    return Reason(indicator=indicator, state=state, fr=fr, en=en)
