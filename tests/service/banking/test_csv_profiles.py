"""CSV: each bank's export by its profile, exact to the last digit, and nothing guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from service.banking.csv_profiles import profiles, read_csv
from service.banking.references import credits_of
from service.banking.statements import Nature, StatementRefused
from tests.service.banking.files import read, refusal, sample

NC, FR = "nc-may.csv", "fr-may.csv"


def test_debit_and_credit_apart_in_windows_letters_with_spaces_that_do_not_break() -> None:
    statement = read(NC, encoding="cp1252")
    assert (statement.opening, statement.closing, statement.is_checked) == (Decimal(1000000), Decimal(1405500), True)
    assert [entry.amount for entry in statement.entries] == [
        Decimal(180200),
        Decimal(90100),
        Decimal(90100),
        Decimal(90100),
        Decimal(-45000),
    ]
    assert statement.entries[0].booked_on == date(2026, 5, 11)
    assert [entry.payer for entry in statement.entries[:3]] == ["BOULANGERIE DU PORT", "GARAGE DE DUCOS", None]
    assert statement.entries[1].references == ("VIR REÇU DE GARAGE DE DUCOS MOTIF SOLDE", "77")


def test_one_signed_amount_with_narrow_spaces_and_a_true_minus() -> None:
    credit, debit = read(FR).entries
    assert (credit.amount, debit.amount, debit.nature) == (Decimal("2180.32"), Decimal("-50.00"), Nature.DEBIT)
    assert credit.payer == "SOCIETE GENERALE DE CHARPENTE"


def test_a_file_saved_again_in_utf8_holds_the_same_credits() -> None:
    text = sample(NC, encoding="cp1252").decode("cp1252")
    again = read_csv(b"\xef\xbb\xbf" + text.encode())
    ids = [credit.payment_id for credit in credits_of([read(NC, encoding="cp1252")])]
    assert [credit.payment_id for credit in credits_of(again)] == ids
    assert len(set(ids)) == 4


def test_every_profile_says_since_when_it_holds() -> None:
    assert {name: profile.valid_from.year for name, profile in profiles().items()} == {"fr-eur": 2026, "nc-xpf": 2026}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((";45 000;", ";45 00;"), "entry 5, line 11: this is no amount"),
        ((";45 000;", ";45.000;"), "this is no amount"),
        ((";45 000;", ";45 000;1"), "either debit or credit"),
        ((";45 000;", ";;"), "either debit or credit"),
        ((";;90100", ";;-90100"), "not negative"),
        ((";;90100", ";;90100,5"), "XPF amounts have 0 digits"),
        (("15/05/2026", "05/15/2026"), "no such date"),
        (("LOYER MAI;;", "LOYER MAI;"), "this row has 4 cells, the heading 5"),
        (("LOYER MAI", '"LOYER" MAI'), "no CSV"),
        (("Compte;", "Client;"), "'Compte'"),
        (("Libellé", "Texte"), "fr-eur, nc-xpf"),
        (("1405500", "1405501"), "1 more"),
    ],
)
def test_a_row_that_is_not_as_the_profile_says_is_refused_with_its_line(change: tuple[str, str], words: str) -> None:
    assert words in str(refusal(NC, change, encoding="cp1252"))


def test_a_profile_that_nobody_wrote_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(StatementRefused, match="fr-eur, nc-xpf"):
        read_csv(sample(FR), "bnp")
    with pytest.raises(StatementRefused, match="headings"):
        read_csv(sample(FR), "nc-xpf")
