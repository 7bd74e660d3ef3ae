"""OFX: both generations say the same, whatever is left open; the bank's own interest is no payment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from service.banking.formats import StatementFormat, read_statements
from service.banking.statements import Nature, StatementRefused
from tests.service.banking.files import read, refusal, sample

OLD, NEW = "nc-may.ofx", "fr-may.ofx"


def test_sgml_with_open_values_and_windows_letters_is_read() -> None:
    statement = read(OLD, encoding="cp1252")
    assert (statement.account.key, statement.currency) == ("14889000010012345678958", "XPF")
    assert (statement.from_on, statement.until_on) == (date(2026, 5, 1), date(2026, 5, 31))
    assert (statement.opening, statement.closing, statement.is_checked) == (None, Decimal(1438200), False)
    credit, debit, interest = statement.entries
    assert (credit.amount, credit.booked_on, credit.bank_reference) == (Decimal(180200), date(2026, 5, 11), "OFX-0001")
    assert credit.references == ("Règlement F-2026-00001 – merci & à bientôt",)
    assert (debit.nature, debit.amount, debit.references) == (Nature.DEBIT, Decimal(-45000), ())
    assert (interest.nature, interest.payer) == (Nature.BANK, "Intérêts")


def test_closed_values_are_read_alike() -> None:
    closed = [("<CODE>0", "<CODE>0</CODE>"), ("<MEMO>\r\n", "<MEMO></MEMO>\r\n"), ("<NAME>Loyer", "<NAME>Loyer</NAME>")]
    assert read(OLD, *closed, encoding="cp1252").entries == read(OLD, encoding="cp1252").entries


def test_a_value_may_hold_a_lone_ampersand() -> None:
    assert read(OLD, ("<NAME>Loyer", "<NAME>Bail & Cie"), encoding="cp1252").entries[1].payer == "Bail & Cie"


def test_comments_say_nothing_and_keep_their_lines() -> None:
    commented = ("<NAME>Loyer", "<NAME>Loyer <!-- 1 < 2\r\n-- <MEMO>so\r\n --> <!---->")
    assert read(OLD, commented, encoding="cp1252").entries[1].payer == "Loyer"
    later = refusal(OLD, commented, ("<FITID>OFX-0003", "<FITID>"), encoding="cp1252")
    assert later.line == (refusal(OLD, ("<FITID>OFX-0003", "<FITID>"), encoding="cp1252").line or 0) + 2
    assert "no tag" in str(refusal(OLD, ("<NAME>Loyer", "<NAME>Loyer <!-- "), encoding="cp1252"))


def test_xml_in_what_the_specification_calls_usascii_is_ascii() -> None:
    assert read(NEW, ('encoding="UTF-8"', "encoding='USASCII'"), ("é", "e")).entries
    assert "no XML" in str(refusal(NEW, ('encoding="UTF-8"', 'encoding="USASCII"')))


def test_xml_is_read_with_what_is_pending_and_what_was_put_right() -> None:
    statement = read(NEW)
    assert [entry.nature for entry in statement.entries] == [Nature.CREDIT, Nature.REVERSAL, Nature.PENDING]
    assert statement.entries[0].booked_on == date(2026, 5, 4)
    assert statement.account.key == "30004008280000987654341"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("OFXHEADER:100", "OFXHEADER:99"), "begins with no OFXHEADER"),
        (("</OFX>", ""), "ends before it is complete"),
        (("</BANKTRANLIST>", "</BANKLIST>"), "never opened"),
        (("<FITID>OFX-0002", "<FITID>"), "FITID, by which the bank names it, is empty"),
        (("20260515", "20261315"), "entry 2"),
        (("20260515", "15052026x"), "this is no date"),
        (("<TRNAMT>180200", "<TRNAMT>180 200"), "this is no amount"),
        (("<CURDEF>XPF", "<CURDEF>AUD"), "another currency"),
        (("<SEVERITY>INFO", "<SEVERITY>ERROR"), "no error"),
        (("<MEMO>R", "<MEMO>\x07R"), "control characters"),
        (("BANKMSGSRSV1>", "CREDITCARDMSGSRSV1>"), "no bank statement"),
        (("</STMTTRN>", "</STMTTRN>and more"), "text stands after a closing tag"),
    ],
)
def test_what_contradicts_the_format_is_refused(change: tuple[str, str], words: str) -> None:
    if words == "no error":  # a severity counts only beside a code that is not 0
        assert read(OLD, change, encoding="cp1252").entries
        assert "answered with an error" in str(refusal(OLD, change, ("<CODE>0", "<CODE>2000"), encoding="cp1252"))
    else:
        assert words in str(refusal(OLD, change, encoding="cp1252"))


def test_a_refusal_names_the_line_of_the_file_header_included() -> None:
    assert refusal(OLD, ("<TRNAMT>180200", "<TRNAMT>x"), encoding="cp1252").line == 44


def test_a_foreign_amount_in_an_account_of_francs_is_refused() -> None:
    refused = refusal(OLD, ("<CHECKNUM>", "<CURRENCY><CURRATE>1<CURSYM>EUR</CURRENCY>"), encoding="cp1252")
    assert refused.code == "currency_mismatch"


def test_a_letter_that_the_header_does_not_promise_is_refused() -> None:
    utf8 = sample(OLD, encoding="cp1252").replace(b"CHARSET:1252", b"CHARSET:NONE").replace(b"USASCII", b"UTF-8")
    with pytest.raises(StatementRefused, match="as the header promises"):
        read_statements(utf8, StatementFormat.OFX)
