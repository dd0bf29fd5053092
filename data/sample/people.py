"""The people of the sample department: one head, two clerks, one HR person, twelve reps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DEPT = "大客户部"


@dataclass(frozen=True)
class Person:
    """One employee; for reps also how they work.

    `attainment` is the usual share of plan, `filled` the share of fields filled at first entry,
    `leak` multiplies the risk of a development ending, `regions` are where the accounts are.
    """

    id: str
    name: str
    role: str
    hired: date
    left: date | None = None
    dept: str = DEPT
    attainment: float = 0.9
    filled: float = 0.86
    leak: float = 1.0
    size: float = 1.0
    regions: tuple[str, ...] = ()


STAFF = (
    Person("M01", "陈国栋", "大客户部经理", date(2017, 3, 6)),
    Person("N01", "李娜", "内勤", date(2019, 7, 1)),
    Person("N02", "何晓燕", "内勤", date(2022, 9, 5)),
    Person("H01", "赵敏", "人力资源", date(2018, 4, 16), dept="人力资源部"),
)
REPS = (
    Person("R01", "刘强", "专员", date(2018, 5, 14), attainment=1.15, filled=0.6, size=1.6, regions=("华东",)),
    Person("R02", "周婷", "专员", date(2019, 8, 19), attainment=0.96, filled=0.92, regions=("华东",)),
    Person("R03", "张伟", "专员", date(2020, 3, 2), attainment=0.92, regions=("华东", "华北")),
    Person("R04", "吴晓峰", "专员", date(2021, 6, 7), attainment=0.86, regions=("华南",)),
    Person(
        "R05", "孙浩", "专员", date(2021, 10, 11), attainment=0.78, filled=0.82, leak=3.6, size=0.9, regions=("华南",)
    ),
    Person("R06", "郑丽", "专员", date(2018, 11, 5), attainment=1.02, filled=0.94, size=1.1, regions=("华南",)),
    Person("R07", "赵磊", "专员", date(2019, 2, 18), attainment=0.87, regions=("华北",)),
    Person("R08", "马俊", "专员", date(2022, 2, 14), attainment=0.88, regions=("华北", "华东")),
    Person("R09", "徐凯", "专员", date(2020, 9, 1), date(2025, 11, 28), attainment=0.84, filled=0.8, regions=("西南",)),
    Person("R10", "林静", "专员", date(2023, 3, 20), attainment=0.9, filled=0.9, size=0.9, regions=("西南",)),
    Person("R11", "高翔", "专员", date(2021, 4, 6), attainment=0.86, filled=0.84, regions=("华中",)),
    Person("R12", "王芳", "专员", date(2025, 8, 18), attainment=0.8, filled=0.9, size=0.85, regions=("华东", "华南")),
)
NAMES = {person.id: person.name for person in (*STAFF, *REPS)}


def rep(rep_id: str) -> Person:
    """Find a rep by number; raise `StopIteration` for an unknown one."""
    return next(person for person in REPS if person.id == rep_id)
