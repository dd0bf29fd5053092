"""Ids, texts, choices and yes or no, as spreadsheets and people leave them."""

from __future__ import annotations

import duckdb
import pytest

from data.entity import Field
from loaders import messages
from loaders.values import Column
from tests.loaders.cleaning import clean, cleaned, read
from tests.shared import SHARED, needs_shared


def test_ids_keep_what_they_are() -> None:
    texts = [
        "0012",
        "12.0",
        "'0034",
        "ＡＢ１２",
        "1E5",
        " A 1 ",
        "CA-2014-1234",
        "91310000MA1K35L2X0",
        "订单001",
        "-",
        "无",
        "",
        None,
    ]
    found = read("id", texts)
    assert found.values == [
        "0012",
        "12",
        "0034",
        "AB12",
        "1E5",
        "A 1",
        "CA-2014-1234",
        "91310000MA1K35L2X0",
        "订单001",
        None,
        None,
        None,
        None,
    ]
    assert found.reasons == {}
    assert found.codes == {"blank_words"}


@pytest.mark.parametrize("text", ["1.1812E+11", "2.01812e+11", "1E+15", "1.5E11"])
def test_a_mangled_id_is_flagged_and_never_guessed(text: str) -> None:
    found = read("id", [text, "A1"])
    assert found.values == [None, "A1"]
    assert found.reasons == {text: "id_destroyed"}


def test_long_ids_that_lost_their_last_digits_are_flagged() -> None:
    found = read("id", ["310101199001010000", "310101198505050000"])
    assert set(found.reasons.values()) == {"id_destroyed"}
    assert read("id", ["310101199001010000", "310101198505051234"]).reasons == {}


def test_ids_shown_as_dates_become_numbers_when_the_whole_column_is_so() -> None:
    found = read("id", ["2019-07-13 00:00:00", "2105-09-04 00:00:00", None])
    assert found.values == ["43659", "75123", None]
    assert found.codes == {"ids_from_dates"}
    mixed = read("id", ["2019-07-13 00:00:00", "43660"])
    assert mixed.values == [None, "43660"]
    assert mixed.reasons == {"2019-07-13 00:00:00": "id_is_date"}


def test_texts_lose_their_padding_and_wide_letters_and_nothing_else() -> None:
    texts = [
        "　张三　",
        "ＡＢＣ（中国）",
        "\u00a0甲\ufeff",
        "一行\n二行",
        "①号线，50%",
        "无",
        "-",
        "a  b",
        "",
        " ",
        "#DIV/0!",
        "NULL",
        "None",
    ]
    found = read("text", texts)
    assert found.values == [
        "张三",
        "ABC（中国）",
        "甲",
        "一行\n二行",
        "①号线，50%",
        "无",
        "-",
        "a  b",
        None,
        None,
        None,
        None,
        None,
    ]
    assert [(note.code, note.values["rows"]) for note in found.notes] == [("blank_words", 3)]


def test_names_also_lose_runs_of_spaces() -> None:
    assert read("text", ["     Darcel   Schlecht"], name="rep_name").values == ["Darcel Schlecht"]


@pytest.mark.parametrize("text", ["Cancity\ufffd", "锟斤拷公司", "锘縪rder", "Ã©"])
def test_garbled_texts_are_told_and_kept(text: str) -> None:
    found = read("text", [text, "好"])
    assert found.values == [text, "好"]
    assert found.codes == {"mojibake_column"}


def test_names_that_lost_a_letter_are_told() -> None:
    assert read("text", ["Cancity?闹", "好"], name="account_name").codes == {"mojibake_column"}
    assert read("text", ["OK?好的"], name="result").codes == set()


ORDER_TYPE = Field("order_type", "类型", "Type", "enum", values={"正式": ("standard", "正式订单"), "试单": ("trial",)})


def test_choices_match_their_spellings_and_strangers_stay() -> None:
    found = cleaned(["STANDARD", " 正式订单 ", "ｔｒｉａｌ", "试单", "Shipped", ""], Column("c0", ORDER_TYPE))
    assert found.values == ["正式", "正式", "试单", "试单", "Shipped", None]
    assert found.reasons == {}
    assert found.codes == {"enum_unknown"}


def test_classes_go_by_their_first_letter() -> None:
    classes = Field("account_class", "分类", "Class", "enum", values=dict.fromkeys("ABCD", ()))
    texts = ["A（重点客户）", "b", "C类", "D-无机会", "Ａ级", "Alpha", "重点"]
    found = cleaned(texts, Column("c0", classes))
    assert found.values == ["A", "B", "C", "D", "A", "Alpha", "重点"]
    assert found.codes == {"enum_unknown"}


def test_yes_and_no() -> None:
    yes, no = ["是", "√", "Y", "true", "1", "有", "TRUE", "1.0"], ["否", "×", "N", "False", "0", "无", "没有", "x"]
    found = read("bool", [*yes, *no, "也许", "", None])
    assert found.values == [True] * 8 + [False] * 8 + [None] * 3
    assert found.reasons == {"也许": "bool_unreadable"}


def test_a_lone_x_may_be_a_tick_and_is_asked_about() -> None:
    assert read("bool", ["x", "否"]).reasons == {"x": "bool_unreadable"}


@needs_shared
def test_order_numbers_that_excel_shows_as_dates() -> None:
    import fastexcel  # noqa: PLC0415 - only where the real file is

    workbook = fastexcel.read_excel(str(SHARED / "data/adventureworks/SalesOrderHeader.xlsx"))
    sheet = workbook.load_sheet(0, dtypes="string", use_columns=[0]).to_arrow()
    with duckdb.connect() as con:
        con.register("sheet", sheet)
        con.execute('CREATE TABLE given AS SELECT row_number() OVER () AS _row, "SalesOrderID" AS c0 FROM sheet')
        notes = clean(con, "given", [Column("c0", Field("order_no", "订单编号", "Order", "id"))], "typed")
        low, high, n = con.execute(
            "SELECT min(order_no), max(order_no), count(DISTINCT order_no) FROM typed"
        ).fetchall()[0]
    assert (low, high, n) == ("43659", "75123", 31465)
    assert [note.code for note in notes] == ["ids_from_dates"]


def test_every_note_and_reason_is_worded() -> None:
    codes = {"date_order_question", "unit_mixed", "id_destroyed", "blank_words", "dates_swapped", "number_too_large"}
    assert codes <= set(messages.wordings())
