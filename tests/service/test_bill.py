"""A month's run is shown before it is issued, issued as shown, and issued once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest

from domain.billing.events import InvoiceIssued
from domain.billing.invoicing import IssueInvoices
from domain.calendar import WorkingCalendar
from domain.event import CommandRejected
from domain.values import Currency
from service.billing_run import Rehearsals, Run, issue
from service.billing_words import ENGLISH, FRENCH, shown
from service.command_service import CommandService
from service.submission import Accepted, Submission
from tests.servers import Database
from tests.service.commands_by_hand import asked, day, running_missions
from tests.service.test_cli import SECONDS, environment, relais

TODAY = date(2026, 3, 31)
MARCH = Run(IssueInvoices(month="2026-03", issued_on=TODAY), TODAY)


@pytest.fixture
def service(database: Database) -> Iterator[CommandService]:
    with CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False) as running:
        done(running, running_missions(2))
        done(running, [worked("M-0", "D-0", "2026-03-03"), worked("M-1", "D-1", "2026-03-04")])
        done(running, [asked("approve_days", mission_id, month="2026-03") for mission_id in ("M-0", "M-1")])
        yield running


@pytest.fixture
def rehearsals(database: Database) -> Iterator[Rehearsals]:
    with closing(Rehearsals(database.app_url, database.keys_url, WorkingCalendar())) as opened:
        yield opened


@pytest.fixture
def settings(database: Database) -> dict[str, str]:
    return {"RELAIS_DATABASE_URL": database.app_url, "RELAIS_KEYS_DATABASE_URL": database.keys_url}


def worked(mission_id: str, day_id: str, on: str) -> Submission:
    return day(mission_id, day_id, on=on, quantity="1")


def done(service: CommandService, submissions: Sequence[Submission]) -> None:
    for answer in service.execute_many(submissions):
        assert isinstance(answer, Accepted), answer


def numbers(invoices: Sequence[InvoiceIssued]) -> list[str]:
    return [each.invoice_number for each in invoices]


def test_what_is_shown_is_what_is_issued(service: CommandService, rehearsals: Rehearsals) -> None:
    shown_first = rehearsals.shown(MARCH)
    (invoice,) = issue(MARCH, shown_first, service)
    assert shown_first.names == {"CL-1": "Menuiserie du Mont-Dore"}
    (before,) = shown_first.invoices
    figures = {"lines", "taxes", "net", "tax", "gross", "due_on", "client_id", "issuer_id"}
    assert before.model_dump(include=figures) == invoice.model_dump(include=figures)
    assert invoice.gross == 180200


def test_a_rehearsal_records_nothing(service: CommandService, rehearsals: Rehearsals) -> None:
    assert rehearsals.shown(MARCH) == rehearsals.shown(MARCH)
    assert numbers(issue(MARCH, rehearsals.shown(MARCH), service)) == ["F-2026-00001"]


def test_a_run_confirmed_twice_is_issued_once(service: CommandService, rehearsals: Rehearsals) -> None:
    confirmed = rehearsals.shown(MARCH)
    assert numbers(issue(MARCH, confirmed, service)) == numbers(issue(MARCH, confirmed, service)) == ["F-2026-00001"]
    after = rehearsals.shown(MARCH)
    assert (after.invoices, after.issued_before) == ((), ("F-2026-00001",))


@pytest.mark.parametrize("at_once", [1, 2, 50])
def test_what_was_issued_for_a_month_before_is_found_whenever_it_was_issued(
    service: CommandService, database: Database, at_once: int
) -> None:
    for month, day_id, on, issued_on in (
        ("2026-01", "D-6", "2026-01-06", "2026-01-31"),
        ("2026-02", "D-7", "2026-02-03", "2026-02-28"),
        ("2026-01", "D-8", "2026-01-07", "2026-03-30"),
        ("2026-02", "D-9", "2026-02-04", "2026-03-30"),
        ("2026-01", "D-10", "2026-01-08", "2026-03-31"),
    ):
        done(service, [worked("M-0", day_id, on), asked("approve_days", "M-0", month=month)])
        done(service, [asked("issue_invoices", month=month, issued_on=issued_on)])
    with closing(Rehearsals(database.app_url, database.keys_url, WorkingCalendar(), at_once=at_once)) as rehearsals:
        before = {
            month: rehearsals.shown(Run(IssueInvoices(month=month, issued_on=TODAY), TODAY)).issued_before
            for month in ("2026-01", "2026-02", "2026-03")
        }
    assert before == {
        "2026-01": ("F-2026-00001", "F-2026-00003", "F-2026-00005"),
        "2026-02": ("F-2026-00002", "F-2026-00004"),
        "2026-03": (),
    }


def test_a_run_asked_for_again_issues_what_became_billable_since(
    service: CommandService, rehearsals: Rehearsals
) -> None:
    issue(MARCH, rehearsals.shown(MARCH), service)
    done(service, [worked("M-0", "D-2", "2026-03-05"), asked("approve_days", "M-0", month="2026-03")])
    late = rehearsals.shown(MARCH)
    assert [invoice.net for invoice in late.invoices] == [85000]
    assert numbers(issue(MARCH, late, service)) == ["F-2026-00002"]


def test_what_is_billed_credited_and_billed_again_is_another_run(
    service: CommandService, rehearsals: Rehearsals
) -> None:
    first = rehearsals.shown(MARCH)
    issue(MARCH, first, service)
    credit = asked(
        "issue_credit_note", invoice_number="F-2026-00001", issued_on="2026-03-31", reason="Erreur", effect="rebill"
    )
    done(service, [credit])
    again = rehearsals.shown(MARCH)
    assert again.mark != first.mark
    assert numbers(issue(MARCH, again, service)) == ["F-2026-00002"]


def test_what_stands_in_the_way_is_told_before_anything_is_shown(rehearsals: Rehearsals) -> None:
    early = Run(IssueInvoices(month="2026-03", issued_on=date(2026, 3, 30)), TODAY)
    with pytest.raises(CommandRejected) as refused:
        rehearsals.shown(early)
    assert refused.value.code == "month_not_over"


def test_somebody_types_it(service: CommandService, settings: dict[str, str]) -> None:
    date_of_issue = ("--issued-on", "2026-03-31")
    left = relais(settings, "bill", "2026-03", *date_of_issue, stdin="n\n")
    assert left.returncode == 1
    line = "CL-1\tMenuiserie du Mont-Dore\tnetwork\tXPF\t2\t170000\t10200\t180200\t2026-04-30\n"
    assert left.stdout == f"-\t{line}"
    assert left.stderr == "Émettre 1 facture(s) ? [o/N] Rien n'a été émis.\n"
    issued = relais(settings, "bill", "2026-03", *date_of_issue, stdin="oui\n")
    assert issued.returncode == 0
    assert issued.stdout == f"-\t{line}F-2026-00001\t{line}"
    again = relais(settings, "bill", "2026-03", *date_of_issue, "--yes", "--language", "en")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "Nothing to bill for 2026-03.\nIssued for this month before: F-2026-00001.\n"


def test_what_changes_while_somebody_thinks_is_shown_anew(service: CommandService, settings: dict[str, str]) -> None:
    command = [sys.executable, "-m", "service.cli", "bill", "2026-03", "--issued-on", "2026-03-31"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment(settings), text=True, stdin=pipe, stdout=pipe, stderr=pipe
    ) as asking:
        assert asking.stdin
        assert asking.stdout
        assert asking.stdout.readline().split("\t")[8] == "180200"
        done(service, [worked("M-0", "D-2", "2026-03-05"), asked("approve_days", "M-0", month="2026-03")])
        told, said = asking.communicate("oui\nnon\n", timeout=SECONDS)
    assert told.split("\t")[8] == "270300"
    assert said.count("Émettre 1 facture(s) ?") == 2
    assert said.endswith("Rien n'a été émis.\n")
    assert asking.returncode == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("2026-13",), "MONTH: write the month as 2026-03"),
        (("2026-03", "--issued-on", "hier"), "--issued-on: write the date as 2026-03-31, not hier"),
        (("2026-03", "--client", "?"), "--client: write an id"),
        (("2026-03", "--language", "de"), "--language: write fr or en, not de"),
        (("2026-03", "--client", "CL-9"), "unknown_client: no client has the id CL-9; check it"),
        (("2026-03", "--issued-on", "2026-03-30"), "month_not_over: 2026-03 ends on 2026-03-31"),
    ],
)
def test_what_cannot_be_billed_is_told_with_what_to_do(
    settings: dict[str, str], words: tuple[str, ...], reason: str
) -> None:
    told = relais(settings, "bill", *words)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith(f"relais: {reason}")


def test_amounts_are_written_as_people_read_them() -> None:
    assert shown(Decimal(654550), Currency.XPF, FRENCH) == "654\u202f550\u00a0F CFP"
    assert shown(Decimal("-1234.5"), Currency.EUR, FRENCH) == "-1\u202f234,50\u00a0€"
    assert shown(Decimal("1234.5"), Currency.EUR, ENGLISH) == "1,234.50\u00a0€"
