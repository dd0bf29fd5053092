"""Colours with a meaning, light and dark; the same values as .streamlit/config.toml."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import streamlit as st


@dataclass(frozen=True)
class Palette:
    """Colours of charts: `better` and `worse` are blue and orange, told apart by every kind of colour vision."""

    better: str
    worse: str
    neutral: str
    quiet: str
    grid: str
    text: str
    series: tuple[str, ...]


LIGHT = Palette(
    better="#1769b5",
    worse="#c2500c",
    neutral="#6b7785",
    quiet="#c9d2dc",
    grid="#e3e8ee",
    text="#17212b",
    series=("#1769b5", "#d9730d", "#0f8a75", "#b58900", "#7b5ea7", "#6b7785"),
)
DARK = Palette(
    better="#6bb3f7",
    worse="#f59a57",
    neutral="#98a5b3",
    quiet="#45535f",
    grid="#2a3642",
    text="#e6ebf0",
    series=("#6bb3f7", "#f59a57", "#4fc3a8", "#e0b94a", "#b79ce0", "#98a5b3"),
)
TEXT_COLOURS = {"better": "blue", "worse": "orange", "same": "gray"}


def palette() -> Palette:
    """Return the colours of the theme this person looks at."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def direction(difference: Decimal | float | None, better: str) -> str:
    """Say whether a change is `better`, `worse` or the `same`, by the direction of its KPI (`higher` or `lower`)."""
    if not difference or better not in {"higher", "lower"}:
        return "same"
    return "better" if (difference > 0) == (better == "higher") else "worse"
