"""The documents of the command line as lines for people."""

from __future__ import annotations

from typing import Any

from data.entity import entities
from loaders.messages import Note, text

SHOWN = 20


def spoken(command: str, document: dict[str, Any]) -> str:
    """Word a document of `python -m loaders` in a few lines."""
    lines = []
    if command in {"check", "load"}:
        lines += [line for file in document["files"] for line in _file(file)]
        lines += [_doubt(one) for one in document.get("doubtful", [])]
    if refused := document.get("refused"):
        lines += [refused["zh"], refused["en"]]
    elif command == "check":
        lines += [_move(move) for move in document["moves"]] or ["没有指标值变动 · no KPI value would move"]
    elif command == "load":
        lines.append(
            f"已载入为第 {document['load_id']} 次导入，版本 {document['version']} · loaded as load "
            f"{document['load_id']}, version {document['version']}"
        )
    elif command == "watch":
        lines += [f"done/{name}" for name in document["done"]] + [f"refused/{name}" for name in document["refused"]]
        lines.append(f"版本 {document['version']} · version {document['version']}")
    elif command == "list":
        lines += [_load(entry) for entry in document["loads"]] or ["还没有导入 · no loads yet"]
    else:
        lines.append(f"完成，版本 {document.get('version')} · done, version {document.get('version')}")
    return "\n".join(lines) + "\n"


def _file(file: dict[str, Any]) -> list[str]:
    entity = entities()[file["entity"]].label("zh") if file["entity"] else "未识别 not recognised"
    where = f"{file['file']}{' · ' + file['sheet'] if file['sheet'] else ''}"
    counts = f"{file['rows']} 行 rows: +{file['inserted']} ~{file['changed']} ={file['unchanged']} ✗{file['rejected']}"
    lines = [f"{where} → {entity} ({file['mapping']['confidence']:.0%}) {counts}"]
    lines += [f"    {note['zh']} · {note['en']}" for note in file["notes"]]
    lines += [_fault(fault) for fault in file["errors"][:SHOWN]]
    if more := len(file["errors"][SHOWN:]):
        lines.append(
            f"    至少还有 {more} 处错误，见「数据导入」的错误行 · at least {more} more, see faulty rows on Imports"
        )
    return lines


def _fault(fault: dict[str, Any]) -> str:
    """Word one faulty cell or row: where, what stood there, why, and what becomes of it."""
    what = Note(fault["reason"])
    stood = "" if fault["value"] is None else f"={fault['value']}"
    done = "整行退回 row rejected" if fault["rejected"] else "此格留空 cell left empty"
    where = f"第{fault['row']}行 row {fault['row']} 「{fault['column']}」{stood}"
    return f"    {where}: {text(what, 'zh')} · {text(what, 'en')} [{done}]"


def _doubt(one: dict[str, Any]) -> str:
    numbers, first = "、".join(one["numbers"]), (one["numbers"] or ["?"])[0]
    return (
        f"「{one['name']}」同名：{numbers}。请指定 · “{one['name']}” fits several; say which: "
        f"python -m loaders mean {one['kind']} {one['name']} {first}"
    )


def _rate(side: dict[str, Any] | None) -> str:
    if not side:
        return "—"
    return f"{side['value']:.2%}" if side["value"] is not None else str(side["status"])


def _move(move: dict[str, Any]) -> str:
    return (
        f"{move['metric']} {move['rep_name'] or move['rep']} {move['quarter']}: {_rate(move['before'])} → "
        f"{_rate(move['after'])}"
    )


def _load(entry: dict[str, Any]) -> str:
    files = ", ".join(sorted({sheet["file"] for sheet in entry["sheets"]}))
    state = "" if entry["in_force"] else " 已撤销 undone"
    return (
        f"{entry['load_id']}{state} · {entry['loaded_at']} · {entry['who']} · {files} · {entry['rows']} 行 rows, "
        f"✗{entry['rejected']}"
    )


STAGES = {
    "wait": "排队，等{zh}导入完 · waiting for {en} to finish",
    "read": "读取 {file} · reading {file}",
    "deliver": "解析 {where}：{rows} 行 · typing {where}: {rows} rows",
    "fold": "合并到现有数据 · merging with what is there",
    "derive": "计算指标 · computing the KPIs",
    "compare": "比较指标的变动 · comparing what would move",
    "publish": "发布 · publishing",
    "sample": "示例部门 {quarter} · sample department {quarter}",
    "take": "收到 {file} · taking {file}",
    "done": "已载入 {file} · loaded {file}",
    "refused": "已退回 {file} · refused {file}",
    "stopped": "已停止 · stopped",
}


def stage_spoken(stage: str, detail: dict[str, Any]) -> str:
    """Word how far a command is, on one line."""
    where = " · ".join(str(detail[key]) for key in ("file", "sheet") if detail.get(key))
    rows = f"{detail['rows']:,}" if "rows" in detail else ""
    holder = detail.get("holder", "")
    who = {"zh": f" {holder} " if holder else "另一次", "en": holder or "another load"}
    return STAGES.get(stage, stage).format_map({**detail, **who, "where": where, "rows": rows}) + "\n"
