"""The fold of a mission's stream into the lines of its dossier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from domain.event import Event, Recorded, Sealed
from domain.mission.events import (
    AccessDocumented,
    AccessRevoked,
    ActionClosed,
    ActionOpened,
    DayDelivered,
    DayDisputed,
    DecisionRecorded,
    DisputeSettled,
    HandedOver,
    HandoverItem,
    HandoverItemCompleted,
    HandoverStarted,
    MissionAmended,
    MissionSigned,
    ObjectiveClosed,
    ObjectiveRevised,
    ObjectiveSet,
    ReviewHeld,
    RiskClosed,
    RiskIdentified,
)
from projections.delivered_days import DAY_EVENTS, Bucket, DayEvent, Standing, bucket, day_keys, moves
from projections.dossier.lines import (
    AccessLine,
    ActionLine,
    DayLine,
    DecisionLine,
    DisputeLine,
    HandoverLine,
    ItemLine,
    LessonKind,
    LessonLine,
    Line,
    PointsAnswer,
    ReviewLine,
    RiskLine,
)
from projections.read_model import as_known, words

L = TypeVar("L", bound=Line)


def points_view(
    history: Iterable[Recorded[Event]], on: date, *, known_at: datetime | None = None
) -> PointsAnswer | None:
    """A mission's lines as of a date, as known at an instant; None before its letter was signed."""
    points: _Points | None = None
    for recorded in as_known(history, as_of=on, known_at=known_at):
        if isinstance(recorded.event, MissionSigned):
            points = _Points([(None, recorded.event.terms.approval_required)])
        if points is not None:
            points.position = recorded.position
            _take(points, recorded)
    return None if points is None else _answer(points)


@dataclass(slots=True)
class _Points:
    """What has been said so far, by id."""

    approvals: list[tuple[date | None, bool]]
    """Whether days wait for the client's approval, by the terms in force from each date; None: from the start."""
    position: int = 0
    statements: dict[str, str | None] = field(default_factory=dict)
    """Of the objectives."""
    actions: dict[str, ActionLine] = field(default_factory=dict)
    risks: dict[str, RiskLine] = field(default_factory=dict)
    accesses: dict[str, AccessLine] = field(default_factory=dict)
    decisions: list[DecisionLine] = field(default_factory=list)
    reviews: list[ReviewLine] = field(default_factory=list)
    days: dict[str, DayLine] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    disputes: dict[str, DisputeLine] = field(default_factory=dict)
    lessons: list[LessonLine] = field(default_factory=list)
    handovers: list[HandoverLine] = field(default_factory=list)

    def approval_required(self, on: date) -> bool:
        """Whether a day of that date waits for the client's approval."""
        return [required for from_on, required in self.approvals if from_on is None or from_on <= on][-1]


def _take(points: _Points, recorded: Recorded[Event]) -> None:
    """One more fact; those that the dossier's other parts tell are passed over."""
    event = recorded.event
    if isinstance(event, DAY_EVENTS):
        _move(points, event, recorded)
    match event:
        case MissionAmended(terms=terms) if terms is not None:
            points.approvals.append((event.effective_on, terms.approval_required))
        case ActionOpened() | ActionClosed() | RiskIdentified() | RiskClosed() | AccessDocumented() | AccessRevoked():
            _point(points, event, recorded)
        case DayDelivered():
            _deliver(points, event, recorded)
        case DayDisputed() | DisputeSettled():
            _dispute(points, event, recorded)
        case ReviewHeld():
            _review(points, event, recorded)
        case DecisionRecorded():
            points.decisions.append(
                DecisionLine(
                    decision_id=event.decision_id,
                    text=words(event.text),
                    decided_on=event.decided_on,
                    decided_by=words(event.decided_by),
                    facts=(recorded.position,),
                    erased=_erased(event),
                )
            )
        case ObjectiveSet():
            points.statements[event.objective_id] = words(event.statement)
        case ObjectiveRevised() | ObjectiveClosed():
            points.lessons.append(_objective(points, event, recorded))
        case HandoverStarted():
            points.handovers.append(_handover(event, recorded))
        case HandoverItemCompleted() | HandedOver():
            _hand_over(points, event, recorded)
        case _:
            pass


