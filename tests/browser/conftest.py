"""A server of the sample department, a browser, and a picture of every page on which a test failed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from data.store import Store
from tests.browser.visitor import Visitor

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
OUTCOME = pytest.StashKey[bool]()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a store on a free port; give the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "serve.py", "--port", str(port), "--store", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        try:
            _await(port, server)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    for _attempt in range(600):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The server does not answer on port {port}.")


@pytest.fixture(scope="session")
def address(sample_store: Store) -> Iterator[str]:
    """Give the address of a server of the sample department."""
    with serving(sample_store.folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser, closed with its module: while it runs, its thread can start no event loop of its own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """Give a fresh page on a desk's screen; where the test fails, `failed.png` in its folder shows it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    opened = context.new_page()
    yield opened
    if request.node.stash.get(OUTCOME, False):
        opened.screenshot(path=tmp_path / "failed.png")
    context.close()


@pytest.fixture
def visitor(page: Page, address: str) -> Visitor:
    """Give someone who opens pages of the sample department and writes down what goes wrong."""
    return Visitor(page, address)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[OUTCOME] = report.failed
    return report
