"""The frame: who may open what, filters in the address, and a server for this machine only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import serve
from app import PAGES
from data.store import Store
from pages.parts.shell import Entry, allowed
from tests.pages import tiny

ROOT = Path(__file__).parents[2]
SIGN_IN_ORDER = [tiny.PEOPLE[0], tiny.PEOPLE[3], tiny.PEOPLE[4], tiny.PEOPLE[1], tiny.PEOPLE[2]]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    made = tiny.publish(tmp_path)
    monkeypatch.setenv("KAC_STORE", str(made.folder))
    return made


def open_app(**query: str) -> AppTest:
    """Open the app at an address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_nobody_sees_anything_before_choosing_who_they_are(store: Store) -> None:
    assert store.version == 1
    app = open_app()
    assert app.title[0].value == "您是谁？"
    assert [button.label for button in app.button] == [name for _key, name, _role, _dept in SIGN_IN_ORDER]


def test_choosing_a_name_signs_in_and_the_address_keeps_it(store: Store) -> None:
    assert store.version
    app = open_app()
    app.button(key="me-R04").click().run()
    assert not app.exception
    assert app.query_params["me"] == "R04"
    assert not app.title or app.title[0].value != "您是谁？"
    assert any("本机模式" in caption.value for caption in app.caption)


def test_a_name_that_nobody_has_does_not_sign_in(store: Store) -> None:
    assert store.version
    assert open_app(me="R99").title[0].value == "您是谁？"


def test_the_language_comes_from_the_address(store: Store) -> None:
    assert store.version
    assert open_app(lang="en").title[0].value == "Who are you?"
    assert open_app(lang="xx").title[0].value == "您是谁？"


def test_a_page_of_another_role_is_not_registered() -> None:
    entries = (
        Entry("pages/a/a.py", "甲", frozenset({"head"})),
        Entry("pages/b/b.py", "乙", frozenset({"head", "rep"})),
    )
    assert [entry.url for entry in allowed(entries, "rep")] == ["b"]
    assert allowed(entries, "") == []


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.url)
def test_pages_stand_one_folder_below_pages(entry: Entry) -> None:
    assert len(Path(entry.path).parts) == 3
    assert (ROOT / entry.path).is_file()
    assert entry.roles <= {"head", "rep", "clerk", "hr", "system"}


def test_no_script_stands_directly_in_pages() -> None:
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["__init__.py"]


def test_an_empty_store_offers_imports_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAC_STORE", str(tmp_path))
    app = open_app()
    assert app.session_state["pages"] == {"pages/imports/imports.py"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_is_served(host: str) -> None:
    assert serve.local(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])  # noqa: S104 - refused
def test_other_addresses_are_refused_in_both_languages(host: str) -> None:
    done = subprocess.run(
        [sys.executable, "serve.py", "--host", host],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "拒绝" in done.stderr
    assert "Refused" in done.stderr
    assert not done.stdout
