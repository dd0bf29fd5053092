"""A contested row: what an appeal names, stored as data; the score with the row changed or left out as it claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from hashlib import md5
from typing import Any

import duckdb

from data.appraisals import Step
from kpi import standing
from kpi.card import Line, Scorecard, rescored
from kpi.catalogue import metrics
from kpi.churn_evidence import CONFIRM
from kpi.scheme import Item

KINDS = ("row", "account", "rating")
CLAIMS = ("leave_out", "should_be")
IDENTITY = ("metric", "entity", "ref", "account_id", "period", "nth")


@dataclass(frozen=True)
class Piece:
    """One contribution that an item was scored from; the first six fields tell it from all others.

    `ref` stands for the key of the row that it came from (a key may be made of a name, so it is hashed); `nth` tells
    rows apart that share everything else.
    """

    metric: str
    entity: str
    ref: str
    account_id: str
    period: str
    nth: int
    quarter: str
    day: str
    reason: str
    reason_date: str
    numerator: Decimal
    denominator: Decimal

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells this row from all others."""
        return tuple(getattr(self, name) for name in IDENTITY)

    @property
    def counts(self) -> bool:
        """Whether the row is in the numerator or the denominator."""
        return bool(self.numerator or self.denominator)


@dataclass(frozen=True)
class Claim:
    """What an appeal says about rows: `leave_out`, or the `numerator` and `denominator` that one row should have."""

    kind: str
    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)


@dataclass(frozen=True)
class Effect:
    """A card as locked and as it would be; `moved` gives each changed item's points before and after."""

    before: Scorecard
    after: Scorecard

    @property
    def moved(self) -> dict[str, tuple[Decimal | None, Decimal | None]]:
        """Points of each item that changes: before and after."""
        pairs = zip(self.before.lines, self.after.lines, strict=True)
        return {old.metric: (old.score, new.score) for old, new in pairs if old.score != new.score}


PIECES = """
select '{metric}' as metric, coalesce(c.source_entity, '') as entity, md5(coalesce(c.source_key, '')) as ref,
       coalesce(c.account_id, '') as account_id, cast(c.period_start as varchar) as period,
       row_number() over (partition by c.source_entity, c.source_key, c.account_id, c.period_start
                          order by c.day, c.reason, c.numerator, c.denominator) as nth,
       c.quarter, coalesce(cast(c.day as varchar), '') as day, c.reason,
       coalesce(cast(c.reason_date as varchar), '') as reason_date, c.numerator, c.denominator
from contribution_{metric} c
join quarter q on q.quarter = ?
where c.rep_id = ? and c.quarter is not null and c.period_start >= {start} and c.period_start < q.period_end
order by c.quarter desc, c.numerator = 0, c.denominator = 0, c.day desc, c.account_id, c.source_key, nth
"""


def reference(key: str) -> str:
    """Hash the key of a row as `Piece.ref` does."""
    return md5(key.encode(), usedforsecurity=False).hexdigest()


def pieces(cur: duckdb.DuckDBPyConnection, item: Item, rep_id: str, quarter: str) -> list[Piece]:
    """List every row that an item of a person's quarter was scored from, and those left out for a reason.

    Takes a cursor of the system viewer on the version that was locked.
    """
    name = metrics()[item.metric].name
    start = "q.year_start" if item.over_the_year else "q.period_start"
    found = cur.execute(PIECES.format(metric=name, start=start), [quarter, rep_id]).fetchall()
    return [Piece(*row) for row in found]


def stored(piece: Piece, claim: Claim) -> dict[str, Any]:
    """Write a contested row down: its identity, what it was when the appeal was filed, and the claim."""
    return {"kind": "row", **_texts(asdict(piece)), "claim": _claimed(claim)}


def stored_account(account_id: str) -> dict[str, Any]:
    """Write an account down of which nothing should have counted."""
    return {"kind": "account", "account_id": account_id, "claim": {"kind": "leave_out"}}


def stored_rating(item: str, role: str, seq: int, score: str, wanted: str) -> dict[str, Any]:
    """Write a contested rating down: whose, which step it was, its score, and the score it should have been."""
    claim = {"kind": "should_be", "score": wanted}
    return {"kind": "rating", "metric": item, "role": role, "seq": seq, "score": score, "claim": claim}


def piece_of(row: Mapping[str, Any]) -> Piece:
    """Read a stored row."""
    numbers = {name: Decimal(row[name]) for name in ("numerator", "denominator")}
    return Piece(**({each.name: row[each.name] for each in fields(Piece)} | numbers))


