"""The loads so far: who, when, what; the faulty rows to correct; undo and redo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.entity import entities
from pages.imports import jobs, takeaway
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, language, plain

LOADS = """
select l.load_id, l.loaded_at, l.who, l.exported_on, l.in_force,
       string_agg(distinct f.name, '、' order by f.name) as files,
       sum(s.rows) as rows, sum(ls.inserted) as inserted, sum(ls.changed) as changed,
       sum(ls.unchanged) as unchanged, sum(ls.rejected) as rejected
from source_load l
join source_load_sheet ls using (load_id)
join source_sheet s using (sheet_id)
join source_file f using (file_id)
group by all
order by l.load_id desc
"""
SHEETS = """
select s.sheet_id, f.name as file, s.sheet, s.entity, s.rows, ls.inserted, ls.changed, ls.unchanged, ls.rejected,
       f.file_id, f.size,
       (select count(*) from source_error e where e.sheet_id = s.sheet_id and e.cleared_by is null) as faults,
       (select count(*) from source_error e where e.sheet_id = s.sheet_id and e.cleared_by is not null) as cleared
from source_load_sheet ls
join source_sheet s using (sheet_id)
join source_file f using (file_id)
where ls.load_id = ?
order by s.sheet_id
"""


def history() -> None:
    """Draw the loads, newest first; a picked one shows its sheets and can be undone."""
    st.subheader(_("导入历史"), anchor=False)
    loads = session.ask(session.select, LOADS)
    shown = [{**load, "state": _("有效") if load["in_force"] else _("已撤销")} for load in loads]
    st.caption(_("点选一行，查看明细、下载错误行或撤销。"))
    picked = table(shown, _load_columns(), key="history", select=True)
    if picked is not None:
        _one(loads[picked])


def _load_columns() -> list[Column]:
    return [
        Column("load_id", _("编号"), "number", width=70),
        Column("state", _("状态"), width=80),
        Column("loaded_at", _("导入时间"), "moment"),
        Column("who", _("导入人"), width=90),
        Column("exported_on", _("导出日期"), "date"),
        Column("files", _("文件"), width=280),
        *_count_columns(),
    ]


def _count_columns() -> list[Column]:
    names = {
        "rows": _("行数"),
        "inserted": _("新增"),
        "changed": _("变更"),
        "unchanged": _("未变"),
        "rejected": _("退回"),
    }
    return [Column(name, label, "number", width=80) for name, label in names.items()]


def _one(load: dict[str, Any]) -> None:
    with st.container(border=True):
        st.markdown(
            _(
                "**第 {load} 次导入** · {when} · {who}",
                load=load["load_id"],
                when=formats.moment(load["loaded_at"]),
                who=plain(load["who"] or formats.NONE),
            )
        )
        sheets = session.ask(session.select, SHEETS, [load["load_id"]])
        named = [{**sheet, "kind": entities()[sheet["entity"]].label(language())} for sheet in sheets]
        columns = [Column("file", _("文件"), width=220), Column("sheet", _("工作表")), Column("kind", _("识别为"))]
        faults = [
            Column("faults", _("待改错误"), "number", width=90),
            Column("cleared", _("已更正"), "number", width=80),
        ]
        table(named, [*columns, *_count_columns(), *faults], key=f"sheets-{load['load_id']}")
        _links(named)
        if load["in_force"]:
            st.button(_("撤销这次导入"), icon=":material/undo:", on_click=_confirm, args=(load,))
        else:
            st.button(_("恢复这次导入"), icon=":material/redo:", on_click=_turn, args=("redo", load["load_id"]))


def _links(sheets: Sequence[dict[str, Any]]) -> None:
    """Offer the original files, and the rows still to be corrected."""
    with st.container(horizontal=True):
        for file_id, name in dict.fromkeys((sheet["file_id"], str(sheet["file"])) for sheet in sheets):
            if session.ask(takeaway.may_take, session.viewer(), file_id):
                address = takeaway.link("original", file_id)
                st.link_button(_("原始文件 {file}", file=plain(name)), address, icon=":material/description:")
        for sheet in sheets:
            if sheet["faults"]:
                faulty_link(sheet["sheet_id"], str(sheet["file"]), sheet["faults"])


def faulty_link(sheet_id: int, file: str, faults: int) -> None:
    """Offer the faulty rows of a sheet as a workbook to correct and load again."""
    st.link_button(
        _("下载 {file} 的错误行（{count} 处），改好后重新导入", file=plain(file), count=faults),
        takeaway.link("faulty", sheet_id),
        icon=":material/download:",
    )


def _confirm(load: dict[str, Any]) -> None:
    st.session_state["undo"] = load["load_id"]


def ask_undo() -> None:
    """Ask for a yes before an undo; draws nothing where none was asked for."""
    load_id = st.session_state.pop("undo", None)
    if load_id is not None:
        st.dialog(_("撤销第 {load} 次导入？", load=load_id), icon=":material/undo:")(_sure)(load_id)


def _sure(load_id: int) -> None:
    st.markdown(_("这次导入的行不再生效，指标按其余的导入重新计算；之后的导入不受影响。原始文件保留，随时可以恢复。"))
    with st.container(horizontal=True):
        if st.button(_("撤销"), type="primary"):
            _turn("undo", load_id)
            st.rerun()
        if st.button(_("不撤销")):
            st.rerun()


def _turn(command: str, load_id: int) -> None:
    jobs.turn(session.store().folder, command, load_id, jobs.Asker.now())
