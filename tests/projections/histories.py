"""Histories of a small world: two missions, two cadres, a few days; drawn so that events collide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from domain.event import Actor, Event, Recorded, Role
from domain.mission import events as mission
from domain.party import events as party
from domain.values import (
    Billing,
    Currency,
    DayRate,
    Function,
    Hourly,
    Letter,
    Money,
    Retainer,
    Rhythm,
    Scope,
    Tax,
    TaxScheme,
    Terms,
)

START = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event on its way into history."""

    stream: str
    event: Event
    occurred_on: date = START


def recorded(history: Sequence[Happened]) -> list[Recorded[Event]]:
    """The history as it would be read: positions and versions in order, an hour between any two events."""
    versions: dict[str, int] = {}
    found = []
    for position, happened in enumerate(history, 1):
        versions[happened.stream] = versions.get(happened.stream, 0) + 1
        found.append(
            Recorded(
                event=happened.event,
                stream=happened.stream,
                version=versions[happened.stream],
                position=position,
                occurred_on=happened.occurred_on,
                recorded_at=datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=position),
                actor=Actor(Role.NETWORK_ADMIN),
            )
        )
    return found


DAY_RATE = DayRate(rate=Decimal(85000))
HOURLY = Hourly(rate=Decimal(12000))
RETAINER = Retainer(monthly=Decimal(600000), included_days=Decimal(8), extra_day_rate=Decimal(80000))


def terms(billing: Billing = DAY_RATE, *, approval_required: bool = True, currency: Currency = Currency.XPF) -> Terms:
    """Terms as most missions have them."""
    tax = Tax(scheme=TaxScheme.TGC, rate=Decimal(6))
    return Terms(currency=currency, billing=billing, tax=tax, payment_days=30, approval_required=approval_required)


def signed(mission_id: str = "M-1", cadre_id: str = "C-1", agreed: Terms | None = None) -> Happened:
    """A mission begins on 2 March 2026."""
    event = mission.MissionSigned(
        mission_id=mission_id,
        client_id="E-1",
        cadre_id=cadre_id,
        function=Function.FINANCE,
        title="Direction financière",
        scope=Scope(responsibilities=("La trésorerie",)),
        letter=Letter(signed_on=date(2026, 2, 20)),
        starts_on=START,
        rhythm=Rhythm(half_days_per_week=4),
        terms=agreed or terms(),
        review_every=mission.ReviewEvery.MONTHLY,
    )
    return Happened(f"mission:{mission_id}", event, date(2026, 2, 20))


def amended(effective_on: date, agreed: Terms | None = None, mission_id: str = "M-1") -> Happened:
    """An amendment takes effect."""
    event = mission.MissionAmended(
        effective_on=effective_on, letter=Letter(signed_on=effective_on), terms=agreed, reason="Plus de temps"
    )
    return Happened(f"mission:{mission_id}", event, effective_on)


def delivered(
    day_id: str = "D-1",
    on: date = date(2026, 3, 3),
    quantity: str = "1",
    mission_id: str = "M-1",
    cadre_id: str = "C-1",
    unit: mission.Unit = mission.Unit.DAY,
) -> Happened:
    """A day is worked."""
    event = mission.DayDelivered(
        day_id=day_id, date=on, quantity=Decimal(quantity), unit=unit, summary="Clôture", cadre_id=cadre_id
    )
    return Happened(f"mission:{mission_id}", event, on)


def of_mission(event: Event, occurred_on: date = START, mission_id: str = "M-1") -> Happened:
    """Any other event of a mission."""
    return Happened(f"mission:{mission_id}", event, occurred_on)


def withdrawn(day_id: str = "D-1") -> mission.DayWithdrawn:
    return mission.DayWithdrawn(day_id=day_id, reason="Saisi deux fois")


def approved(*day_ids: str) -> mission.DaysApproved:
    return mission.DaysApproved(day_ids=day_ids)


def disputed(day_id: str = "D-1") -> mission.DayDisputed:
    return mission.DayDisputed(day_id=day_id, reason="Absent")


def settled(outcome: mission.SettlementOutcome, day_id: str = "D-1") -> mission.DisputeSettled:
    return mission.DisputeSettled(day_id=day_id, outcome=outcome, note="Vu ensemble")


