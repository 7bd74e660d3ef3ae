"""Who in the network practises which function: whoever could take a mission over, as far as rule 13 lets them."""

from __future__ import annotations

from typing import NamedTuple

from domain.event import Event, Recorded
from domain.party.events import CadreCorrected, CadreRegistered, PersonForgotten
from projections.read_model import Fold, by_stream


class Practitioner(NamedTuple):
    """A cadre, and the functions that it practises."""

    cadre_id: str
    functions: tuple[str, ...]


PRACTITIONERS = Fold("practitioners", Practitioner, key=("cadre_id",))


@PRACTITIONERS.on(CadreRegistered, keys=by_stream)
def registered(_row: Practitioner | None, event: CadreRegistered, _recorded: Recorded[Event]) -> Practitioner:
    return Practitioner(event.cadre_id, tuple(function.value for function in event.functions))


@PRACTITIONERS.on(CadreCorrected, keys=by_stream)
def corrected(row: Practitioner | None, event: CadreCorrected, _recorded: Recorded[Event]) -> Practitioner | None:
    if row is None or event.functions is None:
        return row
    return row._replace(functions=tuple(function.value for function in event.functions))


@PRACTITIONERS.on(PersonForgotten, keys=by_stream)
def forgotten(_row: Practitioner | None, _event: PersonForgotten, _recorded: Recorded[Event]) -> None:
    """Who was forgotten takes nothing over."""
