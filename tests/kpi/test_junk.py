"""What counts as junk in an account file, and what does not."""

from __future__ import annotations

import duckdb
import pytest

from data.entity import entities
from kpi import junk

REAL_INTRO = "主要生产汽车轴承，员工三百人"


def marked(
    values: list[tuple[str, str, str, str]], accounts: list[tuple[str, str, str]] | None = None
) -> dict[tuple[str, str], str]:
    """Give the reason of each junk (account, value); values are (entity, field, account, value)."""
    con = duckdb.connect()
    con.execute("create temp table file_value(entity varchar, field varchar, account_id varchar, value varchar)")
    con.executemany("insert into file_value values (?, ?, ?, ?)", values)
    con.execute("create table account(account_id varchar, account_name varchar, rep_id varchar)")
    con.executemany("insert into account values (?, ?, ?)", accounts or [("K1", "华东机械有限公司", "R1")])
    junk.mark(con, "account")
    found = con.execute("select account_id, value, reason from junk_value").fetchall()
    return {(account, value): reason for account, value, reason in found}


def reasons(field: str, values: list[str], entity: str = "account") -> dict[str, str | None]:
    """Give the reason of each value, each on an account of its own (None: not junk)."""
    accounts = [(f"K{n}", "华东机械有限公司", f"R{n}") for n in range(len(values))]
    found = marked([(entity, field, f"K{n}", value) for n, value in enumerate(values)], accounts)
    return {value: found.get((f"K{n}", value)) for n, value in enumerate(values)}


def reason(field: str, value: str, entity: str = "account") -> str | None:
    return reasons(field, [value], entity)[value]


def test_every_filler_word_is_junk_in_a_text() -> None:
    words = [word for word in junk.rules()["words"] for word in (word, f" {word.upper()}。")]
    found = reasons("main_products", words)
    assert {code for code in found.values() if code not in {"junk_word", "junk_repeated"}} == set()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            "main_products",
            {
                "-": "junk_punctuation",
                "。。。": "junk_punctuation",
                "？！": "junk_punctuation",
                "啊啊啊": "junk_repeated",
                "xxxx": "junk_repeated",
                "轴承": None,
                "无缝钢管": None,
                "华东机械有限公司": "junk_account_name",
            },
        ),
        ("account_name", {"华东机械有限公司": None}),
        ("client_head_name", {"丽丽": None, "无": "junk_word"}),
        ("employees", {"22": None, "100-500人": None, "123": None, "1": "junk_word", "99999": "junk_repeated"}),
        ("company_intro", {"做轴承的": "junk_short", "做轴承的！！！！！！": "junk_short", REAL_INTRO: None}),
        ("founded_year", {"1": "junk_year", "1998": None}),
        ("industry", {"机械制造": None}),
        ("need_urgency", {"低": None}),
    ],
)
def test_values_of_an_account(field: str, expected: dict[str, str | None]) -> None:
    assert reasons(field, list(expected)) == expected


REACHABLE = """
13912340001|139 1234 0002|139-1234-0003|+86 13912340004|8613912340005|010-62345678|(021)62345678|0571-8765432
010-62345678-801|62345679|400-820-8820|张总13912340006|139****0001|13912340007/13712340002|+1 415 555 1212
(415) 555-1212|li@example.com|微信: zhang_2020
"""
UNREACHABLE = "1391234|12345678901|11111111111|00000000000|13800138000|123|10086|1|有|139123400011"


def test_ways_to_reach_a_person_are_no_junk() -> None:
    values = REACHABLE.strip().replace("\n", "|").split("|")
    assert reasons("client_head_contact", values) == dict.fromkeys(values)


def test_numbers_nobody_answers_are_junk() -> None:
    found = reasons("client_head_contact", UNREACHABLE.split("|"))
    assert set(found.values()) == {"junk_phone", "junk_word", "junk_repeated"}


def test_a_phone_on_three_accounts_is_junk_on_each_however_it_is_written() -> None:
    accounts = [(f"K{n}", f"客户{n}", "R1") for n in range(4)]
    written = ["13912340001", "139-1234-0001", "+86 139 1234 0001", "13712340002"]
    values = [("account", "client_head_contact", f"K{n}", text) for n, text in enumerate(written)]
    found = marked(values, accounts)
    assert found == {(f"K{n}", written[n]): "junk_phone_shared" for n in range(3)}
    assert marked(values[1:], accounts) == {}


def test_a_birthday_of_1900_is_junk() -> None:
    assert reason("birthday", "1900-01-01", "kdm") == "junk_date"
    assert reason("birthday", "1980-01-01", "kdm") is None


def test_what_a_field_allows_is_no_junk_there_and_only_there() -> None:
    allowed = [
        (entity.name, field.name, word)
        for entity in entities().values()
        for field in entity.fields.values()
        for word in field.junk_ok
    ]
    assert ("competitor", "competitor_name", "无") in allowed
    assert ("value_assessment", "obstacles", "无") in allowed
    values = [(entity, field, f"K{n}", word) for n, (entity, field, word) in enumerate(allowed)]
    assert marked(values, [(f"K{n}", "华东机械有限公司", "R1") for n in range(len(values))]) == {}
    assert reason("competitor_product", "无", "competitor") == "junk_word"


def test_one_text_in_most_files_of_a_rep_is_junk_for_that_rep() -> None:
    accounts = [(f"K{n}", f"客户{n}", "R1" if n < 10 else "R2") for n in range(30)]
    values = [
        ("account", "potential_need", f"K{n}", "降低采购成本" if n < 4 or n == 10 else f"需求{n}号产线")
        for n in range(30)
    ]
    assert marked(values, accounts) == {(f"K{n}", "降低采购成本"): "junk_copied" for n in range(4)}
    three = [value for value in values if value[2] != "K3"]
    assert marked(three, accounts) == {}


def test_a_rep_with_few_files_may_repeat_a_text_and_industries_may_repeat() -> None:
    few = [(f"K{n}", f"客户{n}", "R1") for n in range(9)]
    assert marked([("account", "potential_need", f"K{n}", "降低采购成本") for n in range(9)], few) == {}
    many = [(f"K{n}", f"客户{n}", "R1") for n in range(12)]
    assert marked([("account", "industry", f"K{n}", "机械制造") for n in range(12)], many) == {}


def test_numbers_and_yes_or_no_are_never_junk() -> None:
    assert reason("kdm_tenure", "1.0000", "kdm") is None
    assert reason("champion_identified", "false", "champion") is None


def test_every_reason_is_worded_in_both_languages() -> None:
    sql = (junk.FOLDER / "junk.sql").read_text(encoding="utf-8")
    assert junk.reasons()
    for code, wording in junk.reasons().items():
        assert f"'{code}'" in sql
        assert wording["zh"]
        assert wording["en"]
