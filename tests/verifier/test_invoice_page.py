"""A client drops an invoice on the page and reads, line by line, from what it follows; or in what it does not."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.verifier.invoices import bundle_of, log_of, numbers
from tests.verifier.making import Json, file_of, policy
from tests.verifier.pages import given, opened

TIME, RETAINED, CREDITED, TAXES = "F-2026-00001", "F-2026-00002", "F-2026-00003", "F-2026-00007"
AT_HOME = {"locale": "fr-FR", "timezone_id": "Pacific/Noumea"}


def read(page: Page, bundle: dict[str, Json], color: str) -> str:
    """What the page says of an invoice, with plain spaces."""
    given(page, "policy", policy().encode())
    given(page, "bundle", file_of(bundle))
    page.wait_for_selector(f"#verdict.{color}")
    return page.inner_text("#result").replace("\u202f", " ").replace("\u00a0", " ")


def invoice_in(events: Json, number: str) -> Json:
    return next(each["data"] for each in events if each["data"].get("lines") and numbered(each["data"]) == number)


def numbered(data: Json) -> str:
    return "" if "credit_note_number" in data else str(data["invoice_number"])


def overbilled(events: Json) -> None:
    """A franc more than quantity × price, carried through to the total."""
    invoice = invoice_in(events, TAXES)
    invoice["lines"][1]["net"] = "180003"
    invoice["taxes"][1].update(net="180003", tax="19800")
    invoice.update(net="295866", gross="322618")


def test_a_client_reads_each_line_with_its_days_their_approval_and_what_set_the_price(browser: Browser) -> None:
    with opened(browser, **AT_HOME) as page:
        text = read(page, bundle_of(TAXES, whole=True), "green")
        assert "Elle découle des faits montrés" in text
        assert "It follows from the facts shown" in text
        assert "1 jour × 85 000 XPF = 85 000 XPF" in text
        assert "2 jours × 90 001 XPF = 180 002 XPF" in text
        assert "2,5 heures × 12 345 XPF = 30 863 XPF" in text
        assert "lettre de mission signée le 2 janvier 2026" in text
        assert "avenant signé le 3 janvier 2026, en vigueur le 11 mars 2026" in text
        assert "11 mars 2026 — DAY-03-11" in text
        assert "non demandé par les conditions" in text
        assert page.locator("article").nth(1).locator("tbody tr").count() == 3
        assert "TGC 11 %\t180 002 XPF\t19 800 XPF" in text
        assert "322 617 XPF" in text
        assert "17 avril 2026" in text
        assert page.locator(".steps .green").count() == page.locator(".steps li").count() == 10


def test_a_client_reads_how_a_retainer_is_shared_out(browser: Browser) -> None:
    with opened(browser, **AT_HOME) as page:
        text = read(page, bundle_of(RETAINED, whole=True), "green")
        assert "1 mois × 600 001 XPF, au prorata de 19 dates actives sur 31 = 367 743 XPF" in text
        assert "2,5 jours × 0 XPF (inclus dans le forfait) = 0 XPF" in text
        assert "0,5 sur 1, inclus" in text


def test_a_client_reads_what_credit_notes_gave_back(browser: Browser) -> None:
    with opened(browser, **AT_HOME) as page:
        text = read(page, bundle_of(CREDITED, whole=True), "green")
        assert "1,5 jour × 650,55 EUR = 975,83 EUR" in text
        assert "-390,34 EUR" in text
        assert "-14,78 EUR" in text
        assert "Reste après avoirs : \n0,00 EUR" in text.replace(" :\n", " : \n")


def test_a_difference_is_named_in_french_and_english_with_both_figures(browser: Browser) -> None:
    """What a network would sign that bills a franc too much: the proof holds, the invoice does not follow."""
    with opened(browser, **AT_HOME) as page:
        text = read(page, bundle_of(TAXES, whole=True, log=log_of(overbilled)), "red")
        assert "1 écart : elle ne découle pas des faits montrés" in text
        assert "1 difference: it does not follow" in text
        assert "ligne 2 : le montant n'est pas quantité × prix, arrondi" in text
        assert "the amount is not quantity × price, rounded" in text
        assert "indiqué : 180003 — attendu : 180002" in text
        assert "indiqué : 180 003 XPF" in text
        assert "322 617 XPF" in text
        assert "322 618 XPF" in text
        assert page.locator(".steps .red").count() == 1


def test_what_could_not_be_checked_is_never_called_verified(browser: Browser) -> None:
    def unreadable(events: Json) -> None:
        invoice_in(events, TAXES)["lines"][0]["net"] = "85 000"

    with opened(browser, **AT_HOME) as page:
        text = read(page, bundle_of(TAXES, whole=True, log=log_of(unreadable)), "red")
        assert "un fait n'est pas écrit comme il devrait" in text
        assert page.locator(".steps .green").count() == 0
        assert page.locator(".steps .amber").count() == 9


def test_without_whole_missions_the_page_says_that_something_may_have_been_left_out(browser: Browser) -> None:
    with opened(browser, **AT_HOME) as page:
        text = read(page, bundle_of(TAXES, whole=False), "green")
        assert "Missions non montrées en entier : que rien n'ait déjà été facturé ailleurs" in text
        assert "une seule fois sur cette facture" in text
        assert "Missions not shown whole" in text
        assert page.locator(".steps .amber").count() == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_an_invoice_is_read_by_everybody_on_a_phone_and_on_a_desk(browser: Browser, width: int) -> None:
    longest = max(numbers(), key=lambda each: len(file_of(bundle_of(each, whole=True))))
    bundles = [bundle_of(longest, whole=True), bundle_of(TAXES, whole=True, log=log_of(overbilled))]
    for bundle, color in zip(bundles, ("green", "red"), strict=True):
        with opened(browser, viewport={"width": width, "height": 844}) as page:
            read(page, bundle, color)
            for each in page.locator("details").all():
                each.evaluate("(details) => { details.open = true; }")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            violations = Axe().run(page).response["violations"]
            assert not violations, json.dumps(violations, indent=1)
