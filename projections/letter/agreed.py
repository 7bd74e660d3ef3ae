"""The fold of a mission's stream into its letter of engagement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from domain.event import Event, Recorded
from domain.mission.events import (
    HandedOver,
    MissionAmended,
    MissionExtended,
    MissionPaused,
    MissionResumed,
    MissionSigned,
    MissionStopped,
    ObjectiveClosed,
    ObjectiveRevised,
    ObjectiveSet,
)
from domain.values import Value, followed_by
from projections.letter.shapes import (
    AgreedObjective,
    AgreedPause,
    AgreedStop,
    ChangeKind,
    Clause,
    InCharge,
    LetterAnswer,
    Replaced,
    Revision,
    SignedChange,
)
from projections.read_model import as_known, words

AGREED = ("terms", "rhythm", "scope")
"""What an amendment may change."""


def letter_view(
    history: Iterable[Recorded[Event]], as_of: date, *, on: date | None = None, known_at: datetime | None = None
) -> LetterAnswer | None:
    """The letter as it binds on a date (that of the facts, if left out); None before it was signed."""
    agreed: _Agreed | None = None
    for recorded in as_known(history, as_of=as_of, known_at=known_at):
        if isinstance(recorded.event, MissionSigned):
            agreed = _signed(recorded.event, recorded.position, as_of, on or as_of)
        elif agreed is not None:
            _take(agreed, recorded.event, recorded.position)
    return None if agreed is None else _answer(agreed)


@dataclass(slots=True)
class _Agreed:
    """What has been said of the letter so far."""

    letter: LetterAnswer
    merged: dict[str, Value]
    """Terms, rhythm and scope after every amendment so far, in force on the date or not."""
    changes: list[SignedChange] = field(default_factory=list)
    objectives: dict[str, AgreedObjective] = field(default_factory=dict)
    pauses: list[AgreedPause] = field(default_factory=list)
    held_by: list[InCharge] = field(default_factory=list)
    facts: list[int] = field(default_factory=list)

    def number(self, kind: ChangeKind) -> int:
        """The number of the next change of its kind."""
        return 1 + sum(change.kind is kind for change in self.changes)

    def say(self, **clauses: object) -> None:
        """What the letter says from now on."""
        self.letter = self.letter.model_copy(update=clauses)


def _signed(event: MissionSigned, position: int, as_of: date, on: date) -> _Agreed:
    letter = LetterAnswer(
        mission_id=event.mission_id,
        as_of=as_of,
        on=on,
        title=words(event.title),
        function=event.function,
        client_id=event.client_id,
        cadre_id=event.cadre_id,
        held_by=(),
        letter=event.letter,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        scope=event.scope,
        rhythm=event.rhythm,
        terms=event.terms,
        review_every=event.review_every,
        objectives=(),
        changes=(),
        pauses=(),
        stop=None,
        facts=(),
    )
    return _Agreed(
        letter,
        {"terms": event.terms, "rhythm": event.rhythm, "scope": event.scope},
        held_by=[InCharge(cadre_id=event.cadre_id, from_on=event.starts_on, position=position)],
        facts=[position],
    )


def _take(agreed: _Agreed, event: Event, position: int) -> None:
    """One more fact; those that change nothing that is agreed are passed over."""
    match event:
        case MissionAmended():
            _amend(agreed, event, position)
        case MissionExtended():
            _extend(agreed, event, position)
        case MissionPaused():
            agreed.pauses.append(
                AgreedPause(
                    from_on=event.from_on,
                    expected_resume_on=event.expected_resume_on,
                    reason=words(event.reason),
                    facts=(position,),
                )
            )
        case MissionResumed():
            _resume(agreed, event.on, position)
        case MissionStopped():
            stop = AgreedStop(on=event.on, decided_by=event.decided_by, reason=words(event.reason), position=position)
            agreed.say(stop=stop)
        case HandedOver():
            _hand_over(agreed, event, position)
        case ObjectiveSet() | ObjectiveRevised() | ObjectiveClosed() if _agreed_on(event) <= agreed.letter.on:
            _answer_for(agreed, event, position)
        case _:
            return
    agreed.facts.append(position)


def _amend(agreed: _Agreed, event: MissionAmended, position: int) -> None:
    in_force = event.effective_on <= agreed.letter.on
    stated = {name: clause for name in AGREED if (clause := getattr(event, name)) is not None}
    replaced = [each for name, clause in stated.items() for each in _replaced(name, agreed.merged[name], clause)]
    agreed.changes.append(
        SignedChange(
            kind=ChangeKind.AMENDMENT,
            number=agreed.number(ChangeKind.AMENDMENT),
            effective_on=event.effective_on,
            letter=event.letter,
            reason=words(event.reason),
            in_force=in_force,
            replaced=tuple(replaced),
            position=position,
        )
    )
    agreed.merged |= stated
    if in_force:
        agreed.say(**stated)


def _extend(agreed: _Agreed, event: MissionExtended, position: int) -> None:
    before = [change for change in agreed.changes if change.kind is ChangeKind.EXTENSION]
    ended_on = before[-1].replaced[0].after if before else _iso(agreed.letter.ends_on)
    in_force = event.letter.signed_on <= agreed.letter.on
    agreed.changes.append(
        SignedChange(
            kind=ChangeKind.EXTENSION,
            number=agreed.number(ChangeKind.EXTENSION),
            effective_on=event.letter.signed_on,
            letter=event.letter,
            reason=None,
            in_force=in_force,
            replaced=(Replaced(clause="ends_on", before=ended_on, after=_iso(event.ends_on)),),
            position=position,
        )
    )
    if in_force:
        agreed.say(ends_on=event.ends_on)


def _resume(agreed: _Agreed, on: date, position: int) -> None:
    """Ends the last pause; its beginning may lie beyond what was known then."""
    if agreed.pauses:
        pause = agreed.pauses[-1]
        agreed.pauses[-1] = pause.model_copy(update={"resumed_on": on, "facts": (*pause.facts, position)})


def _hand_over(agreed: _Agreed, event: HandedOver, position: int) -> None:
    successor = InCharge(cadre_id=event.to_cadre_id, from_on=event.effective_on, position=position)
    agreed.held_by = [*followed_by(agreed.held_by, successor)]
    if event.effective_on <= agreed.letter.on:
        agreed.say(cadre_id=event.to_cadre_id)


def _agreed_on(event: ObjectiveSet | ObjectiveRevised | ObjectiveClosed) -> date:
    return event.set_on if isinstance(event, ObjectiveSet) else event.on


def _answer_for(agreed: _Agreed, event: ObjectiveSet | ObjectiveRevised | ObjectiveClosed, position: int) -> None:
    """What the cadre answers for."""
    known = agreed.objectives.get(event.objective_id)
    if isinstance(event, ObjectiveSet):
        agreed.objectives[event.objective_id] = AgreedObjective(
            objective_id=event.objective_id,
            statement=words(event.statement),
            indicator=event.indicator,
            baseline=event.baseline,
            target=event.target,
            set_on=event.set_on,
            due_on=event.due_on,
            value_per_unit=event.value_per_unit,
            facts=(position,),
        )
    elif known is not None:  # else it was set after the date that is asked for
        told = _closed(event) if isinstance(event, ObjectiveClosed) else _revised(known, event, position)
        agreed.objectives[event.objective_id] = known.model_copy(update=told | {"facts": (*known.facts, position)})


def _closed(event: ObjectiveClosed) -> dict[str, object]:
    return {"outcome": event.outcome, "closed_on": event.on}


def _revised(known: AgreedObjective, event: ObjectiveRevised, position: int) -> dict[str, object]:
    stated = {name: value for name in ("target", "due_on") if (value := getattr(event, name)) is not None}
    after = known.model_copy(update=stated)
    old, new = known.model_dump(mode="json"), after.model_dump(mode="json")
    revision = Revision(
        on=event.on,
        reason=words(event.reason),
        replaced=tuple(
            Replaced(clause=name, before=old[name], after=new[name]) for name in stated if old[name] != new[name]
        ),
        position=position,
    )
    return stated | {"revisions": (*known.revisions, revision)}


def _replaced(name: str, before: Value, after: Value) -> list[Replaced]:
    """The clauses that say something else."""
    old, new = _clauses(name, before.model_dump(mode="json")), _clauses(name, after.model_dump(mode="json"))
    places = dict.fromkeys((*old, *new))
    return [
        Replaced(clause=place, before=old.get(place), after=new.get(place))
        for place in places
        if old.get(place) != new.get(place)
    ]


def _clauses(place: str, said: object) -> dict[str, Clause]:
    """Every clause under its place: `terms.billing.rate`."""
    match said:
        case dict():
            return {
                key: clause for name, part in said.items() for key, clause in _clauses(f"{place}.{name}", part).items()
            }
        case list() | tuple():
            return {place: tuple(str(part) for part in said)}
        case _:
            return {place: cast("Clause", said)}


def _iso(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _answer(agreed: _Agreed) -> LetterAnswer:
    agreed.say(
        held_by=tuple(agreed.held_by),
        objectives=tuple(agreed.objectives.values()),
        changes=tuple(agreed.changes),
        pauses=tuple(agreed.pauses),
        facts=tuple(agreed.facts),
    )
    return agreed.letter
