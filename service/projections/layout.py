"""How read models lie in the database: the tables of each generation, and the view of the one that serves.

All in schema `rm`, where the application may define things. A table `missions` of generation 3 is `rm.missions__g3`;
`rm.missions` is a view of the generation that serves.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from projections.read_model import Column, Fold, Ledger, ReadModel, Row, Summary, columns_of

Table: TypeAlias = Fold[Row] | Ledger[Row] | Summary[Row]
Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

SWITCH_LOCK = 0x72656C61697377
"""Taken to point views elsewhere, and shared by who asks several questions about one moment: tables that were filled
after that moment would look empty to it."""

CONTROL = """
CREATE TABLE IF NOT EXISTS rm.projection_generations (
    model       text NOT NULL,
    generation  int NOT NULL,
    version     int NOT NULL,
    fingerprint text NOT NULL,
    tables      text[] NOT NULL,
    position    bigint NOT NULL DEFAULT 0,
    state       text NOT NULL CHECK (state IN ('building', 'serving', 'retired', 'refused')),
    stopped_at  bigint,
    error       text,
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (model, generation)
);
ALTER TABLE rm.projection_generations
    ADD COLUMN IF NOT EXISTS begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN IF NOT EXISTS forgets  boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX IF NOT EXISTS projection_generations_serving
    ON rm.projection_generations (model) WHERE state = 'serving';
CREATE TABLE IF NOT EXISTS rm.projection_parked (
    model      text NOT NULL,
    generation int NOT NULL,
    stream     text NOT NULL,
    position   bigint NOT NULL,
    error      text NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (model, generation, stream)
);
CREATE TABLE IF NOT EXISTS rm.projection_requests (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action       text NOT NULL,
    model        text NOT NULL,
    stream       text,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at      timestamptz,
    outcome      text
);
ALTER TABLE rm.projection_requests DROP CONSTRAINT IF EXISTS projection_requests_action_check;
"""


def lay_out_control(connection: Connection) -> None:
    """The tables in which the worker keeps its own accounts; repeatable."""
    with connection.transaction():
        for statement in CONTROL.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())


def table_name(table: Table, generation: int) -> sql.Identifier:
    """The table of one generation."""
    return sql.Identifier("rm", f"{table.name}__g{generation}")


def columns(table: Table) -> tuple[Column, ...]:
    """The columns of a table, in the order of its row's fields."""
    return columns_of(table.row)


def fingerprint(model: ReadModel) -> str:
    """What the tables of a model look like: another look under the same version is a mistake."""
    looks = [
        (
            table.name,
            table.key,
            table.indexes,
            [(column.name, column.sql, column.nullable) for column in columns(table)],
        )
        for table in model.tables
    ]
    return sha256(repr(looks).encode()).hexdigest()


def create_tables(connection: Connection, model: ReadModel, generation: int) -> None:
    """Empty tables for a generation."""
    for table in model.tables:
        name = table_name(table, generation)
        described = sql.SQL(", ").join(_described(column) for column in columns(table))
        connection.execute(
            sql.SQL("CREATE TABLE {} ({}, PRIMARY KEY ({}))").format(name, described, _listed(table.key))
        )
        lists = {column.name for column in columns(table) if column.sql.endswith("[]")}
        for index in table.indexes:
            method = sql.SQL("gin" if lists.issuperset(index) else "btree")
            connection.execute(sql.SQL("CREATE INDEX ON {} USING {} ({})").format(name, method, _listed(index)))


def drop_tables(connection: Connection, names: Sequence[str], generation: int) -> None:
    """A generation's tables are gone."""
    for name in names:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("rm", f"{name}__g{generation}")))


def serve(connection: Connection, names: Sequence[str], generation: int, before: Sequence[str] = ()) -> None:
    """Points the views at a generation; whoever reads sees either the one or the other."""
    for name in sorted({*before, *names}):
        connection.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(sql.Identifier("rm", name)))
    for name in names:
        view = sql.Identifier("rm", name)
        connection.execute(
            sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(view, sql.Identifier("rm", f"{name}__g{generation}"))
        )


def _described(column: Column) -> sql.Composed:
    return sql.SQL("{} {}{}").format(
        sql.Identifier(column.name), sql.SQL(column.sql), sql.SQL("" if column.nullable else " NOT NULL")
    )


def _listed(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
