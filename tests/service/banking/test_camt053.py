"""camt.053: what is booked is taken by its side, to the last digit; all that contradicts itself is refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from service.banking.formats import StatementFormat, kind_of, read_statements
from service.banking.markup import MAX_DEPTH, read_xml
from service.banking.statements import MAX_ENTRIES, Nature, StatementRefused
from tests.service.banking.files import CAMT, TWO_DAYS, read, refusal, sample


def test_each_entry_is_what_the_bank_says_it_is() -> None:
    entries = read(CAMT).entries
    assert [entry.nature for entry in entries] == [
        Nature.CREDIT,
        Nature.CREDIT,
        Nature.CREDIT,
        Nature.DEBIT,
        Nature.REVERSAL,
        Nature.PENDING,
        Nature.RETURN,
    ]
    first = entries[0]
    assert (first.amount, first.booked_on, first.bank_reference) == (Decimal(180200), date(2026, 5, 11), "NC-0001")
    assert (first.payer, first.references) == ("BOULANGERIE DU PORT SARL", ("REGLEMENT F-2026-00001 MERCI",))


def test_an_entry_of_several_transactions_is_taken_apart_where_they_make_it() -> None:
    parts = read(CAMT).entries[1:3]
    assert [(part.amount, part.payer) for part in parts] == [
        (Decimal(90100), "Garage de Ducos"),
        (Decimal(209900), "Maître Éloïse Nôjé"),
    ]
    assert len({part.bank_reference for part in parts}) == 2


def test_an_entry_whose_transactions_do_not_make_it_is_one() -> None:
    entries = read(CAMT, ('Amt Ccy="XPF">209900', 'Amt Ccy="XPF">209000')).entries
    assert (entries[1].amount, entries[1].payer, entries[1].bank_reference) == (Decimal(300000), None, "NC-0002")
    assert entries[1].references == ("Solde de tout compte", "E2E-77", "Acompte dossier 12", "E2E-78")


def test_an_entry_that_tells_of_no_transaction_is_an_entry() -> None:
    bare = re.sub(rb"<NtryDtls>.*?</NtryDtls>", b"", sample(CAMT), flags=re.DOTALL)
    (statement,) = read_statements(bare, StatementFormat.CAMT053)
    assert [entry.amount for entry in statement.entries] == [180200, 300000, -45000, 12000, 50000, -9000]
    assert (statement.entries[0].bank_reference, statement.entries[0].payer) == ("NC-0001", None)


def test_a_file_may_hold_several_statements_under_any_prefix_in_another_encoding() -> None:
    first, second = read_statements(sample(TWO_DAYS, encoding="iso-8859-1"), StatementFormat.CAMT053)
    assert (first.opening, first.closing, second.closing) == (
        Decimal("-120.50"),
        Decimal("2059.82"),
        Decimal("2009.82"),
    )
    assert (first.from_on, first.entries[0].payer) == (date(2026, 5, 4), "Société Générale de Charpente")
    assert first.account.key == second.account.key == "30004008280000987654341"


def test_interest_is_the_banks_and_no_payment() -> None:
    assert read(CAMT, ("<SubFmlyCd>ESCT", "<SubFmlyCd>INTR")).entries[0].nature is Nature.BANK


def test_francs_may_be_written_with_empty_cents_and_never_with_others() -> None:
    assert read(CAMT, (">180200<", ">180200.00<")).entries[0].amount == Decimal(180200)
    assert "XPF amounts have 0 digits" in str(refusal(CAMT, (">180200<", ">180200.50<")))


REFUSED = {
    "a minus": ((">180200<", ">-180200<"), "entry 1, line 30: this is no amount"),
    "a power of ten": ((">180200<", ">1e5<"), "entry 1"),
    "no status": (("<Sts><Cd>PDNG</Cd></Sts>", ""), "Ntry has no Sts"),
    "a status of nobody's": (("PDNG", "DONE"), "entry 6"),
    "no side": (("<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>BOTH</CdtDbtInd>"), "either CRDT or DBIT"),
    "two sides": (
        ("<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>DBIT</CdtDbtInd><CdtDbtInd>DBIT</CdtDbtInd>"),
        "stands here twice",
    ),
    "no date": (("<Dt>2026-05-15</Dt>", "<Dt>15/05/2026</Dt>"), "this is no date"),
    "a day that is none": (("2026-05-15", "2026-02-30"), "there is no such date"),
    "no account": (("<IBAN>FR7614889000010012345678958</IBAN>", ""), "Acct has no Id/Othr/Id"),
    "another message": (("camt.053.001.08", "camt.054.001.08"), "this is no camt.053"),
    "a version that nobody has published": (("camt.053.001.08", "camt.053.001.15"), "of the versions 02 to 14"),
    "no statement": (("Stmt>", "Rpt>"), "no"),
}


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_contradicts_the_format_is_refused_with_its_place(change: tuple[str, str], words: str) -> None:
    assert words in str(refusal(CAMT, change))


def test_a_missing_entry_is_found_by_the_balances() -> None:
    refused = refusal(CAMT, (">45000<", ">44000<"))
    assert refused.code == "statement_does_not_add_up"
    assert "make 1439200, its closing balance says 1438200, which is 1000 less" in str(refused)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
OUTSIDE = '<!DOCTYPE x SYSTEM "statement.dtd"><x/>'


@pytest.mark.parametrize("document", [BOMB, OUTSIDE, "<!DOCTYPE x><x/>"])
def test_xml_declares_nothing(document: str) -> None:
    with pytest.raises(StatementRefused, match="declares no document type"):
        read_xml(document.encode())


def test_xml_is_neither_endlessly_deep_nor_of_an_unknown_encoding() -> None:
    with pytest.raises(StatementRefused, match="deep"):
        read_xml(b"<a>" * (MAX_DEPTH + 2))
    with pytest.raises(StatementRefused, match="encoding"):
        read_xml(b'<?xml version="1.0" encoding="x-unheard-of"?><a/>')
    assert read_xml('<?xml version="1.0" encoding="windows-1252"?><a>é€</a>'.encode("cp1252")).text == "é€"


def test_no_bytes_break_the_reading() -> None:
    good = sample(CAMT)
    for cut in range(0, len(good), 97):
        with pytest.raises(StatementRefused):
            read_statements(good[:cut] + b"\x00" + good[cut + 1 :], StatementFormat.CAMT053)


def test_a_file_with_too_many_entries_or_none_is_refused() -> None:
    row = b"11/05/2026;X;;;1\n"
    head = "Compte;1\nDate;Libellé;Référence;Débit;Crédit\n".encode()
    with pytest.raises(StatementRefused, match="shorter periods"):
        read_statements(head + row * (MAX_ENTRIES + 1), StatementFormat.CSV)
    with pytest.raises(StatementRefused, match="empty"):
        read_statements(b" \n", StatementFormat.CSV)


def test_xml_is_known_by_its_first_element() -> None:
    assert kind_of("text/xml", sample(CAMT)) is StatementFormat.CAMT053
    assert kind_of("application/xml", sample("fr-may.ofx")) is StatementFormat.OFX
    assert kind_of("application/camt+xml", sample(CAMT)) is StatementFormat.CAMT053
    assert kind_of("application/json", b"{}") is None
