"""Figures of the funnel that no other page draws: moves between stages, and the share still in a stage by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpi.survival import Point
from pages.parts import chart as charts
from pages.parts.palette import Palette, palette
from pages.parts.words import _, mark

KINDS = {
    "forward": "better", "won": "better", "back": "worse", "terminated": "neutral", "churned": "worse", "open": "quiet",
}  # fmt: skip
ENDS = {"won": mark("成交"), "terminated": mark("终止"), "churned": mark("流失"), "open": mark("在途")}
CAUSES = {
    "advanced": (mark("推进"), "better"),
    "terminated": (mark("终止"), "neutral"),
    "back": (mark("回退"), "worse"),
}
ALPHA = "66"


def base(height: int, ink: Palette) -> dict[str, Any]:
    """Return the layout that all charts share, without axes."""
    shared: dict[str, Any] = charts.line([], [], colours=ink)["layout"]
    return {name: value for name, value in shared.items() if name not in {"xaxis", "yaxis"}} | {"height": height}


def sankey(
    moves: Sequence[dict[str, Any]], names: dict[int, str], *, colours: Palette | None = None
) -> tuple[dict[str, Any], str]:
    """Return the figure of `kpi.funnel_moves.moves` and its words; a step back ends in a node of its own."""
    ink = colours or palette()
    places: dict[tuple[str, int | None], int] = {}
    said = []
    for move in moves:
        for place in (("at", move["source"]), _target(move)):
            places.setdefault(place, len(places))
        said.append(f"{names[move['source']]} → {_label(_target(move), names)} {move['units']}")
    shades = {kind: getattr(ink, colour) for kind, colour in KINDS.items()}
    trace = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": [_label(place, names) for place in places],
            "color": [ink.series[0] if place[0] == "at" else shades[place[0]] for place in places],
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label} %{value:.0f}<extra></extra>",
        },
        "link": {
            "source": [places["at", move["source"]] for move in moves],
            "target": [places[_target(move)] for move in moves],
            "value": [move["units"] for move in moves],
            "color": [shades[move["kind"]] + ALPHA for move in moves],
            "hovertemplate": "%{source.label} → %{target.label}  %{value:.0f}<extra></extra>",
        },
        "textfont": {"color": ink.text, "size": 13, "shadow": "none"},
    }
    layout = base(90 * len(names) + 60, ink) | {"margin": {"l": 4, "r": 4, "t": 12, "b": 12, "pad": 0}}
    return {"data": [trace], "layout": layout}, "；".join(said)


def _target(move: dict[str, Any]) -> tuple[str, int | None]:
    if move["kind"] == "forward":
        return ("at", move["target"])
    return ("back", move["target"]) if move["kind"] == "back" else (move["kind"], None)


def _label(place: tuple[str, int | None], names: dict[int, str]) -> str:
    kind, stage = place
    if stage is None:
        return _(ENDS[kind])
    return names[stage] if kind == "at" else _("退回 {stage}", stage=names[stage])


def still_in(points: Sequence[Point], median: int | None, *, colours: Palette | None = None) -> dict[str, Any]:
    """Return the steps of the share still in a stage and of those gone by each way, with the median dashed."""
    ink = colours or palette()
    days = [0, *(point.day for point in points)]
    at_risk = [points[0].at_risk, *(point.at_risk for point in points)]
    traces = [_steps(_("仍在阶段内"), days, [1.0, *(point.still_in for point in points)], ink.text, at_risk)]
    for cause, (word, kind) in CAUSES.items():
        if any(cause in point.left_by for point in points):
            shares = [0.0, *(point.left_by.get(cause, 0.0) for point in points)]
            traces.append(_steps(_(word), days, shares, getattr(ink, kind), at_risk))
    axis = {"fixedrange": True, "gridcolor": ink.grid, "automargin": True}
    layout = base(300, ink) | {
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        "margin": {"l": 0, "r": 8, "t": 36, "b": 8, "pad": 0},
        "xaxis": axis | {"rangemode": "tozero", "title": {"text": _("进入后的天数")}},
        "yaxis": axis | {"range": [0, 1.02], "tickformat": ".0%"},
    }
    if median is not None:
        dash = {"color": ink.neutral, "width": 1.5, "dash": "dash"}
        layout["shapes"] = [{"type": "line", "x0": median, "x1": median, "y0": 0, "y1": 1, "line": dash}]
    return {"data": traces, "layout": layout}


def _steps(
    name: str, days: Sequence[int], shares: Sequence[float], colour: str, at_risk: Sequence[int]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(days),
        "y": list(shares),
        "customdata": list(at_risk),
        "line": {"color": colour, "width": 2, "shape": "hv"},
        "hovertemplate": _("第 {day} 天 {share}，在场 {n} 户").format(day="%{x}", share="%{y:.1%}", n="%{customdata}")
        + f"<extra>{name}</extra>",
    }
