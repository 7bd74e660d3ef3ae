"""Processor time of whole families of processes, as Linux tells it: what neighbours on the machine do not change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")
PARENT, SPENT = 1, slice(11, 15)
"""Places in /proc/PID/stat after the name: the parent, and the time of the process and of its children that ended."""


def spent_by(*roots: int) -> float:
    """Seconds of processor time of these processes and of all that descend from them, ended ones included."""
    told = dict(_processes())
    return sum(sum(map(int, fields[SPENT])) for pid, fields in told.items() if _descends(pid, roots, told)) / TICKS


def server_of(conninfo: str) -> int:
    """The process that all of a PostgreSQL's processes descend from."""
    with psycopg.connect(conninfo) as connection:
        return int(dict(_processes())[connection.info.backend_pid][PARENT])


def _processes() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked


def _descends(pid: int, roots: tuple[int, ...], told: dict[int, list[str]]) -> bool:
    while pid not in roots:
        if pid not in told:
            return False
        pid = int(told[pid][PARENT])
    return True
