"""What a successor would look for and not find: said, never left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from domain.mission.events import Gap, Missing
from projections.contacts import Contact
from service.documents.dossier_shapes import Lack
from service.documents.open_points import open_objectives
from service.documents.saying import Saying
from service.documents.told import Told


def lacking(told: Told, client: Contact, say: Saying) -> tuple[Lack, ...]:
    """First what the handover checklist lacks, then what was never said at all."""
    return (*(_checked(gap, told, say) for gap in told.readiness.missing), *_never_said(told, client, say))


def _checked(missing: Missing, told: Told, say: Saying) -> Lack:
    """A line of the checklist, with since when it is so and what it is about."""
    name, key, points = missing.id or "", f"gap.{missing.gap}", told.points
    since: date | None = None
    match missing.gap:
        case Gap.OBJECTIVE_NOT_MEASURED:
            objective = next(each for each in told.objectives if each.objective_id == name)
            since = objective.measurements[-1].measured_on if objective.measurements else None
            sentence = say(key if since else f"{key}.never", id=name, since=since, set_on=objective.set_on)
            facts = tuple(objective.facts)
        case Gap.ACTION_WITHOUT_OWNER:
            action = next(each for each in points.actions if each.action_id == name)
            sentence, facts = say(key, id=name, text=action.text), action.facts
        case Gap.RISK_WITHOUT_BACKUP:
            risk = next(each for each in points.risks if each.risk_id == name)
            sentence, facts = say(key, id=name, text=risk.text), risk.facts
        case Gap.ACCESS_WITHOUT_CUSTODIAN:
            access = next(each for each in points.accesses if each.access_id == name)
            sentence, facts = say(key, id=name, text=access.system), access.facts
        case Gap.NO_RECENT_REVIEW:
            last = points.reviews[-1:]
            since = last[0].held_on if last else None
            facts = last[0].facts if last else ()
            sentence = say(key if since else f"{key}.never", since=since)
        case Gap.ITEM_NOT_COMPLETED:
            sentence = say(key, item=say(f"item.{name}"))
            facts = () if told.handover is None else told.handover.facts
        case _:
            assert_never(missing.gap)
    return Lack(code=missing.gap, in_checklist=True, id=missing.id, since=since, sentence=sentence, facts=facts)


def _never_said(told: Told, client: Contact, say: Saying) -> Iterator[Lack]:
    points, handover = told.points, told.handover
    if handover is not None and handover.successor_id is None:
        yield _lack("no_successor", say("gap.no_successor", date=handover.leaving_on), handover.facts)
    if not open_objectives(told.objectives):
        yield _lack("no_objective", say("gap.no_objective"))
    for code, known in (
        ("no_day", points.days),
        ("no_access", points.accesses),
        ("no_risk", points.risks),
        ("no_decision", points.decisions),
    ):
        if not known:
            yield _lack(code, say(f"gap.{code}"))
    if told.mission.satisfaction is None:
        yield _lack("no_satisfaction", say("gap.no_satisfaction"))
    if told.letter.letter.document_sha256 is None:
        yield _lack("no_document", say("gap.no_document"), told.letter.facts[:1])
    if client.forgotten:
        yield _lack("contact_erased", say("gap.contact_erased", id=client.party_id), client.facts[-1:])


def _lack(code: str, sentence: str, facts: tuple[int, ...] = ()) -> Lack:
    return Lack(code=code, in_checklist=False, id=None, since=None, sentence=sentence, facts=facts)