def _erased(event: Event) -> tuple[str, ...]:
    """The fields whose words were erased."""
    return tuple(name for name, said in event if isinstance(said, Sealed))


def _more(line: L, recorded: Recorded[Event], **told: object) -> L:
    """A line of which more was said."""
    erased = tuple(dict.fromkeys((*line.erased, *_erased(recorded.event))))
    return line.model_copy(update={**told, "facts": (*line.facts, recorded.position), "erased": erased})


Point = ActionOpened | ActionClosed | RiskIdentified | RiskClosed | AccessDocumented | AccessRevoked


def _point(points: _Points, event: Point, recorded: Recorded[Event]) -> None:
    match event:
        case ActionOpened():
            points.actions[event.action_id] = ActionLine(
                action_id=event.action_id,
                text=words(event.text),
                owner=words(event.owner),
                due_on=event.due_on,
                opened_on=recorded.occurred_on,
                facts=(recorded.position,),
                erased=_erased(event),
            )
        case RiskIdentified():
            points.risks[event.risk_id] = RiskLine(
                risk_id=event.risk_id,
                text=words(event.text),
                likelihood=event.likelihood,
                impact=event.impact,
                mitigation=words(event.mitigation),
                backup=words(event.backup),
                identified_on=recorded.occurred_on,
                facts=(recorded.position,),
                erased=_erased(event),
            )
        case AccessDocumented():
            points.accesses[event.access_id] = AccessLine(
                access_id=event.access_id,
                system=event.system,
                level=event.level,
                custodian=words(event.custodian),
                documented_at=event.documented_at,
                documented_on=recorded.occurred_on,
                facts=(recorded.position,),
                erased=_erased(event),
            )
        case _:
            _close(points, event, recorded)


def _close(points: _Points, event: ActionClosed | RiskClosed | AccessRevoked, recorded: Recorded[Event]) -> None:
    """Ends a line that is there: what opened it may lie beyond what was known then."""
    match event:
        case ActionClosed(action_id=name) if name in points.actions:
            action = _more(points.actions[name], recorded, closed_on=event.on, note=words(event.note))
            points.actions[name] = action
            _learn(points, LessonKind.ACTION_CLOSED, name, action, event.on)
        case RiskClosed(risk_id=name) if name in points.risks:
            risk = _more(points.risks[name], recorded, closed_on=event.on, note=words(event.note))
            points.risks[name] = risk
            _learn(points, LessonKind.RISK_CLOSED, name, risk, event.on)
        case AccessRevoked(access_id=name) if name in points.accesses:
            points.accesses[name] = _more(points.accesses[name], recorded, revoked_on=event.on)
        case _:
            pass


def _learn(points: _Points, kind: LessonKind, name: str, line: ActionLine | RiskLine, on: date) -> None:
    """What was said at the end of an action or a risk, where something was said."""
    if line.note is not None or "note" in line.erased:
        points.lessons.append(
            LessonLine(kind=kind, id=name, about=line.text, on=on, note=line.note, facts=line.facts, erased=line.erased)
        )


def _objective(points: _Points, event: ObjectiveRevised | ObjectiveClosed, recorded: Recorded[Event]) -> LessonLine:
    if isinstance(event, ObjectiveClosed):
        kind, outcome, note = LessonKind.OBJECTIVE_CLOSED, event.outcome, event.note
    else:
        kind, outcome, note = LessonKind.OBJECTIVE_REVISED, None, event.reason
    return LessonLine(
        kind=kind,
        id=event.objective_id,
        about=points.statements.get(event.objective_id),
        on=event.on,
        outcome=outcome,
        note=words(note),
        facts=(recorded.position,),
        erased=("note",) if isinstance(note, Sealed) else (),
    )


def _deliver(points: _Points, event: DayDelivered, recorded: Recorded[Event]) -> None:
    points.standings[event.day_id] = Standing.DELIVERED
    points.days[event.day_id] = DayLine(
        day_id=event.day_id,
        date=event.date,
        cadre_id=event.cadre_id,
        quantity=event.quantity,
        unit=event.unit,
        half=event.half,
        place=event.place,
        summary=words(event.summary),
        objective_ids=event.objective_ids,
        bucket=Bucket.READY,
        facts=(recorded.position,),
        erased=_erased(event),
    )


