"""The sample statements, read and changed as a test says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.banking.formats import StatementFormat, read_statements
from service.banking.statements import Statement, StatementRefused

FOLDER = Path(__file__).parents[2] / "data" / "bank"
CAMT, TWO_DAYS = "nc-may.camt053.xml", "fr-two-days.camt053.xml"
KINDS = {".xml": StatementFormat.CAMT053, ".ofx": StatementFormat.OFX, ".csv": StatementFormat.CSV}
VERSIONS = [f"camt.053.001.{version:02d}" for version in range(2, 15)]


def sample(name: str, *changes: tuple[str, str], encoding: str = "utf-8") -> bytes:
    """A sample file, with one text in another's place."""
    text = (FOLDER / name).read_bytes().decode(encoding)
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text.encode(encoding)


def sample_in(version: str) -> str:
    """The sample message as that version of camt.053 writes it."""
    text = sample(CAMT, ("camt.053.001.08", version)).decode()
    if version >= "camt.053.001.07":
        return text
    text = re.sub(r"<Sts><Cd>(\w+)</Cd></Sts>", r"<Sts>\1</Sts>", text)
    text = re.sub(r"<Pty>(.*?)</Pty>", r"\1", text)
    text = re.sub(r"<Ntry>.*?</Ntry>", _with_amounts_of_transactions, text, flags=re.DOTALL)
    if version == "camt.053.001.02":
        inside = r"</Refs>(<Amt .*?</Amt>)<CdtDbtInd>\w+</CdtDbtInd>"
        text = re.sub(inside, r"</Refs><AmtDtls><TxAmt>\1</TxAmt></AmtDtls>", text)
    return text


def _with_amounts_of_transactions(entry: re.Match[str]) -> str:
    """An entry whose only transaction tells the amount too, as versions 03 to 06 ask for."""
    amount = re.search(r"<Amt .*?</Amt>\s*<CdtDbtInd>\w+</CdtDbtInd>", entry[0])
    assert amount is not None
    own = re.sub(r"\s+(?=<CdtDbtInd>)", "", amount[0])
    return re.sub(r"</Refs>(?!<Amt )", f"</Refs>{own}", entry[0])


def read(name: str, *changes: tuple[str, str], encoding: str = "utf-8") -> Statement:
    """The only statement of a sample file."""
    (statement,) = read_statements(sample(name, *changes, encoding=encoding), KINDS[Path(name).suffix])
    return statement


def refusal(name: str, *changes: tuple[str, str], encoding: str = "utf-8") -> StatementRefused:
    """Why a sample file is refused once it is changed."""
    with pytest.raises(StatementRefused) as refused:
        read(name, *changes, encoding=encoding)
    return refused.value
