"""Decides one command on history as of a position, and brings its facts into the form in which they are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain import deciding
from domain.calendar import WorkingCalendar
from domain.catalogue import read_event
from domain.deciding import Facts, Needs
from domain.event import CommandRejected, Context, Event, Filed, Recorded
from domain.permissions import may, refuse_if_not_allowed
from domain.rejections import UnknownMission
from domain.streams import kind_of, mission_stream
from domain.visibility import sees_mission
from service.history import PARTIES, AsOf, Memory, names
from service.store.door import NewEvent
from service.store.filing import new_event
from service.store.keys import KeyStore
from service.store.opening import words_by_digest
from service.store.reader import Reader
from service.store.record import Envelope, envelope_bytes
from service.store.sealing import sealed_elsewhere, sealed_words
from service.submission import Submission, VersionConflict


@dataclass(frozen=True, slots=True)
class Decided:
    """The facts that a command brings, as they will be kept, and what was read to decide so.

    Or the refusal that it meets, where this stands on facts that are expected only: it is as true as they are.
    """

    events: tuple[NewEvent, ...]
    recorded: tuple[Recorded[Event], ...]
    stream_versions: dict[str, int]
    tag_positions: dict[str, int]
    refusal: CommandRejected | VersionConflict | None = None

    def reads(self) -> set[str]:
        """The streams and tags that the decision stands on."""
        return names(self.stream_versions, self.tag_positions)

    def writes(self) -> set[str]:
        """The streams and tags that the facts add to."""
        return names((event.stream for event in self.events), (tag for event in self.events for tag in event.tags))


class Decider:
    """Puts commands to the domain."""

    def __init__(self, reader: Reader, keys: KeyStore, calendar: WorkingCalendar) -> None:
        self._reader, self._keys, self._calendar = reader, keys, calendar

    def likely_needs(self, submissions: Iterable[Submission], memory: Memory) -> Needs:
        """What the decisions will need, as far as what is remembered tells."""
        needs = [self._needs(submission, memory.facts) for submission in submissions]
        return Needs(
            frozenset(stream for need in needs for stream in need.streams),
            frozenset(tag for need in needs for tag in need.tags),
        )

    def prepare(self, submissions: Iterable[Submission], as_of: AsOf) -> None:
        """Reads for many commands at once what each of them needs."""
        open_questions = list(submissions)
        while open_questions:
            needs = [(submission, self._needs(submission, as_of.facts)) for submission in open_questions]
            streams = frozenset(stream for _, need in needs for stream in need.streams)
            tags = frozenset(tag for _, need in needs for tag in need.tags)
            open_questions = [submission for submission, need in needs if as_of.lacks(need)]
            as_of.load(Needs(streams, tags))

    def decide(self, submission: Submission, as_of: AsOf) -> Decided:
        """The facts that a command brings. Raises what stands in its way."""
        needs = self._everything_needed(submission, as_of)
        stream_versions = {stream: as_of.version(stream) for stream in needs.streams}
        tag_positions = {tag: as_of.last_tagged(tag) for tag in needs.tags}
        try:
            filed = self._decision(submission, as_of)
        except (CommandRejected, VersionConflict) as refusal:
            if as_of.depends_on_expected(needs):
                return Decided((), (), stream_versions, tag_positions, refusal)
            raise
        as_of.load(Needs(streams=frozenset(fact.stream for fact in filed)))
        events, recorded = self._in_kept_form(submission, filed, as_of)
        return Decided(events, recorded, stream_versions, tag_positions)

    def rehearse(self, submission: Submission, as_of: AsOf) -> tuple[Sequence[Filed], Needs]:
        """The facts that a command would bring, and what it read. Nothing is sealed, kept or taken for granted."""
        needs = self._everything_needed(submission, as_of)
        return self._decision(submission, as_of), needs

    def _everything_needed(self, submission: Submission, as_of: AsOf) -> Needs:
        needs = self._needs(submission, as_of.facts)
        while as_of.load(needs):
            needs = self._needs(submission, as_of.facts)
        return needs

    def _needs(self, submission: Submission, facts: Facts) -> Needs:
        return deciding.needs(submission.command, submission.mission_id, facts, self._context(submission))

    def _decision(self, submission: Submission, as_of: AsOf) -> Sequence[Filed]:
        facts, context, command = as_of.facts, self._context(submission), submission.command
        if submission.mission_id is not None and may(command.NAME, submission.actor.role):
            mission = facts.mission(submission.mission_id)
            if mission is None or not sees_mission(submission.actor, mission):
                raise UnknownMission(f"there is no mission {submission.mission_id}: check its id")
            _refuse_other_versions(submission, mission_stream(submission.mission_id), as_of)
        refuse_if_not_allowed(command, facts, context, submission.mission_id)
        filed = deciding.decide(command, submission.mission_id, facts, context)
        if submission.mission_id is None and filed:
            _refuse_other_versions(submission, filed[0].stream, as_of)
        return filed

    def _in_kept_form(
        self, submission: Submission, filed: Sequence[Filed], as_of: AsOf
    ) -> tuple[tuple[NewEvent, ...], tuple[Recorded[Event], ...]]:
        context = self._context(submission)
        occurred_on = context.occurred_on(submission.command)
        envelope = envelope_bytes(
            Envelope(
                actor=submission.actor,
                occurred_on=occurred_on,
                by=submission.claimed_by,
                claimed_at=submission.claimed_at,
                command_id=submission.command_id,
                correlation_id=submission.correlation_id,
                principal=submission.principal,
            )
        )
        secrets = self._keys.stream_secrets({fact.stream for fact in filed}, create=True)
        words_elsewhere = self._words_elsewhere(filed, as_of)
        now = datetime.now(UTC)
        versions: Counter[str] = Counter()
        events, recorded = [], []
        for fact in filed:
            versions[fact.stream] += 1
            version = as_of.version(fact.stream) + versions[fact.stream]
            new = new_event(
                fact.event,
                fact.stream,
                version,
                tags=fact.tags,
                envelope=envelope,
                secrets=secrets[fact.stream],
                words_elsewhere=words_elsewhere,
            )
            events.append(new)
            if new.side and kind_of(fact.stream) in PARTIES:
                as_of.words |= sealed_words(new.state, fact.stream, version, dict(new.side), secrets[fact.stream].key)
            recorded.append(
                Recorded(
                    event=read_event(new.topic, new.state) if new.side else fact.event,
                    stream=fact.stream,
                    version=version,
                    position=as_of.next_position(),
                    occurred_on=occurred_on,
                    recorded_at=now,
                    actor=submission.claimed_by or submission.actor,
                    claimed_at=submission.claimed_at,
                    command_id=submission.command_id,
                    correlation_id=submission.correlation_id,
                )
            )
        for expected, fact in zip(recorded, filed, strict=True):
            as_of.expect(expected, fact.tags)
        return tuple(events), tuple(recorded)

    def _words_elsewhere(self, filed: Sequence[Filed], as_of: AsOf) -> dict[str, str]:
        """The personal words that new facts copy from others: an invoice names the parties as they are today.

        A party may be as new as the invoice: registered in the same batch, and not recorded yet.
        """
        digests = {digest for fact in filed for digest in sealed_elsewhere(fact.event)}
        words = as_of.words
        if not digests <= words.keys():
            rows = self._reader.read_streams(dict.fromkeys(as_of.parties_read(), 0))
            words = words | words_by_digest(rows, self._reader, self._keys)
        return {digest: words[digest] for digest in digests & words.keys()}

    def _context(self, submission: Submission) -> Context:
        return Context(today=submission.today, actor=submission.actor, calendar=self._calendar)


def _refuse_other_versions(submission: Submission, stream: str, as_of: AsOf) -> None:
    current = as_of.version(stream)
    if submission.expected_version not in (None, current):
        raise VersionConflict(stream, submission.expected_version or 0, current)
