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
from kpi.refusals import RefusedQuestionError

FOLDER = Path(__file__).parent / "processes"
NUMERALS = "零一二三四五六七八九十"

TABLES = {
    "model": "model VARCHAR, name VARCHAR, name_zh VARCHAR, name_en VARCHAR, version INT, won VARCHAR, "
    "first_stage INT, last_stage INT",
    "stage": "model VARCHAR, stage_no INT, name_zh VARCHAR, name_en VARCHAR, milestone VARCHAR, conditional BOOLEAN, "
    "enabled BOOLEAN, final BOOLEAN, won VARCHAR, model_name VARCHAR, gate_milestone VARCHAR",
    "stage_entered_by": "model VARCHAR, stage_no INT, milestone VARCHAR",
    "stage_label": "label VARCHAR, model VARCHAR, stage_no INT, milestone VARCHAR, outcome VARCHAR",
    "field_weight": "entity VARCHAR, field VARCHAR, weight INT, stage VARCHAR",
    "milestone_kind": "milestone VARCHAR, name_zh VARCHAR, name_en VARCHAR, opens BOOLEAN",
}

_MODEL_KEYS = {
    "letter": str, "zh": str, "en": str, "version": int, "won": str,
    "terminal": dict, "note": dict, "stages": list, "declares": dict,
}  # fmt: skip
_STAGE_KEYS = {
    "no": int, "zh": str, "en": str, "entry": list, "labels": list, "keywords": list, "participants": dict,
    "entry_evidence": dict, "exit_evidence": dict, "gate": dict, "gate_milestone": str,
    "episode": bool, "enabled": bool,
}  # fmt: skip


class ProcessFileError(RefusedQuestionError):
    """A process file is not usable; `code` and `values` name the file and the fault."""

    def __init__(self, code: str, **values: object) -> None:
        """Keep the fault; its words come from `process_faults.toml`."""
        self.code = code
        self.values = values
        super().__init__(self.message("zh"), self.message("en"))

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
        """Return one of participants, entry_evidence, exit_evidence, gate in `zh` or `en`; empty where not said."""
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
        """Return the model's name on screen in `zh` or `en`."""
        return self.en if language == "en" else self.zh

    @property
    def active(self) -> tuple[Stage, ...]:
        """Return the enabled stages."""
        return tuple(stage for stage in self.stages if stage.enabled)

    @property
    def last(self) -> int:
        """Return the number of the last stage that is passed in order."""
        return max(stage.no for stage in self.active if not stage.episode)


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def milestones() -> dict[str, dict[str, Any]]:
    """Return milestone codes with `zh`, `en` and `opens` (begins a new cycle after a termination)."""
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
        if stage.episode and stage.entry != ("M14",):
            raise ProcessFileError("episode", file=file, where=f"{stage.no} {stage.zh}", found=list(stage.entry))
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
    """Return all models by letter: the shipped ones and those in further `folders`.

    A file with the name and the letter of a shipped model and a higher version replaces it. Raise `ProcessFileError`
    where a file is wrong, a letter is used twice, or a model of its own takes the name of another.
    """
    found: dict[str, Process] = {}
    for path in chain(*(sorted(folder.glob("*.toml")) for folder in (FOLDER, *folders))):
        _join(found, path.name, read(path))
    return dict(sorted(found.items()))


def _join(found: dict[str, Process], file: str, process: Process) -> None:
    before = found.get(process.letter)
    if before and before.name != process.name:
        raise ProcessFileError("letter_taken", file=file, found=process.letter, known=f"{before.name}.toml")
    if before and before.version >= process.version:
        raise ProcessFileError("version_taken", file=file, found=process.version, known=before.version)
    others = {each.name: each.letter for each in found.values() if each.letter != process.letter}
    if process.name in others:
        raise ProcessFileError("name_taken", file=file, found=process.name, known=others[process.name])
    found[process.letter] = process


def add(path: Path, folder: Path) -> Process:
    """Take a model of one's own into `folder`, where the next build finds it; refuse a wrong one before it is there.

    A file of the same name there is replaced.
    """
    process = read(path)
    folder.mkdir(parents=True, exist_ok=True)
    others = processes()
    for other in sorted(folder.glob("*.toml")):
        if other.name != path.name:
            _join(others, other.name, read(other))
    _join(others, path.name, process)
    scratch = folder / f".{path.name}.part"
    scratch.write_bytes(path.read_bytes())
    scratch.replace(folder / path.name)
    return process


def outcome_labels() -> list[tuple[str, str]]:
    """Return spellings of stage columns that mean the end, as (label, `won` or `lost`)."""
    return [(label, outcome) for outcome, labels in _toml("outcomes.toml").items() for label in labels]


def numbered(letter: str, no: int) -> list[str]:
    """Return spellings that name a stage by its number, in any process."""
    numeral = NUMERALS[no] if no < len(NUMERALS) else str(no)
    return [
        f"{letter}{no}", str(no), f"stage{no}", f"step{no}",
        *(f"{before}{digit}{after}" for digit in {numeral, str(no)}
          for before, after in (("阶段", ""), ("第", "阶段"), ("第", "步"), ("步骤", ""))),
    ]  # fmt: skip


def register(con: duckdb.DuckDBPyConnection, *folders: Path) -> None:
    """Create the tables of `TABLES` in schema `core`, which hold the models (domain.md §2); run before the steps.

    In `stage`, `won` is the milestone that wins the model and `final` the last stage of a model that has none.
    In `stage_label`, a label that ends a development has an `outcome` and no model; the label of a stage has one row
    per milestone that it declares.
    """
    models = processes(*folders).values()
    stages = [(model, stage) for model in models for stage in model.stages]
    enabled = [(model, stage) for model, stage in stages if stage.enabled]
    fields = [(e.name, f) for e in entities().values() for f in e.fields.values() if f.weight]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "model": [(m.letter, m.name, m.zh, m.en, m.version, m.won or None, m.active[0].no, m.last) for m in models],
        "stage": [_stage_row(model, stage) for model, stage in stages],
        "stage_entered_by": [(model.letter, stage.no, code) for model, stage in enabled for code in stage.entry],
        "stage_label": [row for model, stage in enabled for row in _label_rows(model, stage)]
        + [(label, None, None, None, outcome) for label, outcome in outcome_labels()],
        "field_weight": [(entity, field.name, field.weight, field.stage) for entity, field in fields],
        "milestone_kind": [(code, kind["zh"], kind["en"], kind["opens"]) for code, kind in milestones().items()],
    }
    for name, columns in TABLES.items():
        con.execute(f"create or replace table core.{name} ({columns})")
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows[name])
        con.execute(f"insert into core.{name} values {places}", [value for row in rows[name] for value in row])


def _stage_row(model: Process, stage: Stage) -> tuple[Any, ...]:
    milestone = stage.entry[0] if stage.entry else None
    final = not model.won and stage.no == model.last
    facts = (stage.episode, stage.enabled, final, model.won or None, model.name, stage.gate_milestone or None)
    return (model.letter, stage.no, stage.zh, stage.en, milestone, *facts)


def _label_rows(model: Process, stage: Stage) -> list[tuple[str, str, int, str, None]]:
    labels = dict.fromkeys([stage.zh, stage.en, *stage.labels, *numbered(model.letter, stage.no)])
    return [
        (label, model.letter, stage.no, code, None)
        for label in labels
        for code in dict.fromkeys([stage.entry[0], *model.declares.get(label, ())])
    ]
