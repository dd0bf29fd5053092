"""Two people act at once: both steps are kept or the second person is told by whom and what; on either database."""

from __future__ import annotations

import importlib.util
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event
from typing import TypeVar
from urllib.parse import quote

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from data.appraisals import Appraisals, Step, broken
from data.records import ChangedError, Decision, Records, Setting
from kpi import quarter, standing
from kpi.appraisal import Actor
from kpi.quarter import Ask
from kpi.scheme import document, schemes
from tests.kpi.appraisal_desk import HEAD, HR, LOCK, PLACE

POSTGRES = "KAC_TEST_POSTGRES"
OTHER_HEAD, OTHER_HR = Actor("周婷", "head", "M02"), Actor("钱红", "hr", "H02")
ROUNDS = 4
Found = TypeVar("Found")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of fresh records on each database; those on PostgreSQL live in a schema of their own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.db'}"
        return
    url = os.environ.get(POSTGRES, "")
    if not url:
        pytest.skip(
            f"{POSTGRES} names no PostgreSQL database, such as postgresql+psycopg://postgres@localhost/postgres"
        )
    if importlib.util.find_spec(make_url(url).get_driver_name()) is None:
        pytest.skip(f"the driver of {POSTGRES} is not installed (requirements-optional.txt)")
    schema = f"test_{uuid.uuid4().hex}"
    fresh = f"{url}{'&' if '?' in url else '?'}options={quote(f'-csearch_path={schema}')}"
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield fresh
    Records(fresh).engine.dispose()
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def at_once(calls: Sequence[Callable[[], Found]]) -> list[Found | Exception]:
    """Let everyone begin at the same moment; give what each got, or was told."""
    start = Barrier(len(calls))

    def begun(call: Callable[[], Found]) -> Found:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(begun, call) for call in calls]
        return [future.exception() or future.result() for future in futures]  # type: ignore[misc]


def told(found: Sequence[object]) -> list[ChangedError]:
    """Give what people were told; nothing else may have gone wrong."""
    failed = [each for each in found if isinstance(each, Exception)]
    refused = [each for each in failed if isinstance(each, ChangedError)]
    assert refused == failed
    return refused


def act(place: str, actor: Actor, ask: Ask) -> Callable[[], Step]:
    """Prepare a step of a person on a server of their own."""
    records = Records(place)
    return lambda: quarter.act(records, PLACE, actor, ask)


def test_of_two_ratings_of_one_item_one_is_kept_and_the_other_told(place: str) -> None:
    quarter.act(Records(place), PLACE, HR, Ask("lock", value=LOCK))
    items = [item["metric"] for item in LOCK["cards"]["R03"]["items"]][:ROUNDS]
    for item in items:
        value = {"item": item, "score": "81", "reason": "核对过"}
        found = at_once([act(place, who, Ask("rate", "R03", value, seen=0)) for who in (HEAD, OTHER_HEAD)])
        [refusal] = told(found)
        [kept] = [each for each in found if isinstance(each, Step)]
        assert f"{kept.who} " in str(refusal), "the second is told who was faster"
        assert "rate 81" in str(refusal)
    steps = quarter.steps(Records(place), *PLACE)
    assert [step.seq for step in steps] == list(range(1, len(items) + 2))
    assert broken(steps) is None


def test_steps_about_different_things_are_all_kept(place: str) -> None:
    quarter.act(Records(place), PLACE, HR, Ask("lock", value=LOCK))
    owed = [(rep, item) for rep, item, _ in standing.missing(quarter.steps(Records(place), *PLACE), ("head",))][:6]
    asked = [Ask("rate", rep, {"item": item, "score": "80", "reason": "核对过"}, seen=0) for rep, item in owed]
    found = at_once([act(place, HEAD, ask) for ask in asked])
    assert told(found) == []
    steps = quarter.steps(Records(place), *PLACE)
    assert {(step.rep_id, step.value["item"]) for step in steps if step.kind == "rate"} == set(owed)
    assert broken(steps) is None


