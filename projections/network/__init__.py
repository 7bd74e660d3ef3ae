"""How the network fares: the figures that decide whether it goes on, and the weak signals that ask for somebody."""

from __future__ import annotations

from domain.event import Event
from domain.mission.events import (
    ActionClosed,
    ActionOpened,
    DayDelivered,
    DaysCredited,
    DayWithdrawn,
    DecisionRecorded,
    DisputeSettled,
    ExpenseRecorded,
    ExpenseWithdrawn,
    HandedOver,
    HandoverItemCompleted,
    MissionExtended,
    MissionSigned,
    MissionStopped,
    ObjectiveRevised,
    ReviewHeld,
)
from domain.party.events import (
    CadreCorrected,
    ClientCorrected,
    IssuerCorrected,
    IssuerRegistered,
    PersonForgotten,
)
from projections.network.courses import StandingRow
from projections.network.days import DAYS
from projections.network.dependence import DependenceRow
from projections.network.invoices import INVOICES
from projections.network.parties import PARTIES
from projections.network.points import MEASUREMENTS, POINTS, REVIEWS
from projections.network.sources import (
    CLIENTS_OF,
    dependence_sources,
    make_dependences,
    make_standings,
    make_watches,
    sources,
    standing_sources,
)
from projections.network.turns import MISSIONS
from projections.network.watches import WatchRow
from projections.read_model import Summary, read_model

OF_THE_MISSIONS = "mission_id = ANY(%(ids)s)"

WATCHES = Summary(
    "network_watches",
    WatchRow,
    key=("mission_id", "code", "subject_id", "from_on"),
    handles=MISSIONS.handles | DAYS.handles | POINTS.handles | MEASUREMENTS.handles | REVIEWS.handles,
    held=OF_THE_MISSIONS,
    sources=sources,
    make=make_watches,
    indexes=(("code", "base_on"),),
)
STANDINGS = Summary(
    "network_standings",
    StandingRow,
    key=("mission_id",),
    handles=MISSIONS.handles | {DayDelivered, DayWithdrawn, DisputeSettled, DaysCredited, ReviewHeld},
    held=OF_THE_MISSIONS,
    sources=standing_sources,
    make=make_standings,
)
DEPENDENCES = Summary(
    "network_dependences",
    DependenceRow,
    key=("client_id", "cadre_id", "functions", "from_on"),
    handles=[MissionSigned, MissionExtended, MissionStopped, HandedOver],
    held=CLIENTS_OF,
    sources=dependence_sources,
    make=make_dependences,
    indexes=(("functions", "from_on"),),
)

IGNORED: tuple[type[Event], ...] = (
    ClientCorrected,
    CadreCorrected,
    IssuerRegistered,
    IssuerCorrected,
    PersonForgotten,
    ObjectiveRevised,
    ExpenseRecorded,
    ExpenseWithdrawn,
    DecisionRecorded,
    ActionOpened,
    ActionClosed,
    HandoverItemCompleted,
)
"""What changes neither a figure nor a signal; it keeps no words, so there is nothing to forget."""

NETWORK = read_model(
    "network",
    version=2,
    tables=[MISSIONS, DAYS, POINTS, MEASUREMENTS, REVIEWS, INVOICES, PARTIES, WATCHES, STANDINGS, DEPENDENCES],
    ignores=IGNORED,
    reads_words=False,
)
