"""The journals of sales and bank obey the format of the FEC, and say to the franc what the invoices say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given

from domain.billing.events import (
    Allocation,
    PartyDetails,
    PaymentAllocated,
    PaymentDeallocated,
    PaymentRecorded,
    RefundRecorded,
)
from domain.party.events import Registration, RegistrationScheme
from domain.values import Currency, Money
from service.exports.books import Books
from service.exports.chart import OURS, read_chart
from service.exports.fec import bank_journal, file_name, sales_journal
from service.trouble import Trouble
from tests.domain.billing.ledger import a_day_at, days, invoice, mission, on, terms
from tests.domain.billing.test_billing_properties import STEPS, Steps, live
from tests.projections.histories import Happened, recorded
from tests.service.exports.fec_rules import Line, broken_rules, entries, lines_of, money, moved
from tests.service.exports.kept import books, sample, volume

CHART = read_chart()
JOURNALS = ("first-year", "careless")
KEPT = [(name, issuer_id, currency) for name in JOURNALS for issuer_id in ("network", "I-001") for currency in Currency]
CLIENT, BANK, ADVANCE, BETWEEN = "411000", "512000", "419100", "467000"


def both(kept: Books, issuer_id: str = "network", currency: Currency = Currency.XPF) -> list[Line]:
    asked = volume(issuer_id, currency)
    return [*lines_of(sales_journal(kept, CHART, asked)), *lines_of(bank_journal(kept, CHART, asked))]


def in_own_currency(line: Line) -> Decimal:
    """What a line moves in the currency of its document."""
    return money(line["Montantdevise"]) if line["Idevise"] else moved(line)


@pytest.mark.parametrize(("name", "issuer_id", "currency"), KEPT)
def test_the_journals_of_a_sample_year_break_no_rule(name: str, issuer_id: str, currency: Currency) -> None:
    kept, asked = sample(name), volume(issuer_id, currency)
    called = file_name(kept, issuer_id, asked.last)
    for write in (sales_journal, bank_journal):
        assert broken_rules(called, write(kept, CHART, asked)) == []


@pytest.mark.parametrize(("name", "issuer_id", "currency"), KEPT)
def test_every_invoice_says_the_same_in_the_journals(name: str, issuer_id: str, currency: Currency) -> None:
    kept = sample(name)
    sold: dict[str, Decimal] = defaultdict(Decimal)
    received: dict[str, Decimal] = defaultdict(Decimal)
    asked = volume(issuer_id, currency)
    for line in lines_of(sales_journal(kept, CHART, asked)):
        sold[line["PieceRef"]] += in_own_currency(line) if line["CompteNum"] == CLIENT else 0
    for line in lines_of(bank_journal(kept, CHART, asked)):
        received[line["CompteNum"]] += in_own_currency(line)
    mine = [row for row in kept.invoices if (row.issuer_id, row.currency) == (issuer_id, currency)]
    notes = [row for row in kept.credit_notes if (row.issuer_id, row.currency) == (issuer_id, currency)]
    numbers = {row.invoice_number: row.gross for row in mine} | {row.credit_note_number: -row.gross for row in notes}
    assert sold == numbers
    assert received[CLIENT] == -sum(row.paid for row in mine)


@pytest.mark.parametrize("name", JOURNALS)
def test_money_in_the_bank_is_the_money_that_came_in(name: str) -> None:
    kept = sample(name)
    for currency in Currency:
        lines = [line for each in ("network", "I-001") for line in both(kept, each, currency)]
        by_account: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            by_account[line["CompteNum"]] += in_own_currency(line)
        came = [row for row in kept.payments if row.currency is currency and row.withdrawn is None]
        assert by_account[BANK] == sum(-row.amount if row.is_refund else row.amount for row in came)
        assert -by_account[ADVANCE] == sum(row.amount - row.allocated for row in came)
        assert by_account[BETWEEN] == 0


@pytest.mark.parametrize(("name", "issuer_id", "currency"), KEPT)
def test_what_has_a_letter_is_settled(name: str, issuer_id: str, currency: Currency) -> None:
    kept = sample(name)
    lettered: dict[str, Decimal] = defaultdict(Decimal)
    for line in both(kept, issuer_id, currency):
        if line["EcritureLet"]:
            assert line["CompteNum"] == CLIENT
            lettered[line["EcritureLet"]] += moved(line)
    settled = {
        row.invoice_number
        for row in kept.invoices
        if (row.issuer_id, row.currency) == (issuer_id, currency) and row.gross == row.paid + row.credited
    }
    assert lettered == dict.fromkeys(settled, Decimal(0))


def test_an_issuer_of_new_caledonia_keeps_its_books_in_francs_whatever_it_invoices_in() -> None:
    lines = both(sample("first-year"), "I-001", Currency.EUR)
    assert {line["Idevise"] for line in lines} == {"EUR"}
    for line in lines:
        assert "," not in line["Debit"] + line["Credit"]
        assert abs(moved(line) * Decimal("0.00838") - money(line["Montantdevise"])) < Decimal("0.02")


def test_an_issuer_without_a_registration_keeps_its_books_in_the_files_currency() -> None:
    assert {line["Idevise"] for line in both(sample("first-year"), "network", Currency.EUR)} == {""}


def test_a_file_is_named_by_the_issuers_register_and_the_closing_date() -> None:
    kept = sample("first-year")
    assert file_name(kept, "I-001", on("2025-12-31")) == "1234567001FEC20251231.txt"
    assert file_name(kept, "network", on("2025-12-31")) == "networkFEC20251231.txt"


def test_months_side_by_side_are_the_year() -> None:
    kept = sample("first-year")
    starts = [*(date(2025, month, 1) for month in range(1, 13)), date(2026, 1, 1)]
    pieces = []
    for first, after in pairwise(starts):
        last = after - timedelta(days=1)
        content = sales_journal(kept, CHART, volume(first=first.isoformat(), last=last.isoformat()))
        assert broken_rules(file_name(kept, "network", last), content) == []
        pieces += [(line["PieceRef"], line["Debit"], line["Credit"]) for line in lines_of(content)]
    whole = lines_of(sales_journal(kept, CHART, volume(first="2025-01-01", last="2025-12-31")))
    assert sorted(pieces) == sorted((line["PieceRef"], line["Debit"], line["Credit"]) for line in whole)


def lived(steps: Steps) -> Books:
    """The books after a random history of billing."""
    filed = [Happened(each.stream, each.event, on("2026-06-01")) for each in live(steps).filed]
    final = datetime(2026, 7, 1, tzinfo=UTC)
    return books([replace(each, recorded_at=final) for each in recorded(filed)])


def in_noumea(kept: Books) -> Books:
    """The same, of an issuer of New Caledonia."""
    ridet = Registration(scheme=RegistrationScheme.RIDET, number="1234567.001")
    issuer = PartyDetails(party_id="network", registration=ridet)
    return replace(kept, invoices=[row._replace(issuer=issuer) for row in kept.invoices])


@given(STEPS)
def test_no_history_breaks_a_rule(steps: Steps) -> None:
    for kept in (lived(steps), in_noumea(lived(steps))):
        name, asked = file_name(kept, "network", on("2029-12-31")), volume(currency=Currency.EUR)
        assert broken_rules(name, sales_journal(kept, CHART, asked)) == []
        assert broken_rules(name, bank_journal(kept, CHART, asked)) == []


@given(STEPS)
def test_in_every_history_the_journals_say_what_is_owed(steps: Steps) -> None:
    for kept in (lived(steps), in_noumea(lived(steps))):
        owed = sum(row.gross - row.paid - row.credited for row in kept.invoices)
        lines = [line for line in both(kept, currency=Currency.EUR) if line["CompteNum"] == CLIENT]
        assert sum(map(in_own_currency, lines)) == owed
        assert sum(moved(line) for line in lines if line["EcritureLet"]) == 0


def xpf(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency=Currency.XPF)


def test_money_that_waits_moves_to_the_invoices_of_two_issuers_and_back() -> None:
    worked = {"month": "2026-03", "issued_on": "2026-04-03"}
    at = terms(a_day_at("100000"))
    ours = invoice(mission(at, ready=days("D-1 2026-03-02 1")), **worked)
    theirs = invoice(mission(at.model_copy(update={"issuer_id": "I-1"}), ready=days("D-2 2026-03-02 1")), **worked)
    shares = tuple(Allocation(invoice_number=each.invoice_number, amount=xpf(106000)) for each in (ours, theirs))
    came = PaymentRecorded(
        payment_id="P-1", received_on=on("2026-04-10"), amount=xpf(300000), payer="E-1", allocations=shares[:1]
    )
    undone = PaymentDeallocated(payment_id="P-1", invoice_number="F-I-1-2026-00001", amount=xpf(6000), reason="Erreur")
    history = [
        Happened("invoices:network:2026", ours, on("2026-04-03")),
        Happened("invoices:I-1:2026", theirs, on("2026-04-03")),
        Happened("payment:P-1", came, on("2026-04-10")),
        Happened("payment:P-1", PaymentAllocated(payment_id="P-1", allocations=shares[1:]), on("2026-04-11")),
        Happened("payment:P-1", undone, on("2026-04-12")),
    ]
    kept = books(recorded(history))

    def said(issuer_id: str) -> list[str]:
        lines = lines_of(bank_journal(kept, CHART, volume(issuer_id)))
        return [
            f"{line['JournalCode']} {line['CompteNum']} {moved(line)} {line['EcritureLet']}".strip() for line in lines
        ]

    assert said("network") == [
        "BQ 512000 300000",
        "BQ 411000 -106000 F-2026-00001",
        "BQ 419100 -194000",
        "OD 467000 -106000",
        "OD 419100 106000",
        "OD 467000 6000",
        "OD 419100 -6000",
    ]
    assert said("I-1") == ["OD 467000 106000", "OD 411000 -106000", "OD 467000 -6000", "OD 411000 6000"]


def test_a_refund_goes_out_of_the_bank_and_back_to_the_clients_account() -> None:
    asked = invoice(mission(terms(a_day_at("100000")), ready=days("D-1 2026-03-02 1")), month="2026-03")
    share = Allocation(invoice_number=asked.invoice_number, amount=xpf(106000))
    paid = PaymentRecorded(payment_id="P-1", received_on=on("2026-04-10"), amount=xpf(106000), allocations=(share,))
    back = RefundRecorded(
        refund_id="R-1", invoice_number=asked.invoice_number, amount=xpf(1000), paid_on=on("2026-04-12")
    )
    events = {"invoices:network:2026": asked, "payment:P-1": paid, "payment:R-1": back}
    kept = books(recorded([Happened(stream, event, on("2026-04-12")) for stream, event in events.items()]))
    lines = lines_of(bank_journal(kept, CHART, volume()))
    assert [f"{line['PieceRef']} {line['CompteNum']} {moved(line)}" for line in lines] == [
        f"P-1 {BANK} 106000",
        f"P-1 {CLIENT} -106000",
        f"R-1 {BANK} -1000",
        f"R-1 {CLIENT} 1000",
    ]


@pytest.mark.parametrize("parts", [["353.33", "353.33", "353.34"], ["0.01", "0.02", "1059.97"], ["1060.00"]])
def test_what_is_settled_in_euros_is_settled_in_the_francs_of_the_books(parts: list[str]) -> None:
    agreed = terms(a_day_at("1000"), currency=Currency.EUR)
    asked = invoice(mission(agreed, ready=days("D-1 2026-03-02 1")), month="2026-03", issued_on="2026-04-03")
    payments = [
        PaymentRecorded(
            payment_id=f"P-{number}",
            received_on=on("2026-04-10"),
            amount=(amount := Money(amount=Decimal(part), currency=Currency.EUR)),
            allocations=(Allocation(invoice_number=asked.invoice_number, amount=amount),),
        )
        for number, part in enumerate(parts)
    ]
    happened = [Happened("invoices:network:2026", asked, on("2026-04-03"))]
    happened += [Happened(f"payment:{each.payment_id}", each, on("2026-04-10")) for each in payments]
    lines = [line for line in both(in_noumea(books(recorded(happened))), currency=Currency.EUR) if line["EcritureLet"]]
    assert len(lines) == 1 + len(parts)
    assert [line["Debit"] for line in lines[:1]] == ["126492"]
    assert sum(map(moved, lines)) == 0


def test_a_network_keeps_its_own_chart_of_accounts(tmp_path: Path) -> None:
    own = tmp_path / "chart.toml"
    own.write_text(OURS.read_text(encoding="utf-8").replace('"706000"', '"706100"'), encoding="utf-8")
    accounts = {line["CompteNum"] for line in lines_of(sales_journal(sample("first-year"), read_chart(own), volume()))}
    assert "706100" in accounts
    assert "706000" not in accounts


def test_accounts_change_on_a_date(tmp_path: Path) -> None:
    ours = OURS.read_text(encoding="utf-8")
    later = ours[ours.index("[[chart]]") :].replace("1970-01-01", "2025-07-01").replace('"706000"', '"706200"')
    own = tmp_path / "chart.toml"
    own.write_text(f"{ours}\n{later}", encoding="utf-8")
    for line in lines_of(sales_journal(sample("first-year"), read_chart(own), volume())):
        if line["CompteNum"].startswith("706"):
            assert line["CompteNum"] == ("706200" if line["EcritureDate"] >= "20250701" else "706000")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("books = 1", "books"), ("[", "is not TOML"), ("", "Field required"), (None, "cannot be read")],
)
def test_a_chart_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, text: str | None, reason: str) -> None:
    own = tmp_path / "chart.toml"
    if text is not None:
        own.write_text(text, encoding="utf-8")
    with pytest.raises(Trouble, match=reason):
        read_chart(own)


def test_the_checker_sees_what_is_wrong() -> None:
    """A rule that nothing breaks would prove nothing."""
    good = sales_journal(sample("first-year"), CHART, volume()).decode()
    name = "networkFEC20291231.txt"
    first = next(line for line in lines_of(good.encode()) if money(line["Debit"]))
    for wrong in (
        good.replace("\t1\t", "\t3\t", 1),
        good.replace(f"\t{first['Debit']}\t", "\t1\t", 1),
        good.replace("JournalCode\tJournalLib", "JournalLib\tJournalCode"),
        good.replace(f"\t{first['EcritureDate']}\t", "\t20250231\t", 1),
        good.replace("\r\n", "\n"),
        good.replace("\t411000\t", "\t911000\t", 1),
    ):
        assert wrong != good
        assert broken_rules(name, wrong.encode())
    assert broken_rules("fec.txt", good.encode())
    assert len(entries(lines_of(good.encode()))) > 20
