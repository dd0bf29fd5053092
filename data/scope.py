"""What one person may see: temporary views over a published version, limited by rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from data.entity import Entity, entities

CONTACTS = {"kdm", "champion", "visit", "feedback_form", "call", "competitor", "value_assessment", "contract"}
SHOWN_TO_HR = {"id", "enum", "int", "number", "money", "percent", "date", "datetime", "bool"}
HR_KEEPS_TEXT = {"rep", "rep_assignment", "rating", "requisition", "sales_plan"}
PERSONAL = {"rating", "requisition", "sales_plan"}
DERIVED_FROM = {"member": "rep"}
INTERNAL = {"account_alias", "rep_alias"}
COMMON = {
    "first_export",
    "key_basis",
    "clock",
    "dept_clock",
    "quarter",
    "period",
    "parameter",
    "stage",
    "stage_label",
    "file_rule",
}


@dataclass(frozen=True)
class Viewer:
    """Who looks: `role` is head, rep, clerk, hr or system; a rep has a `rep_id`; no `dept` means every department."""

    person: str
    role: str
    rep_id: str = ""
    dept: str = ""

    @property
    def scope(self) -> tuple[str, str, str]:
        """What decides the views: the key under which results may be cached."""
        return (self.role, self.rep_id if self.role == "rep" else "", self.dept)


def open_views(cursor: duckdb.DuckDBPyConnection, alias: str, viewer: Viewer) -> None:
    """Create the viewer's temporary views on a cursor; refuse an unknown role."""
    if viewer.role not in {"head", "rep", "clerk", "hr", "system"}:
        raise PermissionError(f"Role {viewer.role!r} sees nothing; roles are head, rep, clerk, hr, system.")
    if viewer.role == "rep" and not viewer.rep_id:
        raise PermissionError("A rep without a number sees nothing.")
    tables = cursor.execute(
        "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns() "
        "where database_name = ? and schema_name in ('core', 'mart') and not starts_with(table_name, '_') group by all",
        [alias],
    ).fetchall()
    for schema, table, columns in tables:
        if table in INTERNAL and viewer.role != "system":
            continue
        shown = ", ".join(_column(viewer, table, column) for column in columns)
        where = _rows(viewer, alias, table, set(columns))
        cursor.execute(
            f'create or replace temp view "{table}" as select {shown} from {alias}.{schema}."{table}" where {where}'
        )
    for name in ("load", "file", "sheet", "load_sheet", "error"):
        # Rejected cells may hold personal data: their values are for those who load files.
        where = "true" if viewer.role in {"system", "head", "clerk"} or name != "error" else "false"
        cursor.execute(
            f'create or replace temp view "source_{name}" as select * from {alias}.meta."{name}" where {where}'
        )


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _column(viewer: Viewer, table: str, column: str) -> str:
    entity = entities().get(DERIVED_FROM.get(table, table))
    name = f'"{column}"'
    if viewer.role == "system" or entity is None:
        return name
    hidden = f"null as {name}"
    if column == "extra":
        return name if viewer.role in {"head", "rep", "clerk"} else hidden
    given = column.removesuffix("_given")
    if given not in entity.fields:
        return name
    return {"show": name, "hide": hidden, "mask": f"case when {name} is null then null else '有' end as {name}"}[
        _treatment(viewer, entity, given)
    ]


def _treatment(viewer: Viewer, entity: Entity, column: str) -> str:
    """Say whether a column is shown, hidden, or masked to 有 (domain.md §1.2, §8a.13)."""
    field = entity.fields[column]
    if field.visibility == "S":
        return "hide"
    if viewer.role == "hr":
        textual = field.type not in SHOWN_TO_HR or (field.refers == "account" and field.type != "id")
        hidden = field.visibility == "R" or (
            textual and entity.name not in HR_KEEPS_TEXT and column not in {"region", "dept"}
        )
        return "hide" if hidden and field.refers != "rep" else "show"
    if field.visibility == "R":
        return (
            "mask"
            if viewer.role == "clerk" and field.sql_type == "VARCHAR"
            else "hide"
            if viewer.role == "clerk"
            else "show"
        )
    if field.visibility == "H" and (
        viewer.role == "clerk" or (viewer.role == "rep" and entity.name not in {*PERSONAL, "rep"})
    ):
        return "hide"
    return "show"


def _rows(viewer: Viewer, alias: str, table: str, columns: set[str]) -> str:
    if viewer.role == "system" or table in COMMON:
        return "true"
    if viewer.role == "hr":
        return "false" if table in CONTACTS else "true"
    if viewer.role == "rep":
        return _own_rows(alias, table, columns, _quote(viewer.rep_id))
    if viewer.dept and "dept" in columns:
        return (
            f"coalesce(dept, '') in ('', {_quote(viewer.dept)})"
            if table in {"rep", "account"}
            else f"dept = {_quote(viewer.dept)}"
        )
    if viewer.dept and "account_id" in columns:
        return f"account_id in (select account_id from {alias}.core.tenure where dept = {_quote(viewer.dept)})"
    return "true"


def _own_rows(alias: str, table: str, columns: set[str], rep: str) -> str:
    """Rows of a rep: what is credited to them, and everything of the accounts that they hold today."""
    holds = (
        f"account_id in (select t.account_id from {alias}.core.tenure t, {alias}.core.clock c "
        f"where t.rep_id = {rep} and t.from_date <= c.data_date and t.to_date > c.data_date)"
    )
    if table.startswith("contribution_") or table in {*PERSONAL, "rep", "plan_month"}:
        return f"rep_id = {rep}" if "rep_id" in columns else "false"
    if table == "account":
        return f"({holds} or account_id in (select account_id from {alias}.core.credited where rep_id = {rep}))"
    if "account_id" in columns and "rep_id" in columns:
        return f"({holds} or rep_id = {rep})"
    if "account_id" in columns:
        return holds
    if table == "feedback_form":
        return f"visit_id in (select visit_id from {alias}.core.visit where rep_id = {rep} or {holds})"
    return f"rep_id = {rep}" if "rep_id" in columns else "false"
