"""Whom one trusts: a policy as C2SP's tlog-policy writes it, and what it makes of a checkpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from typing_extensions import override

from service.proof.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    NoteRefused,
    VerifierKey,
    read_checkpoint,
    read_note,
    signed_by,
)

NONE: Final = "none"
"""The quorum of a policy that asks for no witness."""
_BLANK: Final = re.compile(r"[ \t]+")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class PolicyRefused(ValueError):
    """A policy that cannot be followed; the text names the line and says what to write."""


class Level(StrEnum):
    """How far a checkpoint can be trusted."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    WITNESSED = "witnessed"


@dataclass(frozen=True, slots=True)
class Trust:
    """What stands behind a checkpoint: nobody, the log alone, or the log and enough witnesses."""

    level: Level
    witnessed: int = 0
    """How many of the witnesses vouch for it."""
    of: int = 0
    """How many witnesses the policy knows."""

    @override
    def __str__(self) -> str:
        match self.level:
            case Level.WITNESSED:
                return f"witnessed {self.witnessed} of {self.of}"
            case Level.SIGNED if self.witnessed:
                return f"signed, witnessed {self.witnessed} of {self.of}, which is no quorum"
            case _:
                return self.level.value


@dataclass(frozen=True, slots=True)
class Judged:
    """A checkpoint, and how far it can be trusted."""

    checkpoint: Checkpoint
    trust: Trust
    witnesses: tuple[str, ...] = ()
    """The names, as the policy calls them, of the witnesses that vouch."""


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which so many have to vouch."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The logs that are believed, the witnesses that are known, and how many of them it takes."""

    logs: tuple[VerifierKey, ...] = ()
    witnesses: Mapping[str, VerifierKey] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NONE
    urls: Mapping[str, str] = field(default_factory=dict)
    """Where witnesses are asked, by their name in the policy."""

    @classmethod
    def read(cls, text: str) -> Self:
        """A policy from its lines."""
        lines = _Lines()
        for number, line in enumerate(text.split("\n"), start=1):
            words = [word for word in _BLANK.split(line) if word]
            if _CONTROL.search(line):
                raise PolicyRefused(f"line {number} holds a control character")
            if words and not words[0].startswith("#"):
                try:
                    lines.take(words)
                except (PolicyRefused, NoteRefused) as refused:
                    raise PolicyRefused(f"line {number}: {refused}") from refused
        if lines.quorum is None:
            raise PolicyRefused("there is no quorum: write `quorum none`, or whom you need")
        return cls(tuple(lines.logs), lines.witnesses, lines.groups, lines.quorum, lines.urls)

    def judge(self, note: str) -> Judged:
        """How far a checkpoint can be trusted. One that is wrongly signed by a known key is refused."""
        found = read_note(note)
        checkpoint = read_checkpoint(found.text)
        logs = [key for key in self.logs if key.name == checkpoint.origin]
        signed = bool(signed_by(found, logs))
        vouching = {*signed_by(found, self.witnesses.values())}
        names = tuple(name for name, key in self.witnesses.items() if key in vouching)
        level = Level.UNSIGNED
        if signed:
            level = Level.WITNESSED if self.quorum != NONE and self._met(self.quorum, names) else Level.SIGNED
        return Judged(checkpoint, Trust(level, len(names), len(self.witnesses)), names)

    def _met(self, name: str, vouching: tuple[str, ...]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in vouching
        return sum(self._met(member, vouching) for member in group.members) >= group.needed


class _Lines:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.urls: dict[str, str] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self._take_log(VerifierKey.read(vkey))
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._take_witness(name, VerifierKey.read(vkey))
                self.urls |= dict.fromkeys([name][: len(url)], "".join(url))
            case ["group", name, needed, *members] if members:
                self._take_group(name, needed, members)
            case ["quorum", name]:
                self._take_quorum(name)
            case _:
                raise PolicyRefused(f"{' '.join(words)[:60]!r} is no line of a policy: log, witness, group or quorum")

    def _take_log(self, key: VerifierKey) -> None:
        if key.kind != ED25519:
            raise PolicyRefused("a log signs with an Ed25519 key of kind 1")
        if key.public in {known.public for known in self.logs}:
            raise PolicyRefused("this log's key stands there already")
        self.logs.append(key)

    def _take_witness(self, name: str, key: VerifierKey) -> None:
        if key.kind != COSIGNATURE:
            raise PolicyRefused("a witness signs with a cosignature key, of kind 4")
        if key.public in {known.public for known in self.witnesses.values()}:
            raise PolicyRefused("this witness's key stands there already")
        self._take_name(name)
        self.witnesses[name] = key

    def _take_group(self, name: str, needed: str, members: list[str]) -> None:
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise PolicyRefused(f"{member} is not defined above")
            if member in self._members:
                raise PolicyRefused(f"{member} counts twice")
            self._members.add(member)
        self._take_name(name)
        self.groups[name] = Group(_threshold(needed, len(members)), tuple(members))

    def _take_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise PolicyRefused("there is one quorum already")
        if name != NONE and name not in self.witnesses and name not in self.groups:
            raise PolicyRefused(f"{name} is not defined above")
        self.quorum = name

    def _take_name(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise PolicyRefused(f"the name {name} is taken")


def _threshold(needed: str, members: int) -> int:
    number = {"all": members, "any": 1}.get(needed)
    if number is None and _COUNT.fullmatch(needed):
        number = int(needed)
    if number is None or not 1 <= number <= members:
        raise PolicyRefused(f"write how many of {members} are needed: a number, all or any")
    return number
