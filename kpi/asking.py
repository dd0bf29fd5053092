"""Who asks for a step of the appraisal, and why one is refused."""

from __future__ import annotations

from dataclasses import dataclass


class RefusedError(Exception):
    """A step that the rules do not allow; `code` is worded in kpi/appraisal_faults.toml with `values`."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Actor:
    """Who takes a step: name, role (head, hr, rep, clerk) and own number."""

    name: str
    role: str
    number: str = ""


@dataclass(frozen=True)
class Rule:
    """Who may take a kind of step in which states; `own`: only about oneself; `reason`: not without one."""

    roles: frozenset[str]
    states: frozenset[str]
    own: bool = False
    reason: bool = False
