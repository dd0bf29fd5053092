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
CLOSED = {"hr": CONTACTS, "clerk": {"rating"}}
KEYS = {"_key", "source_key", "sale_key", "plan_id"}
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
    "field_weight",
    "model",
    "milestone_kind",
    "stage_entered_by",
    "stage_days",
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
        shown = ", ".join(_column(viewer, alias, table, column) for column in columns)
        where = _rows(viewer, alias, table, set(columns))
        cursor.execute(
            f'create or replace temp view "{table}" as select {shown} from {alias}.{schema}."{table}" where {where}'
        )
    cursor.execute(f"create or replace temp view source_dept as select distinct dept from {alias}.core.member")
    trusted = viewer.role in {"system", "head", "clerk"}
    closed = ", ".join(map(_quote, sorted(CLOSED.get(viewer.role, ()))))
    for name in ("load", "file", "sheet", "load_sheet", "error", "corrected"):
        # Rejected cells, and the notes that quote some, may hold personal data: they are for those who load files.
        shown = "* replace (null as notes)" if name == "sheet" and not trusted else "*"
        where = "true" if trusted or name not in {"error", "corrected"} else "false"
        if closed and name == "error":
            where += f" and sheet_id not in (select sheet_id from {alias}.meta.sheet where entity in ({closed}))"
        cursor.execute(
            f'create or replace temp view "source_{name}" as select {shown} from {alias}.meta."{name}" where {where}'
        )


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _column(viewer: Viewer, alias: str, table: str, column: str) -> str:
    name = f'"{column}"'
    if viewer.role == "system":
        return name
    if viewer.role == "rep" and (table, column) == ("flag", "other_id"):
        # The other account that a question names may be a colleague's.
        own = _own_rows(alias, "account", {"account_id"}, _quote(viewer.rep_id))
        held = f"select account_id from {alias}.core.account where {own}"
        return f"if({name} in ({held}), {name}, null) as {name}"
    if viewer.role == "hr" and column in KEYS:
        # A key may be made of an account's name; hashed alike everywhere, keys still join.
        return f"md5({name}) as {name}"
    entity = entities().get(DERIVED_FROM.get(table, table))
    given = column.removesuffix("_given")
    shown = {"show": name, "hide": f"null as {name}", "mask": f"if({name} is null, null, '有') as {name}"}
    if entity is None or (given not in entity.fields and column != "extra"):
        return name
    as_said = column == "extra" or (given != column and entity.fields[given].refers == "account")
    if viewer.role == "hr" and as_said:
        return shown["hide"]
    return shown["show" if column == "extra" else _treatment(viewer, entity, given)]


def _treatment(viewer: Viewer, entity: Entity, column: str) -> str:
    """Say whether a column is shown, hidden, or masked to 有 (domain.md §1.2, §8a.13)."""
    field = entity.fields[column]
    if field.visibility == "S":
        return "hide"
    if viewer.role == "hr":
        return "show" if _shown_to_hr(entity, column) else "hide"
    if field.visibility == "R" and viewer.role == "clerk":
        return "mask" if field.sql_type == "VARCHAR" else "hide"
    own = viewer.role == "rep" and entity.name in {*PERSONAL, "rep"}
    if field.visibility == "H" and viewer.role in {"clerk", "rep"} and not own:
        return "hide"
    return "show"


def _shown_to_hr(entity: Entity, column: str) -> bool:
    """Whether HR sees a field: people, numbers, dates and amounts; of accounts nothing but their number."""
    field = entity.fields[column]
    if field.refers == "rep":
        return True
    if field.visibility == "R" or column == "uscc" or (field.refers == "account" and field.type != "id"):
        return False
    return field.type in SHOWN_TO_HR or entity.name in HR_KEEPS_TEXT or column in {"region", "dept"}


def _rows(viewer: Viewer, alias: str, table: str, columns: set[str]) -> str:
    if viewer.role == "system" or table in COMMON:
        return "true"
    if viewer.role == "rep":
        return _own_rows(alias, table, columns, _quote(viewer.rep_id))
    if table in CLOSED.get(viewer.role, set()):
        return "false"
    return _department_rows(alias, table, columns, _quote(viewer.dept)) if viewer.dept else "true"


def _department_rows(alias: str, table: str, columns: set[str], dept: str) -> str:
    """Rows of a department: those that name it, else those of its people and of the accounts they ever held."""
    accounts = f"account_id in (select account_id from {alias}.core.tenure where dept = {dept})"
    people = f"rep_id in (select rep_id from {alias}.core.member where dept = {dept})"
    rules = [rule for column, rule in (("account_id", accounts), ("rep_id", people)) if column in columns]
    if table == "account":
        rules.append(f"account_id not in (select account_id from {alias}.core.tenure)")
    if table == "feedback_form":
        rules.append(f"visit_id in (select visit_id from {alias}.core.visit where {accounts} or {people})")
    others = f"coalesce({' or '.join(rules)}, false)" if rules and table != "rep" else "true"
    return f"if(coalesce(dept, '') <> '', dept = {dept}, {others})" if "dept" in columns else others


def _own_rows(alias: str, table: str, columns: set[str], rep: str) -> str:
    """Rows of a rep: what is credited to them, and everything of the accounts that they hold today."""
    holds = (
        f"account_id in (select t.account_id from {alias}.core.tenure t, {alias}.core.clock c "
        f"where t.rep_id = {rep} and t.from_date <= c.data_date and t.to_date > c.data_date)"
    )
    if table.startswith("contribution_") or table in {*PERSONAL, "rep", "plan_month", "plan_share", "flag"}:
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
