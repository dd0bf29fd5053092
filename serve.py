"""The server: runs app.py as an ASGI application on this machine only."""

from __future__ import annotations

import argparse
import gc
import importlib
import ipaddress
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from data.store import Store
from loaders import build
from loaders.messages import Refused

ROOT = Path(__file__).parent
WARM = (
    "pandas",
    "duckdb",
    "pyarrow",
    "openpyxl",
    "kpi.catalogue",
    "kpi.rollup",
    "pages.parts.card",
    "pages.parts.chart",
    "pages.parts.evidence",
)
CLOSED = ("/_stcore/metrics",)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
        "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}


class Guard:
    """Middleware: security headers on every answer, and nothing at all from closed addresses."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].rstrip("/") in CLOSED:
            await PlainTextResponse("Not found", status_code=404, headers=HEADERS)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, with_headers)


@asynccontextmanager
async def warm(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Import what the pages import and take it out of the garbage collector's sight, before the first person comes."""
    for name in WARM:
        importlib.import_module(name)
    # Else the first person of all is told that a shared link leads nowhere: Streamlit looks for pages in a folder
    # until a first run has named them.
    PagesManager.uses_pages_directory = False
    gc.collect()
    gc.freeze()
    yield {}


def tell_fault(error: Exception) -> bool:
    """Show a number instead of an error's details; imported late, because caches ask for the running server."""
    shell = importlib.import_module("pages.parts.shell")
    return bool(shell.tell_fault(error))


def takeaway(request: Request) -> Response:
    """Answer with a file for who asks; imported late, because caches ask for the running server."""
    answer: Response = importlib.import_module("pages.imports.takeaway").answer(request)
    return answer


def application() -> st.App:
    """Return the ASGI application; a name other than this machine's is refused, or another site could borrow it."""
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]"])
    routes = [Route("/takeaway/{what}", takeaway)]
    guards = [Middleware(Guard), hosts]
    return st.App(ROOT / "app.py", lifespan=warm, routes=routes, middleware=guards, on_script_error=tell_fault)


def local(host: str) -> bool:
    """Say whether a host is this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def welcome(host: str, port: int) -> str:
    """Return what is printed at the start, in both languages."""
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{'localhost' if host == '127.0.0.1' else shown}:{port}"
    return (
        f"大客户驾驶舱已就绪：{address}\n"
        "  登录：打开上面的地址，从名单中选择您是谁（本机模式，没有密码，只有这台电脑能连接）。按 Ctrl+C 停止。\n"
        f"Key Account Cockpit is ready: {address}\n"
        "  Sign-in: open the address and choose who you are from the list "
        "(local mode: no password, only this machine can connect). Ctrl+C stops it."
    )


def refusal(host: str) -> str:
    """Return why another address is refused, in both languages."""
    return (
        f"拒绝在 {host} 上提供服务：目前只有本机模式，任何能连接的人都可以选择任何身份。"
        "请用 --host 127.0.0.1，或通过 SSH 隧道访问。\n"
        f"Refused to serve on {host}: there is only local mode yet, in which anyone who can connect may be anyone. "
        "Use --host 127.0.0.1, or reach it through an SSH tunnel."
    )


def catch_up(store: Store) -> None:
    """Derive the facts anew where another version of this program derived them, before anyone sees them."""
    if not store.readable or not build.stale(store):
        return
    print(
        "数据由另一版程序算出，正在重新计算 …\nThe facts were derived by another version; deriving them anew …",
        flush=True,
    )
    try:
        build.refresh(store)
    except Refused as refused:
        print(refused, file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; return 2 where the request is refused."""
    parser = argparse.ArgumentParser(description="大客户驾驶舱 | Key Account Cockpit")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--store", help="数据文件夹 | folder of the data (KAC_STORE, data/var)")
    given = parser.parse_args(arguments)
    if not local(given.host):
        print(refusal(given.host), file=sys.stderr)
        return 2
    if given.store:
        os.environ["KAC_STORE"] = str(Path(given.store).resolve())
    os.chdir(ROOT)
    catch_up(Store.default())
    print(welcome(given.host, given.port), flush=True)
    uvicorn.run(
        application(),
        host=given.host,
        port=given.port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        server_header=False,
        access_log=False,
        log_level="warning",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
