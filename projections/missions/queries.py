"""What the read model of missions is asked; each answers whole rows, in the order of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.values import Function
from projections.missions.answers import Status
from projections.missions.days import DAYS
from projections.missions.mission import MISSION
from projections.missions.parties import PARTIES
from projections.read_model import Query, rows_of


def missions_for(
    on: date,
    *,
    mission_ids: Sequence[str] | None = None,
    client_id: str | None = None,
    cadre_id: str | None = None,
    function: Function | None = None,
    status: Status | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Query:
    """The missions, in order of id; a cadre's are those it holds, held, or is to hold.

    The status is worked out as `projections.missions.answers.status` has it; a test holds the two together.
    """
    return rows_of(
        MISSION,
        """
        WHERE (%(mission_ids)s::text[] IS NULL OR mission_id = ANY(%(mission_ids)s))
          AND (%(client_id)s::text IS NULL OR client_id = %(client_id)s)
          AND (%(cadre_id)s::text IS NULL OR %(cadre_id)s = ANY(cadre_ids))
          AND (%(function)s::text IS NULL OR function = %(function)s)
          AND (%(status)s::text IS NULL OR %(status)s =
               CASE WHEN %(on)s::date > stopped_on THEN 'stopped'
                    WHEN %(on)s::date > ends_on THEN 'ended'
                    WHEN %(on)s::date < starts_on THEN 'signed'
                    WHEN EXISTS (SELECT FROM jsonb_to_recordset(pauses) AS pause (from_on date, resumed_on date)
                                 WHERE pause.from_on <= %(on)s::date
                                   AND (pause.resumed_on IS NULL OR %(on)s::date < pause.resumed_on)) THEN 'paused'
                    ELSE 'running' END)
          AND (%(after)s::text IS NULL OR mission_id > %(after)s)
        ORDER BY mission_id LIMIT %(limit)s
        """,
        {
            "on": on,
            "mission_ids": None if mission_ids is None else list(mission_ids),
            "client_id": client_id,
            "cadre_id": cadre_id,
            "function": None if function is None else function.value,
            "status": None if status is None else status.value,
            "after": after,
            "limit": limit,
        },
    )


def mission_by_id(mission_id: str) -> Query:
    """One mission."""
    return rows_of(MISSION, "WHERE mission_id = %(id)s", {"id": mission_id})


def days_of(
    mission_id: str,
    *,
    first: date | None = None,
    last: date | None = None,
    after: tuple[date, str] | None = None,
    limit: int | None = None,
) -> Query:
    """The days of a mission, in order of date and id."""
    return rows_of(
        DAYS,
        """
        WHERE mission_id = %(mission_id)s
          AND (%(first)s::date IS NULL OR date >= %(first)s)
          AND (%(last)s::date IS NULL OR date <= %(last)s)
          AND (%(after_on)s::date IS NULL OR (date, day_id) > (%(after_on)s, %(after_id)s::text))
        ORDER BY date, day_id LIMIT %(limit)s
        """,
        {
            "mission_id": mission_id,
            "first": first,
            "last": last,
            "after_on": None if after is None else after[0],
            "after_id": None if after is None else after[1],
            "limit": limit,
        },
    )


def days_in(mission_ids: Sequence[str]) -> Query:
    """All days of missions, in order of date and id."""
    return rows_of(
        DAYS, "WHERE mission_id = ANY(%(ids)s) ORDER BY mission_id, date, day_id", {"ids": list(mission_ids)}
    )


def days_worked_by(cadre_id: str) -> Query:
    """All days that a cadre delivered, on whosever mission."""
    return rows_of(DAYS, "WHERE cadre_id = %(cadre_id)s ORDER BY date, day_id", {"cadre_id": cadre_id})


def parties_for(kind: str | None = None, party_ids: Sequence[str] | None = None) -> Query:
    """The parties, in order of id."""
    return rows_of(
        PARTIES,
        """
        WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)
          AND (%(party_ids)s::text[] IS NULL OR party_id = ANY(%(party_ids)s))
        ORDER BY party_id
        """,
        {"kind": kind, "party_ids": None if party_ids is None else list(party_ids)},
    )
