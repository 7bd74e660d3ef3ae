"""A party is reached as it was known on a date, and not at all once it was forgotten."""

from __future__ import annotations

from datetime import date

from domain.event import Sealed
from domain.party import events as party
from projections.contacts import contact_view
from tests.projections.histories import START, Happened, cadre, client, forgotten, recorded, signed

LATER = date(2026, 5, 1)
RIDET = party.Registration(scheme=party.RegistrationScheme.RIDET, number="0123456")


def corrected(**fields: object) -> Happened:
    return Happened("client:E-1", party.ClientCorrected.model_validate({"client_id": "E-1", **fields}), LATER)


def test_a_client_is_reached_through_its_dirigeant() -> None:
    contact = contact_view("E-1", recorded([client()]))
    assert (contact.called, contact.dirigeant, contact.email) == (
        "Boulangerie du Port",
        "Jeanne D.",
        "jeanne@example.nc",
    )
    assert (contact.address, contact.registration_number, contact.facts) == ("Nouméa", None, (1,))


def test_a_correction_holds_from_its_date() -> None:
    moved = corrected(address="Koné", registration=RIDET.model_dump())
    history = recorded([client(), moved, corrected(dirigeant={"name": "Paul P.", "email": "paul@example.nc"})])
    now, before = contact_view("E-1", history), contact_view("E-1", history, as_of=START)
    assert (now.name, now.address, now.dirigeant, now.facts) == ("Boulangerie du Port", "Koné", "Paul P.", (1, 2, 3))
    assert (now.registration_scheme, now.registration_number) == ("RIDET", "0123456")
    assert (before.address, before.dirigeant, before.facts) == ("Nouméa", "Jeanne D.", (1,))


def test_before_it_was_registered_a_party_is_an_id() -> None:
    unknown = contact_view("E-1", recorded([client()]), as_of=date(2026, 1, 1))
    assert (unknown.called, unknown.name, unknown.facts) == ("E-1", None, ())
    assert contact_view("E-1", recorded([client()]), known_at=recorded([client()])[0].recorded_at).facts == (1,)


def test_a_cadre_and_an_issuer_are_reached_too() -> None:
    renamed = Happened("cadre:C-1", party.CadreCorrected(cadre_id="C-1", email="a@example.nc"))
    assert contact_view("C-1", recorded([cadre(), renamed])).email == "a@example.nc"
    issuer = party.IssuerRegistered(issuer_id="I-1", name="Conseil SARL", registration=RIDET, address="Nouméa")
    told = contact_view("I-1", recorded([Happened("issuer:I-1", issuer)]))
    assert (told.name, told.address, told.registration_number) == ("Conseil SARL", "Nouméa", "0123456")


def test_the_network_without_details_is_called_by_its_id() -> None:
    assert contact_view("network", []).called == "network"
    named = party.IssuerCorrected(issuer_id="network", name="Relais Calédonie")
    assert contact_view("network", recorded([Happened("issuer:network", named)])).called == "Relais Calédonie"


def test_who_was_forgotten_keeps_an_id_and_no_word() -> None:
    told = contact_view("E-1", recorded([client(), forgotten("client:E-1")]))
    assert (told.called, told.dirigeant, told.email, told.address, told.forgotten) == ("E-1", None, None, None, True)


def test_words_that_were_erased_are_gone_on_every_date() -> None:
    sealed = Sealed.model_validate({"$c": "0" * 64})
    event = client().event.model_copy(update={"name": sealed, "address": sealed})
    told = contact_view("E-1", recorded([Happened("client:E-1", event)]), as_of=START)
    assert (told.name, told.address, told.dirigeant) == (None, None, "Jeanne D.")


def test_what_is_no_fact_of_a_party_says_nothing_of_it() -> None:
    assert contact_view("E-1", recorded([signed()])).name is None
