"""When a loss may be left out of the score: the rules of its three steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from data.appraisals import Step
from kpi import exclusion, kept, standing
from kpi.asking import Actor, RefusedError


def propose(steps: Sequence[Step], _actor: Actor, rep_id: str, said: dict[str, Any], _at: datetime) -> None:
    """Check a proposal: one loss with its cause, of the locked card where there is one, not asked twice."""
    loss = str(said.get("loss", ""))
    if loss != exclusion.subject(str(said.get("account_id", "")), str(said.get("day", ""))) or not said.get("cause"):
        raise RefusedError("not_a_loss", account=said.get("account_id", "-"))
    before = exclusion.asked(steps).get(loss)
    if before is not None and before.ended is None:
        raise RefusedError("exclusion_exists", account=said["account_id"])
    _on_the_card(steps, rep_id, said)


def _on_the_card(steps: Sequence[Step], rep_id: str, said: Mapping[str, Any]) -> None:
    """Refuse a loss that the locked card of the person does not count."""
    if standing.locked(steps) is None:
        return
    card = standing.cards(steps).get(rep_id)
    if card is None or (said["account_id"], said["day"]) not in kept.losses(card):
        raise RefusedError("not_on_the_card", account=said["account_id"])


def approve(steps: Sequence[Step], actor: Actor, rep_id: str, said: dict[str, Any], _at: datetime) -> None:
    """Check an approval: of a proposal that waits, by another person than who made it."""
    found = exclusion.asked(steps).get(str(said.get("loss")))
    if found is None or not found.open or found.proposed.rep_id != rep_id:
        raise RefusedError("no_exclusion")
    if found.proposed.who == actor.name:
        raise RefusedError("two_people_needed")
    _on_the_card(steps, rep_id, found.proposed.value)


def withdraw(steps: Sequence[Step], _actor: Actor, rep_id: str, said: dict[str, Any], _at: datetime) -> None:
    """Check a withdrawal, and note whether the record counted until now."""
    found = exclusion.asked(steps).get(str(said.get("loss")))
    if found is None or found.ended is not None or found.proposed.rep_id != rep_id:
        raise RefusedError("no_exclusion")
    said["counted"] = found.counts
