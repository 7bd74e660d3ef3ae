"""Nobody changes what was recorded: not the application, not the readers, not the owner of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from service.store.door import Door
from tests.servers import Database
from tests.service.store.attacks import ATTACKS
from tests.service.store.making import fact, request

RECORDED = """
select 'event', e::text from relais.events e where notification_id <= 3 union all
select 'tag', t::text from relais.event_tags t where position <= 3 union all
select 'command', c::text from relais.commands c where command_id like 'journal:%' union all
select 'value', v::text from relais.personal_values v where position <= 3 and path <> '/forged' union all
select 'seal', s::text from relais.seals s where number = 1 union all
select 'checkpoint', c::text from relais.checkpoints c where id = 1 and note <> 'forged' union all
select 'migration', m::text from relais.migrations m where number < 90
order by 1, 2
"""
STRUCTURE = """
with ours as (select oid, nspname from pg_namespace where nspname in ('relais', 'guard')),
     tables as (select * from pg_class where relnamespace in (select oid from ours))
select 'table' as kind, oid::regclass::text as name,
    row(relowner, relacl, relrowsecurity, relpersistence, relkind)::text
from tables union all
select 'column', attrelid::regclass::text, row(attname, atttypid, atttypmod, attisdropped, attnotnull)::text
from pg_attribute where attrelid in (select oid from tables) union all
select 'trigger', tgrelid::regclass::text, row(tgname, tgenabled, pg_get_triggerdef(oid))::text
from pg_trigger union all
select 'function', oid::regprocedure::text, row(prosrc, proowner, proconfig, proacl, prosecdef)::text
from pg_proc where pronamespace in (select oid from ours) union all
select 'rule', ev_class::regclass::text, rulename::text
from pg_rewrite where ev_class in (select oid from tables) union all
select 'event trigger', evtname::text, row(evtevent, evtfoid, evtenabled)::text from pg_event_trigger union all
select 'policy', polrelid::regclass::text, polname::text from pg_policy union all
select 'child', inhrelid::regclass::text, inhparent::regclass::text from pg_inherits union all
select 'schema', nspname::text, row(nspowner, nspacl)::text from pg_namespace where nspname !~ '^pg_' union all
select 'role', rolname::text, row(rolsuper, rolcreaterole, rolcreatedb, rolbypassrls)::text from pg_roles
order by 1, 2, 3
"""


@pytest.fixture
def attacked(any_database: Database) -> Database:
    """A database with a little history of every kind."""
    with Door(any_database.app_url, durable=False) as door:
        door.append(request(fact("mission:1", 1, tags=["mission"], side=[("/note", b"x")]), command_id="journal:1"))
        door.append(request(fact("mission:1", 2), fact("mission:2", 1, tags=["day:1"]), command_id="journal:2"))
    with psycopg.connect(any_database.sealer_url, autocommit=True) as sealer:
        sealer.execute(
            "insert into relais.seals (number, size, last_position, root, streams, map_root)"
            " values (1, 3, 2, sha256('tree'), 2, sha256('map'))"
        )
        sealer.execute("insert into relais.checkpoints (size, note, level) values (3, 'note', 'signed')")
    return any_database


class Witness:
    """Looks at history and its protection as only a superuser can, and remembers."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._before = self.look()

    def look(self) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        return self._connection.execute(RECORDED).fetchall(), self._connection.execute(STRUCTURE).fetchall()

    def saw_a_change(self) -> bool:
        assert len(self._before[0]) >= 3 + 2 + 2 + 1 + 2 + 4
        return self.look() != self._before


@pytest.fixture
def witness(attacked: Database) -> Iterator[Witness]:
    with psycopg.connect(attacked.superuser_url, autocommit=True) as superuser:
        yield Witness(superuser)


def attack(url: str, name: str, database: Database) -> bool:
    """Tries one attack on a connection of its own; whether the server let it through."""
    statement = ATTACKS[name].replace("{database}", database.name)
    options = "-c lock_timeout=2s -c statement_timeout=10s -c client_min_messages=error"
    with closing(psycopg.connect(url, autocommit=True, options=options)) as connection:
        try:
            connection.execute(statement.encode())
        except psycopg.Error:
            return False
    return True


@pytest.mark.parametrize("role", ["relais_app", "relais_reader", "relais_sealer"])
def test_every_attack_of_the_application_the_readers_and_the_sealer_is_refused(
    role: str, attacked: Database, witness: Witness
) -> None:
    url = attacked.postgres.url(role, attacked.name)
    passed = [name for name in ATTACKS if attack(url, name, attacked)]
    assert len(ATTACKS) >= 58
    assert passed == []
    assert not witness.saw_a_change()


def test_no_attack_of_the_owner_changes_or_removes_what_was_recorded(attacked: Database, witness: Witness) -> None:
    for name in ATTACKS:
        attack(attacked.owner_url, name, attacked)
        assert not witness.saw_a_change(), name


def test_without_its_protection_history_would_fall(attacked: Database, witness: Witness) -> None:
    """The negative control: the same attacks do succeed where nothing stands in their way."""
    with psycopg.connect(attacked.superuser_url, autocommit=True) as superuser:
        superuser.execute("drop event trigger guard_definition")
        superuser.execute("drop event trigger guard_drop")
    attack(attacked.owner_url, "disable the trigger", attacked)
    assert witness.saw_a_change()


@pytest.mark.parametrize("table", ["events", "event_tags", "commands", "migrations", "seals", "checkpoints"])
def test_a_session_that_calls_itself_a_replica_changes_nothing_either(table: str, attacked: Database) -> None:
    """Only a superuser may call a session that; it skips ordinary triggers."""
    with psycopg.connect(attacked.superuser_url, autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")
        for change in (f"delete from relais.{table}", f"truncate relais.{table}"):
            with pytest.raises(psycopg.errors.RestrictViolation, match="history is only ever added to"):
                superuser.execute(change)
