"""A small line over quarters with its target, as an SVG picture."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pages.parts.palette import Palette

WIDTH, HEIGHT, MARGIN = 300, 56, 6


def sparkline(
    values: Sequence[Decimal | float | None], marked: int, target: Decimal | float | None, colours: Palette
) -> str:
    """Draw values from left to right; `marked` is the position of the quarter shown; a missing value is a gap."""
    known = [float(value) for value in (*values, target) if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0

    def across(position: int) -> float:
        return MARGIN + position * (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)

    def down(value: Decimal | float) -> float:
        return HEIGHT - MARGIN - (float(value) - low) / span * (HEIGHT - 2 * MARGIN)

    points = [(across(at), down(value)) if value is not None else None for at, value in enumerate(values)]
    parts = [_line(run, colours.better) for run in _runs(points)]
    if target is not None:
        parts.insert(0, _target(down(target), colours.neutral))
    if 0 <= marked < len(points) and (dot := points[marked]):
        parts.append(f'<circle cx="{dot[0]:.1f}" cy="{dot[1]:.1f}" r="4" fill="{colours.better}"/>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _line(run: Sequence[tuple[float, float]], colour: str) -> str:
    if len(run) == 1:
        return f'<circle cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="2" fill="{colour}"/>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'


def _target(y: float, colour: str) -> str:
    return (
        f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" '
        'stroke-width="1.2" stroke-dasharray="5 4"/>'
    )
