"""What a successor does first: whatever is late, falls due within a week, or waits for somebody's word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from projections.dossier.lines import HandoverLine, PointsAnswer
from projections.kpi.objectives import Status as Reached
from projections.letter.shapes import ChangeKind
from projections.missions.answers import Status
from service.documents.dossier_shapes import Task, TaskKind
from service.documents.open_points import open_actions, open_disputes, open_objectives, waiting_days
from service.documents.saying import Saying
from service.documents.told import Told
from service.owed import ExposureAnswer

WEEK, MONTH, STALE = timedelta(days=7), timedelta(days=30), timedelta(days=45)
OVER = (Status.STOPPED, Status.ENDED)


def first_week(told: Told, say: Saying) -> tuple[Task, ...]:
    """The tasks of the week that begins with the date: by due date, what has none last."""
    on, points = told.on, told.points
    tasks = [
        *_actions(points, on, say),
        *_time(points, say),
        *_objectives(told, on, say),
        *_handover(told.handover, on, say),
        *_course(told, on, say),
        *_invoices(told.money, say),
    ]
    return tuple(sorted(tasks, key=lambda task: (task.due_on is None, task.due_on or on)))


def _task(
    kind: TaskKind, on: date, sentence: str, facts: Iterable[int], *, name: str | None = None, due: date | None = None
) -> Task:
    late = 0 if due is None else max(0, (on - due).days)
    return Task(kind=kind, id=name, due_on=due, days_late=late, sentence=sentence, facts=tuple(facts))


def _actions(points: PointsAnswer, on: date, say: Saying) -> Iterator[Task]:
    for action in open_actions(points):
        if action.due_on <= on + WEEK:
            is_owned = action.owner is not None or "owner" in action.erased
            owner = action.owner if is_owned else say("no_owner")
            sentence = say("task.action", text=action.text, owner=owner)
            yield _task(TaskKind.ACTION, on, sentence, action.facts, name=action.action_id, due=action.due_on)


def _time(points: PointsAnswer, say: Saying) -> Iterator[Task]:
    for dispute in open_disputes(points):
        sentence = say("task.dispute", id=dispute.day_id, reason=dispute.reason)
        yield _task(TaskKind.DISPUTE, dispute.disputed_on, sentence, dispute.facts, name=dispute.day_id)
    if waiting := waiting_days(points):
        oldest = waiting[0].date
        facts = [position for day in waiting for position in day.facts[:1]]
        sentence = say.count("task.approval", len(waiting), date=oldest)
        yield _task(TaskKind.APPROVAL, oldest, sentence, facts)


def _objectives(told: Told, on: date, say: Saying) -> Iterator[Task]:
    for objective in open_objectives(told.objectives):
        name, facts = objective.objective_id, (objective.facts[0], *objective.facts[1:][-1:])
        if told.mission.status in OVER:
            sentence = say("task.objective_over", id=name, text=objective.statement)
            yield _task(TaskKind.OBJECTIVE_DUE, on, sentence, facts, name=name)
            continue
        last = objective.measurements[-1].measured_on if objective.measurements else objective.set_on
        if on - last > STALE:
            sentence = say("task.measurement", indicator=objective.indicator.name, id=name)
            yield _task(TaskKind.MEASUREMENT, on, sentence, facts, name=name, due=last + STALE)
        if objective.status is Reached.ACHIEVED:
            sentence = say("task.objective_reached", id=name, text=objective.statement)
            yield _task(TaskKind.OBJECTIVE_DUE, on, sentence, facts, name=name)
        elif objective.due_on <= on + WEEK:
            sentence = say("task.objective_due", id=name, text=objective.statement)
            yield _task(TaskKind.OBJECTIVE_DUE, on, sentence, facts, name=name, due=objective.due_on)


def _handover(handover: HandoverLine | None, on: date, say: Saying) -> Iterator[Task]:
    if handover is None:
        return
    leaving = handover.leaving_on
    if handover.successor_id is None:
        yield _task(TaskKind.SUCCESSOR, on, say("task.successor", date=leaving), handover.facts, due=leaving)
    for item in handover.items:
        if item.completed_on is None:
            sentence = say("task.handover_item", item=say(f"item.{item.item_id}"))
            yield _task(TaskKind.HANDOVER_ITEM, on, sentence, handover.facts, name=item.item_id, due=leaving)


def _course(told: Told, on: date, say: Saying) -> Iterator[Task]:
    """The next review, the way out of a pause, the end that comes near."""
    mission, review_on = told.mission, told.rituals.next_due_on
    facts = told.points.reviews[-1].facts if told.points.reviews else told.letter.facts[:1]
    if review_on is not None and review_on <= on + WEEK:
        sentence = say("task.review", every=say(f"every.{mission.review_every}"))
        yield _task(TaskKind.REVIEW, on, sentence, facts, due=review_on)
    if mission.status is Status.PAUSED:
        pause = told.letter.pauses[-1]
        sentence = say("task.resumption", date=pause.from_on)
        yield _task(TaskKind.RESUMPTION, on, sentence, pause.facts, due=pause.expected_resume_on)
    last = mission.stop.on if mission.stop is not None else mission.ends_on
    if last is not None and mission.status not in OVER and last <= on + MONTH:
        yield _task(TaskKind.END, on, say("task.end", date=last), _end(told), due=last)


def _end(told: Told) -> tuple[int, ...]:
    """The stop, else the last extension, else the letter."""
    if told.letter.stop is not None:
        return (told.letter.stop.position,)
    extended = [each.position for each in told.letter.changes if each.kind is ChangeKind.EXTENSION]
    return (*told.letter.facts[:1], *extended)[-1:]


def _invoices(money: ExposureAnswer, say: Saying) -> Iterator[Task]:
    for invoice in money.invoices:
        if invoice.days_late:
            amount = say.money(invoice.outstanding, money.currency)
            sentence = say("task.late_invoice", id=invoice.invoice_number, amount=amount)
            task = _task(TaskKind.LATE_INVOICE, money.on, sentence, (invoice.position,), name=invoice.invoice_number)
            yield task.model_copy(update={"due_on": invoice.due_on, "days_late": invoice.days_late})
