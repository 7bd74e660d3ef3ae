"""Bundles of every kind of invoice that the product issues: both verifiers derive them, missions whole or not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from service.embedded import EmbeddedPostgres
from service.proof.bundles import Asked, billing_alone
from tests.servers import cloned_database
from tests.service.proof.sealed_year import Year, year
from tests.verifier.every_invoice import journal
from tests.verifier.invoices import bundle_of, numbers
from tests.verifier.pages import derived_by_page, derived_by_python, opened, said_by_page
from verifier.relais_invoice import derive
from verifier.relais_verify import verify

PART, WHOLE = Asked(), Asked(whole=True)


@pytest.fixture(scope="module")
def lived(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("proof") / "folder"
    with cloned_database(postgres) as database, year(database, folder, lines=journal()) as found:
        yield found


def test_both_verifiers_derive_every_kind_of_invoice(lived: Year, browser: Browser) -> None:
    bundles = [lived.bundles.invoice(number, asked) for number in numbers() for asked in (PART, WHOLE)]
    with opened(browser) as page:
        said = said_by_page(page, [(bundle, lived.policy, None) for bundle in bundles])
        derived = derived_by_page(page, [statement for _, statement in said])
    for bundle, (code, statement), (codes, told) in zip(bundles, said, derived, strict=True):
        assert (code, codes) == (None, [])
        assert statement == verify(bundle, lived.policy)
        assert (None, told) == derived_by_python(statement)


def test_the_facts_shown_are_those_that_the_specification_names(lived: Year) -> None:
    for number in numbers():
        for whole in (False, True):
            made = json.loads(lived.bundles.invoice(number, Asked(whole=whole)))
            wanted = bundle_of(number, whole=whole)
            for kind in ("histories", "extracts"):
                shown, due = (
                    [(each["stream"], [event["version"] for event in each["events"]]) for each in bundle[kind]]
                    for bundle in (made, wanted)
                )
                assert shown == due, number


def test_an_invoice_with_whole_missions_is_complete_and_says_until_when(lived: Year) -> None:
    told = verify(lived.bundles.invoice(numbers()[0], WHOLE), lived.policy)
    assert told["complete"]
    assert told["complete_until"] == max(event["recorded_at"] for event in told["events"])
    assert {"others", "second_stream"} <= {*told["not_proven"]}
    part = verify(lived.bundles.invoice(numbers()[0], PART), lived.policy)
    assert not part["complete"]
    assert "second_stream" not in part["not_proven"]


def test_a_day_billed_again_needs_no_approval_that_was_asked_for_later(lived: Year) -> None:
    """Billed without approval, credited to be billed again, and only then made to need one."""
    told = derive(verify(lived.bundles.invoice("F-2026-00012", PART), lived.policy))
    (day,) = [each for each in told["days"] if each["day_id"] == "OPEN-01-08"]
    assert day["approved_in"] is None
    assert day["unit_prices"] == ["90001"]


def test_an_accountant_derives_an_invoice_without_a_word_of_its_missions(lived: Year) -> None:
    for number in numbers():
        told = verify(lived.bundles.invoice(number, PART, billing_alone), lived.policy)
        assert derive(told)["invoice_number"] == number
        assert all(event["withheld"] for event in told["events"] if event["topic"] == "mission.day_delivered#1")
