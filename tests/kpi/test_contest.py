"""A contested row: its identity, the score with it changed or left out, and the thresholds in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.store import Store, Viewer
from kpi import contest, quarter, standing
from kpi.appraisal import RefusedError
from kpi.card import Scorecard
from kpi.contest import Claim, Piece
from kpi.points import rounded
from kpi.scheme import schemes
from kpi.scoring import scorecard
from kpi.thresholds import crossed
from tests.builder import Batch, Rows, department
from tests.kpi.appraisal_desk import HEAD, HR, LI, LOCK, ZHANG, Desk
from tests.kpi.test_card import ZHANG_WEI, card_of

V1, V2 = schemes()["ka_rep_v1"], schemes()["ka_rep_v2"]


def piece(metric: str, numerator: str, denominator: str, reason: str = "", **cells: str | int) -> Piece:
    given: dict[str, Any] = {
        "account_id": "A7",
        "quarter": "2026Q3",
        "period": "2026-07-01",
        "day": "2026-05-01",
        "nth": 1,
    } | cells
    rest: dict[str, Any] = {"entity": "orders", "ref": contest.reference(f"{metric}|{given}"), "reason_date": ""}
    return Piece(metric, numerator=Decimal(numerator), denominator=Decimal(denominator), reason=reason, **rest | given)


def after(
    card: Scorecard, row: Piece, claim: Claim, *others: Piece, verdicts: Sequence[Sequence[str]] = ()
) -> Scorecard:
    return contest.effect(card, [(row, claim)], [row, *others], verdicts).after


def test_a_loss_that_was_none_and_one_that_was_anothers() -> None:
    """Example 1 of the scheme of examples: 2 of 20 lost scores 80; 1 of 20 scores 100; 1 of 19 (5.26 %) 98.95."""
    card, lost = card_of(V1, ZHANG_WEI), piece("churn", "1", "1", "lost_declared")
    kept = after(card, lost, Claim("should_be", Decimal(0), Decimal(1)))
    assert (kept.lines[2].score, kept.total) == (Decimal(100), Decimal("89.57"))
    gone = after(card, lost, Claim("leave_out"))
    assert rounded(gone.lines[2].score or Decimal(0)) == Decimal("98.95")
    assert gone.total == Decimal("89.30")
    assert contest.effect(card, [(lost, Claim("leave_out"))], [lost]).moved == {
        "churn": (Decimal(80), gone.lines[2].score)
    }


def test_an_order_that_was_larger_counts_in_the_quarter_and_the_year() -> None:
    """1.05 of 1.2 million; with 30,000 more 90 %; the year 2 of 2.4 million becomes 2.03: half of each, 40 % weight."""
    card, order = card_of(V1, ZHANG_WEI), piece("plan_completion", "20000", "0")
    plan = piece("plan_completion", "0", "1200000", "plan", nth=2)
    assert after(card, order, Claim("should_be", Decimal(50000)), plan).lines[0].score == Decimal(90)
    half = card_of(V2, ZHANG_WEI)
    year = replace(half.lines[0], year_rate=Decimal(2) / Decimal("2.4"), year_base=Decimal(2_400_000))
    half = replace(half, lines=(year, *half.lines[1:]))
    found = after(half, order, Claim("should_be", Decimal(50000)), plan).lines[0]
    assert found.rate == Decimal("0.9")
    assert rounded(found.score or Decimal(0)) == rounded((Decimal(90) + Decimal(203) / Decimal("2.4")) / 2)


def test_a_row_of_an_earlier_quarter_moves_the_year_alone() -> None:
    card = card_of(V2, ZHANG_WEI)
    year = replace(card.lines[0], year_rate=Decimal("0.5"), year_base=Decimal(2_400_000))
    card = replace(card, lines=(year, *card.lines[1:]))
    early = piece("plan_completion", "240000", "0", quarter="2026Q2", period="2026-04-01")
    plan = piece("plan_completion", "0", "1200000", "plan", quarter="2026Q2", period="2026-04-01", nth=2)
    found = after(card, early, Claim("leave_out"), plan).lines[0]
    assert (found.rate, found.year_rate) == (card.lines[0].rate, Decimal("0.4"))
    unplanned = after(card, early, Claim("leave_out")).lines[0]
    assert unplanned.year_rate == Decimal("0.5"), "a period without a plan was never in the year"


def test_one_file_is_one_vote() -> None:
    card = card_of(V1, ZHANG_WEI)
    ten = replace(card, lines=tuple(replace(line, n=10) for line in card.lines))
    file = piece("file_completeness", "40", "80")
    filled = after(ten, file, Claim("should_be", Decimal(80), Decimal(80))).lines[1]
    assert (filled.rate, filled.score) == (Decimal("0.93"), Decimal(96))
    assert after(ten, file, Claim("leave_out")).lines[1].rate == Decimal("8.3") / 9


def test_a_suspected_loss_that_nobody_confirmed_was_never_in_the_score() -> None:
    card = card_of(V2, ZHANG_WEI)
    waiting = replace(card.lines[2], unresolved=1, rate=Decimal("0.05"), score=Decimal(100))
    card = replace(card, lines=(*card.lines[:2], waiting, card.lines[3]))
    lost = piece("churn", "1", "1", "lost_inferred")
    assert after(card, lost, Claim("should_be", Decimal(0), Decimal(1))).lines[2].rate == Decimal("0.05")
    verdicts = [["A7", "2026-05-01", "confirm"]]
    assert after(card, lost, Claim("should_be", Decimal(0), Decimal(1)), verdicts=verdicts).lines[2].rate == 0


def test_thresholds_between_two_scores_in_their_order() -> None:
    lined = replace(V1, warn_below=Decimal(70))
    up = crossed(lined, Decimal("59.99"), Decimal(75))
    assert [(int(each.at), each.grade, each.upwards) for each in up] == [
        (60, "C", True),
        (70, "", True),
        (75, "B", True),
    ]
    down = crossed(lined, Decimal(75), Decimal("69.99"))
    assert [(int(each.at), each.grade) for each in down] == [(75, "B"), (70, "")]
    assert crossed(lined, Decimal(80), Decimal("89.99")) == []


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "row"},
        {"kind": "other", "claim": {"kind": "leave_out"}},
        {"kind": "account", "account_id": "", "claim": {"kind": "leave_out"}},
        {"kind": "rating", "role": "rep", "claim": {"kind": "should_be", "score": "80"}},
        contest.stored(piece("churn", "1", "1"), Claim("should_be", Decimal(0), Decimal(-1))),
        "A7",
    ],
)
def test_an_appeal_names_a_whole_row_or_is_refused(row: object, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "records.db")
    desk.published()
    with pytest.raises(RefusedError, match="unclear_row"):
        desk.do(ZHANG, "appeal", "R03", item="churn", row=row, reason="请复核")


def test_a_contested_row_is_stored_and_read_as_data(tmp_path: Path) -> None:
    desk, lost = Desk(tmp_path / "records.db"), piece("churn", "1", "1", "lost_declared")
    desk.published()
    claim = Claim("should_be", Decimal(0), Decimal(1))
    desk.do(ZHANG, "appeal", "R03", item="churn", row=contest.stored(lost, claim), reason="7 月已下单")
    kept = next(iter(standing.appeals(desk.steps).values())).filed.value["row"]
    assert (contest.piece_of(kept), contest.claim_of(kept)) == (lost, claim)
    assert contest.found(kept, [piece("churn", "1", "1", "lost_declared", account_id="A8"), lost]) == lost


def test_the_same_row_is_not_appealed_twice_while_it_is_heard(tmp_path: Path) -> None:
    desk, lost = Desk(tmp_path / "records.db"), piece("churn", "1", "1", "lost_declared")
    desk.published()
    first = contest.stored(lost, Claim("leave_out"))
    number = desk.do(ZHANG, "appeal", "R03", item="churn", row=first, reason="已划转").value["appeal"]
    again = contest.stored(lost, Claim("should_be", Decimal(0), Decimal(1)))
    with pytest.raises(RefusedError, match="row_appealed"):
        desk.do(ZHANG, "appeal", "R03", item="churn", row=again, reason="再提")
    desk.do(ZHANG, "appeal", "R03", item="churn", row=contest.stored_account("A7"), reason="整户")
    desk.do(HR, "find", appeal=number, outcome="keep", reason="核实无误")
    desk.do(HEAD, "countersign", appeal=number)
    desk.do(ZHANG, "appeal", "R03", item="churn", row=again, reason="另有依据")


def test_a_contested_rating_replaces_that_appraisers_alone(tmp_path: Path) -> None:
    """Example 3: the head's 70 for innovation becomes 80: M 84.50, H 81.90, final 0.7 · 84.50 + 0.3 · 81.90 = 83.72."""
    desk = Desk(tmp_path / "records.db")
    names = [item.rating for item in schemes()["ka_clerk_v1"].items]
    _rate_like_example_three(desk, names)
    step = standing.rating(desk.steps, "N01", names[3], "head")
    assert step is not None
    row = contest.stored_rating(names[3], "head", step.seq, "70", "80")
    stale = contest.stored_rating(names[3], "head", step.seq - 1, "70", "80")
    with pytest.raises(RefusedError, match="rating_changed"):
        desk.do(LI, "appeal", "N01", item=names[3], row=stale, reason="两条建议已采纳")
    number = desk.do(LI, "appeal", "N01", item=names[3], row=row, reason="两条建议已采纳").value["appeal"]
    would = standing.score(desk.steps, "N01", {(names[3], "head"): Decimal(80)})
    desk.do(HR, "find", appeal=number, outcome="change", scores={names[3]: "80"}, of="head", reason="核实采纳")
    before = standing.score(desk.steps, "N01")
    assert before is not None
    assert before.final == Decimal("82.32")
    desk.do(HEAD, "countersign", appeal=number)
    found = standing.score(desk.steps, "N01")
    assert found == would
    assert found is not None
    assert (found.head, found.hr, found.final) == (Decimal("84.50"), Decimal("81.90"), Decimal("83.72"))


