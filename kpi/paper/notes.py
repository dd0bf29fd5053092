"""What must stand beside a score on paper: flags, footnotes of ratings, suggestions with their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpi.catalogue import ORDER, reason
from kpi.paper.person import Person
from kpi.paper.words import word

TRAIN_BELOW = Decimal(75)


def of(each: Person, language: str) -> list[str]:
    """Word the flags of a card, its missing-item policy and what does not score."""
    found = [reason(flag, language) for flag in each.card["flags"]]
    if "reweighted" in each.card["flags"]:
        found.append(word(f"policy_{each.scheme.na_policy}", language))
    found += [
        word("unresolved", language, count=item["unresolved"]) for item in each.card["items"] if item["unresolved"]
    ]
    return found if each.scheme.adopted else [*found, word("example", language)]


def of_item(each: Person, item: Mapping[str, Any], language: str) -> str:
    """Word what stands beside one item: its status, unconfirmed losses, and each appraiser's reason."""
    found = [] if item["status"] == "ok" else [item["status"]]
    if item["unresolved"]:
        found.append(word("unresolved", language, count=item["unresolved"]))
    for role in ("head", "hr"):
        why = each.marks.get((item["metric"], role), {}).get("reason")
        if why:
            found.append(f"{word(role, language)}：{why}")
    return "；".join(found)


def training(each: Person, language: str) -> str:
    """Suggest training for the weakest item below 75 points (domain.md §4.2)."""
    scored = [
        (Decimal(item["score"]), item["metric"])
        for item in each.card["items"]
        if item["score"] is not None and item["metric"] in ORDER
    ]
    weakest = min(scored, default=None)
    if weakest is None or weakest[0] >= TRAIN_BELOW:
        return word("none", language)
    return word(f"k{ORDER.index(weakest[1]) + 1}", language)


def blocks(each: Person, language: str) -> list[tuple[str, str]]:
    """Give the blocks below the table of the form: notes, use of the result, opinions."""

    def say(name: str) -> str:
        return word(name, language)

    use = f"{say('pay')} ____　{say('training')}：{training(each, language)}　{say('promotion')} ____　{say('warning')}"
    return [
        (say("footnotes"), "；".join(of(each, language)) or say("none")),
        (say("use"), use),
        (say("opinion_head"), ""),
        (say("opinion_hr"), ""),
        (say("opinion_own"), ""),
    ]
