"""What every correction of a party has in common: it changes something."""

from __future__ import annotations

from typing import TypeVar

from domain.event import Command

C = TypeVar("C", bound=Command)


def changes_something(command: C) -> C:
    """A correction that names no field corrects nothing."""
    if all(value is None for name, value in command if not name.endswith("_id")):
        raise ValueError("name at least one field to correct")
    return command