def invoiced(*day_ids: str, number: str = "F-2026-00001") -> mission.DaysInvoiced:
    return mission.DaysInvoiced(invoice_number=number, month="2026-03", issued_on=date(2026, 3, 31), day_ids=day_ids)


def credited(*day_ids: str) -> mission.DaysCredited:
    return mission.DaysCredited(
        credit_note_number="A-2026-00001", invoice_number="F-2026-00001", issued_on=date(2026, 4, 2), day_ids=day_ids
    )


def released(*day_ids: str) -> mission.DaysReleased:
    return mission.DaysReleased(
        credit_note_number="A-2026-00001", invoice_number="F-2026-00001", issued_on=date(2026, 4, 2), day_ids=day_ids
    )


def client(client_id: str = "E-1", name: str = "Boulangerie du Port") -> Happened:
    """A company joins."""
    dirigeant = party.Dirigeant(name="Jeanne D.", email="jeanne@example.nc")
    event = party.ClientRegistered(client_id=client_id, name=name, address="Nouméa", dirigeant=dirigeant)
    return Happened(f"client:{client_id}", event)


def cadre(cadre_id: str = "C-1", name: str = "Anne A.") -> Happened:
    """A cadre joins."""
    event = party.CadreRegistered(cadre_id=cadre_id, name=name, email="anne@example.nc", functions=(Function.FINANCE,))
    return Happened(f"cadre:{cadre_id}", event)


def forgotten(stream: str) -> Happened:
    """A person is forgotten."""
    return Happened(stream, party.PersonForgotten(party_id=stream.partition(":")[2], reason="À sa demande"))


DAY_IDS = [f"D-{number}" for number in range(1, 6)]
DATES = [date(2026, 3, day) for day in range(2, 12)]
on_dates, day_ids, days_of = (
    st.sampled_from(DATES),
    st.sampled_from(DAY_IDS),
    st.lists(st.sampled_from(DAY_IDS), max_size=3),
)
quantities = st.sampled_from(["0.5", "1"])


def _many(make: Callable[..., Event]) -> st.SearchStrategy[Event]:
    return days_of.map(lambda ids: make(*ids))


mission_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda day_id, on, quantity: delivered(day_id, on, quantity).event, day_ids, on_dates, quantities),
    day_ids.map(withdrawn),
    day_ids.map(disputed),
    st.builds(settled, st.sampled_from(mission.SettlementOutcome), day_ids),
    _many(approved),
    _many(invoiced),
    _many(credited),
    _many(released),
    st.builds(lambda on, required: amended(on, terms(approval_required=required)).event, on_dates, st.booleans()),
    on_dates.map(lambda on: amended(on).event),
    on_dates.map(lambda on: mission.MissionPaused(from_on=on, reason="Congés")),
    on_dates.map(lambda on: mission.MissionResumed(on=on)),
    on_dates.map(lambda on: mission.MissionStopped(on=on, decided_by=mission.StopDecidedBy.BOTH, reason="Fin")),
    st.one_of(st.none(), on_dates).map(lambda on: mission.MissionExtended(ends_on=on, letter=Letter(signed_on=START))),
    on_dates.map(lambda on: mission.HandedOver(to_cadre_id="C-2", effective_on=on, accepted_by="Jeanne D.")),
    on_dates.map(
        lambda on: mission.ReviewHeld(
            review_id="R-1",
            held_on=on,
            kind=mission.ReviewKind.FLASH,
            attendees=("Anne",),
            summary="Bien",
            satisfaction=4,
        )
    ),
    st.just(
        mission.ExpenseRecorded(
            expense_id="X-1", date=START, amount=Money(amount=Decimal(1500), currency=Currency.XPF), label="Taxi"
        )
    ),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 25) -> list[Happened]:
    """Two missions of one client, and whatever may be said of them, in any order, sense or no sense."""
    history = [client(), cadre("C-1"), cadre("C-2", "Benoît B."), signed("M-1"), signed("M-2", "C-2")]
    for _ in range(draw(st.integers(0, most))):
        if draw(st.integers(0, 20)) == 0:
            history.append(forgotten(draw(st.sampled_from(["client:E-1", "cadre:C-1", "cadre:C-2"]))))
        else:
            event, mission_id = draw(mission_events), draw(st.sampled_from(["M-1", "M-2"]))
            history.append(of_mission(event, draw(on_dates), mission_id))
    return history
