"""Deals with one date column per stage (HubSpot `Date entered "Closed won"`, 意向阶段进入时间)."""

from __future__ import annotations

import re

import duckdb

from loaders.labels import normal
from loaders.read import Table
from loaders.shapes.base import columns_in, kept, literal, made, matches, words_of

QUOTES = "\"'“”‘’"
ENTERED = re.compile(
    rf"date\s*entered\s*[{QUOTES}]*(?P<en>.+?)[{QUOTES}]*\s*([(（].*[)）])?"
    rf"|进入[{QUOTES}]*(?P<zh>.+?)[{QUOTES}]*(阶段)?的?(时间|日期)|[{QUOTES}]*(?P<back>.+?)[{QUOTES}]*进入(时间|日期)",
    re.IGNORECASE,
)
EXITED = re.compile(
    rf"date\s*exited\s*[{QUOTES}]*(?P<en>.+?)[{QUOTES}]*\s*([(（].*[)）])?"
    rf"|离开[{QUOTES}]*(?P<zh>.+?)[{QUOTES}]*(阶段)?的?(时间|日期)|[{QUOTES}]*(?P<back>.+?)[{QUOTES}]*离开(时间|日期)",
    re.IGNORECASE,
)
# HubSpot names the pipeline behind the stage, within the same quotes; two pipelines may share the name of a stage.
PIPELINE = re.compile(r"\s*[(（][^()（）]*[)）]$")
# What the deal is now says nothing about the stage of an earlier row.
PRESENT = ("stage", "stage_no", "outcome", "is_closed", "is_won", "closed_at")


def claims(table: Table, entity: str = "") -> bool:
    """Claim tables with an entry date for two or more stages."""
    return entity in {"", "stage_history"} and len(matches(table, ENTERED)) > 1


def _stages(table: Table, pattern: re.Pattern[str]) -> dict[str, int]:
    """Give the column of each stage by the stage's name."""
    named = {number: match["en"] or match["zh"] or match["back"] for number, match in matches(table, pattern).items()}
    return {stage.strip(): number for number, stage in named.items()}


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Give one row per deal and stage entered; what the deal is now stays beside it as extra columns."""
    entered, exited = _stages(table, ENTERED), _stages(table, EXITED)
    present = set(columns_in(table, words_of("stage_history", *PRESENT)))
    others = kept(table, {*entered.values(), *exited.values(), *present})
    now = [(f"现状{normal(table.columns[number])}", f"c{number}") for number in sorted(present)]
    unpivoted = " UNION ALL ".join(
        f"SELECT *, {literal(PIPELINE.sub('', stage))} AS stage, c{number} AS entered, "
        f"{f'c{exited[stage]}' if stage in exited else 'NULL'} AS exited FROM given"
        for stage, number in entered.items()
    )
    source = f"(WITH given AS ({table.sql}) SELECT * FROM ({unpivoted}) WHERE trim(coalesce(entered, '')) <> '')"
    columns = [*others, ("阶段", "stage"), ("阶段进入时间", "entered"), ("阶段离开时间", "exited"), *now]
    return [made(con, table, columns, source)]
