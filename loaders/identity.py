"""Which account or rep a file means: numbers first, then codes, then normalised names, never merged silently."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from data.entity import entities
from loaders.schema import resolved_fields

_COMPANY = re.compile(r"(股份有限公司|有限责任公司|有限公司|股份|\(集团\)|集团公司|公司)")
_PUNCTUATION = re.compile(r"[\s\(\)\[\]【】·・.,，。、\-_/&'\"]+")
_NOBODY = {"", "公海", "无", "-", "—", "无负责人", "未分配", "none", "unassigned"}


def account_norm(name: str) -> str:
    """Normalise a company name: width, case, legal form, brackets and spaces (domain.md §1.1.10)."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return _PUNCTUATION.sub("", _COMPANY.sub("", plain)) or _PUNCTUATION.sub("", plain)


def person_norm(name: str) -> str:
    """Normalise a person's name or number: width, case and spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()


NORMS: dict[str, Callable[[str], str]] = {"account": account_norm, "rep": person_norm}


def subject(norm: Callable[[str], str], name: str) -> str:
    """Name what a decision of kind `identity` is about: a spelling that fits several accounts or people."""
    return f"{'account' if norm is account_norm else 'rep'}:{norm(name)}"


def own_number(name: str) -> str:
    """Give the number of an account known by name alone: stable, and it does not tell the name."""
    return "N-" + hashlib.sha256(account_norm(name).encode()).hexdigest()[:8]


class _Book:
    """Known numbers, and the numbers behind each normalised name."""

    def __init__(
        self, pairs: Iterable[tuple[str | None, str | None]], answers: Mapping[str, str], *, norm: str
    ) -> None:
        self.norm = NORMS[norm]
        self.answers = answers
        self.numbers: set[str] = set()
        self.by_name: dict[str, set[str]] = defaultdict(set)
        for number, name in pairs:
            if number:
                self.numbers.add(number)
                if name:
                    self.by_name[self.norm(name)].add(number)

    def find(self, number: str, name: str) -> tuple[str, str]:
        """Return the number meant and how it was found; an empty number where the name fits several or none."""
        if number in self.numbers:
            return number, "id"
        for text in (number, name):
            fits = self.by_name.get(self.norm(text), set()) if text else set()
            if len(fits) == 1:
                return next(iter(fits)), "name"
            if len(fits) > 1:
                answer = self.answers.get(subject(self.norm, text), "")
                return (answer, "answered") if answer in fits else ("", "ambiguous")
        return number, "unknown"


def _in_force(entity: str) -> str:
    return f'(select * from delivered."{entity}" where sheet_id in (select sheet_id from sheet_ord))'


def _references(con: duckdb.DuckDBPyConnection, target: str) -> list[tuple[str, str]]:
    """Every distinct (number, name) pair by which rows in force refer to accounts or reps."""
    parts = []
    for entity in entities().values():
        for field, (refers, companion) in resolved_fields(entity).items():
            if refers == target:
                name = f"coalesce(\"{companion}\", '')" if companion else "''"
                parts.append(
                    f"select coalesce(\"{field}\", '') as ref_id, {name} as ref_name from {_in_force(entity.name)}"
                )
    union = " union all ".join(f"select distinct * from ({part})" for part in parts)
    return con.execute(
        f"select distinct ref_id, ref_name from ({union}) where ref_id <> '' or ref_name <> ''"
    ).fetchall()


def resolve(con: duckdb.DuckDBPyConnection, answers: Mapping[str, str]) -> None:
    """Rebuild `core._account_key`, `core._account_ref`, `core._rep_key`, `core._rep_ref` from the rows in force.

    `answers` are the decisions of kind `identity`: `subject` to the number meant.
    """
    _resolve_accounts(con, answers)
    _resolve_reps(con, answers)


def doubtful(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the names that fit several accounts or people, each with the numbers that it may mean."""
    found: list[dict[str, Any]] = []
    for kind, norm in NORMS.items():
        spelled = con.execute(f"select distinct ref_id, ref_name from core._{kind}_ref where how = 'ambiguous'")
        if not (names := {norm(name or number): name or number for number, name in spelled.fetchall()}):
            continue
        known = con.execute(f"select distinct {kind}_id, {kind}_name from core.{kind}").fetchall()
        fits: dict[str, set[str]] = defaultdict(set)
        for number, name in known:
            fits[norm(name or "")].add(number)
        found += [
            {"kind": kind, "name": name, "numbers": sorted(fits[key] - {own_number(name), name})}
            for key, name in sorted(names.items())
        ]
    return found


def _resolve_accounts(con: duckdb.DuckDBPyConnection, answers: Mapping[str, str]) -> None:
    rows = con.execute(f"select distinct _key, account_id, uscc, account_name from {_in_force('account')}").fetchall()
    book = _Book(((number, name) for _, number, _, name in rows), answers, norm="account")
    codes: dict[str, set[str]] = defaultdict(set)
    for _, number, code, _ in rows:
        if number and code:
            codes[code].add(number)
    keys = {}
    for key, number, code, name in rows:
        if number:
            keys[key] = number
        elif code:
            keys[key] = next(iter(codes[code])) if len(codes[code]) == 1 else code
        elif name:
            found, _ = book.find("", name)
            keys[key] = found or own_number(name)
    known = _Book([(keys.get(key), name) for key, _, _, name in rows], answers, norm="account")
    refs = []
    for number, name in _references(con, "account"):
        found, how = known.find(number, name)
        refs.append((number, name, found or number or own_number(name), how))
    _write(con, "core._account_key", list(keys.items()))
    _write(con, "core._account_ref", refs)


def _resolve_reps(con: duckdb.DuckDBPyConnection, answers: Mapping[str, str]) -> None:
    rows = con.execute(f"select distinct _key, rep_id, rep_name from {_in_force('rep')}").fetchall()
    book = _Book(((number, name) for _, number, name in rows), answers, norm="rep")
    keys = {key: number or book.find("", name or "")[0] or name for key, number, name in rows}
    known = _Book([(keys[key], name) for key, _, name in rows], answers, norm="rep")
    refs = []
    for number, name in _references(con, "rep"):
        found, how = known.find(number, name)
        person = found or number or name.strip()
        nobody = person_norm(person) in _NOBODY
        refs.append((number, name, None if nobody else person, "nobody" if nobody else how))
    _write(con, "core._rep_key", list(keys.items()))
    _write(con, "core._rep_ref", refs)


def _write(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[str | None, ...]]) -> None:
    con.execute(f"delete from {table}")
    if rows:
        columns = [
            row[0]
            for row in con.execute(
                "select column_name from duckdb_columns() where schema_name || '.' || table_name = ? "
                "and database_name = current_database() order by column_index",
                [table],
            ).fetchall()
        ]
        arrow = pa.table(
            {name: pa.array(values, pa.string()) for name, values in zip(columns, zip(*rows, strict=True), strict=True)}
        )
        con.register("_identity_rows", arrow)
        con.execute(f"insert into {table} select * from _identity_rows")
        con.unregister("_identity_rows")
