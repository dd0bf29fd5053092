"""Wide plans: one column per month (一月 … 十二月, 1月, Jan, 2026-01) or quarter, one row per person or account."""

from __future__ import annotations

import re
import unicodedata

import duckdb

from loaders.labels import normal, unit_of
from loaders.read import Table
from loaders.shapes.base import columns_in, kept, literal, made, words_of
from loaders.shapes.period_labels import Label, label_of, year_in

PLAN = re.compile(r"计划|目标|任务|指标|预算|quota|target|plan|goal|budget", re.IGNORECASE)
ACTUAL = re.compile(r"实际|完成|达成|实绩|回款额|差异|率|同比|环比|actual|achiev|done|%", re.IGNORECASE)
OWNERS = ("rep_id", "rep_name", "account_id", "account_name", "dept")
METRICS = (("回款", "回款"), ("新客户", "新客户数"), ("新开发", "新客户数"), ("销量", "销量"), ("payment", "回款"))
TOTAL = re.compile(
    r"(全?年|年度|上半年|下半年|半年)(目标|计划|任务|指标|合计|总计|销售|额)+|合计|小计|总计|总额|总量|total|sum"
)
LEAST = 3
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What a column of a wide plan can be besides a field.
ROLES = {
    f"{number}月": ("sales_plan", f"{number}月的计划", f"Plan of {month}") for number, month in enumerate(MONTHS, 1)
}
ROLES |= {f"{number}季度": ("sales_plan", f"{number}季度的计划", f"Plan of Q{number}") for number in (1, 2, 3, 4)}


def claims(table: Table, entity: str = "") -> bool:
    """Claim plans with three or more months or two quarters side by side and someone they are for."""
    labels = periods_of(table)
    months = sum(label.month is not None for label in labels.values())
    if entity not in {"", "sales_plan"} or not (months >= LEAST or len(labels) - months > 1):
        return False
    if entity == "sales_plan":
        return True
    said = " ".join((table.file, table.sheet, table.title, *table.columns))
    return bool(PLAN.search(said)) and bool(columns_in(table, words_of("sales_plan", *OWNERS)))


def periods_of(table: Table) -> dict[int, Label]:
    """Give the columns that are a month or quarter of the plan; of plan and actual only the plan's."""
    found = {}
    for number, header in enumerate(table.columns):
        label = _label_in(header)
        if label and (label.month or label.quarter) and not ACTUAL.search(header):
            found[number] = label
    planned = {number: label for number, label in found.items() if PLAN.search(table.columns[number])}
    chosen = planned if len(planned) >= LEAST or (planned and len(planned) * 2 == len(found)) else found
    months = {number: label for number, label in chosen.items() if label.month}
    return months if len(months) >= LEAST else {n: label for n, label in chosen.items() if not label.month}


def _label_in(header: str) -> Label | None:
    """Read the period in a header: of a month under its quarter (一季度 / 1月) the month."""
    parts = [part for part in re.split(r"\s*/\s*|\s+", unicodedata.normalize("NFKC", header)) if part]
    bare = [re.sub(PLAN.pattern + r"|[(（].*[)）]|额|值|数|销售", "", part, flags=re.IGNORECASE) for part in parts]
    whole = label_of("".join(bare))
    found = [label for part in bare if (label := label_of(part)) and label.month]
    return whole or (found[-1] if len(found) == 1 else None)


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Give one row per person and month; the year comes from its column, the header, the title or the file's name."""
    labels = periods_of(table)
    year = columns_in(table, words_of("sales_plan", "year"))
    said = year_in(table.title) or year_in(table.sheet) or year_in(table.file)
    others = kept(table, {*labels, *year, *_sums(table, set(labels))})
    unpivoted = " UNION ALL ".join(
        f"SELECT *, {literal(_written(label))} AS label, c{number} AS worth FROM given"
        for number, label in labels.items()
    )
    stated = (
        f"coalesce(nullif(regexp_extract(coalesce(c{year[0]}, ''), '(?:19|20)[0-9]{{2}}'), ''), {literal(said)})"
        if year
        else literal(said)
    )
    source = f"(WITH given AS ({table.sql}) SELECT * FROM ({unpivoted}) WHERE trim(coalesce(worth, '')) <> '')"
    columns = [*others, ("年", f"coalesce(nullif(regexp_extract(label, '^[0-9]{{4}}'), ''), {stated})"),
               ("期间", "label"), (_value_header(table, labels), "worth")]  # fmt: skip
    if metric := _metric(table):
        columns.append(("口径", literal(metric)))
    return [made(con, table, columns, source)]


def _written(label: Label) -> str:
    """Write a label so that the period shape reads it, with a year only where the header itself has one."""
    year = f"{label.year}年" if label.year else ""
    return f"{year}{label.month}月" if label.month else f"{year}{label.quarter}季度"


def _value_header(table: Table, labels: dict[int, Label]) -> str:
    unit = next((unit for number in labels if (unit := unit_of(table.columns[number], whole_header=True))), "")
    return f"计划值({unit})" if unit else "计划值"


def _sums(table: Table, labels: set[int]) -> set[int]:
    """Find the totals beside the months (年目标, 合计, 一季度 …) and the actuals, which are no plan of their own."""
    found = set()
    for number, header in enumerate(table.columns):
        word = normal(header)
        label = label_of(PLAN.sub("", word))
        if number not in labels and (TOTAL.fullmatch(word) or (label and label.quarter) or _actual(word)):
            found.add(number)
    return found


def _actual(word: str) -> bool:
    return bool(ACTUAL.search(word)) and label_of(ACTUAL.sub("", word)) is not None


def _metric(table: Table) -> str:
    if columns_in(table, words_of("sales_plan", "metric")):
        return ""
    said = " ".join((table.file, table.sheet, table.title, *table.columns)).casefold()
    return next((metric for word, metric in METRICS if word in said), "")
