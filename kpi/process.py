"""Process models as data: what each file in `kpi/processes/` declares, and the tables made of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from data.entity import entities

FOLDER = Path(__file__).parent / "processes"
NUMERALS = "零一二三四五六七八九十"

_MODEL_KEYS = {
    "letter": str, "zh": str, "en": str, "version": int, "won": str,
    "terminal": dict, "note": dict, "stages": list, "declares": dict,
}  # fmt: skip
_STAGE_KEYS = {
    "no": int, "zh": str, "en": str, "entry": list, "labels": list, "keywords": list, "participants": dict,
    "entry_evidence": dict, "exit_evidence": dict, "gate": dict, "gate_milestone": str, "episode": bool, "enabled": bool,
}  # fmt: skip


class ProcessFileError(ValueError):
    """A process file is not usable; `code` and `values` name the file and the fault."""

    def __init__(self, code: str, **values: object) -> None:
        """Keep the fault; its words come from `process_faults.toml`."""
        self.code = code
        self.values = values
        super().__init__(f"{self.message('zh')} | {self.message('en')}")

    def message(self, language: str) -> str:
        """Word the fault in `zh` or `en`."""
        return str(_toml("process_faults.toml")[self.code][language]).format(**self.values)


@dataclass(frozen=True)
class Stage:
    """One stage: `entry` lists the milestones any of which enters it, best first.

    `episode` marks a stage that happens, ends and may recur beside the others (b6). A stage that is
    not `enabled` keeps its number and never counts. `labels` are spellings found in exports.
    """

    no: int
    zh: str
    en: str
    entry: tuple[str, ...]
    labels: tuple[str, ...]
    texts: Mapping[str, Mapping[str, str]]
    keywords: tuple[str, ...] = ()
    gate_milestone: str = ""
    episode: bool = False
    enabled: bool = True

    def text(self, name: str, language: str) -> str:
        """One of participants, entry_evidence, exit_evidence, gate in `zh` or `en`; empty when the source is silent."""
        return self.texts.get(name, {}).get(language, "")


@dataclass(frozen=True)
class Process:
    """One development process (domain.md §2): its stages in order and the milestone that wins.

    An empty `won` says that the process has no end but churn. `declares` gives the milestones
    that a label writes besides the entry milestone of its stage.
    """

    letter: str
    name: str
    zh: str
    en: str
    version: int
    won: str
    stages: tuple[Stage, ...]
    declares: Mapping[str, tuple[str, ...]]
    terminal: Mapping[str, str]
    note: Mapping[str, str]

    def label(self, language: str) -> str:
        """The model's name on screen in `zh` or `en`."""
        return self.en if language == "en" else self.zh

    @property
    def active(self) -> tuple[Stage, ...]:
        """The enabled stages."""
        return tuple(stage for stage in self.stages if stage.enabled)


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def milestones() -> dict[str, dict[str, Any]]:
    """Milestone codes with `zh`, `en` and `opens` (begins a new cycle after a termination)."""
    return _toml("milestones.toml")


