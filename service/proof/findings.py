"""What the check of a whole store may find wrong, each with a name, the position and what it means."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from typing_extensions import override

MOST_OF_A_KIND: Final = 20
"""Findings of one kind that are told one by one; of more, the number."""


class Kind(StrEnum):
    """Which check found it."""

    LEAF = "leaf_differs"
    """An event's bytes are not those that were hashed when it was recorded."""
    POSITION = "position_missing"
    """Positions do not follow each other: an event is missing, or stands twice."""
    VERSION = "version_missing"
    """The versions of a stream do not follow each other."""
    TIME = "time_goes_back"
    """An event was recorded before the one before it."""
    BYTES = "not_canonical"
    """A record's bytes are not in the one form that history writes."""
    BLIND = "key_missing"
    """No key blinds the stream: the event cannot be checked."""
    TREE = "tree_differs"
    """The sealed tree has another entry there: the event was rewritten with its hash."""
    SEAL = "seal_differs"
    """A seal's root, or its count, is not what the events up to it add up to."""
    HEADS = "heads_differ"
    """A stream's head, or the map of the heads, is not what the events add up to."""
    CHECKPOINT = "checkpoint_differs"
    """A checkpoint says something else than the tree of its size, or is not there."""
    SIGNATURE = "signature_wrong"
    """A checkpoint is not signed by whom it says, or by too few."""
    SHORTER = "log_shorter"
    """More was signed than is there: the end was cut off, or an old backup restored."""
    FORKED = "log_forked"
    """What was signed, or kept elsewhere, is not the beginning of this history."""
    COMMAND = "command_differs"
    """The list of answered commands does not agree with the events."""
    WORDS = "words_differ"
    """Personal words kept beside an event are not those that were recorded, or belong to no event."""
    TAG = "tag_dangles"
    """A tag points to an event that is not there."""
    READ_MODEL = "read_model_differs"
    """A read model is not what the events add up to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it has to be."""

    kind: Kind
    position: int | None
    detail: str
    until: int | None = None
    """Where it cannot be told which: the last of the events that it may be."""

    @override
    def __str__(self) -> str:
        where = "" if self.position is None else f" at position {self.position}"
        where += "" if self.until in (None, self.position) else f" to {self.until}"
        return f"{self.kind.value}{where}: {self.detail}"


@dataclass
class Report:
    """What was checked, and what was found."""

    events: int = 0
    seals: int = 0
    checkpoints: int = 0
    streams: int = 0
    unsealed: int = 0
    """Events that no seal covers yet: their bytes agree with their hashes, and nobody vouches for these."""
    trust: str = "unsigned"
    """How far the newest checkpoint can be trusted."""
    size: int = 0
    root: bytes = b""
    findings: list[Finding] = field(default_factory=list)
    counted: Counter[Kind] = field(default_factory=Counter)

    def find(self, kind: Kind, position: int | None, detail: str, until: int | None = None) -> None:
        """Takes a finding down."""
        self.counted[kind] += 1
        if self.counted[kind] <= MOST_OF_A_KIND:
            self.findings.append(Finding(kind, position, detail, until))

    @property
    def first_bad_position(self) -> int | None:
        """Where history is first not what it was, as exactly as it can be told."""
        placed = [(each.until or each.position, -each.position) for each in self.findings if each.position is not None]
        return -min(placed)[1] if placed else None
