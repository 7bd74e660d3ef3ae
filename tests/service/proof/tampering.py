"""Ways to alter a stored history with all power over its database, each with the checks that have to notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from service.proof.audit import Known
from service.proof.findings import Kind
from service.proof.notes import Checkpoint, SigningKey
from service.store.reader import StoredRow
from tests.service.proof.stores import KEY, POLICY, STRANGER, Store, built, copied, hashed, note_of


@dataclass(frozen=True)
class Altered:
    """A store that is not what it was, and which of these checks has to say so."""

    store: Store
    noticed_by: frozenset[Kind]
    position: int | None = None
    """Where it has to be noticed first, where that can be known."""
    known: Known | None = None


Tamper = Callable[[Random, Store], Altered]


def flipped(random: Random, data: bytes) -> bytes:
    """The same bytes with one bit turned."""
    changed = bytearray(data)
    place = random.randrange(len(data) * 8)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def misspelt(random: Random, text: str) -> str:
    """The same text with one character changed."""
    place = random.randrange(len(text))
    other = chr(ord(text[place]) ^ (1 << random.randrange(4)))
    return text[:place] + other + text[place + 1 :]


def one(random: Random, store: Store) -> tuple[int, StoredRow]:
    """An event, by its place in the list."""
    place = random.randrange(len(store.rows))
    return place, store.rows[place]


def with_row(store: Store, place: int, row: StoredRow) -> Store:
    changed = copied(store)
    changed.rows[place] = row
    return changed


def change_an_event(random: Random, store: Store) -> Altered:
    place, row = one(random, store)
    which = random.randrange(5)
    match which:
        case 0:
            row = row._replace(state=flipped(random, row.state))
        case 1:
            row = row._replace(envelope=flipped(random, row.envelope))
        case 2:
            row = row._replace(topic=misspelt(random, row.topic))
        case 3:
            row = row._replace(leaf=flipped(random, row.leaf))
        case _:
            later = timedelta(microseconds=random.choice((-1, 1)) * random.randrange(1, 10**12))
            row = row._replace(recorded_at=row.recorded_at + later)
    return Altered(with_row(store, place, row), frozenset({Kind.LEAF}), row.position)


def move_an_event(random: Random, store: Store) -> Altered:
    place, row = one(random, store)
    match random.randrange(3):
        case 0:
            other = random.choice(sorted(store.streams - {row.stream}))
            return Altered(with_row(store, place, row._replace(stream=other)), frozenset({Kind.LEAF}), row.position)
        case 1:
            other_version = row.version + random.choice((-1, 1, 7))
            return Altered(
                with_row(store, place, row._replace(version=other_version)), frozenset({Kind.LEAF}), row.position
            )
        case _:
            far = row._replace(position=row.position + random.randrange(1, 9) * 1000)
            return Altered(with_row(store, place, far), frozenset({Kind.POSITION}), row.position)


def swap_events(random: Random, store: Store) -> Altered:
    """Two events change places, or their words do."""
    first, second = sorted(random.sample(range(len(store.rows)), 2))
    a, b = store.rows[first], store.rows[second]
    changed = copied(store)
    if random.random() < 0.5:
        changed.rows[first], changed.rows[second] = b._replace(position=a.position), a._replace(position=b.position)
        expected = {Kind.TREE, Kind.SEAL, Kind.VERSION, Kind.TIME}
    else:
        changed.rows[first] = a._replace(state=b.state)
        changed.rows[second] = b._replace(state=a.state)
        expected = {Kind.LEAF}
    return Altered(changed, frozenset(expected))


def delete_an_event(random: Random, store: Store) -> Altered:
    place, row = one(random, store)
    changed = copied(store)
    del changed.rows[place]
    return Altered(changed, frozenset({Kind.POSITION}), row.position)


def delete_and_close_the_gap(random: Random, store: Store) -> Altered:
    """As if it had never been: the later events move up, and their hashes are made anew."""
    _, row = one(random, store)
    rows = [
        each._replace(
            position=each.position - (each.position > row.position),
            version=each.version - (each.stream == row.stream and each.version > row.version),
        )
        for each in store.rows
        if each is not row
    ]
    changed = replace(copied(store), rows=[hashed(each) for each in rows], ends_at=store.ends_at - 1)
    return Altered(changed, frozenset({Kind.TREE, Kind.SEAL, Kind.SHORTER}))


def insert_an_event(random: Random, store: Store) -> Altered:
    """Before the last one: after it, it would be what an append is, and a fact that somebody has to answer for."""
    place = random.randrange(len(store.rows) - 1)
    row = store.rows[place]
    rows = [
        each._replace(
            position=each.position + (each.position > row.position),
            version=each.version + (each.stream == row.stream and each.version > row.version),
        )
        for each in store.rows
    ]
    rows.insert(place + 1, row._replace(position=row.position + 1, version=row.version + 1))
    changed = replace(copied(store), rows=[hashed(each) for each in rows], ends_at=store.ends_at + 1)
    return Altered(changed, frozenset({Kind.TREE, Kind.SEAL}))


def cut_the_end(random: Random, store: Store) -> Altered:
    """Truncation: the last events, with or without the seals, the checkpoints and the head."""
    left = random.randrange(1, len(store.rows))
    changed = replace(copied(store), rows=store.rows[:left])
    expected = {Kind.POSITION, Kind.SHORTER}
    if random.random() < 0.7:
        changed = replace(changed, ends_at=left)
        expected = {Kind.SHORTER, Kind.COMMAND, Kind.TAG}
        seals = [seal for seal in store.sealed if seal.last_position <= left]
        if random.random() < 0.7 and len(seals) < len(store.sealed):
            whole = built(store.rows[:left], [seal.last_position for seal in seals])
            return Altered(whole, frozenset({Kind.SHORTER}), left + 1, Known(POLICY, store.signed()))
    return Altered(changed, frozenset(expected))


def change_a_seal(random: Random, store: Store) -> Altered:
    place = random.randrange(len(store.sealed))
    seal = store.sealed[place]
    changed = copied(store)
    match random.randrange(6):
        case 0:
            changed.sealed[place] = seal._replace(root=flipped(random, seal.root))
        case 1:
            changed.sealed[place] = seal._replace(map_root=flipped(random, seal.map_root))
        case 2:
            changed.sealed[place] = seal._replace(streams=seal.streams + random.choice((-1, 1)))
        case 3:
            changed.sealed[place] = seal._replace(size=seal.size + 1)
        case 4:
            changed.sealed[place] = seal._replace(last_position=seal.last_position + random.choice((-1, 1)))
        case _:
            del changed.sealed[place]
    kinds = {Kind.SEAL, Kind.HEADS, Kind.SHORTER, Kind.CHECKPOINT}
    return Altered(changed, frozenset(kinds), known=Known(POLICY, store.signed()))


def change_a_checkpoint(random: Random, store: Store) -> Altered:
    place = random.randrange(len(store.notes))
    row = store.notes[place]
    changed = copied(store)
    match random.randrange(6):
        case 0:
            changed.notes[place] = row._replace(note=misspelt(random, row.note))
        case 1:
            other = store.notes[place - 1] if place else store.notes[-1]
            changed.notes[place] = row._replace(note=other.note)
        case 2:
            forged = note_of(row.size, flipped(random, store.sealed[place].root), STRANGER)
            changed.notes[place] = row._replace(note=forged)
        case 3:
            forged = note_of(row.size, flipped(random, store.sealed[place].root), KEY)
            changed.notes[place] = row._replace(note=forged)
        case 4:
            changed.notes[place] = row._replace(level="witnessed")
        case _:
            del changed.notes[place]
    return Altered(changed, frozenset({Kind.CHECKPOINT, Kind.SIGNATURE}))


def change_the_heads(random: Random, store: Store) -> Altered:
    changed = copied(store)
    if random.random() < 0.5:
        place = random.randrange(len(store.stream_heads))
        head = store.stream_heads[place]
        match random.randrange(4):
            case 0:
                changed.stream_heads[place] = head._replace(frontier=flipped(random, head.frontier))
            case 1:
                changed.stream_heads[place] = head._replace(events=head.events + 1)
            case 2:
                changed.stream_heads[place] = head._replace(pseudonym=flipped(random, head.pseudonym))
            case _:
                del changed.stream_heads[place]
    else:
        place = random.randrange(len(store.map))
        piece = store.map[place]
        if random.random() < 0.7:
            changed.map[place] = piece._replace(slots=flipped(random, piece.slots))
        else:
            del changed.map[place]
    return Altered(changed, frozenset({Kind.HEADS}))


def change_a_tile(random: Random, store: Store) -> Altered:
    if not store.tree:
        return change_the_heads(random, store)
    changed = copied(store)
    level = random.choice(sorted(store.tree))
    place = random.randrange(len(store.tree[level]))
    tile = store.tree[level][place]
    if random.random() < 0.7:
        changed.tree[level][place] = tile._replace(nodes=flipped(random, tile.nodes))
    else:
        del changed.tree[level][place]
    return Altered(changed, frozenset({Kind.TREE}))


def change_the_lists(random: Random, store: Store) -> Altered:
    """Commands' answers, and tags."""
    changed = copied(store)
    command = random.choice(sorted(store.commands))
    match random.randrange(4):
        case 0:
            del changed.commands[command]
        case 1:
            changed.commands[command] = [each + 1000 for each in store.commands[command]]
        case 2:
            changed.commands[command].append(random.randrange(1, 9))
        case _:
            changed.tags.append(store.ends_at + random.randrange(1, 9))
            return Altered(changed, frozenset({Kind.TAG}))
    return Altered(changed, frozenset({Kind.COMMAND}))


