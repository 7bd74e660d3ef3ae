"""Every event is told in a sentence that a stranger understands, in French and in English."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.billing import events as billing
from domain.catalogue import ALL_EVENTS
from domain.event import Event, Recorded, Role, Sealed
from domain.mission import events as mission
from domain.party import events as party
from domain.party.events import Language
from domain.values import Billing, Currency, Letter, Money
from projections.audit_trail import Covered, Proof, Trust, english, entry, entry_of, french, sentence
from projections.audit_trail.catalogue import Sentences
from tests.examples import EXAMPLES
from tests.projections.histories import (
    DAY_RATE,
    HOURLY,
    RETAINER,
    amended,
    client,
    delivered,
    of_mission,
    recorded,
    signed,
    terms,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "audit_trail.txt"
SEALED = Sealed.model_validate({"$c": "0" * 64})


def said(event: Event) -> tuple[str, str]:
    """An event's sentences, with plain spaces so that they can be compared by eye."""
    plain = str.maketrans({french.NARROW: " ", french.SPACE: " "})
    return sentence(event).translate(plain), sentence(event, Language.ENGLISH)


def test_each_event_has_its_sentences(golden: Callable[[Path, str], None]) -> None:
    told = [
        f"{topic}\n  fr  {sentence(EXAMPLES[topic])}\n  en  {said(EXAMPLES[topic])[1]}\n" for topic in sorted(EXAMPLES)
    ]
    golden(GOLDEN, "\n".join(told))


@pytest.mark.parametrize("sentences", [french.SENTENCES, english.SENTENCES], ids=["french", "english"])
def test_a_language_tells_every_event(sentences: Sentences) -> None:
    assert sentences.events == set(ALL_EVENTS)


def test_nothing_is_told_twice() -> None:
    sentences = Sentences(erased="")
    sentences.say(mission.MissionResumed, lambda _: "")
    with pytest.raises(ValueError, match=r"mission\.resumed has a sentence already"):
        sentences.say(mission.MissionResumed, lambda _: "")


