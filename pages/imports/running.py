"""A job under way, and one that broke off: drawn alike on every page that starts jobs."""

from __future__ import annotations

import streamlit as st

from pages.imports import jobs
from pages.parts import formats, session
from pages.parts.words import _, mark, plain

STAGES = {
    "start": mark("正在启动"),
    "wait": mark("正在排队，等另一次导入完成"),
    "read": mark("正在读取文件"),
    "deliver": mark("正在解析各行"),
    "fold": mark("正在合并到现有数据"),
    "derive": mark("正在重新计算指标"),
    "compare": mark("正在比较指标的变动"),
    "publish": mark("正在发布"),
}


def others() -> None:
    """Tell of other people's jobs under way; one's own waits its turn."""
    names = jobs.of_others(session.store().folder, jobs.Asker.now())
    if names:
        who = "、".join(dict.fromkeys(names))
        st.info(_("{who} 正在导入；您的文件会排队，随后自动开始。", who=plain(who)), icon=":material/hourglass_top:")


@st.fragment(run_every=1.0)
def progress(job: jobs.Job) -> None:
    """Show how far a job is; when it ends, draw the page anew."""
    if not job.running:
        st.rerun()
    told = job.progress
    place = " · ".join(str(told[key]) for key in ("file", "sheet", "holder") if told.get(key))
    rows = _("{rows} 行", rows=formats.number(told["rows"])) if "rows" in told else ""
    stage = _(STAGES.get(told["stage"], STAGES["start"]))
    with st.container(border=True):
        st.markdown(
            f":material/progress_activity: **{stage}** {plain(' · '.join(part for part in (place, rows) if part))}"
        )
        st.caption(_("可以离开这一页，导入会继续。"))
        if st.button(_("取消"), icon=":material/close:"):
            job.stop()
            job.forget()
            st.rerun()


def broken(job: jobs.Job) -> None:
    """Say that a job ended without an outcome."""
    st.error(_("处理中断，数据没有改变。请再试一次；若再次出现，请把下面这一行告诉管理员。"), icon=":material/error:")
    st.code(job.fault, language=None)