def rewrite_an_event(random: Random, store: Store) -> Altered:
    """The event and its hash, made with the stream's secret; the proof's tables as they were."""
    place, row = one(random, store)
    row = hashed(row._replace(state=row.state.replace(b'"quantity":"1"', b'"quantity":"%d"' % random.randrange(2, 9))))
    return Altered(with_row(store, place, row), frozenset({Kind.TREE, Kind.SEAL}))


def rewrite_the_tail(random: Random, store: Store, key: SigningKey | None, known: Known, kinds: set[Kind]) -> Altered:
    """An event and all that follows from it, with every hash of every table made anew."""
    place, row = one(random, store)
    rows = [*store.rows]
    rows[place] = hashed(row._replace(state=row.state.replace(b'"1"', b'"0.5"')))
    whole = built(rows, [seal.last_position for seal in store.sealed], key)
    if key is None:
        whole = replace(whole, notes=[*store.notes])
    return Altered(whole, frozenset(kinds), known=known)


def rewrite_without_signing(random: Random, store: Store) -> Altered:
    return rewrite_the_tail(random, store, None, Known(POLICY), {Kind.CHECKPOINT})


def rewrite_and_sign_as_a_stranger(random: Random, store: Store) -> Altered:
    return rewrite_the_tail(random, store, STRANGER, Known(POLICY), {Kind.SIGNATURE})


def rewrite_and_sign_with_the_stolen_key(random: Random, store: Store) -> Altered:
    """Only what lies outside the database can tell: the last signed head."""
    return rewrite_the_tail(random, store, KEY, Known(POLICY, store.signed()), {Kind.FORKED})


def rewrite_and_sign_and_replace_the_head(random: Random, store: Store) -> Altered:
    """The operator does it, head and all: only who kept a checkpoint elsewhere can tell."""
    seal = store.sealed[-1]
    kept = {"an invoice": Checkpoint("relais.example/log", seal.size, seal.root)}
    return rewrite_the_tail(random, store, KEY, Known(POLICY, None, kept), {Kind.FORKED})


TAMPERS: tuple[Tamper, ...] = (
    change_an_event,
    change_an_event,
    move_an_event,
    swap_events,
    delete_an_event,
    delete_and_close_the_gap,
    insert_an_event,
    cut_the_end,
    change_a_seal,
    change_a_checkpoint,
    change_the_heads,
    change_a_tile,
    change_the_lists,
    rewrite_an_event,
    rewrite_without_signing,
    rewrite_and_sign_as_a_stranger,
    rewrite_and_sign_with_the_stolen_key,
    rewrite_and_sign_and_replace_the_head,
)
