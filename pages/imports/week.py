"""This week's files: what is due, one drop zone, what vanished, reconciliation with finance, publish."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data.entity import entities
from kpi import week
from pages.imports import asked, finance, gone, jobs
from pages.imports.running import broken, others, progress
from pages.parts import address, formats, session
from pages.parts.empty import IMPORTS, empty, may_open
from pages.parts.words import _, either, language, mark, plain

STATES = {
    "ok": ("green", ":material/check_circle:", mark("已交")),
    "late": ("orange", ":material/schedule:", mark("该交了")),
    "missing": ("red", ":material/error:", mark("从未交过")),
}
FOLDER = session.store().folder


def checklist(feeds: list[dict[str, Any]]) -> None:
    """Draw one card for each expected export: its state and the day it speaks for."""
    open_ = sum(feed["state"] != "ok" for feed in feeds)
    st.subheader(
        _("应交文件：{count} 种待交", count=open_) if open_ else _("应交文件：都已交齐"),
        anchor=False,
        help=_("比数据截至日早 7 天以上为橙色，从未交过为红色；计划须覆盖本季度。"),
    )
    with st.container(horizontal=True, gap="small"):
        for feed in feeds:
            _card(feed)


def _card(feed: dict[str, Any]) -> None:
    colour, icon, word = STATES[feed["state"]]
    with st.container(border=True, width=168, gap=None):
        st.markdown(f"**{entities()[feed['entity']].label(language())}**")
        st.markdown(f":{colour}[{icon} {_(word)}]")
        day = formats.day(feed["exported_on"])
        st.caption(day if feed["said"] or not feed["exported_on"] else _("{day}（导入日）", day=day))


def drop() -> None:
    """Draw the one drop zone; what is dropped goes through the same check as on the Imports page."""
    st.subheader(_("交文件"), anchor=False)
    turn = st.session_state.setdefault("week-uploads", 0)
    files = st.file_uploader(
        _("把本周的导出文件一起拖到这里，每张表会自动识别"), accept_multiple_files=True, key=f"week-upload-{turn}"
    )
    options = asked.options(f"week-{turn}", span=True)
    if st.button(_("检查文件"), type="primary", disabled=not files or options is None, icon=":material/fact_check:"):
        jobs.check(FOLDER, [(each.name, each.getvalue()) for each in files], options or {}, jobs.Asker.now())
        st.session_state["week-uploads"] = turn + 1
        _to_imports()


def _to_imports() -> None:
    if may_open(IMPORTS):
        st.switch_page(IMPORTS, query_params=address.link())
    st.rerun()


def waiting(job: jobs.Job) -> None:
    """Draw a job that is under way or whose outcome nobody put away yet."""
    result = job.result if not job.running else None
    if job.running:
        progress(job)
    elif job.asked["command"] != "refresh":
        st.info(_("有一批文件已检查或导入，等待处理：请先到「数据导入」页看完。"), icon=":material/pending_actions:")
        if may_open(IMPORTS):
            st.page_link(IMPORTS, label=_("去导入"), icon=":material/arrow_forward:", query_params=address.link())
    elif result is None:
        broken(job)
        _put_away(job)
    elif refused := result.get("refused") or result.get("failed"):
        st.error(plain(either(refused["zh"], refused["en"])), icon=":material/block:")
        _put_away(job)
    else:
        st.success(_("已发布：数据版本 {version}。", version=result["version"]), icon=":material/check_circle:")
        _put_away(job)


def _put_away(job: jobs.Job) -> None:
    if st.button(_("完成"), key="done"):
        job.forget()
        st.rerun()


def publish(pending: int) -> None:
    """Draw the button that builds and publishes a version with the answers of now."""
    st.subheader(_("发布"), anchor=False)
    if pending:
        st.warning(
            _("{count} 个答复还没有计入指标，发布后生效。", count=pending), icon=":material/published_with_changes:"
        )
    if st.button(_("发布"), type="primary" if pending else "secondary", icon=":material/publish:"):
        jobs.refresh(FOLDER, jobs.Asker.now())
        st.rerun()
    st.caption(_("按现在的数据、设置和答复重新计算并发布一版。"))


def page() -> None:
    """Draw the page."""
    if not session.store().version:
        empty(_("还没有数据"), _("请先在「数据导入」页导入一次文件。"), page=IMPORTS)
        return
    job = jobs.latest(FOLDER, jobs.Asker.now())
    checklist(session.ask(week.feeds))
    if job:
        waiting(job)
    else:
        others()
        drop()
    pending = sum(gone.questions(kind) for kind in gone.KINDS)
    finance.box()
    if job is None:
        publish(pending)


page()
