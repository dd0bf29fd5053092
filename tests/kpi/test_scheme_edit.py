"""A scheme edited, stored and read again is the same; what does not hold together is named in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.appraisals import Appraisals
from data.records import Records
from kpi import quarter, scheme_faults
from kpi.points import points
from kpi.scheme import Item, Scheme, document, parse, schemes
from kpi.scheme_edit import RATED, band_rows, changes, drafted, item_rows, settings_of
from kpi.scheme_words import worded

SHIPPED = sorted(schemes())
V2 = schemes()["ka_rep_v2"]
TABLES = tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]


def tables(scheme: Scheme) -> TABLES:
    return item_rows(scheme), band_rows(scheme), settings_of(scheme)


@pytest.mark.parametrize("name", [name for name in SHIPPED if schemes()[name].items])
def test_every_shipped_scheme_edited_without_a_change_is_itself(name: str, tmp_path: Path) -> None:
    scheme = schemes()[name]
    draft = drafted(scheme, *tables(scheme), scheme.version)
    assert draft.faults == ()
    assert draft.scheme == scheme
    assert changes(scheme, draft.scheme) == []
    records = Records(tmp_path / "records.db")
    Appraisals(records).propose(name, document(draft.scheme), who="赵敏", why="原样")
    Appraisals(records).sign(name, who="陈国栋")
    assert quarter.rules(records).stored == (scheme,)


def test_an_edited_scheme_is_stored_and_read_as_it_was_edited(tmp_path: Path) -> None:
    items, bands, said = tables(V2)
    items[0] |= {"weight": 35, "steep_below": 70.0, "steep_points": 2, "year_to_date_share": 25.0}
    items[2] |= {"points_worse": 5, "one_account_free": False, "floor": 25.5}
    items.append({"what": RATED, "name": "客户满意", "weight": 5, "cap": 110})
    bands[0] |= {"from": 92.5, "coefficient": 1.3}
    bands.insert(0, {"grade": "S", "zh": "卓越", "en": "outstanding", "from": 100, "coefficient": 1.5})
    said |= {"warn_below": "60", "na_policy": "zero", "partial_point": "ceil", "head_percent": 60, "least_weight": 50}
    draft = drafted(V2, items, bands, said | {"effective_from": "2026Q4"}, 3)
    assert draft.faults == ()
    made = draft.scheme
    assert made is not None
    assert (made.name, made.version, made.zh[-2:]) == ("ka_rep_v3", 3, "v3")
    records = Records(tmp_path / "records.db")
    Appraisals(records).propose(made.name, document(made), who="赵敏", why="董事会决议")
    Appraisals(records).sign(made.name, who="陈国栋")
    [read] = quarter.rules(records).stored
    assert read == made
    assert drafted(read, *tables(read), 3).scheme == read
    assert (read.items[0].steep_below, read.items[2].floor) == (Decimal("0.7"), Decimal("0.255"))
    assert (read.head_share, read.hr_share, read.warn_below) == (Decimal("0.6"), Decimal("0.4"), Decimal(60))
    assert read.items[4].rating == "客户满意"
    assert [band.grade for band in read.bands] == ["S", "A", "B", "C", "D"]


def test_what_was_changed_is_listed() -> None:
    items, bands, said = tables(V2)
    items[0]["weight"], items[1]["weight"], bands[0]["coefficient"] = 45, 10, 1.25
    made = drafted(V2, items, bands, said | {"warn_below": "55"}, 3).scheme
    assert made is not None
    assert changes(V2, made) == [
        ("plan_completion", "weight", 40, 45),
        ("file_completeness", "weight", 15, 10),
        ("A", "coefficient", 1.2, 1.25),
        ("", "warn_below", "", "55"),
    ]


def test_words_follow_the_parameters_and_stay_while_those_do() -> None:
    items, bands, said = tables(V2)
    items[0]["weight"], items[2]["weight"] = 45, 20
    items[2]["points_worse"] = 6
    made = drafted(V2, items, bands, said, 3).scheme
    assert made is not None
    assert made.items[0].zh == V2.items[0].zh
    assert "扣6分" in made.items[2].zh
    assert "6 per pp above max(5 %, one account)" in made.items[2].en
    assert "未确认的疑似流失不计分" in made.items[2].zh


@pytest.mark.parametrize("item", [item for scheme in schemes().values() for item in scheme.items], ids=str)
def test_every_shipped_rule_can_be_put_in_words(item: Item) -> None:
    zh, en = worded(item)
    assert zh
    assert en
    for number in (item.cap, item.points_worse, item.steep_points):
        if number and not item.rating:
            assert str(number) in zh
            assert str(number) in en


def item(at: int, **cells: object) -> Callable[[TABLES], None]:
    return lambda edited: edited[0][at].update(cells)


def band(at: int, **cells: object) -> Callable[[TABLES], None]:
    return lambda edited: edited[1][at].update(cells)


def said(**cells: object) -> Callable[[TABLES], None]:
    return lambda edited: edited[2].update(cells)


WRONG: dict[str, Callable[[TABLES], None]] = {
    "no_items": lambda edited: edited[0].clear(),
    "item_unnamed": item(3, what=None),
    "rating_unnamed": item(3, what=RATED, name=" "),
    "name_unused": item(0, name="客户满意"),
    "item_twice": item(3, what="churn"),
    "weights_short": item(0, weight=38),
    "weights_over": item(0, weight=42),
    "weight_range": item(0, weight=0),
    "cap_range": item(0, cap=201),
    "rule_missing": item(0, rule=None),
    "ratio_rewards_more": item(2, rule="ratio", points_worse=0, points_better=0, one_account_free=False),
    "target_ratio": item(0, target=0),
    "target_linear": item(1, target=101.0),
    "worse_range": item(1, points_worse=0),
    "better_range": item(2, points_better=101),
    "better_capped": item(2, cap=100),
    "points_need_linear": item(0, points_better=1),
    "steep_needs_ratio": item(1, steep_points=3),
    "steep_half": item(0, steep_points=0),
    "steep_range": item(0, steep_below=101.0),
    "steep_points_range": item(0, steep_points=1),
    "steep_hidden": item(0, floor=60.0),
    "floor_higher": item(1, floor=95.0),
    "floor_lower": item(2, floor=5.0),
    "one_account_only_losses": item(1, one_account_free=True),
    "suspected_only_churn": item(1, suspected_free=True),
    "planned_only_new": item(1, planned=True),
    "year_range": item(0, year_to_date_share=101.0),
    "year_only_flows": item(1, year_to_date_share=50.0),
    "no_bands": lambda edited: edited[1].clear(),
    "band_unnamed": band(0, grade=""),
    "band_twice": band(0, grade="B"),
    "band_from": band(0, **{"from": None}),
    "band_gap": band(3, **{"from": 10}),
    "band_negative": band(3, **{"from": -1}),
    "band_overlap": band(1, **{"from": 60}),
    "band_out_of_reach": band(0, **{"from": 112}),
    "coefficient_range": band(0, coefficient=3.5),
    "coefficient_order": band(1, coefficient=0.7),
    "warn_not_a_number": said(warn_below="六十"),
    "warn_range": said(warn_below="0"),
    "least_weight_range": said(least_weight=101),
    "quarter_locked": said(effective_from="2026Q3", locked_until="2026Q3"),
}


@pytest.mark.parametrize("code", sorted(WRONG))
def test_what_does_not_hold_together_is_named(code: str) -> None:
    edited = tables(V2)
    WRONG[code](edited)
    draft = drafted(V2, *edited, 3)
    assert draft.scheme is None
    fault = next(fault for fault in draft.faults if fault.code == code)
    assert fault.worded("zh") != fault.worded("en")
    assert "{" not in fault.worded("zh") + fault.worded("en")


def test_every_fault_that_is_worded_can_happen() -> None:
    path = Path(scheme_faults.__file__).with_suffix(".toml")
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == set(WRONG)


def test_a_fault_says_what_is_wrong_and_what_to_do() -> None:
    edited = tables(V2)
    edited[0][0]["weight"] = 30
    [fault] = drafted(V2, *edited, 3).faults
    assert fault.worded("zh") == "权重合计 90，不是 100，还差 10。请把某些指标的权重调高。"
    assert fault.worded("en").startswith("The weights add up to 90, not to 100; 10 are missing.")


def test_the_head_of_departments_empty_scheme_can_be_written() -> None:
    empty = schemes()["ka_head"]
    items = [{"what": "plan_completion", "rule": "ratio", "weight": 60, "target": 100, "cap": 120},
             {"what": RATED, "name": "团队建设", "weight": 40, "cap": 100}, {}]  # fmt: skip
    bands = [{"grade": "合格", "from": 60, "coefficient": 1}, {"grade": "不合格", "from": 0, "coefficient": 0.5}]
    draft = drafted(empty, items, bands, settings_of(empty) | {"effective_from": "2027Q1"}, 2)
    assert draft.faults == ()
    assert draft.scheme is not None
    assert (draft.scheme.name, [each.weight for each in draft.scheme.items]) == ("ka_head_v2", [60, 40])
    assert parse(draft.scheme.name, document(draft.scheme)) == draft.scheme


@settings(max_examples=40, deadline=None)
@given(
    target=st.decimals("0.5", "200", places=2),
    steep=st.decimals("1", "100", places=1),
    rate=st.decimals("0", "3", places=4),
)
def test_a_rate_entered_in_percent_scores_as_the_fraction_does(target: Decimal, steep: Decimal, rate: Decimal) -> None:
    """Through the float of the table and back: not a cent of difference."""
    items, bands, said = tables(V2)
    items[0] |= {"target": float(target), "steep_below": float(steep)}
    made = drafted(V2, items, bands, said, 3).scheme
    assert made is not None
    assert (made.items[0].target, made.items[0].steep_below) == (target / 100, steep / 100)
    share = rate / (target / 100)
    low = share < steep / 100
    expected = steep - 3 * (steep / 100 - share) * 100 if low else share * 100
    assert points(made.items[0], rate) == max(Decimal(0), min(Decimal(120), expected))
