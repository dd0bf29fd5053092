"""Cards, flips and warnings from values: what one account changes, and when a suggestion may be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.store import Store, Viewer
from kpi.card import Line, Scorecard, assembled, line_points, rescored
from kpi.catalogue import reason
from kpi.flip import best, flips
from kpi.intervals import wilson
from kpi.points import rounded
from kpi.scheme import Scheme, document, parse, scheme_for, schemes
from kpi.scoring import Rules, scorecard
from kpi.warning import suggestion
from tests.builder import Batch, department

V1, V2 = schemes()["ka_rep_v1"], schemes()["ka_rep_v2"]
ZHANG_WEI = {
    "plan_completion": (1_050_000, 1_200_000),
    "file_completeness": (88, 100),
    "churn": (2, 20),
    "new_development": (3, 24),
}


def card_of(scheme: Scheme, counts: Mapping[str, tuple[int, int]]) -> Scorecard:
    lines = []
    for item in scheme.items:
        above, below = map(Decimal, counts[item.metric])
        low, high = wilson(int(above), int(below)) if item.metric == "churn" else (None, None)
        line = Line(item, item.metric, item.metric, above, below, float(above / below), low, high, int(below))
        line = replace(line, rate=above / below)
        lines.append(replace(line, score=line_points(scheme, line)))
    return assembled(Scorecard("R03", "张伟", "专员", "大客户部", "2026Q3", scheme), tuple(lines), ())


def test_the_card_of_zhang_wei_under_the_example_scheme() -> None:
    card = card_of(V1, ZHANG_WEI)
    assert (card.total, card.grade, card.coefficient) == (Decimal("84.57"), "B", Decimal("1.0"))
    weighted = [rounded(line.weighted or Decimal(0)) for line in card.lines]
    assert weighted == [Decimal("35.00"), Decimal("12.90"), Decimal("20.00"), Decimal("16.67")]


def test_one_account_less_lost_and_one_more_at_the_end_is_recomputed_not_added() -> None:
    card = card_of(V1, ZHANG_WEI)
    less = card_of(V1, ZHANG_WEI | {"churn": (1, 20), "new_development": (3, 25)})
    assert less.total == Decimal("88.90")
    by_code = {flip.code: flip.total for flip in flips(card)}
    assert by_code["one_less_lost"] == Decimal("89.57")
    assert by_code["one_more_lost"] == Decimal("79.57")
    assert rescored(card, {}).total == card.total


def test_a_flip_is_never_impossible() -> None:
    none_lost = {flip.code for flip in flips(card_of(V1, ZHANG_WEI | {"churn": (0, 20), "new_development": (0, 24)}))}
    assert none_lost == {"one_more_lost", "one_more_new"}
    all_lost = {flip.code for flip in flips(card_of(V1, ZHANG_WEI | {"churn": (20, 20)}))}
    assert "one_more_lost" not in all_lost


@pytest.mark.parametrize("code", sorted({flip.code for flip in flips(card_of(V1, ZHANG_WEI))}))
def test_every_flip_is_worded(code: str) -> None:
    assert reason(code, "zh") != code != reason(code, "en")


LOW = {"plan_completion": (50, 100), "file_completeness": (90, 100), "churn": (2, 8), "new_development": (0, 8)}


def test_no_line_no_warning() -> None:
    assert all(scheme.warn_below is None for scheme in schemes().values())
    assert suggestion(card_of(V2, LOW)) is None


@pytest.mark.parametrize(
    ("line", "kind"),
    [("60", "question"), ("40", "question"), ("38.01", "question"), ("38.00", None), ("95", "warning")],
)
def test_a_warning_only_where_no_single_account_lifts_it(line: str, kind: str | None) -> None:
    card = card_of(replace(V2, warn_below=Decimal(line)), LOW)
    assert card.total == Decimal("38.00")
    found = suggestion(card)
    assert (found.kind if found else None) == kind
    if found:
        assert found.n == 8
        assert found.intervals
        assert found.flip == best(card)


def test_a_warning_stands_where_one_account_does_not_help() -> None:
    card = card_of(replace(V2, warn_below=Decimal(60)), LOW | {"churn": (8, 20), "new_development": (0, 20)})
    found = suggestion(card)
    assert found is not None
    assert found.kind == "warning"
    assert found.flip is not None
    assert found.flip.total is not None
    assert found.flip.total < 60
    assert suggestion(replace(card, flags=("observation",))) is None


def test_a_scheme_survives_being_stored() -> None:
    for name, scheme in schemes().items():
        assert parse(name, document(scheme)) == scheme


def test_a_new_version_counts_from_its_quarter_on() -> None:
    later = replace(V2, name="ka_rep_v3", version=3, effective_from="2026Q4")
    assert scheme_for("专员", "2026Q3", (later,)) == V2
    assert scheme_for("专员", "2026Q4", (later,)) == later
    assert scheme_for(None, "2027Q1", (later,)) == later


def _store(folder: Path, plans: list[dict[str, Any]]) -> Path:
    accounts = [f"A{number}" for number in range(8)]
    tables: dict[str, list[dict[str, Any]]] = {
        "rep": [{"rep_id": "R1", "rep_name": "张伟", "role": "专员", "dept": "大客户部"}],
        "account": [
            {"account_id": a, "account_name": a, "rep_id": "R1", "account_class": "A"} for a in [*accounts, "N1"]
        ],
        "orders": [
            {
                "order_no": f"O{a}{month}",
                "account_id": a,
                "rep_id": "R1",
                "order_date": f"2026-{month:02}-10",
                "amount": 100,
            }
            for a in accounts
            for month in ((1,) if a == "A0" else (1, 4, 6, 8, 9))
        ]
        + [{"order_no": "N", "account_id": "N1", "rep_id": "R1", "order_date": "2026-05-05", "amount": 10}],
        "sales_plan": plans,
    }
    return department(folder, [Batch(tables, exported_on=date(2026, 9, 30))]).folder


OWN_PLAN = {
    "rep_id": "R1",
    "period_start": "2026-07-01",
    "period_end": "2026-09-30",
    "metric": "销售额",
    "plan_value": 1400,
}


def test_suspected_losses_do_not_score_until_confirmed(tmp_path: Path) -> None:

    store = Store(_store(tmp_path, [OWN_PLAN]))
    cur = store.open(Viewer("", "system"))

    def churn(scheme: str, rules: Rules = Rules()) -> Line:  # noqa: B008 - frozen
        return next(line for line in scorecard(cur, "R1", "2026Q3", scheme, rules).lines if line.metric == "churn")

    suspected = churn("ka_rep_v2")
    assert (suspected.numerator, suspected.denominator, suspected.unresolved) == (Decimal(1), Decimal(9), 1)
    assert suspected.score == Decimal(105)
    assert "suspected" in scorecard(cur, "R1", "2026Q3", "ka_rep_v2").flags
    day = "2026-01-10"
    confirmed = churn("ka_rep_v2", Rules(verdicts=(("A0", day, "confirm"),)))
    assert (confirmed.unresolved, confirmed.score) == (0, Decimal(100))
    assert churn("ka_rep_v1").unresolved == 0


def test_new_accounts_are_judged_by_their_plan_year_to_date(tmp_path: Path) -> None:

    plan: dict[str, Any] = {"rep_id": "R1", "metric": "新客户数"}
    year = plan | {"period_start": "2026-01-01", "period_end": "2026-12-31", "plan_value": 4}
    cur = Store(_store(tmp_path, [OWN_PLAN, year])).open(Viewer("", "system"))
    line = next(line for line in scorecard(cur, "R1", "2026Q2").lines if line.metric == "new_development")
    assert (line.numerator, line.denominator) == (Decimal(9), Decimal("1.98"))
    assert line.score == Decimal(110)


def test_with_only_a_department_plan_nobody_is_reweighted(tmp_path: Path) -> None:

    plan = {key: found for key, found in OWN_PLAN.items() if key != "rep_id"} | {"dept": "大客户部"}
    card = scorecard(Store(_store(tmp_path, [plan])).open(Viewer("", "system")), "R1", "2026Q3")
    assert card.total is None
    assert "to_divide" in card.flags
    assert card.lines[0].status == "待分解"
