"""Every decision that can be asked of the service, by the name that HTTP and journals use."""

from __future__ import annotations

from collections.abc import Mapping

from domain.billing.decider import BILLING_COMMANDS
from domain.event import Command
from domain.mission.decider import MISSION_COMMANDS
from domain.party.decider import PARTY_COMMANDS

COMMANDS: Mapping[str, type[Command]] = {
    command_type.NAME: command_type for command_type in (*PARTY_COMMANDS, *MISSION_COMMANDS, *BILLING_COMMANDS)
}
