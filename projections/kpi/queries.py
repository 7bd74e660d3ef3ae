"""What the read model of results is asked; each answers whole rows, in the order of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from projections.kpi.billed import CHARGES, DOCUMENTS, EXPENSES
from projections.kpi.objectives import OBJECTIVES
from projections.kpi.risks import RISKS
from projections.read_model import Query, rows_of

OF_MISSIONS = "WHERE mission_id = ANY(%(ids)s)"


def objectives_of(mission_ids: Sequence[str]) -> Query:
    """The objectives of missions, in the order in which they were set."""
    return rows_of(OBJECTIVES, OF_MISSIONS + " ORDER BY position", {"ids": list(mission_ids)})


def risks_of(mission_ids: Sequence[str]) -> Query:
    """The risks of missions."""
    return rows_of(RISKS, OF_MISSIONS + " ORDER BY position", {"ids": list(mission_ids)})


def expenses_of(mission_ids: Sequence[str]) -> Query:
    """The expenses of missions that no invoice bears."""
    return rows_of(EXPENSES, OF_MISSIONS + " AND standing = 'open' ORDER BY position", {"ids": list(mission_ids)})


def charges_of(mission_ids: Sequence[str]) -> Query:
    """What the retainers of missions were charged for."""
    return rows_of(CHARGES, OF_MISSIONS, {"ids": list(mission_ids)})


def documents_for(client_ids: Sequence[str], as_of: date | None = None, known_at: datetime | None = None) -> Query:
    """The invoices and credit notes of clients that had been issued by a date and were known at an instant."""
    return rows_of(
        DOCUMENTS,
        """
        WHERE client_id = ANY(%(ids)s) AND (%(as_of)s::date IS NULL OR occurred_on <= %(as_of)s)
          AND (%(known_at)s::timestamptz IS NULL OR recorded_at <= %(known_at)s) ORDER BY position
        """,
        {"ids": list(client_ids), "as_of": as_of, "known_at": known_at},
    )


def known_upto(instant: datetime) -> Query:
    """The position of the last fact that was recorded by an instant: positions are dense and in order of recording."""
    return Query(
        """
        WITH RECURSIVE search (low, high) AS (
            SELECT 0::bigint, position FROM relais.log_head
            UNION ALL
            SELECT CASE WHEN middle.recorded_at <= %(instant)s THEN middle.notification_id ELSE low END,
                   CASE WHEN middle.recorded_at <= %(instant)s THEN high ELSE middle.notification_id - 1 END
            FROM search JOIN relais.events middle ON middle.notification_id = (low + high + 1) / 2
            WHERE low < high
        )
        SELECT max(low) FROM search
        """,
        {"instant": instant},
    )


def reached() -> Query:
    """The position that the read model of results, as it serves, has come to."""
    return Query("SELECT position FROM rm.projection_generations WHERE model = 'kpi' AND state = 'serving'", {})
