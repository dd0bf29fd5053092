"""The scoring rules as spreadsheet formulas, so that a workbook computes its points without us."""

from __future__ import annotations

from decimal import Decimal

from kpi.scheme import Item, Scheme


def points(item: Item, rate: str, base: str, *, lower: bool, partial: str) -> str:
    """Write the points of a rate (a cell) under an item's rule; `base` is the cell of the denominator."""
    exact = f"ROUND({rate},12)"
    scored = _linear(item, exact, base, lower=lower, partial=partial) if item.rule == "linear" else _ratio(item, exact)
    clamped = f"MAX(0,MIN({item.cap},{scored}))"
    if item.floor is None:
        return clamped
    return f"IF({exact}{'>' if lower else '<'}{item.floor},0,{clamped})"


def _ratio(item: Item, rate: str) -> str:
    share = f"({rate}/{item.target})"
    if item.steep_below is None:
        return f"{share}*100"
    steep = f"{item.steep_below}*100-{item.steep_points}*({item.steep_below}-{share})*100"
    return f"IF({share}<{item.steep_below},{steep},{share}*100)"


def _linear(item: Item, rate: str, base: str, *, lower: bool, partial: str) -> str:
    allowed = f"MAX({item.target},1/{base})" if item.one_account_free else str(item.target)
    worse = f"ROUND(({rate}-{allowed})*100,9)" if lower else f"ROUND(({allowed}-{rate})*100,9)"
    better = f"MAX(0,({item.target}-{rate})*100)" if lower else f"MAX(0,({rate}-{item.target})*100)"
    cut = {"floor": f"INT({worse})", "ceil": f"ROUNDUP({worse},0)"}.get(partial, worse)
    return f"IF({worse}>0,100-{item.points_worse}*{cut},100+{item.points_better}*{better})"


def item_points(scheme: Scheme, item: Item, cells: tuple[str, str, str], *, lower: bool) -> str:
    """Write an item's points: of the quarter, mixed with those of the year to date where the rule says so.

    `cells` are rate, year-to-date rate (empty where there is none) and denominator.
    """
    rate, year, base = cells
    own = points(item, rate, base, lower=lower, partial=scheme.partial_point)
    if not item.year_to_date_share or not year:
        return own
    through = points(item, year, base, lower=lower, partial=scheme.partial_point)
    share = item.year_to_date_share
    return f"{Decimal(1) - share}*{own}+{share}*{through}"


def total(scheme: Scheme, weights: str, scores: str) -> str:
    """Write a weighted total over two ranges, rounded half up; empty scores follow the missing-item policy."""
    if scheme.na_policy == "reweight":
        summed = f"SUMPRODUCT({weights},{scores})/SUMPRODUCT({weights},--ISNUMBER({scores}))"
    else:
        filler = 0 if scheme.na_policy == "zero" else 100
        summed = f"(SUMPRODUCT({weights},{scores})+{filler}*SUMPRODUCT({weights},--NOT(ISNUMBER({scores}))))/100"
    return f"ROUND(ROUND({summed},9),2)"


def grade(scheme: Scheme, score: str, *, coefficient: bool = False) -> str:
    """Write the grade of a total (or its coefficient) as nested conditions, the best band first."""
    written = '""'
    for band in sorted(scheme.bands, key=lambda band: band.least):
        written = f"IF({score}>={band.least},{band.coefficient if coefficient else _text(band.grade)},{written})"
    return written


def _text(found: str) -> str:
    return '"' + found.replace('"', '""') + '"'
