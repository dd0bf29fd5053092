"""What each role may read of an appraisal, before and after publication."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi.appraisal import Actor
from kpi.eyes import Eyes
from tests.kpi.appraisal_desk import HEAD, HR, LI, LOCK, ZHANG, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "records.db")


def test_before_publication_nobody_but_the_appraisers_reads_anything(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    desk.rate_all(HEAD)
    for actor in (ZHANG, LI):
        eyes = Eyes(actor, desk.steps)
        assert (eyes.people(), eyes.card("R03"), eyes.marks("R03"), eyes.score("R03")) == ([], None, {}, None)
        assert all(step.kind == "lock" for step in eyes.log())


def test_a_clerk_never_reads_a_reps_scores_and_a_rep_only_their_own(desk: Desk) -> None:
    desk.published()
    clerk, rep = Eyes(LI, desk.steps), Eyes(ZHANG, desk.steps)
    assert clerk.people() == ["N01"]
    assert (clerk.card("R03"), clerk.marks("R03"), clerk.score("R03"), clerk.sealed("R03")) == (None, {}, None, None)
    assert rep.people() == ["R03"]
    assert rep.score("R03") is not None
    assert rep.score("N01") is None
    assert Eyes(Actor("", "clerk"), desk.steps).people() == []


def test_the_head_reads_hrs_ratings_only_where_consent_is_asked_until_publication(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    desk.rate_all(HEAD)
    desk.do(HEAD, "submit")
    desk.do(HR, "rate", "R03", item="churn", score="100", reason="一户系公司主动终止")
    desk.rate_all(HR)
    head = Eyes(HEAD, desk.steps)
    assert {item for item, role in head.marks("R03") if role == "hr"} == {"churn"}
    assert head.score("R03") is None
    assert Eyes(HR, desk.steps).score("R03") is not None
    desk.do(HEAD, "consent", "R03", item="churn", appraiser="hr")
    desk.do(HR, "publish")
    assert Eyes(HEAD, desk.steps).score("R03") is not None


def test_a_corrected_score_is_what_everyone_reads(desk: Desk) -> None:
    desk.sealed()
    fixed = {"final": "61.00", "grade": "C", "coefficient": "0.8"}
    desk.do(HR, "propose", "R03", reason="迟到的退货单", document={"score": fixed})
    for who in (HEAD, HR, ZHANG):
        found = Eyes(who, desk.steps).score("R03")
        assert found is not None
        assert str(found.final) == "84.57"
    desk.do(HEAD, "approve", "R03")
    for who in (HEAD, HR, ZHANG):
        found = Eyes(who, desk.steps).score("R03")
        assert found is not None
        assert (str(found.final), found.grade, str(found.coefficient)) == ("61.00", "C", "0.8")


def test_comments_are_read_by_the_other_once_published(desk: Desk) -> None:
    desk.do(HR, "lock", **LOCK)
    desk.do(HEAD, "comment", "R03", reason="经理的话")
    desk.do(HR, "comment", "R03", reason="人力的话")
    assert {who: set(Eyes(who, desk.steps).opinions("R03")) for who in (HEAD, HR, ZHANG, LI)} == {
        HEAD: {"head"},
        HR: {"head", "hr"},
        ZHANG: set(),
        LI: set(),
    }
    desk.rate_all(HEAD)
    desk.do(HEAD, "submit")
    desk.rate_all(HR)
    desk.do(HR, "publish")
    for who in (HEAD, HR, ZHANG):
        assert set(Eyes(who, desk.steps).opinions("R03")) == {"head", "hr"}
    assert Eyes(LI, desk.steps).opinions("R03") == {}


def test_a_warning_is_shown_to_the_person_once_two_have_signed(desk: Desk) -> None:
    desk.published()
    desk.do(HEAD, "warn", "R03", reason="面谈记录")
    assert Eyes(ZHANG, desk.steps).warning("R03") is None
    desk.do(HR, "cosign", "R03")
    assert Eyes(ZHANG, desk.steps).warning("R03") is not None
    assert Eyes(LI, desk.steps).warning("R03") is None
    assert Eyes(LI, desk.steps).comments("R03") == []
