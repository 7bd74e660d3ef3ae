"""An invoice follows from its facts by both verifiers, and whatever does not is named by both in the same word."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser

from tests.architecture.sources import ROOT
from tests.verifier.invoices import bundle_of, log_of, numbers, statement_of
from tests.verifier.making import file_of, policy
from tests.verifier.mutations import changed, values_of
from tests.verifier.pages import derived_by_page, derived_by_python, opened
from verifier.relais_verify import verify

Json = Any
TIME, CREDITED = "F-2026-00001", "F-2026-00003"
RETAINED, LATER, TAXES, AGAIN = "F-2026-00002", "F-2026-00008", "F-2026-00007", "F-2026-00012"


class Altered(NamedTuple):
    """What a dishonest network might record and sign, and the difference that it makes."""

    code: str
    number: str
    change: Callable[[Json], object]


def fact(statement: Json, name: str, **known: str) -> Json:
    """The first fact of that name that says these things."""
    return next(
        event["data"]
        for event in statement["events"]
        if event["topic"].split(".")[1] == f"{name}#1" and known.items() <= event["data"].items()
    )


def invoice(statement: Json) -> Json:
    return fact(statement, "invoice_issued")


def line(statement: Json, number: int = 0) -> Json:
    return invoice(statement)["lines"][number]


def note(statement: Json) -> Json:
    return fact(statement, "credit_note_issued")


def without(statement: Json, name: str, **known: str) -> None:
    gone = fact(statement, name, **known)
    statement["events"] = [event for event in statement["events"] if event["data"] is not gone]


def happened(statement: Json, name: str, before: str, **data: Json) -> None:
    """One more event of a mission, just before the one named; those from there on are renumbered."""
    at = next(place for place, event in enumerate(statement["events"]) if event["topic"] == f"mission.{before}#1")
    twin = statement["events"][at]
    for event in statement["events"]:
        event["version"] += event["stream"] == twin["stream"] and event["version"] >= twin["version"]
    made = {**twin, "topic": f"mission.{name}#1", "version": twin["version"] - 1, "data": data}
    statement["events"].insert(at, made)


def reshaped(statement: Json) -> None:
    """A day in a shape that no verifier knows yet."""
    event = next(each for each in statement["events"] if each["topic"] == "mission.day_delivered#1")
    event["topic"] = "mission.day_delivered#2"


def moved(statement: Json) -> None:
    lines = invoice(statement)["lines"]
    lines.insert(0, lines.pop(1))


def shifted(statement: Json) -> None:
    """One more half day is called included than the retainer has."""
    part = line(statement, 4)["days"][0]
    part["included"] = True


NAMES = {"client_id": "E-9"}
ALTERED = [
    Altered("fact_malformed", TIME, lambda s: line(s).update(net=" 212500")),
    Altered("fact_malformed", TIME, lambda s: line(s).update(net="2.125e5")),
    Altered("fact_malformed", TIME, lambda s: invoice(s).update(due_on="2026-02-30")),
    Altered("fact_malformed", TIME, lambda s: line(s)["days"][0].update(included=0)),
    Altered("fact_malformed", TIME, reshaped),
    Altered("fact_malformed", TIME, lambda s: fact(s, "days_invoiced").update(included=[])),
    Altered("fact_malformed", RETAINED, lambda s: happened(s, "resumed", "days_invoiced", on="2026-01-20")),
    Altered("not_its_series", TIME, lambda s: invoice(s).update(invoice_number="F-2026-00002")),
    Altered("not_its_series", TIME, lambda s: invoice(s).update(sequence=2)),
    Altered("not_its_series", TIME, lambda s: invoice(s).update(issuer_id="EURL")),
    Altered("not_its_series", TIME, lambda s: without(s, "invoice_issued")),
    Altered("other_missions", TIME, lambda s: without(s, "days_invoiced", invoice_number=TIME)),
    Altered("other_missions", TIME, lambda s: line(s).update(mission_id="EURO")),
    Altered("other_agreement", TIME, lambda s: invoice(s).update(NAMES)),
    Altered("other_agreement", TIME, lambda s: line(s).update(function="other")),
    Altered("other_agreement", TIME, lambda s: invoice(s).update(currency="EUR")),
    Altered("line_order", TIME, moved),
    Altered("line_month", TIME, lambda s: line(s).update(month="2025-12")),
    Altered("line_month", TIME, lambda s: invoice(s).update(month="2025-12")),
    Altered("line_price", TIME, lambda s: line(s).update(unit_price="85001")),
    Altered("line_price", RETAINED, lambda s: line(s, 0).update(unit_price="500001")),
    Altered("line_price", TIME, lambda s: line(s, 2).update(unit_price="45211")),
    Altered("line_price", TAXES, lambda s: fact(s, "amended")["terms"]["billing"].update(rate="90000")),
    Altered("line_tax", TIME, lambda s: line(s)["tax"].update(rate="11")),
    Altered("line_tax", TIME, lambda s: line(s)["tax"].update(scheme="TVA")),
    Altered("line_tax", TAXES, lambda s: fact(s, "amended").update(effective_on="2026-03-12")),
    Altered("line_quantity", TIME, lambda s: line(s).update(quantity="3")),
    Altered("line_quantity", TIME, lambda s: line(s).update(unit="hour")),
    Altered("line_quantity", TIME, lambda s: line(s, 2)["days"].append(line(s)["days"][0])),
    Altered("line_quantity", TIME, lambda s: line(s, 2).update(quantity="2")),
    Altered("line_net", TIME, lambda s: line(s).update(net="212501")),
    Altered("line_net", RETAINED, lambda s: line(s, 0).update(net="435483")),
    Altered("line_net", CREDITED, lambda s: line(s, 0).update(net="975.82")),
    Altered("retainer_dates", RETAINED, lambda s: line(s, 0).update(active_dates=28)),
    Altered("retainer_dates", RETAINED, lambda s: line(s, 0).update(dates_in_month=30)),
    Altered("expense_unknown", TIME, lambda s: without(s, "expense_recorded", expense_id="X-1")),
    Altered("expense_unknown", TIME, lambda s: line(s, 2).update(spent_on="2026-01-19")),
    Altered(
        "expense_unknown",
        TIME,
        lambda s: happened(s, "expense_withdrawn", "days_invoiced", expense_id="X-1", reason="Erreur"),
    ),
    Altered("day_unknown", TIME, lambda s: without(s, "day_delivered", day_id="DAY-01-06")),
    Altered(
        "day_withdrawn", TIME, lambda s: happened(s, "day_withdrawn", "days_invoiced", day_id="DAY-01-06", reason="x")
    ),
    Altered(
        "day_disputed", TIME, lambda s: happened(s, "day_disputed", "days_invoiced", day_id="DAY-01-06", reason="x")
    ),
    Altered("day_not_approved", TIME, lambda s: fact(s, "days_approved")["day_ids"].remove("DAY-01-06")),
    Altered("day_differs", TIME, lambda s: line(s)["days"][0].update(date="2026-01-05")),
    Altered("day_differs", TIME, lambda s: line(s)["days"][0].update(cadre_id="C-HOUR")),
    Altered("day_quantity", TIME, lambda s: fact(s, "day_delivered", day_id="DAY-01-06").update(quantity="0.5")),
    Altered(
        "billed_twice",
        TIME,
        lambda s: happened(
            s,
            "days_invoiced",
            "days_invoiced",
            **{**fact(s, "days_invoiced"), "invoice_number": "F-2025-00001"},
        ),
    ),
    Altered("billed_twice", AGAIN, lambda s: without(s, "days_released")),
    Altered("included_exceeded", RETAINED, shifted),
    Altered("record_differs", TIME, lambda s: fact(s, "days_invoiced")["day_ids"].pop()),
    Altered("record_differs", TIME, lambda s: fact(s, "days_invoiced").update(month="2026-02")),
    Altered("record_differs", RETAINED, lambda s: fact(s, "days_invoiced")["included"].update({"FREE-01-06": "0.25"})),
    Altered("record_differs", RETAINED, lambda s: fact(s, "days_invoiced")["retainer_months"].clear()),
    Altered("tax_differs", TIME, lambda s: invoice(s)["taxes"][0].update(tax="22869")),
    Altered("tax_differs", TAXES, lambda s: invoice(s)["taxes"].reverse()),
    Altered("sum_differs", TIME, lambda s: invoice(s).update(gross="404031")),
    Altered("due_differs", TIME, lambda s: invoice(s).update(due_on="2026-02-14")),
    Altered("due_differs", TIME, lambda s: fact(s, "signed", mission_id="HOUR")["terms"].update(payment_days=14)),
    Altered("credit_foreign", TIME, lambda s: note(s).update(client_id="E-2")),
    Altered("credit_foreign", TIME, lambda s: note(s).update(issued_on="2026-01-30")),
    Altered("credit_foreign", TIME, lambda s: note(s).update(sequence=4)),
    Altered("credit_differs", TIME, lambda s: note(s)["lines"][0].update(net="84999")),
    Altered("credit_differs", TIME, lambda s: note(s)["taxes"][0].update(tax="6395")),
    Altered("credit_differs", TIME, lambda s: note(s).update(gross="1")),
    Altered("credit_differs", TIME, lambda s: note(s).update(whole=True)),
    Altered("credit_differs", CREDITED, lambda s: without(s, "credit_note_issued", credit_note_number="A-2026-00006")),
    Altered("credit_record", TIME, lambda s: without(s, "credit_note_issued", credit_note_number="A-2026-00003")),
    Altered("credit_record", TIME, lambda s: without(s, "days_credited", credit_note_number="A-2026-00001")),
    Altered("credit_record", TIME, lambda s: note(s).update(effect="rebill")),
]
WHOLE = [
    Altered("left_out", TIME, lambda s: fact(s, "days_approved")["day_ids"].append("DAY-01-12")),
    Altered("left_out", TIME, lambda s: without(s, "expense_withdrawn")),
    Altered("left_out", LATER, lambda s: without(s, "days_invoiced", invoice_number="F-2026-00006")),
    Altered("included_differs", RETAINED, lambda s: line(s, 3)["days"][0].update(included=False)),
    Altered("billed_twice", "F-2026-00011", lambda s: without(s, "days_released")),
]


def both(browser: Browser, cases: list[tuple[Altered, bool]]) -> list[tuple[str, bool, str | None, list[str]]]:
    """Of each altered statement: the code looked for, the Python verifier's, and all that the page names."""
    statements = []
    for altered, whole in cases:
        statement = statement_of(altered.number, whole=whole)
        altered.change(statement)
        statements.append(statement)
    with opened(browser) as page:
        answers = derived_by_page(page, statements)
    return [
        (altered.code, whole, derived_by_python(statement)[0], codes)
        for (altered, whole), statement, (codes, _) in zip(cases, statements, answers, strict=True)
    ]


