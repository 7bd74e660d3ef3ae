"""Words that name a forgotten person go with it, and no others."""

from __future__ import annotations

import pytest

from domain.event import Sealed
from domain.party.events import (
    CadreCorrected,
    CadreRegistered,
    ClientCorrected,
    ClientRegistered,
    Dirigeant,
    IssuerRegistered,
    PersonForgotten,
    Registration,
    RegistrationScheme,
)
from domain.party.mentions import Known, known_of
from domain.values import Function

ELISE = known_of(
    [CadreRegistered(cadre_id="C-1", name="Élise Moreau", email="elise@exemple.nc", functions=(Function.FINANCE,))]
)


@pytest.mark.parametrize(
    "text",
    [
        "Élise Moreau",
        "Mme Moreau, DAF",
        "Passation avec MOREAU Elise.",
        "point avec élise moreau",
        "voir elise@exemple.nc",
        "Écrire à <Elise@Exemple.NC>",
        "les chiffres de Moreau/Martin",
    ],
)
def test_words_name_a_person_by_its_family_name_or_its_address(text: str) -> None:
    assert ELISE.are_in(text)


@pytest.mark.parametrize(
    "text", ["", "Élise", "Moreaux", "les morceaux", "elise@exemple.com", "Trésorerie revue avec le comptable"]
)
def test_words_that_name_somebody_else_or_nobody_stay(text: str) -> None:
    assert not ELISE.are_in(text)


def test_a_family_name_written_in_capitals_may_come_first() -> None:
    known = Known(people=frozenset({"DUPONT Marie"}))
    assert known.are_in("avec M. Dupont")
    assert not known.are_in("avec Marie")


def test_a_name_too_short_to_be_looked_for_names_nobody_by_itself() -> None:
    assert not Known(people=frozenset({"Anh Li"})).are_in("li, puis lu")
    assert Known(people=frozenset({"Anh Lim"})).are_in("vu avec Lim")
    assert not Known(people=frozenset({"…"})).are_in("…")


def test_a_person_is_known_by_all_that_it_was_ever_called() -> None:
    known = known_of(
        [
            ClientRegistered(
                client_id="E-1",
                name="Menuiserie Sud",
                address="Nouméa",
                dirigeant=Dirigeant(name="Jeanne Wamytan", email="jw@exemple.nc"),
            ),
            ClientCorrected(client_id="E-1", dirigeant=Dirigeant(name="Jeanne Lebrun", email="jl@exemple.nc")),
            ClientCorrected(client_id="E-1", name="Menuiserie du Sud"),
            CadreCorrected(cadre_id="E-1", email="autre@exemple.nc"),
        ]
    )
    assert known.people == {"Jeanne Wamytan", "Jeanne Lebrun"}
    assert known.addresses == {"jw@exemple.nc", "jl@exemple.nc", "autre@exemple.nc"}
    assert not known.are_in("Menuiserie Sud"), "a company is no person"


def test_of_whom_nothing_is_readable_any_more_nothing_is_known() -> None:
    sealed = Sealed(digest="0" * 64)
    issuer = IssuerRegistered(
        issuer_id="I-1",
        name="Moreau Conseil",
        registration=Registration(scheme=RegistrationScheme.RIDET, number="1"),
        address="Nouméa",
    )
    forgotten = PersonForgotten(party_id="I-1", reason="À sa demande")
    cadre = CadreRegistered(cadre_id="C-1", name=sealed, email=sealed, functions=(Function.FINANCE,))
    assert not known_of([issuer, cadre, forgotten])
    assert ELISE


def test_the_family_name_alone_counts_whatever_other_names_and_initials_stand_before_it() -> None:
    assert Known(people=frozenset({"Anne Marie Martin"})).are_in("vu avec Martin")
    assert Known(people=frozenset({"Jean P. MARTIN"})).are_in("vu avec Martin")


def test_who_was_called_by_a_name_or_by_an_address_alone_is_known() -> None:
    assert Known(people=frozenset({"Marie"}))
    assert Known(addresses=frozenset({"marie@exemple.nc"}))
    assert not Known()


def test_what_a_cadre_and_a_dirigeant_were_ever_called_is_known() -> None:
    dirigeant = Dirigeant(name="Paul Ollen", email="paul@exemple.nc")
    company = ClientRegistered(client_id="E-1", name="Menuiserie", address="Nouméa", dirigeant=dirigeant)
    assert known_of([company]) == Known(frozenset({"Paul Ollen"}), frozenset({"paul@exemple.nc"}))
    assert known_of([CadreCorrected(cadre_id="C-1", name="Élise Martin")]) == Known(frozenset({"Élise Martin"}))
