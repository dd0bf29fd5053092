"""Logs of changed fields (Salesforce Account History: Field, Old Value, New Value, Edit Date): owners and stages."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from loaders.labels import normal
from loaders.messages import Note
from loaders.read import Table
from loaders.shapes.base import columns_in, filled, kept, literal, made

FIELD = frozenset({"field", "fieldevent", "fieldlabel", "字段", "变更字段", "字段名称", "修改字段"})
OLD = frozenset({"oldvalue", "原值", "旧值", "变更前", "修改前", "原内容"})
NEW = frozenset({"newvalue", "新值", "变更后", "修改后", "新内容"})
DATE = frozenset({"editdate", "createddate", "date", "变更时间", "变更日期", "修改时间", "操作时间", "修改日期"})
OWNER = (
    ("owner", "accountowner", "ownername", "负责人", "客户负责人", "客户所有人", "所属销售", "业务员"),
    ("上一负责人", "接手负责人", "负责人变更时间"),
)
STAGE = (
    ("stage", "stagename", "dealstage", "阶段", "商机阶段", "销售阶段"),
    ("原阶段", "新阶段", "阶段变更时间"),
)


def claims(table: Table, entity: str = "") -> bool:
    """Claim logs with field, old and new value and date in which an owner or a stage changed."""
    if entity not in {"", "rep_assignment", "stage_history"} or not all(
        columns_in(table, words) for words in (FIELD, OLD, NEW, DATE)
    ):
        return False
    return any(normal(value) in {*OWNER[0], *STAGE[0]} for value in filled(table, columns_in(table, FIELD)[0]))


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Give the changes of owners and those of stages as tables of their own; other fields are left out and counted."""
    field, old, new, date = (columns_in(table, words)[0] for words in (FIELD, OLD, NEW, DATE))
    present = [
        str(row[0])
        for row in con.execute(f"SELECT DISTINCT c{field} FROM ({table.sql}) WHERE c{field} IS NOT NULL").fetchall()
    ]
    pieces = []
    for words, heads in (OWNER, STAGE):
        said = [value for value in present if normal(value) in words]
        if said:
            source = f"(SELECT * FROM ({table.sql}) WHERE c{field} IN ({', '.join(map(literal, said))}))"
            named = dict(zip((old, new, date), heads, strict=True))
            columns = [
                (named.get(number, table.columns[number]), sql)
                for number, (_, sql) in enumerate(kept(table))
                if number != field
            ]
            pieces.append(made(con, table, columns, source))
    left_out = table.rows - sum(piece.rows for piece in pieces)
    if left_out and pieces:
        note = Note("other_changes", {"count": left_out})
        pieces[0] = replace(pieces[0], notes=(*pieces[0].notes, note))
    return pieces
