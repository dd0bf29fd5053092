"""A department whose rep began a quarter with twenty accounts and lost two of them, and its people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from data.records import Records
from data.store import Store
from kpi import exclusion, quarter, standing
from kpi.appraisal import Actor
from kpi.quarter import Ask
from tests.builder import Batch, department

PLACE = ("大客户部", "2026Q3")
HEAD, HR = Actor("陈国栋", "head", "M01"), Actor("赵敏", "hr", "H01")
ZHANG = Actor("张伟", "rep", "R1")
NOW = datetime(2026, 10, 9, 9, tzinfo=UTC)
BROKE, LEFT = ("A19", "2026-06-10"), ("A20", "2026-06-10")


def tables() -> dict[str, list[dict[str, Any]]]:
    accounts = [f"A{number:02}" for number in range(1, 21)]
    lost = {BROKE[0]: "2026-08-10", LEFT[0]: "2026-08-12"}
    plan = {"rep_id": "R1", "metric": "销售额", "period_start": "2026-07-01", "period_end": "2026-09-30"}
    people = [
        ("R1", "张伟", "专员", "M01"),
        ("N1", "李娜", "内勤", "M01"),
        ("M01", "陈国栋", "大客户部经理", ""),
        ("H01", "赵敏", "人力资源部", ""),
    ]
    return {
        "rep": [
            dict(zip(("rep_id", "rep_name", "role", "manager_id"), row, strict=True))
            | {"dept": "人力资源部" if row[0] == "H01" else "大客户部"}
            for row in people
        ],
        "account": [
            {"account_id": each, "account_name": f"{each}机械厂", "rep_id": "R1", "is_key_account": "是"}
            | {"status": "流失" if each in lost else "", "terminated_at": lost.get(each, "")}
            for each in accounts
        ],
        "orders": [
            {"order_no": f"{each}-{month}", "account_id": each, "rep_id": "R1", "amount": 100}
            | {"order_date": f"2026-{month:02}-10"}
            for each in accounts
            for month in ((4, 6) if each in lost else (4, 6, 8))
        ],
        "sales_plan": [plan | {"plan_value": 1800}],
    }


def loaded(folder: Path) -> Store:
    """Load the department into a fresh store."""
    return department(folder, [Batch(tables(), exported_on=date(2026, 9, 30))])


class Case:
    """The department's quarter on its records, with a clock of its own."""

    def __init__(self, store: Store) -> None:
        self.store, self.records, self.now = store, Records(store.records_url), NOW

    @property
    def steps(self) -> list[Any]:
        """The steps so far."""
        return quarter.steps(self.records, *PLACE)

    def do(self, actor: Actor, kind: str, rep_id: str = "", **value: object) -> None:
        """Take a step now."""
        quarter.act(self.records, PLACE, actor, Ask(kind, rep_id, value), at=self.now)

    def lock(self) -> None:
        """Lock the quarter."""
        quarter.lock(self.store, self.records, PLACE, HR, at=self.now)

    def propose(
        self,
        loss: tuple[str, str] = BROKE,
        cause: str = "破产",
        why: str = "法院裁定书 2026-08-01",
        actor: Actor = HEAD,
    ) -> None:
        """Let the head, or somebody else, propose to leave a loss out."""
        said = {"account_id": loss[0], "day": loss[1], "cause": cause, "reason": why}
        quarter.exclude(self.store, self.records, PLACE, actor, said, at=self.now)

    def approve(self, loss: tuple[str, str] = BROKE) -> None:
        """Let HR approve it."""
        self.do(HR, exclusion.APPROVE, "R1", loss=exclusion.subject(*loss))

    def rate(self, actor: Actor) -> None:
        """Give what an appraiser still owes: the system's points, or 80."""
        for rep_id, name, _ in standing.missing(self.steps, (actor.role,)):
            found = standing.item(self.steps, rep_id, name)
            system = standing.system_score(found) if found else None
            self.do(actor, "rate", rep_id, item=name, score=str(80 if system is None else system))

    def publish(self) -> None:
        """Bring a locked quarter to its publication."""
        self.rate(HEAD)
        self.do(HEAD, "submit")
        self.rate(HR)
        self.do(HR, "publish")

    def seal(self) -> None:
        """Bring a published quarter to its seal, after the time for appeals."""
        self.now += timedelta(days=30)
        self.do(HEAD, "sign")
        self.do(HR, "sign")
        self.do(HR, "seal")

    def churn(self) -> dict[str, Any]:
        """Give the churn item of the rep's card as it stands."""
        return next(item for item in standing.cards(self.steps)["R1"]["items"] if item["metric"] == "churn")
