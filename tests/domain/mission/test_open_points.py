"""Actions, risks and accesses: opened once, closed once."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.event import CommandRejected
from domain.mission.events import AccessDocumented, ActionOpened, RiskIdentified
from domain.mission.rejections import (
    AccessIsRevoked,
    ActionIsClosed,
    RiskIsClosed,
    UnknownAccess,
    UnknownAction,
    UnknownRisk,
)
from domain.rejections import AlreadyExists
from tests.bodies import asked, signed

POINTS = [
    ("open_action", "close_action", UnknownAction, ActionIsClosed),
    ("identify_risk", "close_risk", UnknownRisk, RiskIsClosed),
    ("document_access", "revoke_access", UnknownAccess, AccessIsRevoked),
]


@pytest.mark.parametrize(("opening", "closing", "unknown", "over"), POINTS)
def test_a_point_is_opened_once_and_closed_once(
    opening: str, closing: str, unknown: type[CommandRejected], over: type[CommandRejected]
) -> None:
    signed().when(asked(closing)).then_rejected(unknown)
    opened = signed().given(asked(opening))
    opened.when(asked(opening)).then_rejected(AlreadyExists)
    opened.when(asked(closing)).then_done()
    opened.when(asked(closing)).then_rejected(over)
    opened.when(asked(opening)).then_rejected(AlreadyExists)


@pytest.mark.parametrize("nobody", ["", "  ", ...])
def test_nobody_is_written_as_nothing(nobody: object) -> None:
    (action,) = signed().when(asked("open_action", owner=nobody)).events
    assert isinstance(action, ActionOpened)
    assert action.owner is None
    (risk,) = signed().when(asked("identify_risk", backup=nobody, mitigation=nobody)).events
    assert isinstance(risk, RiskIdentified)
    assert (risk.backup, risk.mitigation) == (None, None)
    (access,) = signed().when(asked("document_access", custodian=nobody)).events
    assert isinstance(access, AccessDocumented)
    assert access.custodian is None


def test_somebody_is_written_as_stated() -> None:
    (action,) = signed().when(asked("open_action")).events
    assert isinstance(action, ActionOpened)
    assert action.owner == "Anne"


@pytest.mark.parametrize("field", ["likelihood", "impact"])
@pytest.mark.parametrize("value", [0, 6, "3"])
def test_likelihood_and_impact_go_from_one_to_five(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        asked("identify_risk", **{field: value})
