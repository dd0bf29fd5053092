"""Typed tables out of text tables: shape, errors, and the fast way against the slow one."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.entity import SQL_TYPES, Field
from loaders.values import Column, Values
from loaders.values import read as read_values
from tests.loaders.cleaning import clean, cleaned, column


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_a_table_keeps_its_rows_and_reports_each_failure(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE given(_row BIGINT, c0 VARCHAR, c1 VARCHAR, c2 VARCHAR)")
    con.execute("INSERT INTO given VALUES (4, 'S1', '2024-03-05', '5'), (5, 'S2', '明天', 'x'), (9, '', NULL, '1.5万')")
    fields = [
        ("c2", "amount", "money", "金额"),
        ("c0", "order_no", "id", "单号"),
        ("c1", "order_date", "date", "日期's"),
    ]
    columns = [Column(source, Field(name, name, name, kind), header) for source, name, kind, header in fields]
    assert clean(con, "given", columns, "typed") == []
    described = con.execute("DESCRIBE typed").fetchall()
    assert [(row[0], row[1]) for row in described] == [
        ("_row", "BIGINT"),
        ("amount", "DECIMAL(18,4)"),
        ("order_no", "VARCHAR"),
        ("order_date", "DATE"),
    ]
    assert con.execute("SELECT _row, amount, order_no FROM typed ORDER BY 1").fetchall() == [
        (4, Decimal(5), "S1"),
        (5, None, "S2"),
        (9, Decimal(15000), None),
    ]
    assert con.execute("SELECT * FROM typed_error").fetchall() == [
        (5, "金额", "amount", "x", "number_unreadable"),
        (5, "日期's", "order_date", "明天", "date_unreadable"),
    ]
    left = con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    assert left == []


def test_an_empty_table_gives_empty_tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE given(_row BIGINT, c0 VARCHAR)")
    assert clean(con, "given", [column("date")], "typed") == []
    assert con.execute("SELECT count(*) FROM typed").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM typed_error").fetchall() == [(0,)]


def test_the_errors_hold_every_row_of_a_repeated_value(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE given AS SELECT range AS _row, 'bad' AS c0 FROM range(1000)")
    clean(con, "given", [column("money")], "typed")
    assert con.execute("SELECT count(*), count(DISTINCT row_no) FROM typed_error").fetchall() == [(1000, 1000)]


TEXTS = {
    "date": [
        "2024-03-05",
        "2024-3-5",
        "2024/12/31 8:05",
        "2024-02-30",
        "2024-03-05 24:00:00",
        "1899-01-01",
        "2024-03",
        "05/03/2024",
        "13/03/2024",
        "3/13/2024",
        "45356",
        "2024年3月5日",
        "2024-03-05T08:00:00Z",
        "-",
        "2024-3-5 4:5",
        "2024-03-05T10:00",
    ],
    "money": [
        "5",
        "-5",
        "1.5",
        "1,200",
        "¥1,200.50",
        "12,50",
        "1.234,5",
        "$5",
        "￥-3",
        "007",
        "1.00005",
        "12345678901234",
        "123456789012345",
        "1e3",
        "1_000",
        "5元",
        "1.5万",
        "(5)",
        "¥5",
        "-¥5",
        "1,23",
        "5.",
        ".5",
        "$1,000",
        "无",
        "0.123",
        "1.234",
    ],
    "int": ["5", "-5", "5.0", "1.7", "1,234", "999999999999999999", "12345678901234567", "1_0", "007", "人", "5人"],
    "id": [
        "A1",
        "001",
        "12.0",
        "1.18E+11",
        "1E5",
        "2019-07-13",
        "2019-07-13 00:00:00",
        "null",
        "A",
        "-",
        "1234567890123450",
        "A_1",
        "2019-7-13",
    ],
    "text": [
        "甲",
        " 甲",
        "甲 ",
        "Ａ",
        "null",
        "NULL",
        "#N/A",
        "(null)",
        "<null>",
        "无",
        "",
        " ",
        "a  b",
        "é",
        "\u3000",
        "甲\n",
        "锟斤拷",
        "１",
        "x\u200b",
        "None",
        "nan",
        "undefined",
        "\u2003a",
        "#1",
        "ï»¿x",
        "a\u00a0\u00a0b",
        "（甲）",
        "<b>",
    ],
}
KINDS = {
    **TEXTS,
    "number": TEXTS["money"],
    "datetime": TEXTS["date"],
    "percent": ["5%", "0.5", "50", "1"],
    "bool": ["是", "x", "√", "?"],
}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("unit", [1, 10000])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_fast_way_says_what_the_slow_way_says(kind: str, unit: int, data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from(KINDS[kind]), min_size=1, max_size=12))
    wanted = column(kind, unit=unit, name="x_name" if len(texts) % 2 else "x")
    fast = cleaned(texts, wanted)
    cells, notes = read_values(wanted, Values({text: texts.count(text) for text in texts}))
    assert fast.values == [cells[text][0] for text in texts]
    assert fast.reasons == {text: cells[text][1] for text in set(texts) if cells[text][1]}
    assert fast.codes == {note.code for note in notes}


def test_every_type_has_texts_to_compare() -> None:
    assert set(KINDS) | {"enum"} == set(SQL_TYPES)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), min_size=1, max_size=10
    ),
    st.sampled_from(list(SQL_TYPES)),
)
def test_no_text_breaks_a_column(texts: list[str], kind: str) -> None:
    found = cleaned(texts, column(kind))
    cells, _ = read_values(column(kind), Values({text: texts.count(text) for text in texts}))
    assert found.values == [cells[text][0] for text in texts]
