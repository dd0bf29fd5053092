"""Awkward tables made plain: each module claims a layout and turns it into tables with one fact a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loaders.read import Table

SHAPES = ()


def claiming(table: Table, entity: str = "") -> str:
    return ""
