"""Which encoding a text file has: byte order mark, strict UTF-8, UTF-16, plausible GB18030, or a refusal."""

from __future__ import annotations

import codecs
import re
import shutil
from pathlib import Path

import charset_normalizer

from loaders.messages import Refused

CHUNK = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROL = re.compile(r"[\0-\x08\x0e-\x19\x1c-\x1f\ufffe\uffff]")
HAN = re.compile(r"[\u3400-\u9fff\ue000-\uf8ff\uac00-\ud7af\u3040-\u30ff]")
GUESSES = ("big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1251", "iso8859_15")


def encoding_of(path: Path, file: str) -> str:
    """Name the Python codec that decodes the whole file; raise `Refused` with a guess when none does."""
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    for mark, codec in BOMS:
        if head.startswith(mark):
            return _strict(path, file, codec)
    for codec in _likely(head):
        if _plausible(head, codec) and _decodes(path, codec):
            return codec
    if 0 in head or _controls(head.decode("latin-1")) > 0.01:
        raise Refused("not_a_spreadsheet", {"file": file, "found": "二进制数据 binary data"})
    raise Refused("encoding", {"file": file, "guess": _guess(head)})


def as_utf8(path: Path, codec: str, scratch: Path) -> Path:
    """Give a UTF-8 file without byte order mark of the same text: the file itself where it is one."""
    if codec == "utf-8":
        return path
    target = scratch / "utf8.txt"
    with path.open(encoding=codec, newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        shutil.copyfileobj(source, out, CHUNK)
    return target


def _strict(path: Path, file: str, codec: str) -> str:
    if not _decodes(path, codec):
        raise Refused("encoding", {"file": file, "guess": f"{codec}（有错误 with errors）"})
    return codec


def _likely(head: bytes) -> tuple[str, ...]:
    if 0 not in head:
        return ("utf-8", "gb18030")
    if head.count(0) < len(head) // 1000:
        return ("utf-8", "gb18030")
    return ("utf-16-le", "utf-16-be") if head[1::2].count(0) >= head[::2].count(0) else ("utf-16-be",)


def _plausible(head: bytes, codec: str) -> bool:
    """Tell whether the first megabyte reads as text; as GB18030, whether its 汉字 are common ones."""
    decoded = codecs.getincrementaldecoder(codec)("replace").decode(head)
    if _controls(decoded) > 0.001:
        return False
    return codec != "gb18030" or _common_share(decoded) >= 0.6


def _controls(text: str) -> float:
    return len(CONTROL.findall(text)) / max(len(text), 1)


def _common_share(text: str) -> float:
    """Give the share of the letters of East Asia that are level 1 of GB 2312, where ordinary text lives."""
    letters = HAN.findall(text)
    common = sum(b"\xb0" <= letter.encode("gb2312", "ignore")[:1] <= b"\xd7" for letter in letters)
    return common / len(letters) if letters else 1.0


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess(head: bytes) -> str:
    best = charset_normalizer.from_bytes(head[: 1 << 16], cp_isolation=list(GUESSES)).best()
    return best.encoding if best else "未知 unknown"
