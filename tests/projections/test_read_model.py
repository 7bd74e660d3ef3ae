"""What holds of every read model: it tells all events apart, and its rows survive the way through a table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given

from domain.catalogue import ALL_EVENTS
from domain.event import Sealed
from domain.mission.events import DayDelivered, DayWithdrawn
from domain.values import Currency, Rhythm
from projections.audit_trail import AUDIT_TRAIL
from projections.continuity import CONTINUITY
from projections.kpi import KPI
from projections.missions import MISSIONS
from projections.network import NETWORK
from projections.read_model import Cells, Fold, JsonText, Ledger, ReadModel, as_known, columns_of, words
from projections.reconciliation import RECONCILIATION
from tests.projections.histories import Happened, delivered, histories, recorded, signed, withdrawn

MODELS = pytest.mark.parametrize(
    "model", [MISSIONS, AUDIT_TRAIL, RECONCILIATION, CONTINUITY, KPI, NETWORK], ids=lambda model: model.name
)


@MODELS
def test_every_event_of_the_catalogue_is_handled_or_ignored_on_purpose(model: ReadModel) -> None:
    assert model.handles | model.ignores == set(ALL_EVENTS)
    assert not model.handles & model.ignores


@MODELS
def test_every_key_index_and_personal_column_is_a_column(model: ReadModel) -> None:
    for table in model.tables:
        names = {column.name for column in columns_of(table.row)}
        assert names >= {*table.key, *table.personal, *(name for index in table.indexes for name in index)}


@given(histories())
def test_a_row_comes_out_of_its_table_as_it_went_in(history: list[Happened]) -> None:
    for model in (MISSIONS, RECONCILIATION, CONTINUITY, KPI):
        for table in model.tables:
            assert isinstance(table, Fold)
            cells = Cells(table.row)
            for row in table.rows(recorded(history)).values():
                assert cells.read(cells.write(row)) == row


def test_a_ledger_adds_one_row_for_each_event_it_handles() -> None:
    (entries,) = AUDIT_TRAIL.tables
    assert isinstance(entries, Ledger)
    rows = [row for event in recorded([signed(), delivered()]) for row in entries.rows(event)]
    assert [row[0] for row in rows] == [1, 2]


class Sample(NamedTuple):
    """A row with every kind of column."""

    name: str
    number: int
    exact: Decimal | None
    on: date
    at: datetime
    sure: bool
    words: tuple[str, ...]
    currency: Currency | None
    rhythm: Rhythm | None
    data: JsonText


def test_columns_have_the_types_of_their_fields() -> None:
    assert [(column.name, column.sql, column.nullable) for column in columns_of(Sample)] == [
        ("name", "text", False),
        ("number", "bigint", False),
        ("exact", "numeric", True),
        ("on", "date", False),
        ("at", "timestamptz", False),
        ("sure", "boolean", False),
        ("words", "text[]", False),
        ("currency", "text", True),
        ("rhythm", "jsonb", True),
        ("data", "json", False),
    ]


@pytest.mark.parametrize("rhythm", [None, Rhythm(half_days_per_week=3)])
def test_a_document_travels_as_its_json(rhythm: Rhythm | None) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    row = Sample("a", 1, None, date(2026, 3, 1), at, True, ("x",), Currency.XPF, rhythm, JsonText("{}"))
    cells = Cells(Sample).write(row)
    assert cells[8] == (None if rhythm is None else '{"half_days_per_week":3,"weekdays":null}')
    assert Cells(Sample).read(cells) == row


def test_a_fold_that_says_twice_what_an_event_does_is_refused() -> None:
    fold = Fold("sample", Sample, key=("name",))
    fold.on(DayDelivered, keys=lambda event, _: [(event.day_id,)])(lambda row, _event, _recorded: row)
    with pytest.raises(ValueError, match="sample says twice what DayDelivered does"):
        fold.on(DayDelivered, keys=lambda event, _: [(event.day_id,)])(lambda row, _event, _recorded: row)


def test_a_row_may_go_and_come_back() -> None:
    fold = Fold("sample", Sample, key=("name",))
    at = datetime(2026, 3, 1, tzinfo=UTC)
    made = Sample("a", 1, None, date(2026, 3, 1), at, True, (), None, None, JsonText("{}"))
    fold.on(DayDelivered, keys=lambda event, _: [(event.day_id,)])(lambda _row, _event, _recorded: made)
    fold.on(DayWithdrawn, keys=lambda event, _: [(event.day_id,)])(lambda _row, _event, _recorded: None)
    gone = recorded([delivered(), Happened("mission:M-1", withdrawn())])
    assert fold.rows(gone) == {}
    assert fold.rows([*gone, *recorded([delivered()])]) == {("D-1",): made}


def test_erased_words_are_no_words() -> None:
    sealed = Sealed.model_validate({"$c": "0" * 64})
    assert [words("Anne"), words(sealed), words(None)] == ["Anne", None, None]


def test_history_is_known_up_to_a_date_and_an_instant() -> None:
    history = recorded([signed(), delivered(on=date(2026, 3, 3)), delivered("D-2", on=date(2026, 3, 4))])
    assert [each.position for each in as_known(history)] == [1, 2, 3]
    assert [each.position for each in as_known(history, as_of=date(2026, 3, 3))] == [1, 2]
    assert [each.position for each in as_known(history, known_at=history[0].recorded_at)] == [1]
