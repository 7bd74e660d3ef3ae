"""Another's reader of OFX: both readers say the same of every file, in either generation, however values are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

import pytest
from bankfile import parse_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from service.banking.formats import StatementFormat, read_statements
from service.banking.statements import Nature
from tests.service.banking.files import sample

OLD, NEW = ("nc-may.ofx", "cp1252"), ("fr-may.ofx", "utf-8")
WITHOUT_NUMBER = ("<CHECKNUM>\r\n", "")
"""The other takes what follows an empty open value for its content: the name of our second entry."""


def require_that_both_agree(data: bytes) -> None:
    (ours,) = read_statements(data, StatementFormat.OFX)
    theirs = parse_bytes(data)
    assert (ours.currency, ours.closing) == (theirs.currency, theirs.closing_balance)
    assert theirs.account is not None
    assert theirs.account in ours.account.number
    booked = [entry for entry in ours.entries if entry.nature is not Nature.PENDING]
    assert [(each.amount, each.booked_on, each.bank_reference, each.payer, each.references) for each in booked] == [
        (
            each.amount,
            each.date,
            each.bank_reference,
            each.counterparty_name,
            tuple(dict.fromkeys(filter(None, (each.purpose, each.reference, each.check_number)))),
        )
        for each in theirs.transactions
    ]


@pytest.mark.parametrize(("name", "encoding", "changes"), [(*OLD, [WITHOUT_NUMBER]), (*NEW, [])])
def test_both_read_our_samples_alike(name: str, encoding: str, changes: list[tuple[str, str]]) -> None:
    require_that_both_agree(sample(name, *changes, encoding=encoding))


def test_a_name_after_an_empty_value_is_kept_where_the_other_loses_it() -> None:
    data = sample(OLD[0], encoding=OLD[1])
    (ours,) = read_statements(data, StatementFormat.OFX)
    assert (ours.entries[1].payer, parse_bytes(data).transactions[1].counterparty_name) == ("Loyer", None)


@dataclass(frozen=True)
class Written:
    """A transaction as some bank writes it."""

    amount: str
    posted: str
    name: str | None
    memo: str | None
    number: str | None

    def lines(self, place: int) -> Sequence[tuple[str, str | None]]:
        kind = "DEBIT" if self.amount.startswith("-") else "CREDIT"
        return [
            ("TRNTYPE", kind),
            ("DTPOSTED", self.posted),
            ("TRNAMT", self.amount),
            ("FITID", f"F{place}"),
            ("CHECKNUM", self.number),
            ("NAME", self.name),
            ("MEMO", self.memo),
        ]


words = st.text("ABCXYZabcéèçü0123456789&<>\"'-./()", min_size=1, max_size=30)
amounts = st.builds(
    lambda sign, amount, point: f"{sign}{amount}".replace(".", point),
    st.sampled_from(["", "+", "-"]),
    st.decimals("0.01", 999_999, places=2) | st.integers(1, 999_999),
    st.sampled_from([".", ","]),
)
moments = st.builds(
    "{:%Y%m%d}{}".format,
    st.dates(date(1990, 1, 1), date(2050, 12, 31)),
    st.sampled_from(["", "120000", "233000.000[-5:EST]", "003000[+11:NCT]", "120000.000"]),
)
maybe_words = st.none() | words
transactions = st.builds(Written, amounts, moments, maybe_words, maybe_words, st.none() | st.just("00042"))


@settings(max_examples=150, deadline=None)
@given(st.lists(transactions, max_size=6), st.booleans(), st.booleans())
def test_both_read_any_file_alike(written: list[Written], is_new: bool, is_closed: bool) -> None:
    name, encoding = NEW if is_new else OLD
    head, found, rest = sample(name, encoding=encoding).decode(encoding).partition("<STMTTRN>")
    _, close, tail = rest.rpartition("</BANKTRANLIST>")
    assert (found, close) == ("<STMTTRN>", "</BANKTRANLIST>")
    listed = "".join(_element(each, place, is_new or is_closed) for place, each in enumerate(written))
    text = f"{head}{listed}{close}{tail}".replace("<CURDEF>XPF", "<CURDEF>EUR")
    require_that_both_agree(text.encode(encoding))


def _element(transaction: Written, place: int, is_closed: bool) -> str:
    values = "".join(
        f"<{tag}>{escape(said)}{f'</{tag}>' if is_closed else ''}\r\n"
        for tag, said in transaction.lines(place)
        if said is not None
    )
    return f"<STMTTRN>\r\n{values}</STMTTRN>\r\n"