@pytest.mark.parametrize("whole", [False, True], ids=["single facts", "whole missions"])
def test_every_kind_of_invoice_follows_from_its_facts_by_both(browser: Browser, whole: bool) -> None:
    statements = [statement_of(number, whole=whole) for number in numbers()]
    assert len(statements) == 13
    with opened(browser) as page:
        answers = derived_by_page(page, statements)
    for statement, (codes, told) in zip(statements, answers, strict=True):
        assert (codes, (None, told)) == ([], derived_by_python(statement)), statement["subject"]
        assert told["complete"] is whole


def test_both_name_every_difference_in_the_same_word(browser: Browser) -> None:
    cases = [(altered, False) for altered in ALTERED]
    cases += [(altered, True) for altered in [*ALTERED, *WHOLE]]
    for code, whole, by_python, by_page in both(browser, cases):
        assert by_python in by_page, (code, whole, by_python)
        assert code in by_page, (code, whole, by_python)


def test_every_difference_of_the_specification_has_its_case() -> None:
    section = (
        (ROOT / "docs" / "reference" / "derivation.md").read_text(encoding="utf-8").split("## 4")[1].split("## 5")[0]
    )
    page = (ROOT / "verifier" / "relais-verify.html").read_text(encoding="utf-8")
    codes = {altered.code for altered in [*ALTERED, *WHOLE]}
    assert all(f"`{code}`" in section for code in codes)
    words = page.split("const DIFFERENCES = {")[1].split("};")[0]
    assert {entry.split(":")[0].strip() for entry in words.strip().split("\n")} == codes


