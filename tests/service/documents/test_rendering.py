"""What people read is written as the French write, and says nothing that it was not told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from jinja2 import UndefinedError
from playwright.sync_api import Browser

from domain.values import Currency
from service.documents.rendering import french_date, french_money, french_number, render


@pytest.mark.parametrize(("on", "written"), [(date(2026, 3, 1), "1er mars 2026"), (date(2026, 8, 21), "21 août 2026")])
def test_a_date_is_written_in_words(on: date, written: str) -> None:
    assert french_date(on) == written


def test_money_keeps_every_digit_that_it_has() -> None:
    assert french_money(Decimal(654550), Currency.XPF) == "654\u202f550\xa0F CFP"
    assert french_money(Decimal("-1234.50"), Currency.EUR) == "-1\u202f234,50\xa0€"
    assert french_number(Decimal("1234.125")) == "1\u202f234,125"


def test_a_page_that_was_told_too_little_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("page.html.j2")


def test_the_words_of_a_fact_are_words_in_the_browser_too(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(render("page.html.j2", language="<b>Nous & vous</b>"))
    assert page.get_attribute("html", "lang") == "<b>Nous & vous</b>"
    assert page.locator("b").count() == 0