def _rate_like_example_three(desk: Desk, names: list[str]) -> None:
    desk.do(HR, "lock", **LOCK)
    for name, score in zip(names, ("90", "80", "85", "70"), strict=True):
        desk.do(HEAD, "rate", "N01", item=name, score=score, reason="季报零差错")
    desk.rate_all(HEAD)
    desk.do(HEAD, "submit")
    for name, score in zip(names, ("85", "75", "88", "75"), strict=True):
        desk.do(HR, "rate", "N01", item=name, score=score)
    desk.rate_all(HR)
    desk.do(HR, "publish")


def test_an_account_that_was_anothers_changes_several_items_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "records.db")
    desk.published()
    row = contest.stored_account("A7")
    number = desk.do(ZHANG, "appeal", "R03", item="churn", row=row, reason="已转给李强").value["appeal"]
    with pytest.raises(RefusedError, match="score_out_of_range"):
        desk.do(HR, "find", appeal=number, outcome="change", scores={"churn": "100", "nothing": "1"}, reason="交接日")
    scores = {"churn": "100.00", "file_completeness": "90.00"}
    desk.do(HR, "find", appeal=number, outcome="change", scores=scores, reason="交接日在判定日之前")
    desk.do(HEAD, "countersign", appeal=number)
    found = standing.score(desk.steps, "R03")
    assert found is not None
    assert found.final == Decimal("90.17"), "35 + 0.15·90 + 25 + 20·0.8333 = 90.17"