@pytest.mark.parametrize(
    ("value", "in_french", "in_english"),
    [
        ("0.5", "0,5", "0.5"),
        ("1234567.25", "1 234 567,25", "1,234,567.25"),
        ("-0.5", "-0,5", "-0.5"),
        ("-1200", "-1 200", "-1,200"),
        ("0", "0", "0"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: str, in_french: str, in_english: str) -> None:
    assert french.number(Decimal(value)) == in_french.replace(" ", french.NARROW)
    assert english.number(Decimal(value)) == in_english


def test_money_is_written_with_its_digits_and_its_sign() -> None:
    francs, euros = (Money(amount=Decimal(1200), currency=currency) for currency in Currency)
    assert [french.money(each) for each in (francs, euros)] == [
        f"1{french.NARROW}200{french.SPACE}F{french.SPACE}CFP",
        f"1{french.NARROW}200,00{french.SPACE}€",
    ]
    assert [english.money(each) for each in (francs, euros)] == ["XPF 1,200", "EUR 1,200.00"]


def test_dates_and_months_are_written_out() -> None:
    assert [french.day(date(2026, 3, day)) for day in (1, 3)] == ["1er mars 2026", "3 mars 2026"]
    assert english.day(date(2026, 3, 1)) == "1 March 2026"
    assert (french.month("2026-08"), english.month("2026-08")) == ("août 2026", "August 2026")


def test_french_takes_the_plural_from_two_on_and_english_from_any_but_one() -> None:
    days, hours = mission.Unit.DAY, mission.Unit.HOUR
    assert [french.quantity(Decimal(n), days).replace(french.SPACE, " ") for n in ("0.5", "1.5", "2")] == [
        "0,5 jour",
        "1,5 jour",
        "2 jours",
    ]
    assert french.quantity(Decimal(2), hours) == f"2{french.SPACE}heures"
    assert [english.quantity(Decimal(n), days) for n in ("0.5", "1", "2")] == ["0.5 days", "1 day", "2 days"]


def test_several_things_are_joined_as_in_speech() -> None:
    assert [french.several(ids) for ids in ((), ("D-1",), ("D-1", "D-2", "D-3"))] == ["aucun", "D-1", "D-1, D-2 et D-3"]
    assert [english.several(ids) for ids in ((), ("D-1",), ("D-1", "D-2"))] == ["none", "D-1", "D-1 and D-2"]


@pytest.mark.parametrize(
    ("billed", "in_french", "in_english"),
    [
        (DAY_RATE, "85 000 F CFP par jour", "XPF 85,000 a day"),
        (HOURLY, "12 000 F CFP par heure", "XPF 12,000 an hour"),
        (RETAINER, "600 000 F CFP par mois, 8 jours compris", "XPF 600,000 a month, 8 days included"),
    ],
)
def test_a_price_says_what_it_is_for(billed: Billing, in_french: str, in_english: str) -> None:
    assert in_french in said(signed(agreed=terms(billed)).event)[0]
    assert in_english in said(signed(agreed=terms(billed)).event)[1]


def test_erased_words_are_mentioned_as_erased() -> None:
    forgotten = party.ClientRegistered(
        client_id="E-1", name=SEALED, address=SEALED, dirigeant=party.Dirigeant(name=SEALED, email=SEALED)
    )
    assert said(forgotten) == (
        "L’entreprise E-1 devient cliente du réseau : (mots effacés).",
        "The company E-1 became a client of the network: (words erased).",
    )


def test_a_sentence_ends_once() -> None:
    stopped = mission.MissionStopped(on=date(2026, 6, 30), decided_by=mission.StopDecidedBy.BOTH, reason="C’est fini. ")
    assert said(stopped) == (
        "La mission s’arrête le 30 juin 2026, sur décision de l’entreprise et du cadre : C’est fini.",
        "The mission stops on 30 June 2026, as decided by client and cadre together: C’est fini.",
    )


DAY = date(2026, 3, 3)
FRANCS = Money(amount=Decimal(5000), currency=Currency.XPF)


@pytest.mark.parametrize(
    ("event", "in_french", "in_english"),
    [
        (amended(DAY).event, "prend effet le 3 mars 2026 : Plus", "takes effect on 3 March 2026: Plus"),
        (amended(DAY, terms()).event, "(85 000 F CFP par jour)", "(XPF 85,000 a day)"),
        (mission.MissionExtended(letter=Letter(signed_on=DAY)), "prolongée sans terme", "extended, open-ended"),
        (mission.ObjectiveRevised(objective_id="O-1", reason="x", on=DAY), "révisé : x", "revised: x"),
        (
            mission.ObjectiveRevised(objective_id="O-1", target=Decimal(5), due_on=DAY, reason="x", on=DAY),
            "révisé, cible 5, échéance 3 mars 2026 : x",
            "revised, target 5, due 3 March 2026: x",
        ),
        (mission.DaysApproved(day_ids=("D-1",)), "approuve jour D-1.", "approved day D-1."),
        (
            mission.DaysApproved(day_ids=("D-1", "D-2"), month="2026-03"),
            "approuve tout ce qui attendait en mars 2026 (jours D-1 et D-2).",
            "approved all that waited in March 2026 (days D-1 and D-2).",
        ),
        (
            mission.DisputeSettled(day_id="D-1", outcome=mission.SettlementOutcome.WITHDRAWN, note="x"),
            "jour retiré : x",
            "day withdrawn: x",
        ),
        (
            mission.ReviewHeld(review_id="R-1", held_on=DAY, kind=mission.ReviewKind.FLASH, attendees=(), summary="x"),
            "Point éclair (R-1) du 3 mars 2026 : x.",
            "A flash review (R-1) was held on 3 March 2026: x.",
        ),
        (mission.ActionOpened(action_id="A-1", text="x", due_on=DAY), "est ouverte pour", "was opened, due"),
        (mission.RiskIdentified(risk_id="R-1", text="x", likelihood=1, impact=2), "sans relais", "no backup"),
        (
            mission.AccessDocumented(access_id="A-1", system="s", level="l", documented_at="d"),
            "sans dépositaire",
            "held by nobody",
        ),
        (mission.HandoverStarted(reason="x", leaving_on=DAY), "départ le 3 mars 2026 : x", "on 3 March 2026: x"),
        (
            mission.HandedOver(
                to_cadre_id="C-2",
                effective_on=DAY,
                accepted_by="J",
                override_reason="x",
                missing=(mission.Missing(gap=mission.Gap.NO_RECENT_REVIEW),),
            ),
            "malgré 1 manque : x",
            "with 1 missing: x",
        ),
        (mission.HandedOver(to_cadre_id="C-2", effective_on=DAY, accepted_by="J"), "de J.", "by J."),
        (mission.DaysInvoiced(invoice_number="F-1", month="2026-03", issued_on=DAY), "aucun jour", "no days"),
        (
            mission.DaysInvoiced(
                invoice_number="F-1",
                month="2026-03",
                issued_on=DAY,
                day_ids=("D-1",),
                retainer_months=("2026-02", "2026-03"),
                expense_ids=("X-1",),
            ),
            "jour D-1 ; forfait de février 2026 et mars 2026 ; frais X-1",
            "day D-1; the retainer of February 2026 and March 2026; expenses X-1",
        ),
        (
            billing.PaymentRecorded(payment_id="P-1", received_on=DAY, amount=FRANCS),
            "reçu le 3 mars 2026, en attente d’affectation.",
            "received on 3 March 2026, unallocated.",
        ),
        (
            mission.HandedOver(
                to_cadre_id="C-2",
                effective_on=DAY,
                accepted_by="J",
                missing=(mission.Missing(gap=mission.Gap.NO_RECENT_REVIEW),) * 2,
            ),
            "malgré 2 manques",
            "with 2 missing",
        ),
    ],
)
def test_a_sentence_says_what_there_is_to_say(event: Event, in_french: str, in_english: str) -> None:
    assert in_french in said(event)[0]
    assert in_english in said(event)[1]


def test_an_entry_says_where_when_and_by_whom() -> None:
    told = recorded([client(), signed(), of_mission(mission.MissionResumed(on=DAY), DAY)])[2]
    (row,) = entry(told)
    answer = entry_of(row, Proof("ab" * 32), Language.ENGLISH).model_dump(mode="json")
    assert answer == {
        "position": 3,
        "stream": "mission:M-1",
        "version": 2,
        "type": "mission.resumed",
        "occurred_on": "2026-03-03",
        "recorded_at": "2026-04-01T03:00:00Z",
        "claimed_at": None,
        "actor": {"role": "network_admin", "id": None},
        "request": {"command_id": None, "correlation_id": None},
        "sentence": "The mission resumes on 3 March 2026.",
        "data": {"on": "2026-03-03"},
        "hash": "ab" * 32,
        "checkpoint": None,
    }


def test_an_entry_names_the_tree_that_covers_it_and_who_stands_for_that() -> None:
    sealed_at = datetime(2026, 4, 1, 3, 0, 5, tzinfo=UTC)
    told = replace(recorded([of_mission(mission.MissionResumed(on=DAY), DAY)])[0], command_id="journal:j-1")
    (row,) = entry(told)
    nobody = entry_of(row, Proof("ab", 12, sealed_at))
    assert nobody.checkpoint == Covered(size=12, sealed_at=sealed_at, trust=Trust.UNSIGNED)
    witnessed = entry_of(row, Proof("ab", 12, sealed_at, "witnessed", 2, 3))
    assert witnessed.checkpoint == Covered(size=12, sealed_at=sealed_at, trust=Trust.WITNESSED, witnessed=2, of=3)
    assert witnessed.request.command_id == "journal:j-1"


@pytest.mark.parametrize("topic", sorted(EXAMPLES))
def test_an_entry_gives_back_the_facts_that_were_recorded(topic: str) -> None:
    event = EXAMPLES[topic]
    told: Recorded[Event] = recorded([of_mission(event)])[0]
    (row,) = entry(told)
    answer = entry_of(row, Proof(""))
    assert answer.data == json.loads(event.model_dump_json(by_alias=True))
    assert answer.actor.role is Role.NETWORK_ADMIN
    assert answer.sentence == sentence(event)


def test_the_sealed_words_of_an_entry_keep_their_digest() -> None:
    event = delivered().event.model_copy(update={"summary": SEALED})
    (row,) = entry(recorded([of_mission(event)])[0])
    assert entry_of(row, Proof("")).data["summary"] == {"$c": "0" * 64}
    assert row.recorded_at == datetime(2026, 4, 1, 1, tzinfo=UTC)
