"""The handover dossier as a successor reads it: what to do first, nothing left out, every line tied to its facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from domain.event import Event, Sealed
from domain.mission import events as mission
from domain.party.events import Language
from service.documents.dossier_page import SECTIONS, dossier_page
from service.documents.dossier_shapes import DossierAnswer, Task, TaskKind
from service.documents.words import WORDS
from tests.browser import barriers, shown
from tests.projections.histories import (
    Happened,
    amended,
    cadre,
    client,
    delivered,
    disputed,
    of_mission,
    signed,
    terms,
)
from tests.sample_year import LAST_DAY, first_year
from tests.service.documents.made import dossier_after, dossier_of
from tests.service.documents.test_letter import GOLDEN, HOSTILE, words_of

MISSIONS = [f"M-2025-{number:03d}" for number in range(1, 23)]
ON = date(2026, 5, 4)
PLACE = re.compile(r"\{\w+\}")
SEALED = Sealed.model_validate({"$c": "0" * 64})
ACTION = mission.ActionOpened(action_id="T-1", text="Appeler la banque", due_on=date(2026, 5, 11))
PEOPLE = (client(), cadre("C-1"), cadre("C-2", "Benoît B."))


def said(event: Event, on: date = ON) -> Happened:
    return of_mission(event, on)


def objective(name: str = "O-1", due_on: date = date(2026, 9, 1)) -> mission.ObjectiveSet:
    return mission.ObjectiveSet.model_validate(
        {
            "objective_id": name,
            "statement": "Encaisser plus vite",
            "indicator": {"name": "Délai", "unit": "jours", "source": "balance"},
            "baseline": "62",
            "target": "40",
            "due_on": due_on,
            "set_on": "2026-03-02",
        }
    )


def measured(value: str, on: date) -> Happened:
    event = mission.IndicatorMeasured.model_validate({"objective_id": "O-1", "value": value, "measured_on": on})
    return said(event, on)


def after(*facts: Happened, on: date = ON, language: Language = Language.FRENCH) -> DossierAnswer:
    return dossier_after(*PEOPLE, signed(), *facts, on=on, language=language)


def tasks(dossier: DossierAnswer, kind: TaskKind) -> list[Task]:
    return [task for task in dossier.to_do if task.kind is kind]


def codes(dossier: DossierAnswer) -> list[str]:
    return [lack.code for lack in dossier.missing]


@pytest.mark.parametrize("mission_id", ["M-2025-013", "M-2025-002"])
def test_the_dossiers_of_the_sample_year_are_those_that_were_reviewed(
    golden: Callable[[Path, str], None], mission_id: str
) -> None:
    dossier = dossier_of(mission_id)
    golden(GOLDEN / f"dossier-{mission_id}.json", dossier.model_dump_json(indent=1) + "\n")
    golden(GOLDEN / f"dossier-{mission_id}.html", dossier_page(dossier) + "\n")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("mission_id", MISSIONS)
def test_every_dossier_of_the_sample_year_has_every_part_in_the_order_of_need(
    mission_id: str, language: Language
) -> None:
    page = dossier_page(dossier_of(mission_id, language=language))
    assert re.findall(r'<h2 id="(\w+)">', page) == list(SECTIONS)
    assert not re.search(r"\bNone\b|Undefined|\{\w+\}|\(s\)", words_of(page))


@pytest.mark.parametrize("mission_id", MISSIONS)
def test_every_line_is_tied_to_facts_of_the_mission_or_of_its_parties(mission_id: str) -> None:
    facts = {fact.position for facts in first_year().values() for fact in facts if fact.occurred_on <= LAST_DAY}
    found = _facts(dossier_of(mission_id).model_dump())
    assert found
    assert all(found)
    assert {position for positions in found for position in positions} <= facts


def _facts(part: Any) -> list[tuple[int, ...]]:
    """Every list of facts in a dossier, but for those of sums that add up to nothing, and of items not completed."""
    if isinstance(part, list | tuple):
        return [found for inner in part for found in _facts(inner)]
    if not isinstance(part, dict):
        return []
    own = [part["facts"]] if "facts" in part and _is_somebodys_word(part) else []
    return own + [found for inner in part.values() for found in _facts(inner)]


def _is_somebodys_word(part: dict[str, Any]) -> bool:
    is_sum = part.keys() >= {"quantity", "net"}
    is_not_done = "item_id" in part and part["completed_on"] is None
    is_never_said = part.get("in_checklist") is False or part.get("party_id") == "network"
    return not (is_sum or is_not_done or is_never_said or part.get("code") == "no_recent_review")


@pytest.mark.parametrize("mission_id", MISSIONS)
def test_as_of_any_day_there_is_a_dossier_of_what_had_occurred_by_then(mission_id: str) -> None:
    stream = first_year()[f"mission:{mission_id}"]
    for fact in stream[:: max(1, len(stream) // 12)]:
        dossier = dossier_of(mission_id, fact.occurred_on)
        assert dossier.position == max(each.position for each in stream if each.occurred_on <= fact.occurred_on)
        assert dossier_page(dossier)


def test_what_presses_comes_first() -> None:
    late = mission.ActionOpened(action_id="T-2", text="Relancer", due_on=date(2026, 4, 30))
    dossier = after(said(ACTION), said(late), delivered("D-1", date(2026, 4, 2)), on=ON)
    assert [(task.kind, task.id, task.days_late) for task in dossier.to_do] == [
        (TaskKind.ACTION, "T-2", 4),
        (TaskKind.REVIEW, None, 2),
        (TaskKind.ACTION, "T-1", 0),
        (TaskKind.APPROVAL, None, 0),
    ]
    assert dossier.to_do[2].sentence == "Appeler la banque (responsable : personne)"


def test_a_week_ahead_is_a_week_and_no_day_more() -> None:
    assert tasks(after(said(ACTION), on=date(2026, 5, 4)), TaskKind.ACTION)
    later = ACTION.model_copy(update={"due_on": date(2026, 5, 12)})
    assert not tasks(after(said(later), on=date(2026, 5, 4)), TaskKind.ACTION)
    assert [each.action_id for each in after(said(later)).open.actions] == ["T-1"]


def test_an_erased_owner_is_not_a_missing_one() -> None:
    dossier = after(said(ACTION.model_copy(update={"owner": SEALED})))
    assert dossier.to_do[-1].sentence == "Appeler la banque (responsable : effacé)"
    assert "action_without_owner" not in codes(dossier)
    assert "aucun responsable nommé" not in dossier_page(dossier)
    assert "aucun responsable nommé" in dossier_page(after(said(ACTION)))


def test_an_objective_asks_for_a_measurement_after_45_days() -> None:
    facts = (said(objective(), date(2026, 3, 2)), measured("50", date(2026, 3, 20)))
    assert not tasks(after(*facts, on=date(2026, 5, 4)), TaskKind.MEASUREMENT)
    stale = after(*facts, on=date(2026, 5, 5))
    [task] = tasks(stale, TaskKind.MEASUREMENT)
    assert (task.due_on, task.days_late, task.facts) == (date(2026, 5, 4), 1, (5, 6))
    assert "Objectif O-1 : aucune mesure depuis le 20 mars 2026" in [lack.sentence for lack in stale.missing]
    assert "Aucune mesure depuis le 20 mars 2026" in words_of(dossier_page(stale))
    never = after(facts[0], on=date(2026, 5, 5))
    assert "Objectif O-1 : aucune mesure depuis qu’il a été fixé, le 2 mars 2026" in [
        lack.sentence for lack in never.missing
    ]


def test_an_objective_that_is_due_or_reached_wants_a_decision() -> None:
    due = after(said(objective(due_on=date(2026, 5, 8)), date(2026, 3, 2)))
    assert tasks(due, TaskKind.OBJECTIVE_DUE)[0].due_on == date(2026, 5, 8)
    reached = after(said(objective(), date(2026, 3, 2)), measured("40", ON))
    [task] = tasks(reached, TaskKind.OBJECTIVE_DUE)
    assert (task.due_on, task.sentence) == (None, "Clore l’objectif O-1, qui est atteint : Encaisser plus vite")


def test_once_the_mission_is_over_its_objectives_are_to_be_closed_and_no_more_measured() -> None:
    stopped = mission.MissionStopped(on=ON, decided_by=mission.StopDecidedBy.CLIENT, reason="Fin")
    over = after(said(objective(), date(2026, 3, 2)), said(stopped), on=date(2026, 6, 20))
    assert not tasks(over, TaskKind.MEASUREMENT)
    [task] = tasks(over, TaskKind.OBJECTIVE_DUE)
    assert task.sentence == "Clore l’objectif O-1, la mission étant finie : Encaisser plus vite"


def test_a_dispute_is_told_until_it_is_settled() -> None:
    dossier = after(delivered(), said(disputed()))
    assert tasks(dossier, TaskKind.DISPUTE)[0].sentence == "Régler la contestation du jour D-1 : Absent"
    assert [each.day_id for each in dossier.open.disputes] == ["D-1"]
    assert dossier.money.disputed.day_ids == ("D-1",)


def test_a_handover_without_a_successor_says_so_and_what_is_left_of_it() -> None:
    started = mission.HandoverStarted(reason="Part", leaving_on=date(2026, 6, 1))
    item = mission.HandoverItemCompleted(item_id=mission.HandoverItem.DOCUMENTS_TRANSFERRED)
    dossier = after(said(started), said(item))
    assert len(tasks(dossier, TaskKind.HANDOVER_ITEM)) == 3
    assert tasks(dossier, TaskKind.SUCCESSOR)[0].due_on == date(2026, 6, 1)
    assert "no_successor" in codes(dossier)
    page = words_of(dossier_page(dossier))
    assert "Aucun successeur nommé" in page
    assert "Documents transmis : fait le 4 mai 2026" in page
    named = after(said(started.model_copy(update={"successor_id": "C-2"})))
    assert "no_successor" not in codes(named)
    assert "Successeur pressenti : Benoît B." in words_of(dossier_page(named))


def test_a_pause_and_an_end_in_sight_are_told() -> None:
    paused = mission.MissionPaused(from_on=ON, reason="Congés", expected_resume_on=date(2026, 6, 1))
    assert tasks(after(said(paused)), TaskKind.RESUMPTION)[0].due_on == date(2026, 6, 1)
    stopped = mission.MissionStopped(on=date(2026, 6, 3), decided_by=mission.StopDecidedBy.CLIENT, reason="Fin")
    assert tasks(after(said(stopped)), TaskKind.END)[0].due_on == date(2026, 6, 3)
    assert not tasks(after(said(stopped), on=date(2026, 6, 4)), TaskKind.END)
    over = after(said(stopped), on=date(2026, 9, 1))
    assert over.rituals.counts.next_due_on is None
    assert "Aucune revue n’est à venir" in dossier_page(over)


def test_nothing_to_do_and_nothing_known_are_said_too() -> None:
    dossier = after(on=date(2026, 3, 3))
    assert codes(dossier) == [
        "no_recent_review",
        "no_objective",
        "no_day",
        "no_access",
        "no_risk",
        "no_decision",
        "no_satisfaction",
        "no_document",
    ]
    words = words_of(dossier_page(dossier))
    for sentence in (
        "Rien n’attend cette semaine.",
        "Aucune action ouverte.",
        "Aucune contestation ouverte.",
        "Aucun objectif n’a été fixé.",
        "Aucun accès n’a été documenté.",
        "Aucun risque n’a été identifié.",
        "Aucune décision n’a été consignée.",
        "Aucun jour n’a été livré.",
        "Aucune revue n’a encore été tenue.",
        "Aucun avenant ni prolongation.",
        "Aucune facture n’attend de règlement.",
    ):
        assert sentence in words


def test_who_lent_a_hand_is_among_those_to_call() -> None:
    dossier = after(delivered("D-1", ON, cadre_id="C-2"))
    assert [(each.role, each.contact.party_id) for each in dossier.contacts] == [
        ("client", "E-1"),
        ("cadre", "C-1"),
        ("helper", "C-2"),
        ("issuer", "network"),
    ]


def test_a_cadre_who_comes_back_is_told_once() -> None:
    over = mission.HandedOver(to_cadre_id="C-2", effective_on=date(2026, 4, 1), accepted_by="Jeanne D.")
    back = mission.HandedOver(to_cadre_id="C-1", effective_on=date(2026, 5, 1), accepted_by="Jeanne D.")
    later = mission.HandedOver(to_cadre_id="C-2", effective_on=date(2026, 7, 1), accepted_by="Jeanne D.")
    dossier = after(said(over), said(back))
    assert [(each.role, each.contact.party_id) for each in dossier.contacts][1:3] == [
        ("cadre", "C-1"),
        ("predecessor", "C-2"),
    ]
    assert after(said(later)).contacts[2].role == "successor"


def test_amendments_are_told_with_what_they_replaced() -> None:
    dossier = after(amended(ON, terms(approval_required=False)))
    assert "approbation du temps par l’entreprise : oui → non" in words_of(dossier_page(dossier))


def test_invoices_left_out_are_said_to_be() -> None:
    dossier = after()
    assert "vos missions" not in dossier_page(dossier)
    assert "Seules sont comptées les factures qui ne portent que sur vos missions." in dossier_page(
        dossier, only_own_invoices=True
    )


def test_both_languages_have_the_same_words() -> None:
    assert WORDS[Language.FRENCH].keys() == WORDS[Language.ENGLISH].keys()
    places = {
        language: {key: set(re.findall(r"\{\w+\}", text)) for key, text in words.items()}
        for language, words in WORDS.items()
    }
    assert places[Language.FRENCH] == places[Language.ENGLISH]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("mission_id", ["M-2025-013", "M-2025-002"])
def test_nothing_keeps_anybody_from_reading_a_dossier(browser: Browser, mission_id: str, width: int) -> None:
    page = shown(browser, dossier_page(dossier_of(mission_id)), width=width)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_dossier_is_readable_in_the_dark(browser: Browser) -> None:
    page = shown(browser, dossier_page(dossier_of("M-2025-013")))
    page.emulate_media(color_scheme="dark")
    assert barriers(page) == []


def test_hostile_words_are_words(browser: Browser) -> None:
    risk = mission.RiskIdentified(risk_id="K-1", text=HOSTILE, likelihood=3, impact=4, backup=HOSTILE)
    review = mission.ReviewHeld(
        review_id="R-1", held_on=ON, kind=mission.ReviewKind.FLASH, attendees=(HOSTILE,), summary=HOSTILE
    )
    access = mission.AccessDocumented(access_id="A-1", system=HOSTILE, level=HOSTILE, documented_at=HOSTILE)
    named = objective().model_copy(update={"indicator": mission.Indicator(name=HOSTILE, unit=HOSTILE, source=HOSTILE)})
    facts = (risk, review, access, named, ACTION.model_copy(update={"text": HOSTILE, "owner": HOSTILE}))
    dossier = dossier_after(client(name=HOSTILE), cadre(name=HOSTILE), signed(), *map(said, facts), on=ON)
    page = shown(browser, dossier_page(dossier))
    assert page.title() == "Dossier de passation M-1"
    assert page.locator("script, img").count() == 0
    assert page.locator("svg").first.get_attribute("aria-label") == f"{HOSTILE} : départ 62, cible 40, aucune mesure"
    assert page.locator(f"text={HOSTILE[:20]}").count() > 8


def test_a_page_that_carries_a_foreign_script_does_not_run_it(browser: Browser) -> None:
    tampered = dossier_page(after()).replace("</body>", "<script>document.title='owned'</script></body>")
    page = browser.new_page()
    page.set_content(tampered)
    assert page.title() == "Dossier de passation M-1"


def test_a_dossier_prints_on_paper(browser: Browser) -> None:
    page = shown(browser, dossier_page(dossier_of("M-2025-013")), width=1280)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).maxWidth") == "none"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")


def test_the_same_facts_make_the_same_page() -> None:
    assert dossier_page(dossier_of("M-2025-013")) == dossier_page(dossier_of("M-2025-013"))
