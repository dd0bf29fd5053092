"""The models side by side: that no account is lost or counted twice between them, and what a model's stages ask for."""

from __future__ import annotations

import streamlit as st

from kpi import funnel
from kpi.process import Process, processes
from pages.funnel.choice import Asked
from pages.parts.session import ask, store
from pages.parts.table import Column, filled, table
from pages.parts.words import _, language, mark, plain

STATES = {
    "在途": mark("在途"),
    "成交": mark("成交"),
    "终止": mark("终止"),
    "流失": mark("流失"),
    "未进入": mark("未进入"),
}
TEXTS = {
    "participants": mark("参与人员"),
    "entry_evidence": mark("进入依据"),
    "exit_evidence": mark("离开依据"),
    "gate": mark("闸门"),
}


def draw(asked: Asked, _quarter: str) -> None:
    """Draw the reconciliation, then the stages of the chosen model."""
    known = processes(store().processes)
    rows = ask(funnel.reconciliation)
    st.subheader(_("各流程对账"), anchor=False)
    counts = {row["accounts"] for row in rows}
    if len(counts) == 1:
        st.caption(_("每个客户在每个流程中恰好出现一次：各行合计都是 {n} 户。", n=counts.pop()))
    else:
        listed = ", ".join(map(str, sorted(counts)))
        st.error(_("各流程的户数不一致：{counts}。请重建数据并告诉管理员。", counts=listed))
    titles = {letter: model.label(language()) for letter, model in known.items()}
    worded = [row | {"name": titles.get(row["model"], row["model"])} for row in rows]
    states = [Column(state, _(word), "number") for state, word in STATES.items()]
    table(
        worded,
        [Column("name", _("流程"), width=220, pinned=True), *states, Column("accounts", _("合计(户)"), "number")],
        key="models",
        file_name=_("各流程对账"),
    )
    st.caption(_("七阶段流程没有「成交」：成交后的客户仍在途，直到流失。"))
    model = next((each for each in known.values() if asked.model in {each.name, each.letter}), None)
    if model:
        _stages(model)


def _stages(model: Process) -> None:
    st.subheader(f"{plain(model.label(language()))} · {_('第 {n} 版', n=model.version)}", anchor=False)
    if note := model.note.get(language()):
        st.caption(plain(note))
    rows = [
        {
            "name": f"{stage.no} {stage.en if language() == 'en' else stage.zh}",
            "keywords": _("、").join(stage.keywords),
            **{name: stage.text(name, language()) or None for name in TEXTS},
        }
        for stage in model.stages
    ]
    columns = [
        Column("name", _("阶段"), width=190, pinned=True),
        *(Column(name, _(word), width=240) for name, word in TEXTS.items()),
        Column("keywords", _("关键词"), width=220),
    ]
    table(rows, filled(rows, columns), key="model-stages")
