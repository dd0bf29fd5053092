"""The quarter's appraisal: who may do what when, in any order of steps by anyone, and at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from data.appraisals import Appraisals, broken
from data.records import ChangedError, Records
from kpi import appraisal, quarter, standing
from kpi.appraisal import RULES, Actor, RefusedError, deadlines
from kpi.quarter import Ask
from kpi.scheme import document
from tests.kpi.appraisal_desk import CARDS, HEAD, HR, LI, LOCK, PLACE, V1, ZHANG, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "records.db")


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as caught:
        call()
    assert quarter.worded(caught.value, "zh") != quarter.worded(caught.value, "en")
    return caught.value.code


def test_example_one_from_lock_to_seal(desk: Desk) -> None:
    desk.published({"file_completeness": ("90", "3 份档案待盖章")})
    found = standing.score(desk.steps, "R03")
    assert found is not None
    assert (found.head, found.hr, found.final, found.grade) == (
        Decimal("85.17"),
        Decimal("84.57"),
        Decimal("84.99"),
        "B",
    )
    for each in (ZHANG, LI):
        desk.do(each, "agree", each.number)
    desk.do(HEAD, "sign")
    desk.do(HR, "sign")
    desk.do(HR, "seal")
    kept = standing.sealed(desk.steps, "R03")
    assert kept is not None
    assert kept["score"]["final"] == "84.99"
    assert kept["facts"]["version"] == 7
    assert kept["facts"]["files"] == [["订单.csv", "ab"]]
    assert {mark["reason"] for mark in kept["ratings"] if mark["reason"]} == {"3 份档案待盖章"}
    assert {role: who for role, (who, _) in kept["signers"].items()} == {"head": "陈国栋", "hr": "赵敏"}
    assert broken(desk.steps) is None


def test_example_three_of_a_clerk(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    names = [item["metric"] for item in CARDS["N01"]["items"]]
    for name, score in zip(names, ("90", "80", "85", "70"), strict=True):
        desk.do(HEAD, "rate", "N01", item=name, score=score, reason="季报零差错")
    desk.rate_all(HEAD)
    desk.do(HEAD, "submit")
    for name, score in zip(names, ("85", "75", "88", "75"), strict=True):
        desk.do(HR, "rate", "N01", item=name, score=score)
    found = standing.score(desk.steps, "N01")
    assert found is not None
    assert (found.head, found.hr, found.final, found.grade) == (
        Decimal("82.50"),
        Decimal("81.90"),
        Decimal("82.32"),
        "B",
    )


def test_a_change_needs_a_reason_and_a_large_one_consent(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    assert refused(lambda: desk.do(HEAD, "rate", "R03", item="churn", score="85")) == "reason_needed_for_change"
    assert refused(lambda: desk.do(HEAD, "rate", "N01", item="专业技能", score="95")) == "example_needed"
    assert refused(lambda: desk.do(HEAD, "rate", "R03", item="churn", score="106")) == "score_out_of_range"
    desk.rate_all(HEAD, {"churn": ("95", "一户系公司主动终止")})
    desk.do(HEAD, "submit")
    desk.rate_all(HR)
    assert refused(lambda: desk.do(HR, "publish")) == "consent_needed"
    assert refused(lambda: desk.do(HEAD, "consent", "R03", item="churn", appraiser="head")) == "nothing_to_consent"
    desk.do(HR, "consent", "R03", item="churn", appraiser="head")
    desk.do(HR, "publish")


def test_far_apart_appraisers_calibrate_first(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    desk.rate_all(HEAD)
    desk.do(HEAD, "submit")
    for name in ("专业技能", "调查能力", "问题解决能力", "创新能力"):
        desk.do(HR, "rate", "N01", item=name, score="62")
    desk.rate_all(HR)
    assert refused(lambda: desk.do(HR, "publish")) == "calibration_needed"
    desk.do(HR, "calibrate", "N01", reason="核对报表差错后维持各自评分")
    desk.do(HR, "publish")


def test_nothing_is_filled_in_and_turns_are_kept(desk: Desk) -> None:
    assert refused(lambda: desk.do(HEAD, "lock", **LOCK)) == "not_your_step"
    assert refused(lambda: desk.do(HR, "lock", **(LOCK | {"behind": ["订单 orders 2026-08-31"]}))) == "data_ends_early"
    desk.do(HR, "lock", **LOCK)
    assert refused(lambda: desk.do(HEAD, "submit")) == "ratings_missing"
    assert refused(lambda: desk.do(HR, "rate", "R03", item="churn", score="80")) == "not_your_turn"
    assert refused(lambda: desk.do(ZHANG, "agree", "R03")) == "not_now"
    desk.rate_all(HEAD)
    desk.do(HEAD, "submit")
    assert refused(lambda: desk.do(HR, "publish")) == "ratings_missing"


def test_an_appeal_is_heard_and_signed_by_two(desk: Desk) -> None:
    desk.published()
    assert refused(lambda: desk.do(LI, "appeal", "R03", item="churn", reason="代提")) == "only_about_yourself"
    filed = desk.do(ZHANG, "appeal", "R03", item="churn", subject="A7", reason="华晟在静默期已转给李强")
    number = filed.value["appeal"]
    desk.do(HEAD, "sign")
    desk.do(HR, "sign")
    desk.now += timedelta(days=30)
    assert refused(lambda: desk.do(HR, "seal")) == "appeals_open"
    desk.do(HR, "find", appeal=number, outcome="change", item="churn", score="100", reason="交接日在判定日之前")
    assert refused(lambda: desk.do(HR, "countersign", appeal=number)) == "not_your_step"
    assert refused(lambda: desk.do(HR, "seal")) == "appeals_open"
    desk.do(HEAD, "countersign", appeal=number)
    found = standing.score(desk.steps, "R03")
    assert found is not None
    assert found.final == Decimal("89.57")
    assert refused(lambda: desk.do(HR, "seal")) == "both_signatures_needed"
    desk.do(HEAD, "sign")
    desk.do(HR, "sign")
    desk.do(HR, "seal")
    kept = standing.sealed(desk.steps, "R03")
    assert kept is not None
    assert {mark["reason"] for mark in kept["ratings"] if mark["item"] == "churn"} == {"交接日在判定日之前"}


def test_a_new_appraisal_asks_both_again(desk: Desk) -> None:
    desk.published()
    number = desk.do(ZHANG, "appeal", "R03", item="churn", reason="没有听取我的说明").value["appeal"]
    desk.do(HR, "find", appeal=number, outcome="redo", reason="程序有误")
    desk.do(HEAD, "countersign", appeal=number)
    assert standing.score(desk.steps, "R03") is None
    assert refused(lambda: desk.do(HEAD, "rate", "N01", item="专业技能", score="80")) == "not_now"
    for actor in (HEAD, HR):
        desk.rate_all(actor)
    assert standing.score(desk.steps, "R03") is not None


def test_late_appeals_and_early_seals_are_refused(desk: Desk) -> None:
    desk.published()
    desk.do(HEAD, "sign")
    desk.do(HR, "sign")
    assert refused(lambda: desk.do(HR, "seal")) == "window_open"
    desk.now += timedelta(days=30)
    assert refused(lambda: desk.do(ZHANG, "appeal", "R03", item="churn", reason="晚了")) == "appeal_too_late"
    desk.do(HR, "seal")


def test_a_correction_is_a_new_version_that_two_sign(desk: Desk) -> None:
    desk.sealed()
    first = standing.sealed(desk.steps, "R03")
    assert first is not None
    desk.do(HR, "propose", "R03", reason="迟到的退货单", document={"score": {"final": "80.00"}})
    assert standing.sealed(desk.steps, "R03") == first
    assert refused(lambda: desk.do(HR, "approve", "R03")) == "two_people_needed"
    desk.do(HEAD, "approve", "R03")
    second = standing.sealed(desk.steps, "R03")
    assert second is not None
    assert (second["revision"], second["score"]["final"], second["card"]) == (2, "80.00", first["card"])


def test_a_correction_asks_for_the_agreement_again(desk: Desk) -> None:
    desk.sealed()
    first = standing.sealed(desk.steps, "R03")
    assert first is not None
    assert first["agreed"][0] == "张伟"
    assert refused(lambda: desk.do(ZHANG, "agree", "R03")) == "not_asked_again"
    for revision, final in ((2, "80.00"), (3, "82.00")):
        desk.do(HR, "propose", "R03", reason="迟到的退货单", document={"score": {"final": final}})
        assert standing.agreed(desk.steps, "R03")
        desk.do(HEAD, "approve", "R03")
        kept = standing.sealed(desk.steps, "R03")
        assert kept is not None
        assert (kept["revision"], kept["agreed"], standing.agreed(desk.steps, "R03")) == (revision, [], False)
        assert {role: who for role, (who, _) in kept["signers"].items()} == {"hr": "赵敏", "head": "陈国栋"}
        assert (standing.asked_again(desk.steps, "R03"), standing.asked_again(desk.steps, "N01")) == (True, False)
        assert refused(lambda: desk.do(LI, "agree", "N01")) == "not_asked_again"
        desk.do(ZHANG, "agree", "R03")
        assert standing.agreed(desk.steps, "R03")
        assert not standing.asked_again(desk.steps, "R03")
        assert refused(lambda: desk.do(ZHANG, "agree", "R03")) == "not_asked_again"


def test_comments_on_a_sealed_form_stay_what_was_signed(desk: Desk) -> None:
    desk.published()
    assert refused(lambda: desk.do(LI, "comment", "R03", reason="旁人的话")) == "only_about_yourself"
    desk.do(HEAD, "comment", "R03", reason="第一稿")
    desk.do(HEAD, "comment", "R03", reason="回款跟得紧，档案要补")
    desk.do(ZHANG, "comment", "R03", reason="同意，档案下季补齐")
    for each in (ZHANG, LI):
        desk.do(each, "agree", each.number)
    desk.do(HEAD, "sign")
    desk.do(HR, "sign")
    desk.do(HR, "seal")
    desk.do(HEAD, "comment", "R03", reason="封账后补记")
    said = {who: step.value["reason"] for who, step in standing.opinions(desk.steps, "R03").items()}
    assert said == {"head": "回款跟得紧，档案要补", "own": "同意，档案下季补齐"}
    kept = standing.sealed(desk.steps, "R03")
    assert kept is not None
    assert {who: text for who, (text, *_) in kept["opinions"].items()} == said


def test_a_warning_takes_two_and_is_acknowledged(desk: Desk) -> None:
    desk.published()
    desk.do(HEAD, "warn", "R03", reason="连续两季低于警告线，已面谈")
    assert refused(lambda: desk.do(HEAD, "cosign", "R03")) == "two_people_needed"
    assert refused(lambda: desk.do(ZHANG, "acknowledge", "R03")) == "no_warning"
    desk.do(HR, "cosign", "R03")
    desk.do(ZHANG, "acknowledge", "R03")


def test_the_second_of_two_people_is_told(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    desk.do(HEAD, "rate", "R03", item="churn", score="80", seen=0)
    with pytest.raises(ChangedError, match=r"陈国栋.*rate 80"):
        desk.do(Actor("周婷", "head"), "rate", "R03", item="churn", score="81", reason="改", seen=0)
    desk.do(HEAD, "rate", "R03", item="new_development", score="83.33", seen=0)
    last = appraisal.last_of(desk.steps, "state")
    desk.do(HR, "reopen", reason="订单漏导", seen=last.seq if last else 0)
    with pytest.raises(ChangedError, match="reopen"):
        desk.do(Actor("钱红", "hr"), "lock", **LOCK, seen=last.seq if last else 0)


def test_a_batch_is_all_or_nothing(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    asked = [Ask("rate", "R03", {"item": "churn", "score": score}) for score in ("80", "9")]
    with pytest.raises(RefusedError):
        quarter.batch(desk.records, PLACE, HEAD, asked, at=desk.now)
    assert len(desk.steps) == 1


def test_a_touched_step_is_found(desk: Desk) -> None:
    desk.sealed()
    with desk.records.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE appraisal_step SET value = replace(value, '80', '90') WHERE seq = 3")
    assert broken(desk.steps) == 3


def test_deadlines_skip_the_national_holiday() -> None:
    assert deadlines(date(2025, 10, 1)) == {
        "lock": date(2025, 10, 14),
        "submit": date(2025, 10, 21),
        "review": date(2025, 10, 21),
        "publish": date(2025, 10, 22),
        "seal": date(2025, 11, 4),
        "appeal": date(2025, 10, 31),
    }


@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_kind_names_roles_and_states(kind: str) -> None:
    assert RULES[kind].roles
    assert RULES[kind].states <= set(appraisal.STATES)


def test_the_companys_scheme_counts_once_the_head_has_signed(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.db")
    own = Appraisals(records)
    own.propose("ka_rep_v3", document(V1) | {"version": 3, "effective_from": "2026Q4"}, who="赵敏", why="董事会决议")
    assert quarter.rules(records).stored == ()
    with pytest.raises(ChangedError):
        own.sign("ka_rep_v3", who="赵敏")
    own.sign("ka_rep_v3", who="陈国栋")
    assert [scheme.name for scheme in quarter.rules(records).stored] == ["ka_rep_v3"]
    with pytest.raises(ChangedError):
        own.propose("ka_rep_v3", document(V1), who="赵敏", why="再来一次")
