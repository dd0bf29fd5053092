"""Entity files: complete, consistent, and refused where they contradict themselves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from data.entity import SQL_TYPES, EntityFileError, entities, read

NAMES = {
    "account", "kdm", "champion", "competitor", "visit", "feedback_form", "call", "sample", "value_assessment",
    "stage_history", "contract", "orders", "order_return", "payment", "complaint", "survey", "sales_plan", "rep",
    "rep_assignment", "rating", "requisition",
}  # fmt: skip
FIELDS = [(entity, field) for entity in entities().values() for field in entity.fields.values()]


def test_every_kind_of_export_has_a_file() -> None:
    assert set(entities()) == NAMES


def test_weights_are_those_of_the_specification() -> None:
    points: Counter[str] = Counter()
    for _, field in FIELDS:
        points[field.stage] += field.weight
    assert points == {"A1": 56, "A2": 31, "A3": 13, "": 0}


def test_a_weight_and_a_stage_come_together() -> None:
    assert [f"{e.name}.{f.name}" for e, f in FIELDS if (f.weight > 0) != (f.stage in {"A1", "A2", "A3"})] == []


def test_personal_fields_never_weigh() -> None:
    assert [f"{e.name}.{f.name}" for e, f in FIELDS if f.visibility == "S" and f.weight] == []


@pytest.mark.parametrize("name", ["birthplace", "age", "birthday", "interests", "hobbies", "personality", "family"])
def test_private_facts_of_a_contact_are_sensitive(name: str) -> None:
    assert entities()["kdm"].fields[name].visibility == "S"


def test_every_field_is_declared_in_full() -> None:
    for entity, field in FIELDS:
        where = f"{entity.name}.{field.name}"
        assert field.zh, where
        assert field.en, where
        assert field.zh in field.synonyms, where
        assert field.type in SQL_TYPES, where
        assert field.visibility in set("IORSH"), where
        assert (field.type == "enum") == bool(field.values), where
        assert not field.refers or field.refers in {"account", "rep"}, where


def test_no_spelling_means_two_values() -> None:
    for entity, field in FIELDS:
        spellings = Counter(word.casefold() for words in field.values.values() for word in set(words))
        assert [word for word, count in spellings.items() if count > 1] == [], f"{entity.name}.{field.name}"


def test_references_come_as_number_and_as_name() -> None:
    for entity in entities().values():
        names = set(entity.fields)
        assert ("account_id" in names) == ("account_name" in names), entity.name
        if entity.name != "requisition" and "rep_id" in names:
            assert "rep_name" in names, entity.name


def test_a_name_only_export_has_a_key() -> None:
    assert entities()["account"].keys == (("account_id",), ("uscc",), ("account_name",))


def test_short_keys_are_spelled_out_most_telling_first() -> None:
    keys = entities()["sales_plan"].keys
    assert keys[0] == ("rep_id", "account_id", "period_start", "period_end", "metric", "version")
    assert ("rep_name", "period_start", "period_end") in keys
    assert keys[-1] == ("period_start", "period_end")
    assert all(not name.endswith("?") and "|" not in name for key in keys for name in key)


def test_labels_follow_the_language() -> None:
    orders = entities()["orders"]
    assert (orders.label("zh"), orders.label("en")) == ("订单", "Orders")
    assert (orders.fields["qty"].label("zh"), orders.fields["qty"].label("en")) == ("数量", "Quantity")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('keys = [["b"]]\n[fields.a]\nzh = "甲"\nen = "A"', "b is not declared"),
        ('keys = [["a"]]\n[fields.a]\nzh = "甲"\nen = "A"\ntype = "float"', "'float'"),
        ('keys = [["a"]]\n[fields.a]\nzh = "甲"\nen = "A"\ncolour = "red"', "colour"),
        ('keys = [["a"]]\nrequired = ["c"]\n[fields.a]\nzh = "甲"\nen = "A"', "c is not declared"),
    ],
)
def test_a_contradiction_is_refused_with_file_and_fault(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "thing.toml"
    path.write_text(f'zh = "物"\nen = "Thing"\n{text}\n', encoding="utf-8")
    with pytest.raises(EntityFileError, match=fault) as caught:
        read(path)
    assert "thing.toml" in str(caught.value)
