"""Files to take home, by an address of their own that asks who is there: originals, and faulty rows to correct."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import duckdb
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from data.scope import CLOSED
from data.store import Store, Viewer
from loaders.returned import FILE_NAMES, faulty_sheet
from pages.parts import address, session

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRUSTED = {"head", "clerk"}
_LOADS = """
select f.sha256, f.name, s.entity, l.who from source_file f join source_sheet s using (file_id)
join source_load_sheet ls using (sheet_id) join source_load l using (load_id) where f.file_id = ?
"""


def link(what: str, number: int) -> str:
    """Return the address of an original (by file) or of the faulty rows (by sheet) for who is signed in."""
    asked = {"me": address.chosen("me"), "number": str(number), "lang": address.chosen("lang")}
    return f"takeaway/{what}?{urlencode(asked)}"


def may_take(cursor: duckdb.DuckDBPyConnection, viewer: Viewer, file_id: int) -> bool:
    """Say whether a person may have a file as it came: whole, with the rows and columns that their views leave out.

    Who loaded it may, and a head whose department is the only one; never what their role does not see at all.
    """
    found = cursor.execute(_LOADS, [file_id]).fetchall()
    closed = CLOSED.get(viewer.role, set())
    if not found or viewer.role not in TRUSTED or any(entity in closed for _sha, _name, entity, _who in found):
        return False
    if viewer.person and viewer.person in {who for *_file, who in found}:
        return True
    return viewer.role == "head" and not (viewer.dept and _others(cursor, viewer.dept))


def _others(cursor: duckdb.DuckDBPyConnection, dept: str) -> bool:
    sql = "select 1 from source_dept where dept <> ? limit 1"
    return cursor.execute(sql, [dept]).fetchone() is not None


def answer(request: Request) -> Response:
    """Answer one request for `original` or `faulty`."""
    found = {"original": original, "faulty": faulty}.get(request.path_params["what"])
    return found(request) if found else _nothing()


def original(request: Request) -> Response:
    """Answer with a file as it was uploaded."""
    who, number = _asked(request)
    if who is None or number is None:
        return _nothing()
    store = Store.default()
    cursor = store.open(who)
    if not may_take(cursor, who, number):
        return _nothing()
    sha, name = cursor.execute("select sha256, name from source_file where file_id = ?", [number]).fetchall()[0]
    kind = "application/octet-stream"
    return FileResponse(store.raw(sha), filename=name, media_type=kind, headers={"Cache-Control": "no-store"})


def faulty(request: Request) -> Response:
    """Answer with the faulty rows of a sheet."""
    who, number = _asked(request)
    if who is None or number is None or who.role not in TRUSTED:
        return _nothing()
    store = Store.default()
    cursor = store.open(who)
    visible = cursor.execute("select 1 from source_error where sheet_id = ? limit 1", [number]).fetchone()
    if visible is None:
        return _nothing()
    language = "en" if request.query_params.get("lang") == "en" else "zh"
    content = faulty_sheet(cursor, store, number, language)
    sql = "select name from source_file join source_sheet using (file_id) where sheet_id = ?"
    name = cursor.execute(sql, [number]).fetchall()[0][0]
    shown = quote(FILE_NAMES[language].format(name=name.rpartition(".")[0] or name))
    headers = {"Content-Disposition": f"attachment; filename*=utf-8''{shown}", "Cache-Control": "no-store"}
    return Response(content, media_type=XLSX, headers=headers)


def _asked(request: Request) -> tuple[Viewer | None, int | None]:
    """Look up who asks, as at every run of a page, and for which number."""
    key, number = (request.query_params.get(name, "") for name in ("me", "number"))
    who = next((each for each in session.people() if each.key == key), None)
    return who.viewer if who else None, int(number) if number.isdecimal() else None


def _nothing() -> Response:
    """Answer alike whether a file is not there or not for this person."""
    return PlainTextResponse("Not found", status_code=404)
