"""Our own lints: the rules of the house that no ready-made tool knows."""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from tools import portable

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("data", "kpi", "loaders", "pages")
STREAMLIT = ("app.py", "serve.py", "pages/")
LONGEST = 350
PRODUCED = ("data/var/", "data/sample/exports/")
TEXTS = {".py", ".toml", ".sql", ".md", ".txt", ".in", ".po", ".cfg", ".yml", ""}
MACHINE = re.compile(r"(?<![\w.:~])/(?:tmp|work|root|home|Users|farm)/\w")
PLACEHOLDER = re.compile(r"{(\w+?)(?:_zh|_en)?(?!\w)[^}]*}")
# Folders where one file is one more metric, entity …, and how a test says that it walks them all.
WALKED = {
    "data/entities/*.toml": "entities()",
    "kpi/metrics/*.sql": "metrics()",
    "kpi/supporting/*.sql": "supporting()",
    "kpi/detectors/*.sql": "detectors()",
    "kpi/processes/*.toml": "processes()",
    "kpi/schemes/*.toml": "schemes()",
    "loaders/shapes/*.py": "shapes()",
}


def files(root: Path, pattern: str) -> Iterator[tuple[str, Path]]:
    """Yield the project's own files: path below the root, and path."""
    for path in sorted(root.rglob(pattern)):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if path.is_file() and not hidden and not name.startswith(PRODUCED):
            yield name, path


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full name of each module a file imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module or ""


def floors(root: Path) -> Iterator[str]:
    """Refuse imports upwards, and Streamlit anywhere but in the app, the server and the pages."""
    for name, path in files(root, "*.py"):
        floor = name.split("/")[0]
        below = FLOORS.index(floor) if floor in FLOORS else len(FLOORS)
        closed = {*FLOORS[below + 1 :], *(("tests", "tools", "bench", "app", "serve") if floor in FLOORS else ())}
        for line, module in imported(path):
            top = module.split(".")[0]
            if top in closed:
                yield f"{name}:{line}: {floor} may not import {top}"
            if top == "streamlit" and floor in FLOORS and not name.startswith(STREAMLIT):
                yield f"{name}:{line}: only app.py, serve.py and pages know Streamlit"


def docstrings(root: Path) -> Iterator[str]:
    """Refuse modules that do not open with one line naming what they hold."""
    for name, path in files(root, "*.py"):
        opening = (ast.get_docstring(ast.parse(path.read_bytes())) or "").partition("\n\n")[0]
        if not opening or "\n" in opening:
            yield f"{name}:1: open with one line that names what the module holds"


def lengths(root: Path) -> Iterator[str]:
    """Refuse files that are too long to hold one idea."""
    for name, path in files(root, "*.py"):
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST:
            yield f"{name}: {count} lines, at most {LONGEST}"


def page_places(root: Path) -> Iterator[str]:
    """Refuse page scripts directly in pages/, which Streamlit serves without the sign-in gate of app.py."""
    for path in sorted(root.glob("pages/*.py")):
        if path.name != "__init__.py":
            yield f"pages/{path.name}: put it into a section, pages/<section>/{path.name}"


def machine_paths(root: Path) -> Iterator[str]:
    """Refuse paths that exist on one machine only."""
    for name, path in files(root, "*"):
        if name.startswith("tests/") or path.suffix not in TEXTS:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE.search(line):
                yield f"{name}:{number}: path of one machine: {line.strip()[:100]}"


def metric_sql(root: Path) -> Iterator[str]:
    """Refuse metric files outside the portable subset or without their header."""
    for path in sorted([*root.glob("kpi/metrics/*.sql"), *root.glob("kpi/supporting/*.sql")]):
        yield from (f"kpi/{path.parent.name}/{path.name}: {fault}" for fault in portable.faults(path))


def covered(root: Path) -> Iterator[str]:
    """Refuse a metric, entity, process, scheme or shape that no test names and no test of its folder walks."""
    tests = [path for _, path in files(root / "tests", "*") if path.suffix in TEXTS and path.name != "test_lints.py"]
    said = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    said += "\n".join(path.relative_to(root).as_posix() for path in tests)
    for pattern, walk in WALKED.items():
        for path in sorted(root.glob(pattern)):
            named = re.search(rf"(?<![A-Za-z0-9]){re.escape(path.stem)}(?![A-Za-z0-9])", said)
            # Beside the shapes lie the tools that they share; only a shape claims tables.
            counts = path.suffix != ".py" or "\ndef claims(" in path.read_text(encoding="utf-8")
            if counts and not named and walk not in said:
                yield f"{path.relative_to(root).as_posix()}: no test names {path.stem} or walks {walk}"


def languages(root: Path) -> Iterator[str]:
    """Refuse texts of TOML files that lack Chinese or English, or whose placeholders differ."""
    for floor in FLOORS:
        for name, path in files(root / floor, "*.toml"):
            messages = path.stem.startswith("messages") or path.stem.endswith(("reasons", "faults", "statuses"))
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            yield from (f"{floor}/{name}: {fault}" for fault in _language_faults(document, "", messages=messages))


def _language_faults(node: dict[str, Any], where: str, *, messages: bool) -> Iterator[str]:
    tables = {key: value for key, value in node.items() if isinstance(value, dict)}
    lists = {key: value for key, value in node.items() if isinstance(value, list)}
    inner = [
        *tables.items(),
        *((key, item) for key, value in lists.items() for item in value if isinstance(item, dict)),
    ]
    texts = [str(node.get(language, "")).strip() for language in ("zh", "en")]
    leaf = messages and bool(where) and not inner
    if any(texts) != all(texts) or (leaf and not any(texts)):
        yield f"{where or 'top'} needs zh and en"
    elif len({frozenset(PLACEHOLDER.findall(text)) for text in texts}) > 1:
        yield f"{where or 'top'} has other placeholders in zh than in en"
    for key, item in inner:
        yield from _language_faults(item, f"{where}.{key}" if where else key, messages=messages)


def requirements(root: Path) -> Iterator[str]:
    """Refuse packages that the application imports and requirements.in does not name, and the reverse.

    A line with a comment says why it is there though nothing of ours imports it.
    """
    lines = (root / "requirements.in").read_text(encoding="utf-8").splitlines()
    named = {_plain(match[0]): "#" in line for line in lines if (match := re.match(r"[\w.-]+", line))}
    known, used = packages_distributions(), set()
    for name, path in files(root, "*.py"):
        if not name.startswith((*(f"{floor}/" for floor in FLOORS), "app.py", "serve.py")):
            continue
        for line, module in imported(path):
            owners = {_plain(owner) for owner in known.get(module.split(".")[0], [])}
            used |= owners
            if owners and not owners & set(named):
                yield f"{name}:{line}: {module} is not in requirements.in"
    yield from (
        f"requirements.in: nothing imports {name}" for name, why in named.items() if not why and name not in used
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


LINTS: tuple[Callable[[Path], Iterator[str]], ...] = (
    floors,
    docstrings,
    lengths,
    page_places,
    machine_paths,
    metric_sql,
    covered,
    languages,
    requirements,
)


def main() -> int:
    """Print every fault; give 1 where there is one."""
    found = [fault for lint in LINTS for fault in lint(ROOT)]
    print("\n".join(found) or f"{len(LINTS)} lints: nothing found.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
