"""Losses left out of the scored churn: two people decide, the headline keeps them, the seal keeps the record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.store import Store, Viewer
from kpi import contest, exclusion, quarter, standing
from kpi.__main__ import main
from kpi.afterwards import after_seal
from kpi.appraisal import Actor, RefusedError
from kpi.card import Line
from kpi.flip import flips
from kpi.parameters import change
from kpi.rollup import value
from kpi.scoring import scorecard
from loaders.build import rebuild
from tests.kpi.lost_accounts import BROKE, HEAD, HR, LEFT, ZHANG, Case, loaded

LOSS = {"loss": exclusion.subject(*BROKE)}


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return loaded(tmp_path_factory.mktemp("lost"))


@pytest.fixture
def case(department: Store, tmp_path: Path) -> Case:
    shutil.copytree(department.folder, tmp_path / "store")
    return Case(Store(tmp_path / "store"))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as caught:
        call()
    assert quarter.worded(caught.value, "zh") != quarter.worded(caught.value, "en")
    return caught.value.code


def live(case: Case) -> Line:
    """Give the churn line as it scores now, under the records in force."""
    card = scorecard(case.store.open(Viewer("", "system")), "R1", "2026Q3", rules=quarter.rules(case.records))
    return next(line for line in card.lines if line.metric == "churn")


def numbers(*found: Any) -> tuple[float, ...]:  # noqa: ANN401 - Decimal, float, or a text that holds one
    return tuple(float(each) for each in found)


def test_two_of_twenty_lost_and_one_left_out_score_five_percent(case: Case) -> None:
    before = live(case)
    assert numbers(before.numerator, before.denominator, before.value, before.score) == (2, 20, 0.1, 80)
    case.propose()
    assert live(case).score == 80
    case.approve()
    after = live(case)
    assert numbers(after.numerator, after.denominator, after.value) == (2, 20, 0.1)
    assert numbers(after.scored_numerator, after.rate, after.score) == (1, 0.05, 100)
    headline = value(case.store.open(Viewer("", "system")), "churn", by=("rep",), where={"quarter": "2026Q3"})
    assert [(row["numerator"], row["denominator"]) for row in headline if row["rep"] == "R1"] == [(2, 20)]
    [record] = after.excluded
    assert (record.account_id, record.cause, record.reason) == ("A19", "破产", "法院裁定书 2026-08-01")
    assert (record.proposed_by, record.approved_by) == ("陈国栋", "赵敏")


def test_the_command_line_tells_both_figures(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.propose()
    case.approve()
    assert main(["score", "--quarter", "2026Q3", "--store", str(case.store.folder), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    churn = next(item for row in rows if row["rep_id"] == "R1" for item in row["items"] if item["metric"] == "churn")
    assert (churn["value"], churn["scored_value"], churn["score"]) == (0.1, 0.05, 100)
    assert [each["approved_by"] for each in churn["excluded"]] == ["赵敏"]


def test_two_people_in_two_roles_with_a_reason(case: Case) -> None:
    assert refused(lambda: case.propose(actor=HR)) == "not_your_step"
    assert refused(lambda: case.propose(why=" ")) == "reason_needed"
    assert refused(lambda: case.propose(cause="服务不好")) == "unknown_cause"
    assert refused(lambda: case.propose(("A01", "2026-08-10"))) == "not_a_loss"
    case.propose()
    assert refused(case.propose) == "exclusion_exists"
    assert refused(lambda: case.do(HEAD, exclusion.APPROVE, "R1", **LOSS)) == "not_your_step"
    same = Actor(HEAD.name, "hr", HEAD.number)
    assert refused(lambda: case.do(same, exclusion.APPROVE, "R1", **LOSS)) == "two_people_needed"
    assert refused(lambda: case.do(ZHANG, exclusion.WITHDRAW, "R1", reason="x", **LOSS)) == "not_your_step"
    assert live(case).excluded == ()


def test_a_withdrawn_record_counts_no_more_and_can_be_made_again(case: Case) -> None:
    case.propose()
    case.approve()
    assert refused(lambda: case.do(HEAD, exclusion.WITHDRAW, "R1", **LOSS)) == "reason_needed"
    case.do(HEAD, exclusion.WITHDRAW, "R1", reason="客户恢复经营", **LOSS)
    assert live(case).score == 80
    assert refused(lambda: case.do(HR, exclusion.WITHDRAW, "R1", reason="x", **LOSS)) == "no_exclusion"
    case.propose()
    case.approve()
    assert live(case).score == 100


def test_on_a_locked_quarter_the_item_is_rated_again_on_its_new_points(case: Case) -> None:
    case.lock()
    assert Decimal(case.churn()["score"]) == 80
    case.publish()
    case.do(ZHANG, "agree", "R1")
    case.do(HEAD, "sign")
    case.propose()
    assert standing.agreed(case.steps, "R1")
    case.approve()
    churn = case.churn()
    assert numbers(churn["value"], churn["rate"], churn["score"]) == (0.1, 0.05, 100)
    assert {role for rep, item, role in standing.missing(case.steps, ("head", "hr")) if (rep, item) == ("R1", "churn")}
    assert len(standing.missing(case.steps, ("head", "hr"))) == 2
    assert not standing.agreed(case.steps, "R1")
    assert standing.signatures(case.steps) == {}
    for actor in (HEAD, HR):
        case.rate(actor)
    found = standing.score(case.steps, "R1")
    assert found is not None
    assert found.final == Decimal(standing.cards(case.steps)["R1"]["total"])


def test_the_head_may_rate_again_while_hr_reviews(case: Case) -> None:
    case.lock()
    case.rate(HEAD)
    case.do(HEAD, "submit")
    assert refused(lambda: case.do(HEAD, "rate", "R1", item="churn", score="80")) == "not_your_turn"
    case.propose()
    case.approve()
    case.do(HEAD, "rate", "R1", item="churn", score="100")
    case.rate(HR)
    case.do(HR, "publish")


def test_the_seal_keeps_the_record_by_value_and_is_shut(case: Case) -> None:
    case.propose()
    case.approve()
    case.lock()
    case.publish()
    case.propose(LEFT, "公司主动终止", "产品线停产")
    case.now = case.now.replace(month=11)
    case.do(HEAD, "sign")
    case.do(HR, "sign")
    assert refused(lambda: case.do(HR, "seal")) == "exclusions_open"
    case.do(HR, exclusion.WITHDRAW, "R1", loss=exclusion.subject(*LEFT), reason="停产通知未附")
    case.do(HR, "seal")
    kept = standing.sealed(case.steps, "R1")
    assert kept is not None
    churn = next(item for item in kept["card"]["items"] if item["metric"] == "churn")
    assert numbers(churn["value"], churn["score"]) == (0.1, 100)
    assert [(each["account_id"], each["approved_by"]) for each in churn["excluded"]] == [("A19", "赵敏")]
    assert "excluded" in kept["card"]["flags"]
    shut = [
        lambda: case.propose(LEFT),
        case.approve,
        lambda: case.do(HEAD, exclusion.WITHDRAW, "R1", reason="后悔", **LOSS),
    ]
    assert [refused(each) for each in shut] == ["sealed_no_exclusion"] * 3
    assert standing.sealed(case.steps, "R1") == kept
    rebuild(case.store)
    assert not after_seal(case.store, case.records, case.steps, ["R1"])[0].differs


def test_the_company_says_which_causes_count(case: Case) -> None:
    change(case.records, "appraisal_excludes", "破产", who="tests", why="制度第 12 条")
    rebuild(case.store)
    assert refused(lambda: case.propose(cause="并购")) == "unknown_cause"
    change(case.records, "appraisal_excludes", "无", who="tests", why="制度第 12 条")
    rebuild(case.store)
    assert refused(case.propose) == "unknown_cause"


def test_one_account_more_or_less_starts_from_what_scores(case: Case) -> None:
    case.propose()
    case.approve()
    card = scorecard(case.store.open(Viewer("", "system")), "R1", "2026Q3", rules=quarter.rules(case.records))
    moved = {flip.code: next(line for line in flip.card.lines if line.metric == "churn") for flip in flips(card)}
    assert numbers(moved["one_less_lost"].score, moved["one_more_lost"].score) == (105, 80)


def test_an_appeal_about_the_other_loss_starts_from_what_scores(case: Case) -> None:
    """Two lost, one left out, the other contested: 0 of 20 score 105; the headline would be 1 of 20."""
    case.propose()
    case.approve()
    case.lock()
    card = quarter.reread(standing.cards(case.steps)["R1"])
    line = next(each for each in card.lines if each.metric == "churn")
    listed = contest.pieces(case.store.open(Viewer("", "system")), line.item, "R1", "2026Q3")
    lost = next(piece for piece in listed if piece.account_id == LEFT[0])
    found = contest.effect(card, [(lost, contest.Claim("should_be", Decimal(0), Decimal(1)))], listed)
    after = next(each for each in found.after.lines if each.metric == "churn")
    assert numbers(after.numerator, after.scored_numerator, after.denominator, after.score) == (1, 0, 20, 105)