def tables(*without: str) -> dict[str, Rows]:
    """Give a rep with six accounts: one lost, one new; plans of the year; `without` leaves orders out."""
    accounts = [f"A{number}" for number in range(6)]
    months = {"A0": (1,), "A5": (8,)}
    orders = [
        {"order_no": f"{a}-{month}", "account_id": a, "amount": 100 + month, "order_date": f"2026-{month:02}-10"}
        for a in accounts
        for month in months.get(a, (1, 3, 5, 7, 8))
    ]
    return {
        "rep": [{"rep_id": "R03", "rep_name": "张伟", "role": "专员", "dept": "大客户部"}],
        "account": [{"account_id": a, "account_name": a, "rep_id": "R03", "account_class": "A"} for a in accounts],
        "orders": [order for order in orders if order["order_no"] not in without],
        "sales_plan": [
            {"rep_id": "R03", "metric": "销售额", "plan_value": 1000, "period_start": start, "period_end": end}
            for start, end in (("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30"))
        ],
    }


def scored(store: Store) -> Scorecard:
    return scorecard(store.open(Viewer("", "system")), "R03", "2026Q3", V2)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    batches = [[Batch(each, exported_on=date(2026, 9, 30))] for each in (tables(), tables("A2-8", "A3-5"))]
    return tuple(department(tmp_path_factory.mktemp("contest"), batch) for batch in batches)  # type: ignore[return-value]


def test_rows_left_out_score_as_if_they_had_never_come(loaded: tuple[Store, Store]) -> None:
    """One order of the quarter and one of the year before it: the same total as the department loaded without both."""
    cur, card = loaded[0].open(Viewer("", "system")), scored(loaded[0])
    listed = [found for item in V2.items for found in contest.pieces(cur, item, "R03", "2026Q3")]
    assert len({each.identity for each in listed}) == len(listed)
    keys = {
        contest.reference(key)
        for (key,) in cur.execute("select sale_key from sale where order_no in ('A2-8', 'A3-5')").fetchall()
    }
    rows = [each for each in listed if each.metric == "plan_completion" and each.ref in keys]
    assert [each.numerator for each in rows] == [Decimal(108), Decimal(105)]
    found = contest.effect(card, [(each, Claim("leave_out")) for each in rows], listed)
    without = scored(loaded[1])
    assert [line.rate for line in found.after.lines][:1] == [line.rate for line in without.lines][:1]
    assert found.after.lines[0].year_rate == without.lines[0].year_rate
    assert found.after.lines[0].score == without.lines[0].score
    assert found.after.lines[0].score != card.lines[0].score


def test_a_locked_card_is_read_again_before_it_is_recomputed(loaded: tuple[Store, Store]) -> None:
    cur, card = loaded[0].open(Viewer("", "system")), scored(loaded[0])
    again = quarter.reread(quarter.written(cur, card))
    listed = contest.pieces(cur, V2.items[2], "R03", "2026Q3")
    same = contest.effect(
        again, [(each, Claim("should_be", each.numerator, each.denominator)) for each in listed], listed
    )
    assert same.moved == {}
    assert same.after.total == card.total