def test_both_accept_the_same_altered_facts(browser: Browser) -> None:
    """Values of the facts removed, doubled, swapped, replaced: one to three a statement."""
    chance = Random(7)
    true = [statement_of(number, whole=whole) for number in numbers() for whole in (False, True)]
    donors = [value for statement in true for value in values_of(statement["events"])]
    statements = []
    for _ in range(400):
        statement = deepcopy(chance.choice(true))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            changed(chance.choice([event["data"] for event in statement["events"] if event["data"]]), donors, chance)
        statements.append(statement)
    with opened(browser) as page:
        answers = derived_by_page(page, statements)
    for statement, (codes, told) in zip(statements, answers, strict=True):
        code, derived = derived_by_python(statement)
        assert (code is None, derived) == (not codes, told if not codes else None)
        assert code is None or code in codes
    assert any(not codes for codes, _ in answers)


def test_a_day_that_was_billed_is_not_made_ready_by_a_second_approval(browser: Browser) -> None:
    """What a network would record that bills a day in January, has it approved once more, and bills it again."""

    def again(events: Json) -> None:
        records = [each["data"] for each in events if each["topic"] == "mission.days_invoiced#1"]
        earlier = next(each for each in records if "DAY-01-06" in each["day_ids"])
        earlier["day_ids"].append("DAY-01-12")

    log = log_of(again)
    for whole in (False, True):
        statement = verify(file_of(bundle_of("F-2026-00005", whole=whole, log=log)), policy().encode())
        assert derived_by_python(statement)[0] == "billed_twice"
        with opened(browser) as page:
            assert derived_by_page(page, [statement])[0][0] == ["billed_twice"]
