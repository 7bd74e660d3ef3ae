"""What the read model of continuity is asked; each answers whole rows, in the order of their columns."""

from __future__ import annotations

from projections.continuity.course import COURSES
from projections.continuity.practitioners import PRACTITIONERS
from projections.read_model import Query, rows_of


def courses_for(*, client_id: str | None = None, cadre_id: str | None = None) -> Query:
    """The courses of missions, in order of id; a cadre's are those that it holds, held, or is to hold."""
    return rows_of(
        COURSES,
        """
        WHERE (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
          AND (%(cadre_id)s::text IS NULL OR %(cadre_id)s = ANY(cadre_ids))
        ORDER BY mission_id
        """,
        {"client_id": client_id, "cadre_id": cadre_id},
    )


def practitioners() -> Query:
    """Every cadre of the network and the functions that it practises."""
    return rows_of(PRACTITIONERS, "ORDER BY cadre_id", {})
