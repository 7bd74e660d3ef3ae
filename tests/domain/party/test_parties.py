"""Clients, cadres and issuers: registered once, corrected, forgotten."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.event import Command, CommandRejected
from domain.facts import Facts
from domain.mission.rejections import FunctionNotPractised
from domain.party import decider
from domain.party.events import (
    CadreCorrected,
    CadreRegistered,
    ClientCorrected,
    ClientRegistered,
    IssuerCorrected,
    IssuerRegistered,
    PersonForgotten,
    Registration,
    RegistrationScheme,
)
from domain.party.state import Cadre, Client, Issuer, fold_cadre, fold_client, fold_issuer
from domain.rejections import AlreadyExists, PersonIsForgotten, UnknownCadre, UnknownClient, UnknownIssuer, UnknownParty
from domain.values import Function
from tests.bodies import asked, known_parties
from tests.examples import EXAMPLES
from tests.scenario import Network, Scenario

RIDET = Registration(scheme=RegistrationScheme.RIDET, number="153363.001")


def nobody() -> Scenario:
    return Scenario(Network())


def test_a_company_becomes_a_client() -> None:
    scenario = nobody().when(asked("register_client"), mission=None).then_done()
    (event,) = scenario.events
    assert isinstance(event, ClientRegistered)
    assert (event.registration, event.language) == (RIDET, "fr")
    (recorded,) = scenario.network.tags["party:E-1"]
    assert recorded.stream == "client:E-1"


def test_a_client_may_be_in_no_register() -> None:
    nobody().when(asked("register_client", registration=None), mission=None).then_done()


def test_a_cadre_joins_with_its_functions() -> None:
    (event,) = nobody().when(asked("register_cadre"), mission=None).events
    assert isinstance(event, CadreRegistered)
    assert event.functions == (Function.FINANCE, Function.INFORMATION_SYSTEMS)
    with pytest.raises(ValidationError):
        asked("register_cadre", functions=[])


def test_a_cadre_s_company_may_invoice() -> None:
    (event,) = nobody().when(asked("register_issuer"), mission=None).events
    assert isinstance(event, IssuerRegistered)


@pytest.mark.parametrize("name", ["register_client", "register_cadre", "register_issuer"])
@pytest.mark.parametrize("party_id", ["E-1", "C-1", "I-1", "network"])
def test_parties_share_one_series_of_ids(name: str, party_id: str) -> None:
    id_field = {"register_client": "client_id", "register_cadre": "cadre_id", "register_issuer": "issuer_id"}[name]
    known_parties().when(asked(name, **{id_field: party_id}), mission=None).then_rejected(AlreadyExists)


CORRECTIONS = [
    ("correct_client", UnknownClient, ClientCorrected),
    ("correct_cadre", UnknownCadre, CadreCorrected),
]


@pytest.mark.parametrize(("name", "unknown", "corrected"), CORRECTIONS)
def test_what_is_known_of_a_party_is_corrected(
    name: str, unknown: type[CommandRejected], corrected: type[ClientCorrected | CadreCorrected]
) -> None:
    nobody().when(asked(name), mission=None).then_rejected(unknown)
    (event,) = known_parties().when(asked(name), mission=None).events
    assert isinstance(event, corrected)


def test_the_network_s_own_details_are_corrected_from_the_start() -> None:
    scenario = nobody().when(asked("correct_issuer"), mission=None).then_done()
    scenario.then(IssuerCorrected(issuer_id="network", name="Relais Calédonie", iban="FR7612345"))
    scenario.when(asked("correct_issuer", iban="FR7699999"), mission=None).then_done()
    scenario.when(asked("correct_issuer", issuer_id="I-9"), mission=None).then_rejected(UnknownIssuer)


def test_a_correction_of_the_register_or_the_dirigeant_is_kept() -> None:
    registration = {"scheme": "RIDET", "number": "153363.001"}
    dirigeant = {"name": "Paul", "email": "paul@example.nc"}
    stated = asked("correct_client", registration=registration, dirigeant=dirigeant)
    (event,) = known_parties().when(stated, mission=None).events
    assert isinstance(event, ClientCorrected)
    assert event.registration == RIDET
    assert event.dirigeant is not None
    assert event.dirigeant.email == "paul@example.nc"
    (issuer,) = known_parties().when(asked("correct_issuer", registration=registration), mission=None).events
    assert isinstance(issuer, IssuerCorrected)
    assert issuer.registration == RIDET


@pytest.mark.parametrize(
    ("name", "field"), [("correct_client", "address"), ("correct_cadre", "functions"), ("correct_issuer", "name")]
)
def test_a_correction_corrects_something(name: str, field: str) -> None:
    left_out = {field: ..., "iban": ...} if name == "correct_issuer" else {field: ...}
    with pytest.raises(ValidationError, match=r"Value error, name at least one field to correct\b"):
        asked(name, **left_out)


def test_a_cadre_s_new_functions_count_from_now_on() -> None:
    sells = asked("sign_mission", function="sales")
    known_parties().when(sells).then_rejected(FunctionNotPractised)
    known_parties().given(asked("correct_cadre"), mission=None).when(sells).then_done()
    renamed = known_parties().given(asked("correct_cadre", functions=..., name="Anne B."), mission=None)
    renamed.when(asked("sign_mission")).then_done()


@pytest.mark.parametrize("party_id", ["E-1", "C-1", "I-1"])
def test_a_person_is_forgotten_once(party_id: str) -> None:
    scenario = known_parties().when(asked("forget_person", party_id=party_id), mission=None)
    scenario.then(PersonForgotten(party_id=party_id, reason="Asked for by letter"))
    scenario.when(asked("forget_person", party_id=party_id), mission=None).then_rejected(PersonIsForgotten, party_id)


def test_a_person_is_forgotten_by_whichever_id_it_bears() -> None:
    for field in ("party_id", "client_id", "cadre_id", "issuer_id"):
        command = asked("forget_person", **{"party_id": ..., field: "E-1"})
        known_parties().when(command, mission=None).then_done()


@pytest.mark.parametrize("party_id", ["E-9", "network"])
def test_only_who_was_registered_is_forgotten(party_id: str) -> None:
    known_parties().when(asked("forget_person", party_id=party_id), mission=None).then_rejected(UnknownParty)


@pytest.mark.parametrize(
    "command",
    [asked("correct_client"), asked("correct_cadre"), asked("correct_issuer", issuer_id="I-1")],
    ids=lambda command: command.NAME,
)
def test_no_words_are_taken_in_the_place_of_those_erased(command: Command) -> None:
    scenario = known_parties()
    for party_id in ("E-1", "C-1", "I-1"):
        scenario.given(asked("forget_person", party_id=party_id), mission=None)
    party_id = {"correct_client": "E-1", "correct_cadre": "C-1", "correct_issuer": "I-1"}[command.NAME]
    scenario.when(command, mission=None).then_rejected(PersonIsForgotten, party_id)


def test_a_fold_takes_history_as_it_comes() -> None:
    """A fold never refuses: what decisions would not write is read all the same."""
    forgotten = PersonForgotten(party_id="X", reason="Asked for")
    assert fold_client(None, [forgotten]) == Client("X", forgotten=True)
    assert fold_cadre(None, [forgotten]) == Cadre("X", (), forgotten=True)
    assert fold_issuer(None, [forgotten]) == Issuer("X", forgotten=True)
    assert [fold_client(None, []), fold_cadre(None, []), fold_issuer(None, [])] == [None] * 3
    corrected = fold_client(None, [ClientCorrected(client_id="X", address="Nouméa")])
    assert corrected is not None
    assert corrected.address == "Nouméa"
    assert fold_cadre(None, [CadreCorrected(cadre_id="X", functions=(Function.SALES,))]) == Cadre(
        "X", (Function.SALES,)
    )
    whole = EXAMPLES["issuer.registered"], EXAMPLES["issuer.corrected"]
    issuer = fold_issuer(None, [event for event in whole if isinstance(event, (IssuerRegistered, IssuerCorrected))])
    assert issuer is not None
    assert (issuer.name, issuer.iban) == ("Relais Calédonie", "FR7614158010221234567890123")


def test_a_party_answers_its_own_commands_alone() -> None:
    with pytest.raises(TypeError, match="no command of a party"):
        decider.needs(asked("deliver_day"), Facts())
    with pytest.raises(TypeError, match="no command of a party"):
        decider.decide(asked("deliver_day"), Facts())
