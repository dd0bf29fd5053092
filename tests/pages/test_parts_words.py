"""Every Chinese text of the pages is in the catalogue, and the catalogue holds nothing else."""

import ast
import re
from pathlib import Path

import pytest

from pages.parts.words import LANGUAGES, catalogue, mark, plain

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")
# Both languages side by side, by design: number words, and what is printed before anyone chose a language.
SIDE_BY_SIDE = re.compile(r" (Language|· Key Account Cockpit)$")
BILINGUAL = {"pages/parts/formats.py", "pages/parts/words.py"}
SOURCES = sorted(
    path
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
    if path.relative_to(ROOT).as_posix() not in BILINGUAL
)


def calls(tree: ast.AST) -> set[str]:
    """Return the texts given to `_` or `mark`."""
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_", "mark"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def texts(tree: ast.Module) -> set[str]:
    """Return every Chinese constant that is not a docstring, a part of a query or a text in both languages."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documented
        and CHINESE.search(node.value)
        and not node.value.lstrip().lower().startswith(("select ", "with "))
    }


def used() -> set[str]:
    return {text for path in SOURCES for text in calls(ast.parse(path.read_text(encoding="utf-8")))}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "zh"])
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    translated = {str(message.id) for message in catalogue(language) if message.id and message.string}
    missing, left_over = used() - translated, translated - used()
    assert not missing, "\n".join(f'msgid "{text}"\nmsgstr ""\n' for text in sorted(missing))
    assert not left_over, sorted(left_over)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_chinese_text_bypasses_the_catalogue(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = used()
    assert {text for text in texts(tree) if text not in known and not SIDE_BY_SIDE.search(text)} == set()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "zh"])
def test_placeholders_are_the_same_in_both_languages(language: str) -> None:
    names = re.compile(r"{(\w+)}")
    for message in catalogue(language):
        if message.id:
            assert set(names.findall(str(message.id))) == set(names.findall(str(message.string))), message.id


def test_mark_changes_nothing() -> None:
    assert mark("样本较小") == "样本较小"


def test_plain_takes_the_meaning_out_of_markdown() -> None:
    assert plain("*A* [x](http://y) :red[z] $1$") == r"\*A\* \[x\]\(http\:\/\/y\) \:red\[z\] \$1\$".replace("\\/", "/")
