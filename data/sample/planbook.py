"""The plan sheets as the department writes them: one row a rep, one column a month, in 万元."""

from __future__ import annotations

from data.sample.export import Cell, Layout, Table
from data.sample.orders import SEASON
from data.sample.people import DEPT, NAMES, rep
from data.sample.quarters import Quarter
from data.sample.story import STORY
from data.sample.world import world

MONTHS = ("一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月")
HEADERS = ("工号", "姓名", "部门", "年度", "目标类型", *MONTHS, "全年合计")
DELIVERED = {"2024Q2": (2024, ""), "2024Q4": (2025, ""), "2025Q3": (2025, "补充"), "2025Q4": (2026, "")}
LAYOUT = Layout("sales_plan", "", (), sheet="计划")


def _months(rep_id: str, year: int) -> list[Cell]:
    known = {plan.month: plan.value for plan in world().plans if (plan.rep, plan.year) == (rep_id, year)}
    if year == 2026 and known:
        for month in (10, 11, 12):
            known[month] = round(known[month - 3] * SEASON[month - 1] / SEASON[month - 4])
    return [known.get(month) for month in range(1, 13)]


def _row(rep_id: str, year: int) -> list[Cell]:
    months = _months(rep_id, year)
    total = sum(value for value in months if isinstance(value, int))
    return [rep_id, NAMES[rep_id], rep(rep_id).dept, year, "销售目标", *months, total]


def plan_table(item: Quarter) -> Table | None:
    """Give the plan sheet that comes with a quarter's batch, if one does."""
    if item.label not in DELIVERED:
        return None
    year, extra = DELIVERED[item.label]
    joiner = STORY["joined"]["rep"]
    there = sorted(
        {
            plan.rep
            for plan in world().plans
            if plan.year == year and ((plan.rep == joiner) == bool(extra) or year > 2025)
        }
    )
    cells = [_row(rep_id, year) for rep_id in there]
    title = f"{DEPT}{year}年度销售计划{extra}（单位：万元）"
    return Table(LAYOUT, f"{year}年度销售计划{extra}.xlsx", title, HEADERS, cells, tuple(range(5, len(HEADERS))))