def read(path: Path) -> Process:
    """Read one process file; raise `ProcessFileError` with the reason where it is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProcessFileError("unreadable", file=path.name, detail=error) from error
    _check_keys(path.name, "model", raw, _MODEL_KEYS, {"letter", "zh", "en", "stages"})
    if not re.fullmatch("[a-z]", raw["letter"]):
        raise ProcessFileError("letter", file=path.name, found=raw["letter"])
    process = Process(
        letter=raw["letter"],
        name=path.stem,
        zh=raw["zh"],
        en=raw["en"],
        version=raw.get("version", 1),
        won=raw.get("won", ""),
        stages=tuple(_stage(path.name, position, stage) for position, stage in enumerate(raw["stages"], 1)),
        declares={label: tuple(codes) for label, codes in raw.get("declares", {}).items()},
        terminal=raw.get("terminal", {}),
        note=raw.get("note", {}),
    )
    _check(path.name, process)
    return process


def _stage(file: str, position: int, raw: object) -> Stage:
    where = f"stages[{position}]"
    if not isinstance(raw, dict):
        raise ProcessFileError("kind", file=file, where="model", found=where, known="table")
    _check_keys(file, where, raw, _STAGE_KEYS, {"no", "zh", "en"})
    return Stage(
        no=raw["no"],
        zh=raw["zh"],
        en=raw["en"],
        entry=tuple(raw.get("entry", ())),
        labels=tuple(raw.get("labels", ())),
        texts={name: value for name, value in raw.items() if isinstance(value, dict)},
        keywords=tuple(raw.get("keywords", ())),
        gate_milestone=raw.get("gate_milestone", ""),
        episode=raw.get("episode", False),
        enabled=raw.get("enabled", True),
    )


def _check_keys(file: str, where: str, raw: dict[str, Any], known: dict[str, type], required: set[str]) -> None:
    if unknown := sorted(set(raw) - set(known)):
        raise ProcessFileError("unknown_setting", file=file, where=where, found=unknown, known=sorted(known))
    if absent := sorted(name for name in required if raw.get(name) in (None, "", [])):
        raise ProcessFileError("missing", file=file, where=where, found=absent)
    for name, value in raw.items():
        if type(value) is not known[name]:
            raise ProcessFileError("kind", file=file, where=where, found=name, known=known[name].__name__)


def _check(file: str, process: Process) -> None:
    numbers = [stage.no for stage in process.stages]
    if numbers != sorted(set(numbers)) or numbers[0] < 1:
        raise ProcessFileError("order", file=file, found=numbers)
    if len(process.active) < 2:
        raise ProcessFileError("few_stages", file=file, found=len(process.active))
    for stage in process.active:
        if not stage.entry:
            raise ProcessFileError("no_entry", file=file, where=f"{stage.no} {stage.zh}")
        _check_milestones(file, f"{stage.no} {stage.zh}", (*stage.entry, *filter(None, [stage.gate_milestone])))
    _check_milestones(file, "won", filter(None, [process.won]))
    _check_milestones(file, "declares", chain(*process.declares.values()))
    if twice := _repeated(chain(*(stage.entry for stage in process.stages))):
        raise ProcessFileError("milestone_twice", file=file, found=twice)
    _check_labels(file, process)


def _check_milestones(file: str, where: str, found: Iterable[str]) -> None:
    known = sorted(set(milestones()) - {"TX", "LX"})
    if unknown := sorted(set(found) - set(known)):
        raise ProcessFileError("milestone", file=file, where=where, found=unknown, known=known)


def _check_labels(file: str, process: Process) -> None:
    labels = [label for stage in process.active for label in {stage.zh, stage.en, *stage.labels}]
    folded = {label.casefold() for label in labels}
    if twice := _repeated(label.casefold() for label in labels):
        raise ProcessFileError("label_twice", file=file, found=twice)
    if unknown := sorted(label for label in process.declares if label.casefold() not in folded):
        raise ProcessFileError("label_unknown", file=file, found=unknown)
    if ends := sorted(label for label, _ in outcome_labels() if label.casefold() in folded):
        raise ProcessFileError("label_outcome", file=file, found=ends)


def _repeated(values: Iterable[str]) -> list[str]:
    seen = list(values)
    return sorted({value for value in seen if seen.count(value) > 1})


def processes(*folders: Path) -> dict[str, Process]:
    """All models by letter: the shipped ones and those in further `folders`.

    Raise `ProcessFileError` where a file is wrong or a letter is used twice.
    """
    found: dict[str, Process] = {}
    for path in chain(*(sorted(folder.glob("*.toml")) for folder in (FOLDER, *folders))):
        process = read(path)
        if process.letter in found:
            raise ProcessFileError(
                "letter_taken", file=path.name, found=process.letter, known=f"{found[process.letter].name}.toml"
            )
        found[process.letter] = process
    return dict(sorted(found.items()))


def outcome_labels() -> list[tuple[str, str]]:
    """Spellings of stage columns that mean the end, as (label, `won` or `lost`)."""
    return [(label, outcome) for outcome, labels in _toml("outcomes.toml").items() for label in labels]


def numbered(letter: str, no: int) -> list[str]:
    """Spellings that name a stage by its number, in any process."""
    numeral = NUMERALS[no] if no < len(NUMERALS) else str(no)
    return [
        f"{letter}{no}", str(no), f"stage{no}", f"step{no}",
        *(f"{before}{digit}{after}" for digit in {numeral, str(no)}
          for before, after in (("阶段", ""), ("第", "阶段"), ("第", "步"), ("步骤", ""))),
    ]  # fmt: skip


def register(con: duckdb.DuckDBPyConnection, *folders: Path) -> None:
    """Create the tables of schema `core` that hold the models (domain.md §2).

    `core.model(model, name, name_zh, name_en, version, won, first_stage, last_stage)`,
    `core.stage(model, stage_no, name_zh, name_en, milestone, conditional, enabled)`,
    `core.stage_entered_by(model, stage_no, milestone)`,
    `core.stage_label(label, model, stage_no, milestone, outcome)` – a label that ends a development has
    no model and an outcome; a stage's label has one row per milestone it declares –,
    `core.field_weight(entity, field, weight, stage)`, and `core.milestone_kind(milestone, name_zh, name_en, opens)`.
    """
    models = processes(*folders)
    stages = [(model, stage) for model in models.values() for stage in model.stages]
    _table(con, "model", "model VARCHAR, name VARCHAR, name_zh VARCHAR, name_en VARCHAR, version INT, won VARCHAR, "
           "first_stage INT, last_stage INT",
           [(m.letter, m.name, m.zh, m.en, m.version, m.won or None, m.active[0].no,
             max(stage.no for stage in m.active if not stage.episode)) for m in models.values()])  # fmt: skip
    _table(con, "stage", "model VARCHAR, stage_no INT, name_zh VARCHAR, name_en VARCHAR, milestone VARCHAR, "
           "conditional BOOLEAN, enabled BOOLEAN",
           [(m.letter, s.no, s.zh, s.en, s.entry[0] if s.entry else None, s.episode, s.enabled) for m, s in stages])  # fmt: skip
    _table(con, "stage_entered_by", "model VARCHAR, stage_no INT, milestone VARCHAR",
           [(m.letter, s.no, code) for m, s in stages if s.enabled for code in s.entry])  # fmt: skip
    _table(con, "stage_label", "label VARCHAR, model VARCHAR, stage_no INT, milestone VARCHAR, outcome VARCHAR",
           [row for m, s in stages if s.enabled for row in _label_rows(m, s)]
           + [(label, None, None, None, outcome) for label, outcome in outcome_labels()])  # fmt: skip
    _table(con, "field_weight", "entity VARCHAR, field VARCHAR, weight INT, stage VARCHAR",
           [(e.name, f.name, f.weight, f.stage) for e in entities().values() for f in e.fields.values() if f.weight])  # fmt: skip
    _table(con, "milestone_kind", "milestone VARCHAR, name_zh VARCHAR, name_en VARCHAR, opens BOOLEAN",
           [(code, kind["zh"], kind["en"], kind["opens"]) for code, kind in milestones().items()])  # fmt: skip


def _label_rows(model: Process, stage: Stage) -> list[tuple[str, str, int, str, None]]:
    labels = dict.fromkeys([stage.zh, stage.en, *stage.labels, *numbered(model.letter, stage.no)])
    return [
        (label, model.letter, stage.no, code, None)
        for label in labels
        for code in dict.fromkeys([stage.entry[0], *model.declares.get(label, ())])
    ]


def _table(con: duckdb.DuckDBPyConnection, name: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    con.execute(f"create or replace table core.{name} ({columns})")
    con.executemany(f"insert into core.{name} values ({', '.join('?' * len(rows[0]))})", rows)
