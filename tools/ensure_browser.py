"""A browser, Chinese fonts and a spreadsheet for the tests: found, installed where that is allowed, or asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends"]
UPDATE = ["apt-get", "update"]


def has_fonts() -> bool:
    """Say whether fontconfig knows a font that covers Chinese."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def missing() -> list[str]:
    """Give the Debian packages that are still needed."""
    packages = [] if shutil.which("chromium") else ["chromium"]
    packages += [] if has_fonts() else ["fontconfig", "fonts-noto-cjk"]
    return packages if shutil.which("soffice") else [*packages, "libreoffice-calc"]


def privilege() -> list[str] | None:
    """Give the words to put before apt-get: none as root, sudo without a password, or None where neither works."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    if shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0:
        return sudo
    return None


def command(packages: list[str]) -> str:
    """Word what a person with the right to do so should type."""
    return f"sudo apt-get update && sudo {' '.join([*INSTALL, *packages])}"


def install(packages: list[str], before: list[str]) -> bool:
    """Install Debian packages; True when they are all there afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (UPDATE, [*INSTALL, *packages]):
        if subprocess.run([*before, *step], env=environment, stdout=sys.stderr, check=False).returncode:
            return False
    return not missing()


def ensure() -> int:
    """Give the exit code: 0 when all is there, 1 with the command to type when they are not."""
    if not (packages := missing()):
        return 0
    before = privilege() if shutil.which("apt-get") else None
    if before is not None:
        print(f"安装测试所需的软件包 | Installing what the tests need: {' '.join(packages)}", file=sys.stderr)
        if install(packages, before):
            return 0
    print(
        f"测试需要浏览器、中文字体和 LibreOffice Calc，缺少：{' '.join(packages)}。请运行：\n"
        f"The tests need a browser, Chinese fonts and LibreOffice Calc; missing: {' '.join(packages)}. Run:\n\n"
        f"    {command(packages)}\n",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(ensure())
