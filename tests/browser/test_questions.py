"""The head's twelve questions (docs/questions.md): each answered in a browser, in at most two clicks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser
MOST = 2
TABLE = Path(__file__).parents[2] / "docs" / "questions.md"


@dataclass(frozen=True)
class Walk:
    """How one question is answered: what is clicked after the start page, and what must then have come in."""

    number: int
    answer: tuple[str, ...]
    menu: str = ""
    tab: str = ""
    pill: str = ""

    @property
    def clicks(self) -> int:
        """How many clicks that takes."""
        return sum(1 for step in (self.menu, self.tab, self.pill) if step)

    def __str__(self) -> str:
        return f"{self.number}, {self.clicks} clicks"


WALKS = (
    Walk(1, ("完成计划", "缺口最大的是", "计划与实际")),
    Walk(2, ("完成率按", "订货(元)", "回款(元)"), menu="订单与回款"),
    Walk(3, ("流失客户", "近四季销售额(元)", "已超过本户判定周期无订单")),
    Walk(3, ("逐户订单与判定线", "静默期内持有"), menu="流失与证据"),
    Walk(4, ("临近流失", "流失判定线", "剩余天数")),
    Walk(5, ("新增客户", "客户来源")),
    Walk(6, ("同批跟踪", "近四季", "转化率"), menu="开发漏斗"),
    Walk(7, ("停留中位数",), menu="开发漏斗"),
    Walk(8, ("停留得比五分之四的客户都久",), tab="开发停滞"),
    Walk(9, ("其中跳过(户)", "为什么终止"), menu="开发漏斗"),
    Walk(10, ("拜访计划完成率", "有效拜访率"), menu="今日跟进", tab="习惯"),
    Walk(10, ("疑问线", "请核实"), menu="数据质量", pill="疑似虚假拜访"),
    Walk(11, ("本季预计成交（加权）", "成交障碍"), menu="开发漏斗", pill="展望"),
    Walk(12, ("未结天数",), tab="未结投诉"),
    Walk(12, ("之后90天销售额(元)",), menu="开发漏斗", pill="危机与忠诚"),
)


def _missing(visitor: Visitor, walk: Walk) -> list[str]:
    """Return what has not come in; an answer gets some seconds, a rerun begins a moment after its click."""
    for _attempt in range(50):
        visitor.settle()
        missing = [text for text in walk.answer if not visitor.received(text)]
        if not missing:
            return []
        visitor.page.wait_for_timeout(200)
    return missing


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_the_question_is_answered(visitor: Visitor, walk: Walk) -> None:
    visitor.open("overview", me="M01")
    if walk.menu:
        visitor.turn_to(walk.menu)
    if walk.tab:
        visitor.page.get_by_role("tab").filter(has_text=walk.tab).click()
    if walk.pill:
        visitor.page.get_by_test_id("stButtonGroup").get_by_text(walk.pill).click()
    assert _missing(visitor, walk) == []
    assert visitor.faults() == []
    assert walk.clicks <= MOST


def test_the_table_of_questions_is_whole_and_each_is_walked() -> None:
    numbers = [int(found) for found in re.findall(r"^\| (\d+) \|", TABLE.read_text("utf-8"), re.MULTILINE)]
    assert numbers == list(range(1, 13)) == sorted({walk.number for walk in WALKS})
