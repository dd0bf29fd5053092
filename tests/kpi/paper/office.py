"""A workbook recalculated by LibreOffice, for the tests of what is exported."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook


def recalculated(content: bytes, folder: Path) -> Workbook:
    """Let LibreOffice calculate every formula of a workbook anew; `make test` installs it."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed: apt-get install --no-install-recommends libreoffice-calc")
    (folder / "book.xlsx").write_bytes(content)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(folder / "book.xlsx")],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return openpyxl.load_workbook(folder / "out" / "book.xlsx", data_only=True)
