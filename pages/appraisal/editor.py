"""The editor of schemes: a copy in two tables, checked as it is typed, tried on past quarters before it is proposed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data.appraisals import Appraisals
from data.records import ChangedError, ReasonError
from kpi import quarter, simulation
from kpi.periods import previous
from kpi.scheme import Scheme, document, known, parse
from kpi.scheme_edit import RATED, Draft, band_rows, changes, drafted, item_rows, measured, settings_of
from pages.appraisal import whatif
from pages.appraisal.desk import Desk, records, renew, tell, turn
from pages.appraisal.scheme_labels import PARTS, POLICIES, RULES, VALUES, bands, changed, named, title
from pages.parts import filters, formats, session
from pages.parts.words import _, either, language, plain

AHEAD = 5
EMPTY_ITEM = {"what": None, "name": "", "rule": "ratio", "weight": None, "cap": 100, "target": None}
EMPTY_BAND = {"grade": "", "from": None, "coefficient": None}


def draw(desk: Desk, base: Scheme) -> None:
    """Draw the editor of a copy of a scheme, what is wrong with it, and what it would change."""
    st.subheader(_("新版本与试算"), anchor=False)
    st.caption(
        _("在副本上改指标、权重和规则，先看前几个季度谁的得分、等级、系数会变，再决定是否提出。不会改动已锁定的季度。")
    )
    items = _items(base)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        grades = _bands(base)
    with right:
        said = _settings(base)
    draft = drafted(base, items, grades, said, _next(base))
    if draft.scheme is None:
        _wrong(draft)
        return
    _tried(desk, base, draft.scheme)


def _next(base: Scheme) -> int:
    """Give the next version its number: after all that the role has, drafts included."""
    own = [parse(each.name, each.document) for each in Appraisals(records()).schemes(drafts=True)]
    return max(each.version for each in known(own).values() if each.role == base.role) + 1


def _wrong(draft: Draft) -> None:
    faults = "\n".join(f"- {plain(fault.worded(language()))}" for fault in draft.faults)
    st.error(_("还不能试算和提出，请先改正：") + "\n" + faults, icon=":material/block:")


def _tried(desk: Desk, base: Scheme, made: Scheme) -> None:
    """Show the grades and rules as they will be read, what differs, who would move, and the way to propose."""
    st.caption(_("等级：{bands}", bands=bands(made)))
    changed([each for each in changes(base, made) if each[1] != "effective_from"], base)
    known_words = {item.zh for item in base.items}
    new = [item for item in made.items if item.zh not in known_words]
    told = [f"- {title(item)}{_('：')}{plain(either(item.zh, item.en))}" for item in new]
    if told:
        st.caption(_("规则会写成：") + "\n" + "\n".join(told))
    whatif.draw(desk, made)
    _honest(made)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        why = st.text_input(_("提出理由"), key=f"propose-why-{turn()}", width=420)
        if st.button(_("提出新版本（待经理会签）"), type="primary", disabled=not why):
            _propose(made, why)


def _items(base: Scheme) -> list[dict[str, Any]]:
    st.markdown(_("**指标**　每行一项，权重合计 100；行首可删除，表尾可新增。率都按百分数填写；表可左右滑动。"))
    return _edited(item_rows(base) or [EMPTY_ITEM], _item_columns(), _key(base, "items"))


def _item_columns() -> dict[str, Any]:
    return {
        "what": st.column_config.SelectboxColumn(
            _("指标"), options=[*measured(), RATED], format_func=_what, width=175, pinned=True, required=True
        ),
        "weight": _number("weight", "%d", ""),
        "rule": st.column_config.SelectboxColumn(
            _("计分方式"),
            options=list(RULES),
            width=115,
            format_func=lambda key: _(RULES[str(key)]),
            help=_("按比例：实际÷目标×100；按差距：100 减去与目标相差的百分点×扣分"),
        ),
        "target": _number("target", "%.4g%%", ""),
        "cap": _number("cap", "%d", _("最多得几分")),
        "floor": _number("floor", "%.4g%%", _("比它更差就是 0 分；空：没有")),
        "points_worse": _number("points_worse", "%d", _("按差距：每差 1 个百分点扣几分")),
        "points_better": _number("points_better", "%d", _("按差距：优于目标每 1 个百分点加几分，到封顶为止")),
        "one_account_free": _switch("one_account_free", _("目标取 max(目标, 1/期初户数)：丢一户不扣分")),
        "suspected_free": _switch("suspected_free", _("没有人确认的疑似流失不计分")),
        "steep_below": _number("steep_below", "%.4g%%", _("按比例：低于目标的这个比例后，每点多扣")),
        "steep_points": _number("steep_points", "%d", _("陡降线以下每 1 个百分点扣几分")),
        "year_to_date_share": _number("year_to_date_share", "%.4g%%", _("得分里年累计占多少，其余是本季")),
        "planned": _switch("planned", _("有新客户计划的人，按年累计完成率计分")),
        "unscored": _switch("unscored", _("部门的首个季度只显示、不计分")),
        "name": st.column_config.TextColumn(_("人评项名称"), help=_("只有「由人评分」的项要填名称")),
    }


def _number(name: str, shown: str, told: str) -> Any:  # noqa: ANN401 - a column of Streamlit
    step = 1 if shown == "%d" else None
    return st.column_config.NumberColumn(_(VALUES[name]), format=shown, step=step, help=told or None)


def _switch(name: str, told: str) -> Any:  # noqa: ANN401 - a column of Streamlit
    return st.column_config.CheckboxColumn(_(VALUES[name]), help=told)


def _what(key: object) -> str:
    return _("由人评分") if key == RATED else named(str(key))


def _bands(base: Scheme) -> list[dict[str, Any]]:
    st.markdown(_("**等级与系数**　每档只填从多少分起，上一档以下为止。"))
    config = {
        "grade": st.column_config.TextColumn(_("等级"), width=60, required=True),
        "zh": st.column_config.TextColumn(_("中文名"), width=80),
        "en": st.column_config.TextColumn(_("英文名"), width=85),
        "from": st.column_config.NumberColumn(_("从多少分起"), format="%.4g", width=100),
        "coefficient": st.column_config.NumberColumn(_("系数"), format="%.2f", step=0.01, width=95),
    }
    return _edited(band_rows(base) or [EMPTY_BAND], config, _key(base, "bands"))


def _edited(rows: list[dict[str, Any]], columns: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Draw a table whose rows can be changed, added and removed; give the rows as they are now."""
    return list(
        st.data_editor(
            rows,
            num_rows="dynamic",
            hide_index=True,
            column_config=columns,
            column_order=list(columns),
            placeholder=formats.NONE,
            key=key,
        )
    )


