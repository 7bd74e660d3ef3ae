"""The handover dossier, composed of what each question to history says of a mission."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from domain.mission.events import Unit
from domain.values import month_of
from projections.contacts import Contact
from projections.delivered_days import Bucket
from projections.dossier.lines import DayLine, PointsAnswer
from projections.missions.answers import MissionAnswer
from service.documents.dossier_shapes import (
    ContactLine,
    ContactRole,
    DeliveredBy,
    DeliveredIn,
    DeliveredPart,
    DossierAnswer,
    MetLine,
    OpenPart,
    RitualsPart,
)
from service.documents.first_week import first_week
from service.documents.lacking import lacking
from service.documents.open_points import handover_under_way, open_actions, open_disputes, waiting_days
from service.documents.saying import Saying
from service.documents.told import Told

GONE = (Bucket.WITHDRAWN, Bucket.CREDITED)


def dossier(told: Told, contacts: Sequence[ContactLine], say: Saying) -> DossierAnswer:
    """All of it, in the order in which a successor needs it."""
    mission, points, on = told.mission, told.points, told.mission.as_of
    client = next(each.contact for each in contacts if each.role is ContactRole.CLIENT)
    return DossierAnswer(
        mission_id=mission.mission_id,
        as_of=on,
        known_at=told.known_at,
        language=say.language,
        position=points.position,
        title=mission.title,
        function=mission.function,
        status=mission.status,
        client_id=mission.client_id,
        cadre_id=mission.cadre_id,
        to_do=first_week(told, say),
        contacts=tuple(contacts),
        met=_met(points),
        open=OpenPart(actions=open_actions(points), disputes=open_disputes(points), waiting=waiting_days(points)),
        handover=told.handover,
        readiness=told.readiness.score,
        missing=lacking(told, client, say),
        objectives=tuple(told.objectives),
        rituals=RitualsPart(
            review_every=mission.review_every,
            rhythm=mission.rhythm,
            counts=told.rituals,
            reviews=points.reviews[::-1],
        ),
        accesses=points.accesses,
        risks=points.risks,
        letter=told.letter,
        money=told.money,
        decisions=tuple(sorted(points.decisions, key=lambda each: each.decided_on, reverse=True)),
        delivered=_delivered(points.days),
        lessons=tuple(sorted(points.lessons, key=lambda each: each.on, reverse=True)),
        holders=mission.holders,
        handovers=tuple(each for each in points.handovers if each.effective_on is not None),
    )


def parties_of(mission: MissionAnswer, points: PointsAnswer) -> list[tuple[ContactRole, str]]:
    """Everybody whom a successor may have to call, each in one role, who matters first first."""
    handover = handover_under_way(points)
    roles: dict[str, ContactRole] = {mission.client_id: ContactRole.CLIENT, mission.cadre_id: ContactRole.CADRE}
    if handover is not None and handover.successor_id is not None:
        roles.setdefault(handover.successor_id, ContactRole.SUCCESSOR)
    for held in reversed(mission.holders):
        is_to_come = held.from_on > mission.as_of
        roles.setdefault(held.cadre_id, ContactRole.SUCCESSOR if is_to_come else ContactRole.PREDECESSOR)
    for day in points.days:
        roles.setdefault(day.cadre_id, ContactRole.HELPER)
    roles.setdefault(mission.terms.issuer_id, ContactRole.ISSUER)
    return [(role, party_id) for party_id, role in roles.items()]


def contact_lines(parties: Sequence[tuple[ContactRole, str]], contacts: Sequence[Contact]) -> list[ContactLine]:
    """Each party in its role."""
    return [ContactLine(role=role, contact=each) for (role, _), each in zip(parties, contacts, strict=True)]


def _met(points: PointsAnswer) -> tuple[MetLine, ...]:
    """Who came to the reviews, who came most first."""
    met: dict[str | None, MetLine] = {}
    for review in points.reviews:
        for attendee in dict.fromkeys(review.attendees):
            before = met.get(attendee)
            reviews = 1 + (0 if before is None else before.reviews)
            met[attendee] = MetLine(attendee=attendee, reviews=reviews, last_on=review.held_on)
    return tuple(sorted(met.values(), key=lambda each: -each.reviews))


def _delivered(days: Sequence[DayLine]) -> DeliveredPart:
    """What counts, per cadre and per month; and every day, those that were taken back too."""
    by_cadre: defaultdict[tuple[str, Unit], list[DayLine]] = defaultdict(list)
    by_month: defaultdict[tuple[str, Unit], Decimal] = defaultdict(Decimal)
    for day in days:
        if day.bucket not in GONE:
            by_cadre[day.cadre_id, day.unit].append(day)
            by_month[month_of(day.date), day.unit] += day.quantity
    return DeliveredPart(
        by_cadre=tuple(
            DeliveredBy(
                cadre_id=cadre_id,
                unit=unit,
                quantity=sum((day.quantity for day in worked), Decimal(0)),
                first_on=worked[0].date,
                last_on=worked[-1].date,
                days=len(worked),
            )
            for (cadre_id, unit), worked in by_cadre.items()
        ),
        by_month=tuple(
            DeliveredIn(month=month, unit=unit, quantity=quantity) for (month, unit), quantity in by_month.items()
        ),
        days=tuple(days),
    )
