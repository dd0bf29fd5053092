"""Charts as plain plotly dicts in the colours of the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import streamlit as st

from pages.parts.formats import MINUS
from pages.parts.palette import Palette, palette

Figure: TypeAlias = dict[str, Any]
Values: TypeAlias = "Sequence[float | None]"

FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
ROW = 34
TWO_LINES = 42
CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


@dataclass(frozen=True)
class Series:
    """One row of values; `kind` is its colour: better, worse, neutral, quiet, open (hatched) or a position."""

    name: str
    values: Values
    kind: str | int = 0
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class Expected:
    """A value that is expected, its range, and how it is said."""

    amount: float
    low: float
    high: float
    text: str


def show(figure: Figure, *, key: str, alt: str, select: bool = False) -> int | None:
    """Draw a figure; with `select`, return the position of the point that was clicked. `alt` says it in words."""
    if not select:
        st.plotly_chart(figure, key=key, alt=alt, config=CONFIG, theme=None)
        return None
    picked = pick(figure, key=key, alt=alt)
    return picked[1] if picked else None


def pick(figure: Figure, *, key: str, alt: str) -> tuple[int, int] | None:
    """Draw a figure and return what was clicked: the number of its row of values, and the position in it."""
    picked = st.plotly_chart(
        figure, key=key, alt=alt, config=CONFIG, theme=None, on_select="rerun", selection_mode="points"
    )
    points = picked["selection"]["points"]
    return (int(points[0]["curve_number"]), int(points[0]["point_index"])) if points else None


def bars(labels: Sequence[str], series: Series, *, colours: Palette | None = None) -> Figure:
    """Draw horizontal bars, the first on top, with their texts outside."""
    ink = colours or palette()
    return _horizontal(labels, [_bar(labels, series, ink)], ink)


def bullet(
    labels: Sequence[str],
    actual: Series,
    planned: Values,
    projected: Sequence[Expected | None] = (),
    *,
    colours: Palette | None = None,
) -> Figure:
    """Draw actual as a bar, planned as a tick, the projection as a dot with its range; texts in a column on the right.

    A bar that reaches its plan has the colour of better, any other is neutral.
    """
    ink = colours or palette()
    tick = {"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": ink.text}}
    bar = {**_bar(labels, actual, ink), "textposition": "none"}
    bar["marker"]["color"] = [_reached(*pair, ink) for pair in zip(actual.values, planned, strict=True)]
    traces = [bar, {**_marks(labels, planned, tick), "yaxis": "y2"}]
    if any(projected):
        traces.append(_expected(labels, projected, ink))
    figure = _horizontal(labels, traces, ink)
    if any(projected):
        figure["layout"]["height"] = TWO_LINES * len(labels) + 24
    figure["layout"]["yaxis2"] = figure["layout"]["yaxis"] | {
        "overlaying": "y",
        "side": "right",
        "tickmode": "array",
        "tickvals": list(labels),
        "ticktext": list(actual.texts),
    }
    return figure


def funnel_bars(stages: Sequence[str], segments: Sequence[Series], *, colours: Palette | None = None) -> Figure:
    """Draw one stacked bar for each stage on one common scale; numbers inside the segments."""
    ink = colours or palette()
    traces = [
        {**_bar(stages, segment, ink), "textposition": "inside", "insidetextanchor": "middle", "textangle": 0}
        for segment in segments
    ]
    figure = _horizontal(stages, traces, ink)
    figure["layout"] |= {"barmode": "stack", "showlegend": True, "legend": _legend()}
    figure["layout"]["uniformtext"] = {"minsize": 10, "mode": "hide"}
    figure["layout"]["margin"]["t"] = 36
    return figure


def line(
    labels: Sequence[str],
    lines: Sequence[Series],
    *,
    target: float | None = None,
    percent: bool = True,
    colours: Palette | None = None,
) -> Figure:
    """Draw lines over quarters with the target dashed; values are fractions where `percent`."""
    ink = colours or palette()
    data = [_trace(labels, each, ink) for each in lines]
    layout = _layout(ink, 280)
    layout |= {
        "showlegend": len(lines) > 1,
        "legend": _legend(),
        "xaxis": {"fixedrange": True, "type": "category", "showgrid": False, "automargin": True},
        "yaxis": {
            "fixedrange": True,
            "gridcolor": ink.grid,
            "zeroline": False,
            "automargin": True,
            "tickformat": ".0%" if percent else "~s",
        },
    }
    if target is not None:
        layout["shapes"] = [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target}
            | {"line": {"color": ink.neutral, "width": 1.5, "dash": "dash"}}
        ]
    return {"data": data, "layout": layout}


def waterfall(
    labels: Sequence[str],
    values: Values,
    totals: Sequence[int],
    *,
    better: str = "higher",
    colours: Palette | None = None,
) -> Figure:
    """Draw how a stock moved; positions in `totals` stand on the ground, the others hang from the one before."""
    ink = colours or palette()
    up, down = (ink.better, ink.worse) if better == "higher" else (ink.worse, ink.better)
    trace = {
        "type": "waterfall",
        "x": list(labels),
        "y": list(values),
        "measure": [
            "total" if at in totals and at else "absolute" if at in totals else "relative" for at in range(len(labels))
        ],
        "text": [_step(value, signed=at not in totals) for at, value in enumerate(values) if value is not None],
        "textposition": "outside",
        "cliponaxis": False,
        "connector": {"line": {"color": ink.quiet, "width": 1}},
        "increasing": {"marker": {"color": up}},
        "decreasing": {"marker": {"color": down}},
        "totals": {"marker": {"color": ink.neutral}},
        "hoverinfo": "x+text",
    }
    layout = _layout(ink, 300)
    layout |= {
        "xaxis": {"fixedrange": True, "type": "category", "automargin": True},
        "yaxis": {"fixedrange": True, "visible": False, "range": _window(values, totals)},
    }
    return {"data": [trace], "layout": layout}


def _reached(actual: float | None, planned: float | None, ink: Palette) -> str:
    return ink.better if actual is not None and planned and actual >= planned else ink.neutral


def _step(value: float, *, signed: bool) -> str:
    return f"{value:{'+' if signed and value else ''},.0f}".replace("-", MINUS)


def _window(values: Values, totals: Sequence[int]) -> list[float]:
    """Cut the part that all bars share, so that small movements of a large stock can be seen."""
    level, levels = 0.0, []
    for at, value in enumerate(values):
        level = (value or 0) if at in totals else level + (value or 0)
        levels.append(level)
    span = (max(levels) - min(levels)) or max(levels) or 1
    return [max(0.0, min(levels) - 1.5 * span), max(levels) + 0.4 * span]


def _trace(labels: Sequence[str], series: Series, ink: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": series.name,
        "x": list(labels),
        "y": list(series.values),
        "text": list(series.texts),
        "hovertemplate": ("%{text}" if series.texts else "%{y}") + f"<extra>{series.name}</extra>",
        "line": {"color": _colour(series.kind, ink), "width": 2},
        "marker": {"size": 6},
        "connectgaps": False,
    }


def _bar(labels: Sequence[str], series: Series, ink: Palette) -> dict[str, Any]:
    marker: dict[str, Any] = {"color": _colour(series.kind, ink)}
    if series.kind == "open":
        marker["pattern"] = {"shape": "/", "fgcolor": ink.quiet, "bgcolor": "rgba(0,0,0,0)", "size": 6}
    return {
        "type": "bar",
        "orientation": "h",
        "name": series.name,
        "x": list(series.values),
        "y": list(labels),
        "text": list(series.texts),
        "textposition": "outside" if series.texts else "none",
        "cliponaxis": False,
        "insidetextfont": {"color": ink.text} if series.kind in {"open", "quiet"} else {},
        "marker": marker,
        "hovertemplate": "%{y}  " + ("%{text}" if series.texts else "%{x:,}") + f"<extra>{series.name}</extra>",
    }


def _marks(labels: Sequence[str], values: Values, marker: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(values),
        "y": list(labels),
        "marker": dict(marker),
        "hovertemplate": "%{y}  %{x:,}<extra></extra>",
    }


def _expected(labels: Sequence[str], expected: Sequence[Expected | None], ink: Palette) -> dict[str, Any]:
    known = [(label, each) for label, each in zip(labels, expected, strict=True) if each]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [each.amount for _label, each in known],
        "y": [label for label, _each in known],
        "text": [each.text for _label, each in known],
        "marker": {"symbol": "circle", "size": 9, "color": ink.text, "line": {"width": 1.5, "color": ink.grid}},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [each.high - each.amount for _label, each in known],
            "arrayminus": [each.amount - each.low for _label, each in known],
            "color": ink.text,
            "thickness": 1.5,
            "width": 4,
        },
        "hovertemplate": "%{y}  %{text}<extra></extra>",
    }


def _colour(kind: str | int, ink: Palette) -> str:
    if isinstance(kind, int):
        return ink.series[kind % len(ink.series)]
    return {"better": ink.better, "worse": ink.worse, "neutral": ink.neutral, "quiet": ink.quiet, "open": ink.quiet}[
        kind
    ]


def _horizontal(labels: Sequence[str], traces: list[dict[str, Any]], ink: Palette) -> Figure:
    layout = _layout(ink, ROW * len(labels) + 24)
    layout |= {
        "xaxis": {"fixedrange": True, "visible": False, "rangemode": "tozero"},
        "yaxis": {
            "fixedrange": True,
            "showgrid": False,
            "range": [len(labels) - 0.5, -0.5],
            "automargin": True,
            "type": "category",
            "ticklabelstandoff": 8,
        },
        "bargap": 0.35,
    }
    return {"data": traces, "layout": layout}


def _layout(ink: Palette, height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 8, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": ink.text},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"font": {"family": FONT}},
        "transition": {"duration": 0},
    }


def _legend() -> dict[str, Any]:
    return {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"}
