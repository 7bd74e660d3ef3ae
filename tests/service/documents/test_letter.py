"""The letter of engagement as people read it: on a phone, on a screen, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from domain.event import Sealed
from domain.mission.events import MissionSigned
from domain.party.events import Language
from domain.values import Currency, Scope
from projections.contacts import Contact, contact_view
from projections.letter.agreed import letter_view
from projections.letter.shapes import Clause, LetterAnswer
from service.documents.letter import letter_page
from service.documents.saying import Saying
from tests.browser import barriers, shown
from tests.projections.histories import Happened, recorded, signed
from tests.sample_year import LAST_DAY, first_year

GOLDEN = Path(__file__).parents[2] / "golden" / "documents"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'>&amp;{{ 7*7 }}"


def letter_of(mission_id: str, as_of: date = LAST_DAY) -> tuple[LetterAnswer, str]:
    """A letter of the sample year, as JSON has it and as a page."""
    streams = first_year()
    letter = letter_view(streams[f"mission:{mission_id}"], as_of)
    assert letter is not None
    ids = {"client": letter.client_id, "cadre": letter.cadre_id, "issuer": letter.terms.issuer_id}
    parties = [contact_view(id_, streams[f"{kind}:{id_}"], as_of=as_of) for kind, id_ in ids.items()]
    return letter, letter_page(letter, *parties)


def page_of(*facts: Happened, on: date = date(2026, 6, 15)) -> str:
    """The page of a letter among people without names."""
    letter = letter_view(recorded(facts), on)
    assert letter is not None
    return letter_page(letter, *(Contact(party_id=id_) for id_ in ("E-1", "C-1", "network")))


def words_of(page: str) -> str:
    """What stands on a page, without its marks."""
    body = page[page.index("<body>") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&nbsp;", " ").split())


def test_the_letter_of_the_sample_year_is_the_one_that_was_reviewed(golden: Callable[[Path, str], None]) -> None:
    letter, page = letter_of("M-2025-009")
    golden(GOLDEN / "letter-M-2025-009.json", letter.model_dump_json(indent=1) + "\n")
    golden(GOLDEN / "letter-M-2025-009.html", page + "\n")


@pytest.mark.parametrize("number", range(1, 23))
def test_every_letter_of_the_sample_year_speaks_of_a_charge_and_of_results(number: int) -> None:
    _, page = letter_of(f"M-2025-{number:03d}")
    words = words_of(page).lower()
    assert "répond de ses résultats" in words
    assert not re.search(
        r"consult|conseil de|contrat de travail|subordin|hiérarch|prestataire|horaires|none|undefined", words
    )


def test_the_letter_says_which_amendment_gave_a_clause_and_what_it_said_before() -> None:
    _, page = letter_of("M-2025-009")
    words = words_of(page)
    assert "104 737 F CFP hors taxe par jour avenant n° 2" in words.replace("\u202f", " ").replace("\xa0", " ")
    assert "<del>99\u202f750\xa0F CFP</del> → <ins>104\u202f737\xa0F CFP</ins>" in page


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_keeps_anybody_from_reading_a_letter(browser: Browser, width: int) -> None:
    page = shown(browser, letter_of("M-2025-009")[1], width=width)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_words_are_words(browser: Browser) -> None:
    event = signed().event
    assert isinstance(event, MissionSigned)
    scope = Scope(responsibilities=(HOSTILE,), kept_in_house=(HOSTILE,))
    hostile = event.model_copy(update={"title": HOSTILE, "scope": scope})
    page = shown(browser, page_of(Happened("mission:M-1", hostile)))
    assert page.title() == "Lettre de mission M-1"
    assert page.locator("script, img").count() == 0
    assert page.locator(".lead").inner_text() == HOSTILE


def test_erased_words_are_said_to_be_erased() -> None:
    sealed = Sealed.model_validate({"$c": "0" * 64})
    event = signed().event.model_copy(update={"title": sealed})
    words = words_of(page_of(Happened("mission:M-1", event)))
    assert "Lettre de mission effacé" in words
    assert "Entre effacé , l’entreprise, effacé , représentée par effacé , qui la dirige" in words


@pytest.mark.parametrize(
    ("place", "said", "text"),
    [
        ("ends_on", None, "sans terme"),
        ("ends_on", "2026-03-01", "1er mars 2026"),
        ("terms.notice_days", None, "néant"),
        ("terms.notice_days", 1, "1 jour"),
        ("terms.payment_days", 30, "30 jours"),
        ("terms.approval_required", True, "oui"),
        ("terms.approval_required", False, "non"),
        ("terms.billing.rate", "85000", "85\u202f000\xa0F CFP"),
        ("terms.billing.included_days", "0.5", "0,5"),
        ("terms.billing.kind", "retainer", "au forfait"),
        ("terms.tax.rate", "8.5", "8,5\xa0%"),
        ("terms.tax.exemption_reason", "Franchise", "Franchise"),
        ("rhythm.half_days_per_week", 3, "3"),
        ("rhythm.weekdays", ("monday", "friday"), "lundi\u202f; vendredi"),
        ("scope.excluded", (), "néant"),
    ],
)
def test_a_clause_is_said_in_french(place: str, said: Clause, text: str) -> None:
    assert Saying(Language.FRENCH).clause(place, said, Currency.XPF) == text
