"""Who looks, and what they may ask: the viewer, a cursor of their view, answers cached for their scope."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import duckdb
import streamlit as st

from data.store import Store, Viewer
from pages.parts import address
from pages.parts.words import mark

ROLES = {mark("经理"): "head", mark("内勤"): "clerk", mark("人力"): "hr", mark("专员"): "rep"}
POSTS = {"head": mark("大客户部经理"), "clerk": mark("内勤"), "hr": mark("人力资源部"), "rep": mark("专员")}
P = ParamSpec("P")
R = TypeVar("R")
FIRST_RUN = Viewer(person="local", role="system")


@dataclass(frozen=True)
class Person:
    """Someone who may sign in: `key` stands in the address; a head loaded from nowhere has no name."""

    key: str
    name: str
    role: str
    dept: str = ""

    @property
    def post(self) -> str:
        """The Chinese word for the role."""
        return POSTS[self.role]

    @property
    def viewer(self) -> Viewer:
        """The viewer whose views this person opens; a head or clerk without a department sees all of them."""
        return Viewer(self.name, self.role, rep_id=self.key if self.role == "rep" else "", dept=self.dept)


def store() -> Store:
    """Return the store that this server serves (`KAC_STORE`)."""
    return Store.default()


def people() -> list[Person]:
    """Return who may sign in: the loaded people still here and, where no head was loaded, a head without a name."""
    return _people(str(store().folder), store().version)


@st.cache_data(show_spinner=False, max_entries=20)
def _people(folder: str, version: int) -> list[Person]:
    if not version:
        return []
    cursor = Store(Path(folder)).open(Viewer("", "system"), version)
    found = select(
        cursor,
        "select rep_id, rep_name, role, dept, left_at < (select data_date from clock) as gone from rep order by rep_id",
    )
    persons = [_person(row) for row in found if not row["gone"]]
    if not any(person.role == "head" for person in persons):
        persons.insert(0, Person("head", "", "head"))
    return persons


def _person(row: dict[str, Any]) -> Person:
    role = ROLES.get(row["role"] or "", "rep")
    return Person(row["rep_id"], row["rep_name"] or row["rep_id"], role, "" if role == "hr" else row["dept"] or "")


def person() -> Person | None:
    """Return who is signed in, looked up at every run; None where nobody chose yet."""
    key = address.chosen("me")
    return next((each for each in people() if each.key == key), None)


def viewer() -> Viewer:
    """Return the viewer of this run; during a first run a local administrator."""
    who = person()
    if who:
        return who.viewer
    if not first_run():
        raise PermissionError("Nobody is signed in.")
    return FIRST_RUN


def first_run() -> bool:
    """Say whether this session found the store empty and has not put the outcome of its first import away yet."""
    if not store().version:
        st.session_state["first_run"] = True
    return person() is None and st.session_state.get("first_run", False)


def select(cursor: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """Return the rows of a query over the viewer's views as dicts."""
    result = cursor.execute(query, list(values))
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def ask(question: Callable[Concatenate[duckdb.DuckDBPyConnection, P], R], *args: P.args, **settings: P.kwargs) -> R:
    """Return `question(cursor, …)` on this viewer's view; kept for the same version, scope and arguments.

    The question must be a named function of a module: its name is part of the key.
    """
    name = f"{question.__module__}.{question.__qualname__}"
    if "<" in name:
        raise ValueError(f"{name} cannot be told from others of its kind; ask a named function of a module.")
    place = (str(store().folder), store().version, viewer().scope)
    answer: R = _answer(
        (*place, name, args, settings), _place=place, _question=lambda view: question(view, *args, **settings)
    )
    return answer


def compare(earlier: int, question: Callable[..., R], *args: Any, **settings: Any) -> R | None:  # noqa: ANN401 - as `ask`
    """Return `question(cursor of an earlier version, cursor, …)` on this viewer's views; kept as `ask` keeps.

    None where that version was made by an older program whose tables these views do not fit.
    """
    name = f"{question.__module__}.{question.__qualname__}"
    place = (str(store().folder), store().version, viewer().scope)

    def both(view: duckdb.DuckDBPyConnection) -> R | None:
        try:
            before = store().open(viewer(), earlier)
        except duckdb.CatalogException:
            return None
        return question(before, view, *args, **settings)

    answer: R | None = _answer((*place, earlier, name, args, settings), _place=place, _question=both)
    return answer


@st.cache_data(show_spinner=False, max_entries=2000)
def _answer(key: tuple[Any, ...], *, _place: tuple[Any, ...], _question: Callable[..., Any]) -> Any:  # noqa: ANN401, ARG001 - the key is what Streamlit hashes; an answer may be anything
    with st.session_state.setdefault("cursor_lock", threading.RLock()):
        return _question(_cursor(_place))


def _cursor(key: tuple[Any, ...]) -> duckdb.DuckDBPyConnection:
    """Return this session's cursor for a version and a scope; opened anew when either changes."""
    kept = st.session_state.get("cursor")
    if kept is None or kept[0] != key:
        kept = (key, store().open(viewer(), version=key[1]))
        st.session_state["cursor"] = kept
    opened: duckdb.DuckDBPyConnection = kept[1]
    return opened
