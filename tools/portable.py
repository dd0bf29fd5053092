"""The portable subset: what metric SQL may say so that DuckDB and Spark give the same numbers."""

from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

COLUMNS = (
    "account_id",
    "rep_id",
    "dept",
    "plan_id",
    "quarter",
    "period_start",
    "period_end",
    "day",
    "numerator",
    "denominator",
    "reason",
    "reason_date",
    "source_entity",
    "source_key",
)
CLOSED = {
    "better": {"higher", "lower"},
    "rollup": {"ratio", "mean", "sum", "median", "distinct", "latest"},
}
WORDED = ("title", "question")
HEADER = (*WORDED, "unit", *CLOSED)

# Same results on both engines, or plain logic; anything else that sqlglot calls a function is refused.
FUNCTIONS = (
    exp.Abs,
    exp.And,
    exp.Case,
    exp.Cast,
    exp.Coalesce,
    exp.Count,
    exp.DateDiff,
    exp.Exists,
    exp.Greatest,
    exp.If,
    exp.Lag,
    exp.Lead,
    exp.Least,
    exp.Lower,
    exp.Max,
    exp.Min,
    exp.Nullif,
    exp.Or,
    exp.RowNumber,
    exp.Sum,
    exp.TimeToUnix,
    exp.TimestampTrunc,
    exp.Upper,
)
DIVISIONS = (exp.Div, exp.IntDiv, exp.Mod)
NESTED = (exp.Array, exp.Struct, exp.Bracket, exp.Unnest, exp.Lambda)
ORDERED = (exp.RowNumber, exp.Lag, exp.Lead)
WHOLE = (exp.TimeToUnix, exp.Count, exp.DateDiff)


def header_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the header of a metric file: `-- key: value` lines before the query."""
    lines = text.partition("\nwith")[0].splitlines()
    header = dict(line[3:].split(": ", 1) for line in lines if line.startswith("-- ") and ": " in line)
    for key in HEADER:
        if not header.get(key, "").strip():
            yield f"header has no line `-- {key}: …`"
    for key in WORDED:
        if key in header and len([part for part in header[key].split(" | ") if part.strip()]) != len(("zh", "en")):
            yield f"header line {key} needs 中文 | English"
    for key, known in CLOSED.items():
        if key in header and header[key] not in known:
            yield f"header line {key} is {header[key]!r}; known are {sorted(known)}"


def query_faults(text: str) -> Iterator[str]:
    """Yield what in a query lies outside the portable subset."""
    try:
        trees = [tree for tree in parse(text, read="duckdb") if tree is not None]
    except SqlglotError as error:
        yield f"sqlglot cannot read it: {error}"
        return
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        yield "a metric file holds exactly one query"
        return
    if tuple(trees[0].named_selects) != COLUMNS:
        yield f"the query must give {', '.join(COLUMNS)}; it gives {', '.join(trees[0].named_selects)}"
    ctes = {cte.alias for cte in trees[0].find_all(exp.CTE)}
    for node in trees[0].walk():
        for fault in _node_faults(node, ctes):
            yield f"{fault}: {node.sql('duckdb')[:100]}"


def _node_faults(node: exp.Expr, ctes: set[str]) -> Iterator[str]:
    if isinstance(node, exp.Table) and node.db != "core" and (node.db or node.name not in ctes):
        yield "relations are core.x or steps of the query itself"
    if isinstance(node, DIVISIONS):
        yield "division belongs to the roll-up"
    if isinstance(node, NESTED):
        yield "lists and structs are not portable"
    if isinstance(node, exp.Func) and not isinstance(node, (*FUNCTIONS, *NESTED)):
        yield "not in the portable subset"
    if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
        yield "name the columns instead of *"
    if isinstance(node, exp.Literal) and not node.is_string and "e" in node.name.lower():
        yield "a number with an exponent is a float"
    yield from _type_faults(node)
    yield from _date_faults(node)
    if isinstance(node, ORDERED) and not node.find_ancestor(exp.Window, exp.Select, exp.Paren):
        yield "needs a window"
    if isinstance(node, exp.Window) and isinstance(node.this, ORDERED) and not node.args.get("order"):
        yield "needs an order, and a total one"


def _type_faults(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node, exp.Cast):
        return
    if isinstance(node, exp.TryCast):
        yield "try_cast hides faults"
    if node.to.this in exp.DataType.REAL_TYPES - {exp.DType.DECIMAL}:
        yield "floats are not exact; use decimal(18, 4)"
    if node.to.this in exp.DataType.INTEGER_TYPES and not _whole(node.this):
        yield "casts of fractions to whole numbers round differently"


def _whole(node: exp.Expr) -> bool:
    """Say whether an expression surely holds a whole number; settings are texts, those of days hold one."""
    if isinstance(node, exp.Column) and node.name == "value":
        select = node.find_ancestor(exp.Select)
        return select is not None and [table.name for table in select.find_all(exp.Table)] == ["parameter"]
    return isinstance(node, WHOLE) or (isinstance(node, exp.Literal) and node.is_int)


def _date_faults(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.DateDiff) and node.text("unit").lower() != "day":
        yield "only days are counted alike"
    if isinstance(node, exp.Interval) and not _cast_to_date(node):
        yield "wrap date arithmetic in cast(… as date)"
    if isinstance(node, exp.TimestampTrunc) and not isinstance(node.parent, exp.TimeToUnix) and not _cast_to_date(node):
        yield "wrap date_trunc in cast(… as date)"


def _cast_to_date(node: exp.Expr) -> bool:
    parent = node.parent
    while isinstance(parent, (exp.Add, exp.Sub, exp.Paren)):
        parent = parent.parent
    return isinstance(parent, exp.Cast) and parent.to.this == exp.DType.DATE


def faults(path: Path) -> list[str]:
    """Give every fault of one metric file."""
    text = path.read_text(encoding="utf-8")
    return [*header_faults(text), *query_faults(text)]
