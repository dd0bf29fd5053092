"""Account addresses split over province, city, district and street."""

from __future__ import annotations

from itertools import pairwise

import duckdb

from loaders.evidence import cases
from loaders.read import Table
from loaders.shapes.base import columns_in, kept, made, words_of

PROVINCE = frozenset({
    "省", "省份", "所在省", "所在省份", "省市", "省自治区", "省直辖市", "province", "state", "stateregion",
    "billingstate", "billingstateprovince",
})  # fmt: skip
CITY = frozenset({"市", "城市", "所在市", "所在城市", "地级市", "city", "billingcity"})
DISTRICT = frozenset({"区", "区县", "县", "所在区", "所在区县", "县区", "district", "county"})


def claims(table: Table, entity: str = "") -> bool:
    """Claim accounts with a city and a province or district in columns of their own."""
    parts = [columns_in(table, words) for words in (PROVINCE, CITY, DISTRICT)]
    if entity not in {"", "account"} or not parts[1] or not (parts[0] or parts[2]):
        return False
    best = cases(table)[0]
    return entity == "account" or (best.entity.name == "account" and best.complete)


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Put the whole address into the street's column; its parts stay beside it as extra columns.

    Chinese goes from the large to the small without spaces and never repeats a part that the street
    already begins with; other addresses read street, city, province.
    """
    found = [columns_in(table, words)[:1] for words in (PROVINCE, CITY, DISTRICT)]
    street = columns_in(table, words_of("account", "address"))[:1]
    whole = ("详细地址", _joined([_text(one[0]) for one in found if one], _text(street[0]) if street else "''"))
    columns = kept(table)
    if street:
        columns[street[0]] = whole
    else:
        columns.append(whole)
    return [made(con, table, columns)]


def _text(column: int) -> str:
    return f"trim(coalesce(c{column}, ''))"


def _joined(places: list[str], road: str) -> str:
    """Give the SQL of the whole address from places, the largest first, and the street."""
    chinese = f"regexp_matches(concat({', '.join([*places, road])}), '[\\x{{3400}}-\\x{{9fff}}]')"
    distinct = [f"CASE WHEN {later} = {before} THEN '' ELSE {later} END" for before, later in pairwise(places)]
    told = " OR ".join(f"({place} <> '' AND contains({road}, {place}))" for place in places)
    large = f"CASE WHEN {told} THEN {road} ELSE concat({', '.join([places[0], *distinct, road])}) END"
    parts = ", ".join(f"nullif({part}, '')" for part in (road, *reversed(places)))
    return f"nullif(CASE WHEN {chinese} THEN {large} ELSE concat_ws(', ', {parts}) END, '')"
