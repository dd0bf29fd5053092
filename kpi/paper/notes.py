"""What must stand beside a score on paper: flags, footnotes of ratings, suggestions with their evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kpi import exclusion
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
    found += excluded(each.card, language)
    if each.beside.revision > 1:
        found.append(word("corrected", language, revision=each.beside.revision, why=each.beside.why))
    return found if each.scheme.adopted else [*found, word("example", language)]


def excluded(card: Mapping[str, Any], language: str) -> list[str]:
    """Word the records by which losses were left out of what is scored: who, when, why."""
    records = [record for item in card["items"] for record in item.get("excluded") or ()]
    return [word("excluded_record", language, record=said) for said in exclusion.worded(records, language)]


def of_item(each: Person, item: Mapping[str, Any], language: str) -> str:
    """Word what stands beside one item: its status, unconfirmed losses, and each appraiser's reason."""
    found = [] if item["status"] == "ok" else [item["status"]]
    if item["unresolved"]:
        found.append(word("unresolved", language, count=item["unresolved"]))
    if item.get("excluded"):
        found.append(word("excluded", language, count=len(item["excluded"])))
    for role in ("head", "hr"):
        why = each.marks.get((item["metric"], role), {}).get("reason")
        if why:
            found.append(f"{word(role, language)}：{why}")
    return word("semicolon", language).join(found)


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

    use = [
        say("pay"),
        f"{say('training')}{say('colon')}{training(each, language)}",
        f"{say('promotion')}{say('colon')}{promoted(each, language)}",
        say("warning"),
    ]
    return [
        (say("footnotes"), word("semicolon", language).join(of(each, language)) or say("none")),
        (say("use"), "　".join(use)),
        (say("opinion_head"), _opinion(each, "head", language)),
        (say("opinion_hr"), _opinion(each, "hr", language)),
        (say("opinion_own"), f"{_ticks(each, language)}　{_opinion(each, 'own', language)}".rstrip("　")),
    ]


def _opinion(each: Person, who: str, language: str) -> str:
    said = each.beside.opinions.get(who)
    return "" if said is None else word("said", language, text=said.text, who=said.who, day=said.day)


def _ticks(each: Person, language: str) -> str:
    """Tick what the person answered; open boxes where nothing was answered yet."""
    parts = []
    for answer in ("agree", "appeal"):
        given = each.beside.answer == answer
        day = f" {each.beside.on}" if given else ""
        parts.append(f"{'☑' if given else '□'} {word(answer, language)}{day}")
    return "　".join(parts)


def promoted(each: Person, language: str) -> str:
    """Say what speaks for a promotion and what does not (domain.md §4.2); a reference, people decide."""
    found = each.beside.promotion
    if found is None or not found.grades:
        return word("no_sealed", language)
    said = [
        word("grades", language, count=found.excellent, of=len(found.grades), listed=_graded(found.grades, language)),
        word(
            "some_zero",
            language,
            listed=word("comma", language).join(
                f"{quarter} {_titled(each, item, language)}" for quarter, item in found.at_zero
            ),
        )
        if found.at_zero
        else word("no_zero", language),
        word("some_questions", language, count=found.questions) if found.questions else word("no_questions", language),
    ]
    verdict = word("promotion_met" if found.met else "promotion_not_met", language)
    return word("promotion_said", language, verdict=verdict, said=word("semicolon", language).join(said))


def _graded(grades: Sequence[tuple[str, str]], language: str) -> str:
    return word("comma", language).join(f"{quarter} {grade or '—'}" for quarter, grade in grades)


def _titled(each: Person, name: str, language: str) -> str:
    found = next((item for item in each.card["items"] if item["metric"] == name), None)
    return str(found["title_en" if language == "en" else "title_zh"]) if found else name


def compared(each: Person, language: str) -> str:
    """Say against which quarter and score the difference is, and whether another scheme counted then."""
    found = each.beside.difference
    if found is None:
        return word("no_sealed", language)
    said = word("against" if found.final else "against_system", language, quarter=found.quarter, before=found.before)
    parts = [said, word("other_scheme", language)] if found.other_scheme else [said]
    return word("semicolon", language).join(parts)