def claim_of(row: Mapping[str, Any]) -> Claim:
    """Read a stored claim."""
    said = row["claim"]
    numbers = {name: Decimal(said[name]) for name in ("numerator", "denominator") if name in said}
    return Claim(said["kind"], **numbers)


def proper(row: object) -> bool:
    """Say whether what an appeal names is complete: a kind, its identity and a claim that can be computed."""
    try:
        return isinstance(row, Mapping) and row["claim"]["kind"] in CLAIMS and _complete(row)
    except (KeyError, TypeError, InvalidOperation):
        return False


def _complete(row: Mapping[str, Any]) -> bool:
    if row["kind"] == "row":
        claim = claim_of(row)
        return bool(piece_of(row).ref) and claim.denominator >= 0
    if row["kind"] == "account":
        return bool(row["account_id"]) and row["claim"]["kind"] == "leave_out"
    return row["kind"] == "rating" and Decimal(row["claim"]["score"]) >= 0 and row["role"] in {"head", "hr"}


def number(found: object) -> Decimal | None:
    """Read a number that somebody entered; None where it is none, or endless."""
    try:
        read = Decimal(str(found))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def fault(steps: Sequence[Step], rep_id: str, row: Mapping[str, Any]) -> tuple[str, dict[str, object]] | None:
    """Say why an appeal cannot name this: incomplete, none of the person's, or a rating that changed meanwhile."""
    if not proper(row):
        return ("unclear_row", {})
    for number_of, appeal in standing.appeals(steps).items():
        other = appeal.filed.value.get("row")
        if not appeal.closed and appeal.filed.rep_id == rep_id and other and same(row, other):
            return ("row_appealed", {"appeal": number_of})
    if row["kind"] == "account":
        return None
    item = standing.item(steps, rep_id, row["metric"])
    if item is None:
        return ("nothing_to_rate", {})
    return _fault_of_rating(steps, rep_id, row, item["cap"]) if row["kind"] == "rating" else None


def _fault_of_rating(
    steps: Sequence[Step], rep_id: str, row: Mapping[str, Any], cap: int
) -> tuple[str, dict[str, object]] | None:
    step = standing.rating(steps, rep_id, row["metric"], row["role"])
    if step is None or step.seq != row["seq"]:
        return ("rating_changed", {})
    return ("score_out_of_range", {"cap": cap}) if Decimal(row["claim"]["score"]) > Decimal(cap) else None


