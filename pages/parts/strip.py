"""A strip chart: one row for each account, its order days, its usual cycle and its churn line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pages.parts.chart import FONT, Figure
from pages.parts.palette import Palette, palette
from pages.parts.words import _

ROW = 26


@dataclass(frozen=True)
class Strip:
    """One row: `cycle` is the usual gap in days after the last order; `line` the day from which it counts as lost."""

    name: str
    days: Sequence[date]
    last: date
    cycle: float | None
    line: date | None
    text: str
    lost: bool


def strip(rows: Sequence[Strip], today: date, start: date, *, colours: Palette | None = None) -> Figure:
    """Draw rows from the top down between `start` and beyond the furthest line; `today` is the end of the data."""
    ink = colours or palette()
    traces = [_cycles(rows, ink), _orders(rows, ink), _lines(rows, ink)]
    ends = [row.line for row in rows if row.line] + [today]
    last = min(max(ends), today + timedelta(400)) + timedelta(12)
    names = [row.name for row in rows]
    axis = {
        "fixedrange": True,
        "showgrid": False,
        "range": [len(rows) - 0.5, -0.5],
        "automargin": True,
        "type": "category",
    }
    axis |= {"categoryorder": "array", "categoryarray": names, "tickmode": "array", "tickvals": names}
    layout = {
        "height": ROW * len(rows) + 60,
        "margin": {"l": 0, "r": 8, "t": 32, "b": 28, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": ink.text},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "dragmode": False,
        "xaxis": {
            "fixedrange": True,
            "type": "date",
            "range": [start.isoformat(), last.isoformat()],
            "gridcolor": ink.grid,
            "tickformat": "%Y-%m",
            "nticks": 4,
            "tickangle": 0,
        },
        "yaxis": axis | {"ticktext": names, "ticklabelstandoff": 8},
        "yaxis2": axis | {"ticktext": [row.text for row in rows], "overlaying": "y", "side": "right"},
        "shapes": [_today(today, ink)],
    }
    return {"data": traces, "layout": layout}


def _today(today: date, ink: Palette) -> dict[str, Any]:
    line = {"color": ink.neutral, "width": 1, "dash": "dot"}
    return {
        "type": "line",
        "x0": today.isoformat(),
        "x1": today.isoformat(),
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": line,
    }


def _cycles(rows: Sequence[Strip], ink: Palette) -> dict[str, Any]:
    """Shade the usual cycle after the last order: one broken line, a piece for each row."""
    xs: list[str | None] = []
    ys: list[str | None] = []
    for row in rows:
        if row.cycle:
            xs += [row.last.isoformat(), (row.last + timedelta(round(row.cycle))).isoformat(), None]
            ys += [row.name, row.name, None]
    line = {"color": ink.quiet, "width": 10}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": line,
        "hoverinfo": "skip",
        "name": _("常规周期"),
    }


def _orders(rows: Sequence[Strip], ink: Palette) -> dict[str, Any]:
    points = [(day, row.name) for row in rows for day in row.days]
    marker = {"size": 7, "color": ink.better, "line": {"width": 1, "color": ink.grid}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [day.isoformat() for day, _name in points],
        "y": [name for _day, name in points],
        "marker": marker,
        "name": _("订单"),
        "hovertemplate": "%{y}  %{x|%Y-%m-%d}<extra></extra>",
    }


def _lines(rows: Sequence[Strip], ink: Palette) -> dict[str, Any]:
    drawn = [row for row in rows if row.line]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row.line.isoformat() for row in drawn if row.line],
        "y": [row.name for row in drawn],
        "yaxis": "y2",
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 3, "color": ink.worse}},
        "name": _("流失判定线"),
        "hovertemplate": "%{y}  %{x|%Y-%m-%d}<extra></extra>",
    }