def test_a_quarter_is_locked_once(place: str) -> None:
    found = at_once([act(place, who, Ask("lock", value=LOCK, seen=0)) for who in (HR, OTHER_HR)])
    assert sum(isinstance(each, Step) for each in found) == 1
    assert [step.kind for step in quarter.steps(Records(place), *PLACE)] == ["lock"]


def test_the_second_decides_on_what_the_first_left(place: str) -> None:
    """While one person's step is being made nobody else reads what it stands on, even where no row is there yet."""
    inside, go = Event(), Event()
    seen: list[int] = []

    def slowly(before: Sequence[Step]) -> list[Step]:
        inside.set()
        go.wait(30)
        return [Step("comment", "陈国栋", "head", {"reason": "先"}, "R03", f"comment:{len(before)}")]

    def after(before: Sequence[Step]) -> list[Step]:
        seen.append(len(before))
        return [Step("comment", "赵敏", "hr", {"reason": "后"}, "R03", f"comment:{len(before)}")]

    first, second = Appraisals(Records(place)), Appraisals(Records(place))
    with ThreadPoolExecutor(2) as pool:
        one: Future[list[Step]] = pool.submit(first.add, *PLACE, slowly)
        assert inside.wait(30)
        other = pool.submit(second.add, *PLACE, after)
        Event().wait(0.2)
        assert seen == [], "the second looks only once the first is done, however long that takes"
        go.set()
        assert [step.seq for step in one.result() + other.result()] == [1, 2]
    assert seen == [1]


def decide(records: Records, subject: str, who: str, verdict: str) -> Decision:
    return records.decide("churn", subject, verdict, who=who, reason="已走访", seen=0)


def test_of_two_decisions_about_one_account_one_is_kept_and_the_other_told(place: str) -> None:
    for number in range(ROUNDS):
        people = (("陈国栋", "confirm"), ("周婷", "reject"))
        found = at_once([partial(decide, Records(place), f"A{number}|2026-03-01", *each) for each in people])
        [refusal] = told(found)
        [kept] = [each for each in found if isinstance(each, Decision)]
        assert f"{kept.decided_by} " in str(refusal)
        assert kept.value in str(refusal)
    assert len(Records(place).decisions("churn")) == ROUNDS


def ramp(records: Records, who: str, seen: int | None) -> Setting:
    return records.set_parameter("ramp", who, who=who, why="改", seen=seen)


def test_of_two_settings_one_is_kept_and_none_is_lost_without_a_look(place: str) -> None:
    blind = at_once([partial(ramp, Records(place), who, None) for who in ("陈国栋", "周婷", "赵敏")])
    assert told(blind) == []
    assert [each.version for each in Records(place).history("ramp")] == [3, 2, 1]
    looked = at_once([partial(ramp, Records(place), who, 3) for who in ("陈国栋", "周婷")])
    [refusal] = told(looked)
    assert Records(place).history("ramp")[0].who in str(refusal)


def propose(own: Appraisals, who: str) -> None:
    made = document(schemes()["ka_rep_v2"]) | {"version": 3, "effective_from": "2026Q4"}
    own.propose("ka_rep_v3", made, who=who, why="决议")


def sign(own: Appraisals, who: str) -> None:
    own.sign("ka_rep_v3", who=who)


def test_a_scheme_is_proposed_and_signed_once(place: str) -> None:
    proposed = at_once([partial(propose, Appraisals(Records(place)), who) for who in ("赵敏", "钱红")])
    assert len(told(proposed)) == 1
    signed = at_once([partial(sign, Appraisals(Records(place)), who) for who in ("陈国栋", "周婷")])
    assert len(told(signed)) == 1
    [scheme] = Appraisals(Records(place)).schemes()
    assert scheme.signed_by in {"陈国栋", "周婷"}