def same(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two appeals name the same row, account or rating, whatever they claim of it."""
    names = ("kind", "role", "seq", *IDENTITY)
    return all(row.get(name) == other.get(name) for name in names)


def found(row: Mapping[str, Any], listed: Sequence[Piece]) -> Piece | None:
    """Find a stored row among the rows as they are; None where there is none like it any more."""
    wanted = tuple(row.get(name) for name in IDENTITY)
    return next((piece for piece in listed if piece.identity == wanted), None)


def as_claimed(row: Mapping[str, Any], listed: Sequence[Piece]) -> list[tuple[Piece, Claim]]:
    """Give the rows that an appeal is about with what it claims of each; empty where they are not there."""
    if row["kind"] == "account":
        return [(piece, Claim("leave_out")) for piece in listed if piece.account_id == row["account_id"]]
    piece = found(row, listed)
    return [(piece, claim_of(row))] if piece else []


def effect(
    card: Scorecard,
    changes: Iterable[tuple[Piece, Claim]],
    listed: Sequence[Piece],
    verdicts: Iterable[Sequence[str]] = (),
) -> Effect:
    """Score a locked card again with rows changed or left out; everything else stays exactly as it was locked.

    `listed` are all rows of the items concerned. `verdicts` are those of the lock: a suspected loss counts only where
    somebody had confirmed it.
    """
    settled = {(account, day) for account, day, verdict in verdicts if verdict == CONFIRM}
    claims = {piece.identity: claim for piece, claim in changes}
    moved = {}
    for line in card.lines:
        rows = [piece for piece in listed if piece.metric == line.metric]
        if any(piece.identity in claims for piece in rows):
            moved[line.metric] = _moved(line, card.quarter, _Rows(rows, claims), settled)
    return Effect(card, rescored(card, moved))


@dataclass(frozen=True)
class _Rows:
    """The rows of an item, and what is claimed of some of them."""

    all: Sequence[Piece]
    claims: Mapping[tuple[object, ...], Claim]

    @property
    def pairs(self) -> list[tuple[Piece, Claim]]:
        """The rows of which something is claimed."""
        return [(piece, self.claims[piece.identity]) for piece in self.all if piece.identity in self.claims]

    def year(self, *, claimed: bool) -> tuple[Decimal, Decimal]:
        """Add up the year to date; a period without a base does not enter, as pooling has it."""
        sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for piece in self.all:
            claim = self.claims.get(piece.identity) if claimed else None
            above, below = _after(claim) if claim else (piece.numerator, piece.denominator)
            sums[piece.period][0] += above
            sums[piece.period][1] += below
        based = [pair for pair in sums.values() if pair[1]]
        return sum((pair[0] for pair in based), Decimal(0)), sum((pair[1] for pair in based), Decimal(0))


def _moved(line: Line, quarter: str, rows: _Rows, settled: set[tuple[str, str]]) -> Line:
    if metrics()[line.metric].rollup == "mean":
        return _mean(line, rows.pairs)
    if line.item.planned and line.item.target == 1:
        return _planned(line, rows.pairs)
    own = [pair for pair in rows.pairs if pair[0].quarter == quarter]
    now = _year(line, rows)
    numerator, denominator = line.scored_numerator, line.denominator
    if numerator is None or denominator is None or not own:
        return now
    counted = [pair for pair in own if _after(pair[1])[0] != pair[0].numerator]
    above = numerator + sum((_after(claim)[0] - _scored(line, piece, settled) for piece, claim in counted), Decimal(0))
    below = denominator + sum((_after(claim)[1] - piece.denominator for piece, claim in own), Decimal(0))
    waiting = line.unresolved - sum(_waits(line, piece, settled) for piece, _ in counted)
    contested = {(piece.account_id, piece.day) for piece, _ in counted}
    out = tuple(each for each in line.excluded if each.loss not in contested)
    rate, whole = above / below if below else None, above + waiting + len(out)
    shown = None if rate is None else float(whole / below)
    found = replace(now, numerator=whole, denominator=below, unresolved=waiting, excluded=out)
    return replace(found, rate=rate, value=shown)


def _year(line: Line, rows: _Rows) -> Line:
    """Take rows out of the year to date too, whatever their quarter."""
    if line.year_rate is None or not line.year_base:
        return line
    before, after = rows.year(claimed=False), rows.year(claimed=True)
    above = line.year_rate * line.year_base + after[0] - before[0]
    below = line.year_base + after[1] - before[1]
    return replace(line, year_rate=above / below if below else None, year_base=below)


def _planned(line: Line, pairs: Sequence[tuple[Piece, Claim]]) -> Line:
    """Judge new accounts against their plan: only the accounts reached change, the plan does not."""
    if line.numerator is None or not line.denominator:
        return line
    above = line.numerator + sum((_after(claim)[0] - piece.numerator for piece, claim in pairs), Decimal(0))
    rate = above / line.denominator
    return replace(line, numerator=above, rate=rate, value=float(rate))


def _mean(line: Line, pairs: Sequence[tuple[Piece, Claim]]) -> Line:
    """Give every file one vote, with some files' votes changed or withdrawn."""
    votes, voters = (line.rate or Decimal(0)) * line.n, line.n
    for piece, claim in pairs:
        for sign, (above, below) in ((-1, (piece.numerator, piece.denominator)), (1, _after(claim))):
            if below:
                votes, voters = votes + sign * above / below, voters + sign
    rate = votes / voters if voters else None
    return replace(line, rate=rate, n=voters, value=None if rate is None else float(rate))


def _after(claim: Claim) -> tuple[Decimal, Decimal]:
    return (Decimal(0), Decimal(0)) if claim.kind == "leave_out" else (claim.numerator, claim.denominator)


def _scored(line: Line, piece: Piece, settled: set[tuple[str, str]]) -> Decimal:
    """Give what a row adds to the scored numerator: nothing where it waits or was left out by record."""
    out = _waits(line, piece, settled) or _left_out(line, piece)
    return Decimal(0) if out else piece.numerator


def _waits(line: Line, piece: Piece, settled: set[tuple[str, str]]) -> bool:
    """Tell whether a row is a suspected loss that nobody confirmed."""
    suspected = line.item.suspected_free and piece.reason == "lost_inferred"
    return suspected and (piece.account_id, piece.day) not in settled and not _left_out(line, piece)


def _left_out(line: Line, piece: Piece) -> bool:
    return any(each.loss == (piece.account_id, piece.day) for each in line.excluded)


def _claimed(claim: Claim) -> dict[str, str]:
    if claim.kind == "leave_out":
        return {"kind": claim.kind}
    return {"kind": claim.kind, "numerator": str(claim.numerator), "denominator": str(claim.denominator)}


def _texts(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
