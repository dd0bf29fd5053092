"""A second opinion on the funnels: random histories, stepped through day by day in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from kpi.process import milestones, processes

START = date(2026, 1, 1)
TODAY = date(2026, 9, 30)
SILENCE = 60
MODELS = processes()
OPENS = {code for code, kind in milestones().items() if kind["opens"]}
ORDERS = {"试单": "M12", "正式": "M13"}


@dataclass
class Stay:
    """Time in one stage."""

    stage: int
    entered: date
    left: date | None = None
    fate: str = "open"


@dataclass
class Unit:
    """One cycle of one account or deal."""

    account: str
    deal: str | None
    started: date
    ended: date | None = None
    facts: list[tuple[date, str]] = field(default_factory=list)
    moves: list[tuple[date, str, int]] = field(default_factory=list)
    contacts: list[date] = field(default_factory=list)
    complaints: list[tuple[date, date | None]] = field(default_factory=list)

    def first(self, *codes: str) -> date | None:
        """Return the first day of any of these milestones."""
        return min((day for day, code in self.facts if code in codes), default=None)


@dataclass
class Subject:
    """Everything known about one account or deal, not yet cut into cycles."""

    account: str
    deal: str | None = None
    facts: list[tuple[date, str]] = field(default_factory=list)
    ends: list[tuple[date, str]] = field(default_factory=list)
    moves: list[tuple[date, str, int]] = field(default_factory=list)
    contacts: list[date] = field(default_factory=list)
    complaints: list[tuple[date, date | None]] = field(default_factory=list)

    def units(self) -> list[Unit]:
        """Step through the days: facts first, then the ends of the day."""
        units: list[Unit] = []
        needs_order = False
        for day in sorted({d for d, _ in self.facts + self.ends}):
            codes = {code for d, code in self.facts if d == day}
            live = units and units[-1].ended is None
            if codes and not live and (not units or (codes & (set(ORDERS.values()) if needs_order else OPENS))):
                units.append(Unit(self.account, self.deal, day))
                live = True
            if not units or not live:
                continue
            unit = units[-1]
            unit.facts += [(day, code) for code in codes]
            won = unit.first("M13") is not None
            if any(d == day and (rule == "any" or won == (rule == "after_win")) for d, rule in self.ends):
                unit.ended, needs_order = day, won
        for unit in units:
            for name in ("moves", "contacts", "complaints"):
                every = getattr(self, name)
                setattr(unit, name, [x for x in every if _within(unit, x if isinstance(x, date) else x[0])])
        return units


def _within(unit: Unit, day: date) -> bool:
    return unit.started <= day and (unit.ended is None or day <= unit.ended)


def derive(unit: Unit) -> list[tuple[date, date | None]]:
    """Add the milestones that follow from others (M10a, M14, M15) and return the crises, merged."""
    met = unit.first("M04")
    later = sorted(day for day in unit.contacts if met and day > met)
    if len(later) >= 3:
        unit.facts.append((later[2], "M10a"))
    ordered, won = unit.first("M12", "M13"), unit.first("M13")
    crises = sorted((a, b) for a, b in unit.complaints if ordered and ordered <= a)
    if crises:
        unit.facts.append((crises[0][0], "M14"))
    repeats = sorted({day for day, code in unit.facts if code in {"M12", "M13"} and won and day > won})
    quarters = {(day.year * 12 + day.month - 1) // 3 for day in repeats}
    steady = [
        day for day in repeats
        if (day.year * 12 + day.month - 1) // 3 - 1 in quarters
        and not any(a <= day and (b is None or b > day) for a, b in crises)
    ]  # fmt: skip
    if steady:
        unit.facts.append((steady[0], "M15"))
    return _merge(crises)


def _merge(spans: Iterable[tuple[date, date | None]]) -> list[tuple[date, date | None]]:
    merged: list[tuple[date, date | None]] = []
    for begun, over in spans:
        if merged and (merged[-1][1] is None or begun <= merged[-1][1]):
            last = merged[-1][1]
            merged[-1] = (merged[-1][0], None if last is None or over is None else max(last, over))
        else:
            merged.append((begun, over))
    return merged


def walk(unit: Unit, letter: str) -> tuple[list[Stay], date | None]:
    """Step a unit through one model; return its stays and the day it was won there."""
    model = MODELS[letter]
    won = unit.first(model.won) if model.won else None
    entries = [(unit.first(code), s.no) for s in model.active if not s.episode for code in s.entry]
    events = [(day, stage, 1) for day, stage in entries if day]
    before = None
    for day, _, stage in sorted(move for move in unit.moves if move[1] == letter):
        events.append((day, stage, 0 if before is not None and stage < before else 1))
        before = stage
    stays: list[Stay] = []
    for day, stage, forward in sorted(events):
        if won and day > won:
            break
        current = stays[-1].stage if stays else 0
        if stage > current or (not forward and stage < current):
            if stays:
                stays[-1].left, stays[-1].fate = day, "advanced" if stage > current else "back"
            stays.append(Stay(stage, day))
    if stays and won:
        stays[-1].left, stays[-1].fate = won, "advanced"
    elif stays and unit.ended:
        stays[-1].left, stays[-1].fate = unit.ended, "terminated"
    return stays, won


def episodes(unit: Unit, crises: list[tuple[date, date | None]]) -> list[Stay]:
    found = []
    for begun, over in crises:
        if over and (unit.ended is None or over <= unit.ended):
            found.append(Stay(6, begun, over, "advanced"))
        else:
            found.append(Stay(6, begun, unit.ended, "terminated" if unit.ended else "open"))
    return found


Bars = Counter[tuple[int, str]]


def cohort(units: list[Unit], letter: str, start: date, end: date, within: int | None = None) -> Bars:
    bars: Bars = Counter()
    for unit in units:
        crises = derived(unit)
        stays, won = walk(unit, letter)
        for stage in (s.no for s in MODELS[letter].active if not s.episode):
            days = [stay.entered for stay in stays if stay.stage >= stage] + ([won] if won else [])
            if not days or not start <= min(days) < end:
                continue
            cut = min(days) + timedelta(days=within) if within is not None else TODAY
            if cut <= TODAY:
                bars[stage, _fate_at(cut, stage, stays, won, unit)] += 1
                bars[stage, "skipped"] += all(stay.stage != stage for stay in stays)
        for stay in episodes(unit, crises) if letter == "b" else []:
            cut = stay.entered + timedelta(days=within) if within is not None else TODAY
            if start <= stay.entered < end and cut <= TODAY:
                bars[6, stay.fate if stay.left and stay.left <= cut else "open"] += 1
    return bars


def _fate_at(cut: date, stage: int, stays: list[Stay], won: date | None, unit: Unit) -> str:
    if (won and won <= cut) or any(stay.stage > stage and stay.entered <= cut for stay in stays):
        return "advanced"
    if not won and unit.ended and unit.ended <= cut:
        return "terminated"
    seen = [stay.stage for stay in stays if stay.entered <= cut]
    return "back" if seen and seen[-1] < stage else "open"


def standing_in(units: list[Unit], letter: str, start: date, end: date, view: str) -> Bars:
    """Count the views period, risk and snapshot: the last stay of a unit in each stage that the view takes."""
    bars: Bars = Counter()
    for unit in units:
        crises = derived(unit)
        every = [(stay, False) for stay in walk(unit, letter)[0]]
        every += [(stay, True) for stay in (episodes(unit, crises) if letter == "b" else [])]
        if view == "snapshot":
            present = [
                (crisis, n) for n, (s, crisis) in enumerate(every) if s.entered < end and (not s.left or s.left >= end)
            ]
            if present:
                bars[every[max(present)[1]][0].stage, "open"] += 1
            continue
        taken = {}
        for number, (stay, crisis) in enumerate(every):
            gone = stay.left is not None and stay.left < end
            if view == "period":
                counts = stay.left is not None and start <= stay.left < end
            else:
                counts = stay.entered < end and (stay.left is None or stay.left >= start)
            if counts:
                taken[stay.stage, number if crisis else None] = stay.fate if gone else "open"
        bars.update((stage, fate) for (stage, _), fate in taken.items())
    return bars


Moves = Counter[tuple[int, str, int | None]]


def moves(units: list[Unit], letter: str, start: date, end: date, view: str) -> Moves:
    """Count where each stay begun in the period (or left in it, in view period) led."""
    counted: Moves = Counter()
    for unit in units:
        derived(unit)
        stays, won = walk(unit, letter)
        for stay, after in zip(stays, [*stays[1:], None], strict=False):
            day = stay.left if view == "period" else stay.entered
            if day is None or not start <= day < end:
                continue
            if after is not None:
                kind = "forward" if after.stage > stay.stage else "back"
                counted[stay.stage, kind, after.stage] += 1
            else:
                counted[stay.stage, _led_to(unit, won), None] += 1
    return counted


def _led_to(unit: Unit, won: date | None) -> str:
    if won:
        return "won"
    if not unit.ended:
        return "open"
    ordered = unit.first("M13")
    return "churned" if ordered and ordered <= unit.ended else "terminated"


def endings(units: list[Unit], letter: str, start: date, end: date, view: str) -> Counter[str]:
    """Count how developments begun in the period (or closed in it, in view period) ended in a model."""
    counted: Counter[str] = Counter()
    for unit in units:
        derived(unit)
        stays, won = walk(unit, letter)
        days = [stay.entered for stay in stays] + ([won] if won else [])
        if not days:
            continue
        fate = "won" if won else "lost" if unit.ended else "open"
        closed = won or unit.ended
        day = closed if view == "period" else min(days)
        if day is not None and start <= day < end:
            counted[fate] += 1
    return counted


def durations(units: list[Unit], letter: str, start: date, end: date) -> dict[int, Counter[tuple[int, str]]]:
    """Collect the first stays begun in the period by stage: (days up to the data date, way of leaving)."""
    found: dict[int, Counter[tuple[int, str]]] = {stage.no: Counter() for stage in MODELS[letter].active}
    for unit in units:
        crises = derived(unit)
        seen: set[int] = set()
        for stay in walk(unit, letter)[0]:
            if stay.stage not in seen and start <= stay.entered < end:
                found[stay.stage][((stay.left or TODAY) - stay.entered).days, stay.fate] += 1
            seen.add(stay.stage)
        for stay in episodes(unit, crises) if letter == "b" else []:
            if start <= stay.entered < end:
                found[6][((stay.left or TODAY) - stay.entered).days, stay.fate] += 1
    return found


def derived(unit: Unit) -> list[tuple[date, date | None]]:
    """Derive once on a copy of the facts, so that a unit may be counted again."""
    plain = [fact for fact in unit.facts if fact[1] not in {"M10a", "M14", "M15"}]
    unit.facts = plain
    return derive(unit)
