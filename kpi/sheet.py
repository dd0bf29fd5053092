"""What to know before a visit, on one sheet: stage, people, contacts, orders, complaints, competitors, promises."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from kpi.funnel import dicts, standing
from kpi.funnel_moves import evidence

FOLDER = Path(__file__).parent / "sheets"
PARTS = ("people", "contacts", "sales", "overdue", "complaints", "competitors", "promises")
CHECKS = ("champion", "sample", "information", "need")


def before_visit(con: duckdb.DuckDBPyConnection, account_id: str) -> dict[str, Any]:
    """Gather the sheet of one account as this viewer may see it.

    `standing` in the five-stage process (None where unknown), `gate` what its exit still asks in words
    (`exit_zh`, `exit_en` of the stage), `checks` of `CHECKS` missing (stage 2 only), and a list of rows for each of
    `PARTS`: decision makers (`kdm_name`, `kdm_title`, `phone`), the last three contacts, sales of the last four
    quarters, overdue instalments, complaints, competitors, the last promises.
    """
    stood = next((row for row in standing(con, account_id) if row["model"] == "a"), None)
    known = evidence(con, [account_id]).get(account_id, {})
    wanted = stood and stood["state"] == "在途" and stood["stage"] == 2
    missing = [name for name in CHECKS if not known.get(name)] if wanted else []
    found = {name: dicts(con.execute(_sql(name), {"account": account_id})) for name in PARTS}
    return {"standing": stood, "missing": missing, **found}


@cache
def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
