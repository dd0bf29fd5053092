"""Contacts inside account rows (联系人, 联系人电话; 联系人1, 电话1, 联系人2, 电话2): accounts and contacts apart."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import replace

import duckdb

from loaders.evidence import cases
from loaders.labels import normal
from loaders.read import Table
from loaders.shapes.base import columns_in, kept, made, words_of

HEADS = {
    "kdm_name": "关键决策人姓名", "kdm_title": "联系人职务", "work_phone": "联系人手机", "email": "联系人邮箱",
    "kdm_authority": "决策角色", "is_kdm": "是否关键决策人",
}  # fmt: skip
PERSON = re.compile(r"主?要?(第[一二三四五]|第?[1-5])?(关键决策人|关键人|决策人|联系人|contact)", re.IGNORECASE)
NUMBER = re.compile(r"[1-9一二三四五]")
ORDER = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}


def claims(table: Table, entity: str = "") -> bool:
    """Claim account tables that name contacts as well."""
    groups = groups_of(table)
    if entity or not any("kdm_name" in group for group in groups.values()):
        return False
    best = cases(table)[0]
    return best.entity.name == "account" and best.complete


def groups_of(table: Table) -> dict[int, dict[str, int]]:
    """Give, for each contact of a row (0: the unnumbered one), the column of each field."""
    groups: dict[int, dict[str, int]] = defaultdict(dict)
    for number, header in enumerate(table.columns):
        word = normal(unicodedata.normalize("NFKC", header))
        rest = PERSON.sub("", word, count=1)
        digits = NUMBER.findall(word)
        if not (PERSON.match(word) or (digits and _field(NUMBER.sub("", word)))):
            continue
        group = (ORDER.get(digits[0]) or int(digits[0])) if digits else 0
        field = _field(NUMBER.sub("", rest)) if NUMBER.sub("", rest) else "kdm_name"
        if field:
            groups[group].setdefault(field, number)
    return dict(groups)


def _field(word: str) -> str:
    """Give the contact field that a header without its number names."""
    return next((name for name in HEADS if word in words_of("kdm", name)), "")


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Give the accounts without the contacts' columns, and the contacts, one row each, with their account."""
    groups = groups_of(table)
    used = {column for group in groups.values() for column in group.values()}
    own = (
        columns_in(table, words_of("account", "account_id"))[:1]
        + columns_in(table, words_of("account", "account_name"))[:1]
    )
    keys = [
        ("客户编号" if number in columns_in(table, words_of("account", "account_id")) else "客户名称", f"c{number}")
        for number in own
    ]
    fields = [name for name in HEADS if any(name in group for group in groups.values())]
    unpivoted = " UNION ALL ".join(
        "SELECT *, "
        + ", ".join(f"{f'c{group[name]}' if name in group else 'NULL'} AS {name}" for name in fields)
        + " FROM given"
        for group in groups.values()
        if "kdm_name" in group
    )
    source = f"(WITH given AS ({table.sql}) SELECT * FROM ({unpivoted}) WHERE trim(coalesce(kdm_name, '')) <> '')"
    people = made(con, table, [*keys, *((HEADS[name], name) for name in fields)], source)
    return [replace(made(con, table, kept(table, used)), entity="account"), replace(people, entity="kdm")]
