"""What each role may read of an appraisal (domain.md §1.2, §8a.13); pages read through here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from data.appraisals import Step
from kpi import exclusion, standing
from kpi.appraisal import APPRAISERS, CONSENT_ABOVE, Actor, state
from kpi.exclusion import Asked
from kpi.standing import Appeal, Document, Score

PUBLIC = frozenset({"published", "sealed"})
OPEN_KINDS = frozenset({"lock", "reopen", "submit", "return", "publish", "sign", "seal"})


@dataclass(frozen=True)
class Eyes:
    """One person's view of a department's quarter.

    HR reads all; the head own ratings, and HR's once published; everyone else only themselves, once published.
    """

    actor: Actor
    steps: Sequence[Step]

    @property
    def state(self) -> str:
        """Where the quarter stands."""
        return state(self.steps)

    @property
    def appraises(self) -> bool:
        """Whether this is one of the two appraisers."""
        return self.actor.role in APPRAISERS

    def people(self) -> list[str]:
        """List whose cards may be read."""
        found = standing.cards(self.steps)
        if self.appraises:
            return list(found)
        return [self.actor.number] if self.actor.number in found and self.state in PUBLIC else []

    def card(self, rep_id: str) -> Document | None:
        """Give a card as locked."""
        return standing.cards(self.steps).get(rep_id) if rep_id in self.people() else None

    def marks(self, rep_id: str) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Give the ratings of a person by (item, role) that may be read."""
        if rep_id not in self.people():
            return {}
        return {
            (item, step.role): {**step.value, "who": step.who, "seq": step.seq}
            for (rep, item, _), step in standing.ratings(self.steps).items()
            if rep == rep_id and self._reads(step, item)
        }

    def _reads(self, step: Step, item: str) -> bool:
        if self.actor.role == "hr" or self.state in PUBLIC or step.role == self.actor.role:
            return True
        found = standing.item(self.steps, step.rep_id, item)
        system = standing.system_score(found) if found else None
        return system is not None and abs(Decimal(step.value["score"]) - system) > CONSENT_ABOVE

    def score(self, rep_id: str) -> Score | None:
        """Give the closing score of a person, as corrected where it was."""
        readable = rep_id in self.people() and (self.actor.role != "head" or self.state in PUBLIC)
        return standing.score_in_force(self.steps, rep_id) if readable else None

    def appeals(self) -> list[Appeal]:
        """List the appeals: all for the appraisers, own for everyone else."""
        found = standing.appeals(self.steps).values()
        return [appeal for appeal in found if self.appraises or appeal.filed.rep_id == self.actor.number]

    def comments(self, rep_id: str) -> list[Step]:
        """List the comments on a person: all for HR; the others' to head and person once published."""
        if not self.appraises and rep_id != self.actor.number:
            return []
        said = [step for step in self.steps if step.kind == "comment" and step.rep_id == rep_id]
        return [step for step in said if self._hears(step)]

    def opinions(self, rep_id: str) -> dict[str, Step]:
        """Give the comments that stand on a person's form (`head`, `hr`, `own`), as far as they may be read."""
        if not self.appraises and rep_id != self.actor.number:
            return {}
        return {who: step for who, step in standing.opinions(self.steps, rep_id).items() if self._hears(step)}

    def _hears(self, step: Step) -> bool:
        return self.actor.role == "hr" or self.state in PUBLIC or step.role == self.actor.role

    def exclusions(self) -> dict[str, Asked]:
        """Give the records about lost accounts, by loss, to the appraisers."""
        return exclusion.asked(self.steps) if self.appraises else {}

    def warning(self, rep_id: str) -> Step | None:
        """Give the newest step of a person's warning; the person sees it once two have signed."""
        last = next((step for step in reversed(self.steps) if step.topic == f"warn:{rep_id}"), None)
        if self.appraises or last is None:
            return last
        return last if rep_id == self.actor.number and last.kind in {"cosign", "acknowledge"} else None

    def sealed(self, rep_id: str) -> Document | None:
        """Give the sealed document of a person."""
        readable = self.appraises or rep_id == self.actor.number
        return standing.sealed(self.steps, rep_id) if readable else None

    def log(self) -> list[Step]:
        """List what happened: everything for HR, moves and own steps for everyone else."""
        if self.actor.role == "hr":
            return list(self.steps)
        return [step for step in self.steps if step.kind in OPEN_KINDS or step.who == self.actor.name]