def _move(points: _Points, event: DayEvent, recorded: Recorded[Event]) -> None:
    for key in day_keys(event, recorded):
        if (day_id := str(key[-1])) in points.days:
            points.standings[day_id] = moves(event)
            line = points.days[day_id]
            points.days[day_id] = line.model_copy(update={"facts": (*line.facts, recorded.position)})


def _dispute(points: _Points, event: DayDisputed | DisputeSettled, recorded: Recorded[Event]) -> None:
    if isinstance(event, DayDisputed):
        points.disputes[event.day_id] = DisputeLine(
            day_id=event.day_id,
            reason=words(event.reason),
            disputed_on=recorded.occurred_on,
            facts=(recorded.position,),
            erased=_erased(event),
        )
    elif event.day_id in points.disputes:
        note, settled_on = words(event.note), recorded.occurred_on
        before = points.disputes[event.day_id]
        settled = _more(before, recorded, settled_on=settled_on, outcome=event.outcome, note=note)
        points.disputes[event.day_id] = settled
        points.lessons.append(
            LessonLine(
                kind=LessonKind.DISPUTE_SETTLED,
                id=event.day_id,
                about=settled.reason,
                on=settled_on,
                outcome=event.outcome,
                note=note,
                facts=settled.facts,
                erased=settled.erased,
            )
        )


def _review(points: _Points, event: ReviewHeld, recorded: Recorded[Event]) -> None:
    attendees = tuple(words(each) for each in event.attendees)
    erased = (*_erased(event), *(("attendees",) if None in attendees else ()))
    points.reviews.append(
        ReviewLine(
            review_id=event.review_id,
            held_on=event.held_on,
            kind=event.kind,
            attendees=attendees,
            summary=words(event.summary),
            satisfaction=event.satisfaction,
            acts_as_cadre=event.acts_as_cadre,
            next_review_on=event.next_review_on,
            facts=(recorded.position,),
            erased=erased,
        )
    )
    for taken in event.decisions:
        points.decisions.append(
            DecisionLine(
                decision_id=taken.decision_id,
                text=words(taken.text),
                decided_on=event.held_on,
                review_id=event.review_id,
                facts=(recorded.position,),
                erased=("text",) if isinstance(taken.text, Sealed) else (),
            )
        )


def _handover(event: HandoverStarted, recorded: Recorded[Event]) -> HandoverLine:
    return HandoverLine(
        reason=words(event.reason),
        started_on=recorded.occurred_on,
        leaving_on=event.leaving_on,
        successor_id=event.successor_id,
        items=tuple(ItemLine(item_id=item, facts=()) for item in HandoverItem),
        facts=(recorded.position,),
        erased=_erased(event),
    )


def _hand_over(points: _Points, event: HandoverItemCompleted | HandedOver, recorded: Recorded[Event]) -> None:
    """Goes on with the last handover; its beginning may lie beyond what was known then."""
    if not points.handovers:
        return
    handover = points.handovers[-1]
    if isinstance(event, HandoverItemCompleted):
        on, note = recorded.occurred_on, words(event.note)
        items = (
            _more(item, recorded, completed_on=on, note=note) if item.item_id is event.item_id else item
            for item in handover.items
        )
        points.handovers[-1] = handover.model_copy(update={"items": tuple(items)})
    else:
        points.handovers[-1] = _more(
            handover,
            recorded,
            to_cadre_id=event.to_cadre_id,
            effective_on=event.effective_on,
            accepted_by=words(event.accepted_by),
            override_reason=words(event.override_reason),
            missing=event.missing,
        )


def _answer(points: _Points) -> PointsAnswer:
    days = [
        day.model_copy(update={"bucket": bucket(points.standings[name], points.approval_required(day.date))})
        for name, day in points.days.items()
    ]
    return PointsAnswer(
        actions=tuple(points.actions.values()),
        risks=tuple(points.risks.values()),
        accesses=tuple(points.accesses.values()),
        decisions=tuple(points.decisions),
        reviews=tuple(sorted(points.reviews, key=lambda review: review.held_on)),
        days=tuple(sorted(days, key=lambda day: (day.date, day.day_id))),
        disputes=tuple(points.disputes.values()),
        lessons=tuple(points.lessons),
        handovers=tuple(points.handovers),
        position=points.position,
    )