def _settings(base: Scheme) -> dict[str, Any]:
    st.markdown(_("**其他规定**"))
    now, locked = settings_of(base), quarter.locked_until(records())
    newest = max([*filters.quarters(), locked])
    quarters = [name for ahead in range(AHEAD) if (name := previous(newest, -ahead)) > locked]
    given: dict[str, Any] = {"locked_until": locked}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given["effective_from"] = st.selectbox(
            _("从哪个季度起生效"), quarters, quarters.index(previous(newest, -1)), width=150, key=_key(base, "from")
        )
        given["warn_below"] = st.text_input(
            _("警告线（空 = 不设）"), now["warn_below"], width=150, key=_key(base, "warn")
        )
        given["na_policy"] = _choice(base, _("缺项"), POLICIES, now["na_policy"])
        given["partial_point"] = _choice(base, _("不足 1 个百分点"), PARTS, now["partial_point"])
        given["least_weight"] = st.number_input(
            _("最低有效权重(%)"), 0, 100, now["least_weight"], width=150, key=_key(base, "least"),
            help=_("能计分的项加起来低于它，就不参评"),
        )  # fmt: skip
        given["head_percent"] = st.number_input(
            _("经理权重(%)"), 0, 100, now["head_percent"], width=150, key=_key(base, "head"),
            help=_("其余是人力资源部的权重"),
        )  # fmt: skip
        given["adopted"] = st.checkbox(_("公司已正式启用"), now["adopted"], key=_key(base, "adopted"))
    return now | given


def _choice(base: Scheme, label: str, words: dict[str, str], now: str) -> str:
    found: str = st.selectbox(
        label,
        list(words),
        list(words).index(now),
        format_func=lambda key: _(words[key]),
        width=210,
        key=_key(base, label),
    )
    return found


def _key(base: Scheme, name: str) -> str:
    """Key an input by the scheme and by the step, so that inputs start anew once something was proposed."""
    return f"edit-{name}-{base.name}-{turn()}"


def _honest(scheme: Scheme) -> None:
    """Offer the simulation of honest reps for the scheme being edited (docs/simulation.md)."""
    if not all(item.metric for item in scheme.items):
        return
    with st.expander(_("诚实的专员会有多少人低于 60 分（模拟）"), icon=":material/casino:"):
        st.caption(_("不犯错的专员仅凭运气落在 60 分以下的比例；假设见 docs/simulation.md。"))
        if st.button(_("运行模拟")):
            with st.container(horizontal=True, gap="large"):
                for size in simulation.SIZES:
                    share = simulation.share_below(scheme, size, 150, confirmed=True)
                    st.metric(_("{count} 户", count=size), formats.rate(share), width="content")


def _propose(scheme: Scheme, why: str) -> None:
    try:
        Appraisals(records()).propose(scheme.name, document(scheme), who=session.viewer().person, why=why)
    except (ChangedError, ReasonError):
        tell(_("没有保存：同名版本已被提出，请刷新后再试。"))
    else:
        st.session_state["appraisal-done"] = True
    renew()
