"""Which missions run, for whom, held by whom, under which terms; and the days delivered in each."""

from __future__ import annotations

from domain.billing.events import BILLING_EVENTS
from domain.party.events import PersonForgotten
from projections.missions.days import DAYS
from projections.missions.mission import MISSION
from projections.missions.parties import PARTIES
from projections.read_model import read_model

MISSIONS = read_model(
    "missions", version=4, tables=[MISSION, DAYS, PARTIES], ignores=BILLING_EVENTS, forgets=[PersonForgotten]
)
