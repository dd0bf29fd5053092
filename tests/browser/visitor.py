"""Someone at a browser: opens pages, waits for them to settle, and keeps what was received and what went wrong."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlparse

from playwright.sync_api import ConsoleMessage, Page, WebSocket, expect

FAULTS = "[data-testid=stException], [data-testid=stAlertContentError]"
# Below a page's address Streamlit first looks for its server there, then at the root.
PROBES = re.compile(r"/\w+/_stcore/(health|host-config)$")


BEAT = 200


class Visitor:
    """Opens pages of one server in one browser page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        self.frames: list[bytes] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._listen)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBES.search(urlparse(message.location["url"]).path):
            self.errors.append(f"{message.text} {message.location['url']}")

    def _listen(self, socket: WebSocket) -> None:
        socket.on(
            "framereceived", lambda frame: self.frames.append(frame if isinstance(frame, bytes) else frame.encode())
        )

    def open(self, path: str, **query: str) -> None:
        """Go to a page by its address."""
        self.page.goto(f"{self.address}/{path}?{urlencode(query)}")
        self.settle()

    def turn_to(self, title: str) -> None:
        """Go to another page through the menu."""
        before = urlparse(self.page.url).path
        self.page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        self.page.wait_for_url(lambda url: urlparse(url).path != before and "me=" in url)
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run and everything stands still.

        A click reaches the server a moment later: what stands still at once may not have begun to move.
        """
        for _look in range(2):
            self.page.wait_for_timeout(BEAT)
            self._stands_still()

    def _stands_still(self) -> None:
        expect(self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(
            timeout=30_000
        )
        expect(self.page.locator("[data-stale=true], [data-testid=stSkeleton]")).to_have_count(0, timeout=30_000)

    def says(self, text: str) -> None:
        """Wait until a text stands on the page; fail where it does not come."""
        expect(self.page.locator("body")).to_contain_text(text, timeout=20_000, use_inner_text=True)

    @property
    def query(self) -> dict[str, str]:
        """What the address says."""
        return {name: values[0] for name, values in parse_qs(urlparse(self.page.url).query).items()}

    @property
    def text(self) -> str:
        """All text of the page."""
        return self.page.locator("body").inner_text()

    def faults(self) -> list[str]:
        """Return everything that went wrong so far: exceptions and error boxes on the page, errors of the console."""
        return [*self.page.locator(FAULTS).all_inner_texts(), *self.errors]

    def received(self, text: str) -> bool:
        """Say whether a text came in, be it shown as text, drawn on a canvas or not shown at all."""
        forms = (text.encode(), text.encode("unicode_escape"))
        return text in self.text or any(form in frame for frame in self.frames for form in forms)
