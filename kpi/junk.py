"""Which values were typed only to fill a box: they are kept as they came and count as unfilled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from data.entity import Field, entities

FOLDER = Path(__file__).parent
KINDS = {"text": "text", "id": "text", "enum": "text", "date": "date", "datetime": "date"}
TABLES = ("junk_field", "junk_word", "junk_allowed", "junk_filler", "junk_date", "junk_limit")
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


@cache
def rules() -> dict[str, Any]:
    """Read the rules of `junk.toml`."""
    return tomllib.loads((FOLDER / "junk.toml").read_text(encoding="utf-8"))


def reasons() -> dict[str, dict[str, str]]:
    """Give the wording of each reason a value is junk, by code, in `zh` and `en`."""
    return dict(rules()["reasons"])


def mark(con: duckdb.DuckDBPyConnection, accounts: str = "core.account") -> None:
    """Create temp table `junk_value(entity, field, account_id, value, reason)`, a row per junk value of an account.

    Reads `file_value(entity, field, account_id, value)`, values as text, and `accounts(account_id, account_name,
    rep_id)`. A value without a row is not junk; blanks have none. Rules: domain.md §7 and `junk.toml`.
    """
    settings(con, ((entity.name, field) for entity in entities().values() for field in entity.fields.values()))
    con.execute(f"CREATE OR REPLACE TEMP VIEW junk_account AS SELECT account_id, account_name, rep_id FROM {accounts}")
    con.execute((FOLDER / "junk.sql").read_text(encoding="utf-8"))
    con.execute("DROP VIEW junk_account")
    for table in TABLES:
        con.execute(f"DROP TABLE {table}")


def settings(con: duckdb.DuckDBPyConnection, fields: Iterable[tuple[str, Field]]) -> None:
    """Put the rules and what they say about each (entity, field) into the temp tables that `junk.sql` reads."""
    rule, known = rules(), list(fields)
    _table(con, "junk_word(word VARCHAR)", [(word,) for word in rule["words"]])
    _table(con, "junk_filler(number VARCHAR)", [(number,) for number in rule["phone_fillers"]])
    _table(con, "junk_date(day VARCHAR)", [(day,) for day in rule["placeholder_dates"]])
    allowed = [(entity, field.name, _reduced(word)) for entity, field in known for word in field.junk_ok]
    _table(con, "junk_allowed(entity VARCHAR, field VARCHAR, word VARCHAR)", allowed)
    limits = ("phone_accounts", "intro_length", "repeated_percent", "repeated_files")
    _table(
        con, f"junk_limit({', '.join(f'{name} INTEGER' for name in limits)})", [tuple(rule[name] for name in limits)]
    )
    columns = "entity VARCHAR, field VARCHAR, kind VARCHAR, phone BOOLEAN, intro BOOLEAN, free_text BOOLEAN"
    _table(con, f"junk_field({columns})", [(entity, *_judged(field)) for entity, field in known if _kind(field)])


def _judged(field: Field) -> tuple[str, str, bool, bool, bool]:
    lists = (field.name in rules()[name] for name in ("phone_fields", "intro_fields", "free_text"))
    phone, intro, free = lists
    return field.name, _kind(field), phone, intro, free


def _kind(field: Field) -> str:
    """Say by which rules a field is judged: text, date, year, or none (numbers, yes and no)."""
    return "year" if field.type == "int" and field.name.endswith("_year") else KINDS.get(field.type, "")


def _reduced(word: str) -> str:
    return _AROUND.sub("", word.lower())


def _table(con: duckdb.DuckDBPyConnection, declaration: str, rows: list[tuple[Any, ...]]) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {declaration}")
    if rows:
        one = f"({', '.join('?' for _ in rows[0])})"
        sql = f"INSERT INTO {declaration.partition('(')[0]} VALUES {', '.join(one for _ in rows)}"
        con.execute(sql, list(chain.from_iterable(rows)))
