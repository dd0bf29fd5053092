"""The tables of a facts file: what was loaded, what was delivered, what is in force."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from data.entity import Entity, entities

META = """
create schema if not exists meta;
create schema if not exists delivered;
create schema if not exists core;
create schema if not exists mart;
create table if not exists meta.load(
    load_id integer, loaded_at timestamp, who varchar, exported_on date, complete boolean, in_force boolean,
    note varchar);
alter table meta.load add column if not exists complete_from date;
alter table meta.load add column if not exists complete_to date;
alter table meta.load add column if not exists blank_erases boolean;
alter table meta.load add column if not exists all_accounts boolean;
create table if not exists meta.file(file_id integer, sha256 varchar, name varchar, size bigint);
create table if not exists meta.sheet(
    sheet_id integer, file_id integer, sheet varchar, table_no integer, entity varchar, content varchar,
    header_row bigint, mapping varchar, fields varchar[], rows bigint, rejected bigint, notes varchar);
create table if not exists meta.load_sheet(
    load_id integer, sheet_id integer, inserted bigint, changed bigint, unchanged bigint, rejected bigint);
create table if not exists meta.error(
    sheet_id integer, row_no bigint, column_name varchar, field varchar, value varchar, reason varchar,
    rejected boolean);
alter table meta.error add column if not exists _key varchar;
alter table meta.error add column if not exists cleared_by integer;
create table if not exists meta.corrected(sheet_id integer, row_no bigint, origin varchar);
create table if not exists core._account_ref(ref_id varchar, ref_name varchar, account_id varchar, how varchar);
create table if not exists core._rep_ref(ref_id varchar, ref_name varchar, rep_id varchar, how varchar);
create table if not exists core._account_key(_key varchar, account_id varchar);
create table if not exists core._rep_key(_key varchar, rep_id varchar);
"""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create every table that is missing and add the columns of fields declared since the last build."""
    con.execute(META)
    found = con.execute(
        "select schema_name, table_name, list(column_name) from duckdb_columns() "
        "where schema_name in ('delivered', 'core') and database_name = current_database() group by all"
    ).fetchall()
    have = {(schema, table): set(columns) for schema, table, columns in found}
    for entity in entities().values():
        for schema in ("delivered", "core"):
            _table(con, schema, entity, have.get((schema, entity.name)))


def append(con: duckdb.DuckDBPyConnection, schema: str, entity: Entity, columns: Iterable[str], query: str) -> None:
    """Add the rows of a query that gives these columns by name to `delivered.<entity>` or `core.<entity>`."""
    hollow = con.execute(
        "select column_name from information_schema.columns where table_catalog = current_database() "
        "and table_schema = ? and table_name = ? and is_generated = 'ALWAYS'",
        [schema, entity.name],
    ).fetchall()
    table, types = f'{schema}."{entity.name}"', COLUMNS[schema](entity)
    for name in {row[0] for row in hollow}.intersection(columns):
        con.execute(f'alter table {table} drop column "{name}"')
        con.execute(f'alter table {table} add column "{name}" {types[name]}')
    con.execute(f"insert into {table} by name {query}")


def delivered_columns(entity: Entity) -> dict[str, str]:
    """Columns of `delivered.<entity>` with their types."""
    fields = {name: field.sql_type for name, field in entity.fields.items()}
    return {
        "sheet_id": "integer",
        "row_no": "bigint",
        "_key": "varchar",
        **fields,
        "extra": "varchar",
        "_bad": "varchar[]",
    }


def core_columns(entity: Entity) -> dict[str, str]:
    """Columns of `core.<entity>` with their types; a field that refers keeps what the file said as `<field>_given`."""
    fields = {name: field.sql_type for name, field in entity.fields.items()}
    given = {f"{name}_given": "varchar" for name in resolved_fields(entity)}
    return {"_key": "varchar", **fields, **given, "extra": "varchar", "_sheet": "integer", "_row": "bigint"}


def resolved_fields(entity: Entity) -> dict[str, tuple[str, str]]:
    """Fields that hold a resolved id, with the entity they refer to and the companion field that holds a name.

    `rep_id` has the companion `rep_name`; a lone field such as `previous_rep` may hold either a number or a name.
    """
    found: dict[str, tuple[str, str]] = {}
    for name, field in entity.fields.items():
        companion = f"{name.removesuffix('_id')}_name"
        is_companion = name.endswith("_name") and f"{name.removesuffix('_name')}_id" in entity.fields
        if field.refers in {"account", "rep"} and not is_companion:
            found[name] = (field.refers, companion if name.endswith("_id") and companion in entity.fields else "")
    return found


COLUMNS = {"delivered": delivered_columns, "core": core_columns}


def _table(con: duckdb.DuckDBPyConnection, schema: str, entity: Entity, have: set[str] | None) -> None:
    """Create a table, or add to one that is there (with the columns `have`) what it lacks.

    A field that no file fills is no column yet but a virtual NULL (`append` makes it one): writing an empty column
    would take as long as writing a full one, and most exports fill less than half of what an entity may hold.
    """
    table, columns = f'{schema}."{entity.name}"', COLUMNS[schema](entity)
    if have is None:
        listed = ", ".join(f'"{column}" {kind}{_hollow(entity, column)}' for column, kind in columns.items())
        con.execute(f"create table {table}({listed})")
        return
    for column, kind in columns.items():
        if column not in have:
            con.execute(f'alter table {table} add column "{column}" {kind}')


def _hollow(entity: Entity, column: str) -> str:
    """Give the rest of the declaration of a field that is not filled yet; those that tell who is meant are."""
    field = entity.fields.get(column)
    if field is None or field.refers or any(column in key for key in entity.keys):
        return ""
    return " generated always as (null) virtual"
