"""Who is in the network: its cadres and its clients, by id alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from domain.event import Event, Recorded
from domain.party.events import CadreRegistered, ClientRegistered
from projections.read_model import Fold


class PartyRow(NamedTuple):
    """A cadre or a client, and from when it was known."""

    party_id: str
    kind: str
    occurred_on: date
    recorded_at: datetime


PARTIES = Fold("network_parties", PartyRow, key=("party_id",))


@PARTIES.on(CadreRegistered, keys=lambda event, _recorded: [(event.cadre_id,)])
def cadre(_row: PartyRow | None, event: CadreRegistered, recorded: Recorded[Event]) -> PartyRow:
    return PartyRow(event.cadre_id, "cadre", recorded.occurred_on, recorded.recorded_at)


@PARTIES.on(ClientRegistered, keys=lambda event, _recorded: [(event.client_id,)])
def client(_row: PartyRow | None, event: ClientRegistered, recorded: Recorded[Event]) -> PartyRow:
    return PartyRow(event.client_id, "client", recorded.occurred_on, recorded.recorded_at)
