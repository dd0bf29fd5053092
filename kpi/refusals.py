"""Why a question about the numbers is not answered: in both languages, with what there is instead."""

from __future__ import annotations

from collections.abc import Iterable

WHAT = {
    "model": "流程", "view": "看法", "unit": "单位", "group": "分组", "stage": "阶段", "quarter or rep": "季度或专员",
    "quarter": "季度", "rep": "专员", "version": "版本", "scheme": "方案",
}  # fmt: skip


class RefusedQuestionError(ValueError):
    """A question that cannot be answered as it was asked; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class UnknownNameError(RefusedQuestionError):
    """Something was named that does not exist; `zh` and `en` name it and what there is."""

    def __init__(self, what: str, asked: object, known: Iterable[object]) -> None:
        listed = ", ".join(map(str, known)) or "-"
        super().__init__(
            f"没有名为「{asked}」的{WHAT[what]}。现有：{listed}。", f"No {what} named {asked!r}. There are: {listed}."
        )
