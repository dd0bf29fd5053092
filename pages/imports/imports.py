"""Imports: files in, what they were taken for, what they changed, undo."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from loaders.source import ANSWER
from pages.imports import asked, effects, jobs, past, preview
from pages.imports.running import broken, others, progress
from pages.parts import session
from pages.parts.empty import empty
from pages.parts.words import _, either, plain

FOLDER = session.store().folder


def upload() -> None:
    """Draw the drop zone and start a check of what was dropped."""
    if not session.store().version:
        empty(
            _("还没有数据"), _("把客户、订单、拜访、计划等导出文件拖到下面，一次可以放多个。先看预览，再决定是否导入。")
        )
    turn = st.session_state.setdefault("uploads", 0)
    files = st.file_uploader(
        _("导出文件（Excel、CSV，可多选）"),
        accept_multiple_files=True,
        key=f"upload-{turn}",
        help=_("文件原样保存，随时可以撤销。"),
    )
    options = asked.options(f"upload-{turn}", span=False)
    if st.button(_("检查文件"), type="primary", disabled=not files or options is None, icon=":material/fact_check:"):
        jobs.check(FOLDER, [(each.name, each.getvalue()) for each in files], options or {}, jobs.Asker.now())
        st.session_state["uploads"] = turn + 1
        st.rerun()


def checked(job: jobs.Job, result: dict[str, Any]) -> None:
    """Draw what a check found; load, check again with changes, or leave."""
    st.subheader(_("预览：还没有导入"), anchor=False)
    if refused := result.get("refused"):
        st.error(plain(either(refused["zh"], refused["en"])), icon=":material/block:")
    effects.draw(result)
    picked: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number, file in enumerate(result.get("files", ())):
        if told := preview.sheet(file, f"{job.folder.name}-{number}", editable=True):
            place = {"file": file["file"], "sheet": file["sheet"], "table": file["table"]}
            before = picked.get(tuple(place.values()), {"answers": {}})
            answers = {**before["answers"], **told["answers"]}
            picked[tuple(place.values())] = place | told | before | {"answers": answers}
    if not refused:
        _left_out(result["files"])
    _decide(job, list(picked.values()), refused)


def _left_out(files: Sequence[Mapping[str, Any]]) -> None:
    """Say before the decision which sheets stay out, and how many rows come back."""
    out = [
        f"{file['file']} · {file['sheet']}" if file["sheet"] else file["file"] for file in files if not file["loaded"]
    ]
    if out:
        st.caption(
            _(
                "{count} 张表不会载入：{names}。原始文件照样保存。",
                count=len(out),
                names=plain("、".join(dict.fromkeys(out))),
            )
        )
    if rejected := sum(file["rejected"] for file in files):
        st.caption(_("{count} 行不会载入；导入后可以下载这些行，改好再导入。", count=rejected))


def _decide(job: jobs.Job, picked: list[dict[str, Any]], refused: Mapping[str, Any] | None) -> None:
    rest = [name for name in job.asked["names"].values() if refused and name != refused["file"]]
    with st.container(horizontal=True):
        if refused and 0 < len(rest) < len(job.asked["names"]):
            label = _("去掉这个文件，检查其余 {count} 个", count=len(rest))
            if st.button(label, type="primary", icon=":material/file_copy_off:"):
                job.again(FOLDER, "check", {}, without=refused["file"])
                st.rerun()
        if picked and st.button(_("按修改重新检查"), type="primary", icon=":material/refresh:"):
            told = json.dumps([*_settled(job, picked), *picked], ensure_ascii=False)
            job.again(FOLDER, "check", {"--mappings": told})
            st.rerun()
        if not picked and not refused and st.button(_("导入"), type="primary", icon=":material/upload:"):
            job.again(FOLDER, "load", {})
            st.rerun()
        if st.button(_("放弃"), icon=":material/close:"):
            job.forget()
            st.rerun()


def _settled(job: jobs.Job, picked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was said in earlier rounds: of other sheets whole, of these what was not said anew."""
    before: list[dict[str, Any]] = json.loads(job.asked["options"].get("--mappings", "[]"))
    places = {(one["file"], one["sheet"], one["table"]): one for one in picked}
    kept = []
    for old in before:
        new = places.get((old["file"], old["sheet"], old["table"]))
        if new is None:
            kept.append(old)
            continue
        earlier = {key: said for key, said in old["answers"].items() if new["fields"] is None or ANSWER not in key}
        new["answers"] = {**earlier, **new["answers"]}
        if new["fields"] is None:
            new |= {"entity": old["entity"], "fields": old["fields"]}
    return kept


def loaded(job: jobs.Job, result: dict[str, Any]) -> None:
    """Draw what a load did, with its faulty rows to take home."""
    st.success(
        _("已导入：第 {load} 次导入，数据版本 {version}。", load=result["load_id"], version=result["version"]),
        icon=":material/check_circle:",
    )
    for number, file in enumerate(result["files"]):
        preview.sheet(file, f"{job.folder.name}-{number}", editable=False)
        if file["errors"]:
            past.faulty_link(file["sheet_id"], file["file"], len(file["errors"]))
    done(job)


def done(job: jobs.Job) -> None:
    """Put the outcome away."""
    if st.button(_("完成"), type="primary", key="done"):
        job.forget()
        st.session_state.pop("first_run", None)
        st.rerun()


def outcome(job: jobs.Job) -> None:
    """Draw what came out of a job that has ended."""
    result, command = job.result, job.asked["command"]
    if result is None:
        broken(job)
        done(job)
    elif command == "check" and "failed" not in result:
        checked(job, result)
    elif refused := result.get("refused") or result.get("failed"):
        st.error(plain(either(refused["zh"], refused["en"])), icon=":material/block:")
        done(job)
    elif command == "load":
        loaded(job, result)
    elif command == "refresh":
        st.success(_("已发布：数据版本 {version}。", version=result["version"]), icon=":material/check_circle:")
        done(job)
    else:
        word = _("已恢复第 {load} 次导入。") if result["in_force"] else _("已撤销第 {load} 次导入。")
        st.success(word.format(load=result["load_id"]), icon=":material/check_circle:")
        done(job)


past.ask_undo()
job = jobs.latest(FOLDER, jobs.Asker.now())
if job is None:
    others()
    upload()
elif job.running:
    progress(job)
else:
    outcome(job)
if session.store().version and job is None:
    past.history()
