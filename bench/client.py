"""A visitor without a browser: speaks Streamlit's protocol over its websocket and times reruns."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Run:
    """One run of a page: how long until it had finished, what came over the wire, and whether it failed."""

    milliseconds: float
    received: int
    failed: bool


class Visitor:
    """One session. `pages` are the pages this visitor may open, address to script hash, known after a run."""

    def __init__(self, url: str, query: str = "") -> None:
        self.query = query
        self.pages: dict[str, str] = {}
        self._known: dict[str, None] = {}
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(address, subprotocols=[Subprotocol("streamlit")], compression=None, max_size=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def run(self, page: str = "") -> Run:
        """Run one page (by its address; the start page without) and wait until it is complete."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_script_hash = self.pages.get(page, "")
        asked.rerun_script.cached_message_hashes.extend(self._known)
        begun = time.perf_counter()
        self._socket.send(asked.SerializeToString())
        received, failed = 0, False
        while True:
            raw = self._socket.recv(timeout=TIMEOUT_SECONDS, decode=False)
            message = ForwardMsg.FromString(raw)
            received += len(raw)
            failed |= self._note(message)
            kind = message.WhichOneof("type")
            # A run that ends early is followed by the one it asked for.
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return Run((time.perf_counter() - begun) * 1000, received, failed)

    def _note(self, message: ForwardMsg) -> bool:
        """Remember what a browser would; say whether the message reports a failure."""
        if message.hash and message.metadata.cacheable:
            self._known[message.hash] = None
        if message.WhichOneof("type") == "navigation":
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        broken = message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR
        return broken or message.delta.new_element.WhichOneof("type") == "exception"
