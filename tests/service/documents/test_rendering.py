"""What people read is written as its language is, and says nothing that it was not told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from jinja2 import UndefinedError
from playwright.sync_api import Browser

from domain.party.events import Language
from domain.values import Currency
from service.documents.rendering import render, written_date, written_money, written_number


@pytest.mark.parametrize(
    ("on", "language", "written"),
    [
        (date(2026, 3, 1), Language.FRENCH, "1er mars 2026"),
        (date(2026, 8, 21), Language.FRENCH, "21 août 2026"),
        (date(2026, 3, 1), Language.ENGLISH, "1 March 2026"),
    ],
)
def test_a_date_is_written_in_words(on: date, language: Language, written: str) -> None:
    assert written_date(on, language) == written


def test_money_keeps_every_digit_that_it_has() -> None:
    assert written_money(Decimal(654550), Currency.XPF) == "654\u202f550\xa0F CFP"
    assert written_money(Decimal("-1234.50"), Currency.EUR) == "-1\u202f234,50\xa0€"
    assert written_money(Decimal("1234.50"), Currency.EUR, Language.ENGLISH) == "1,234.50\xa0€"
    assert written_number(Decimal("1234.125")) == "1\u202f234,125"


def test_a_page_that_was_told_too_little_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("page.html.j2")


def test_the_words_of_a_fact_are_words_in_the_browser_too(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(render("page.html.j2", language="<b>Nous & vous</b>"))
    assert page.get_attribute("html", "lang") == "<b>Nous & vous</b>"
    assert page.locator("b").count() == 0
