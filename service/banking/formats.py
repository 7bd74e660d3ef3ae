"""Which kind of statement a file is, by what its sender says, and all of it read and checked before any is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from service.banking.camt053 import read_camt053
from service.banking.csv_profiles import read_csv
from service.banking.ofx import is_xml, read_ofx
from service.banking.statements import MAX_BYTES, MAX_ENTRIES, Statement, StatementRefused, require_that_it_adds_up


class StatementFormat(StrEnum):
    """The formats that banks write."""

    CAMT053 = "camt053"
    OFX = "ofx"
    CSV = "csv"


MEDIA_TYPES: Mapping[str, StatementFormat] = {
    "application/xml": StatementFormat.CAMT053,
    "text/xml": StatementFormat.CAMT053,
    "application/x-ofx": StatementFormat.OFX,
    "application/ofx": StatementFormat.OFX,
    "text/ofx": StatementFormat.OFX,
    "application/vnd.intu.qfx": StatementFormat.OFX,
    "text/csv": StatementFormat.CSV,
}
SUFFIXES: Mapping[str, StatementFormat] = {
    ".xml": StatementFormat.CAMT053,
    ".c53": StatementFormat.CAMT053,
    ".ofx": StatementFormat.OFX,
    ".qfx": StatementFormat.OFX,
    ".csv": StatementFormat.CSV,
}


def kind_of(media_type: str, data: bytes) -> StatementFormat | None:
    """What a file is by its media type; XML may be OFX as well, which its first element tells."""
    stated = MEDIA_TYPES.get(media_type) or (StatementFormat.CAMT053 if media_type.endswith("+xml") else None)
    return (
        StatementFormat.OFX
        if stated is StatementFormat.CAMT053 and is_xml(data) and b"<OFX>" in data[:2_000]
        else stated
    )


def read_statements(data: bytes, kind: StatementFormat, profile: str | None = None) -> list[Statement]:
    """All statements of a file, each adding up; a `StatementRefused` where any does not."""
    if profile is not None and kind is not StatementFormat.CSV:
        raise StatementRefused("a profile goes with CSV alone; leave it out")
    if not data.strip():
        raise StatementRefused("the file is empty; export it anew")
    if len(data) > MAX_BYTES:
        raise StatementRefused(
            f"the file has more than {MAX_BYTES} bytes; export shorter periods", code="body_too_large"
        )
    readers: Mapping[StatementFormat, Callable[[], Sequence[Statement]]] = {
        StatementFormat.CAMT053: lambda: read_camt053(data),
        StatementFormat.OFX: lambda: read_ofx(data),
        StatementFormat.CSV: lambda: read_csv(data, profile),
    }
    statements = list(readers[kind]())
    if sum(len(each.entries) for each in statements) > MAX_ENTRIES:
        raise StatementRefused(f"the file has more than {MAX_ENTRIES} entries; export shorter periods")
    for statement in statements:
        require_that_it_adds_up(statement)
    return statements
