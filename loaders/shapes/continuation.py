"""Orders whose further lines leave the order's own columns blank: they inherit them from the line above."""

from __future__ import annotations

import duckdb

from data.entity import entities
from loaders.evidence import case, cases
from loaders.read import Table
from loaders.shapes.base import any_filled, kept, made

HEAD = (
    "order_no", "orig_order_no", "account_id", "account_name", "rep_id", "rep_name", "dept", "contract_no",
    "order_date", "order_type", "status", "currency", "region",
)  # fmt: skip
LINE = ("line_no", "product", "unit_price")


def claims(table: Table, entity: str = "") -> bool:
    """Claim orders where a line with a product of its own has no order number and no date."""
    if entity not in {"", "orders"} or len(table.sample) < 2:
        return False
    read = cases(table)[0] if not entity else case(entities()["orders"], table)
    fields = read.fields
    if read.entity.name != "orders" or "order_no" not in fields or not any(name in fields for name in LINE):
        return False
    lines = [fields[name] for name in LINE if name in fields]
    head = [fields[name] for name in ("order_no", "order_date") if name in fields]
    return any(
        not any(row[column] for column in head) and any(row[column] for column in lines) for row in table.sample[1:]
    )


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Fill the blank head of each continuing line from the last row with an order number; others stay as they are."""
    fields = case(entities()["orders"], table).fields
    heads = {fields[name] for name in HEAD if name in fields}
    blank = f"trim(coalesce(c{fields['order_no']}, '')) = ''"
    continuing = f"{blank} AND ({any_filled(fields[name] for name in LINE if name in fields)})"
    source = f"(SELECT *, count(*) FILTER (NOT {blank}) OVER (ORDER BY _row) AS belongs FROM ({table.sql}))"
    columns = [
        (header, _inherited(sql, continuing) if number in heads else sql)
        for number, (header, sql) in enumerate(kept(table))
    ]
    return [made(con, table, columns, source)]


def _inherited(column: str, continuing: str) -> str:
    """Give the SQL of a head column: its own value, else in a continuing line that of the order's first row."""
    first = f"first_value({column}) OVER (PARTITION BY belongs ORDER BY _row)"
    return f"CASE WHEN {continuing} THEN coalesce(nullif(trim({column}), ''), {first}) ELSE {column} END"
