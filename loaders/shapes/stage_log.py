"""Logs of stage changes that date each row by when it was written (Salesforce OpportunityHistory, From/To Stage)."""

from __future__ import annotations

import duckdb

from loaders.labels import normal
from loaders.read import Table
from loaders.shapes.base import columns_in, kept, made, words_of

DEAL = frozenset({"opportunityid", "dealid", "商机编号", "商机id"})
CHANGED = (
    "laststagechangedate", "stagechangedate", "editdate", "lastmodified", "lastmodifieddate", "changedate",
    "createddate", "systemmodstamp", "变更日期", "修改时间", "操作时间", "创建时间",
)  # fmt: skip


def claims(table: Table, entity: str = "") -> bool:
    """Claim logs: the row of a deal has its own number, or tells the stage before, and no entry date."""
    if entity not in {"", "stage_history"} or columns_in(table, words_of("stage_history", "entered_at")):
        return False
    own_number = columns_in(table, DEAL) and columns_in(table, {"id", "historyid", "记录id"})
    moved = columns_in(table, words_of("stage_history", "from_stage"))
    return bool((own_number or moved) and columns_in(table, words_of("stage_history", "stage")) and _changed(table))


def _changed(table: Table) -> list[int]:
    """Give the column that dates the change, the most telling first."""
    return [column for word in CHANGED for column in columns_in(table, {word})][:1]


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Give the same rows with the date of the change as the date of entry, and the row's own number set aside."""
    changed = _changed(table)[0]
    own = columns_in(table, {"id", "historyid", "记录id"}) if columns_in(table, DEAL) else []
    heads = {changed: "阶段进入时间"} | {number: f"流水{normal(table.columns[number])}" for number in own}
    columns = [(heads.get(number, header), sql) for number, (header, sql) in enumerate(kept(table))]
    return [made(con, table, columns)]
