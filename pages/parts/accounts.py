"""A list of accounts: the columns that hold something, and a picked row that opens its account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from pages.parts.links import open_account
from pages.parts.session import ask, select
from pages.parts.table import Column, Row, filled, table


def names(account_ids: Iterable[str]) -> dict[str, str]:
    """Give the names of accounts as this viewer may read them."""
    query = "select account_id, account_name from account where list_contains(?, account_id)"
    rows = ask(select, query, [sorted(set(account_ids))])
    return {row["account_id"]: row["account_name"] for row in rows if row["account_name"]}


def accounts(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    none: str,
    height: int | None = None,
    file_name: str | None = None,
) -> None:
    """Draw rows that each have an `account_id`, or say `none` where there are no rows."""
    if not rows:
        st.caption(none)
        return
    picked = table(rows, filled(rows, columns), key=key, select=True, height=height, file_name=file_name)
    if picked is not None and rows[picked]["account_id"]:
        open_account(rows[picked]["account_id"])
