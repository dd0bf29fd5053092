"""Which encoding a text file has: byte order mark, strict UTF-8, UTF-16, plausible GB18030, or a refusal."""

from __future__ import annotations

import codecs
import os
import re
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


def as_utf8(path: Path, scratch: Path, file: str) -> Path:
    """Give a UTF-8 file of the same text: the file itself where it is one, else a copy in `scratch`.

    Raises `Refused`, with a guess, for what is neither UTF-8, UTF-16 nor GB18030 throughout.
    """
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    marked = next((codec for mark, codec in BOMS if head.startswith(mark)), None)
    for codec in (marked,) if marked else _likely(head):
        if marked or _plausible(head, codec):
            target = None if codec in {"utf-8", "utf-8-sig"} else scratch / "utf8.txt"
            if _decoded(path, codec, target):
                return target or path
    if marked:
        raise Refused("encoding", {"file": file, "guess": f"{marked}（有错误 with errors）"})
    if 0 in head or _controls(head.decode("latin-1")) > 0.01:
        raise Refused("not_a_spreadsheet", {"file": file, "found": "二进制数据 binary data"})
    raise Refused("encoding", {"file": file, "guess": _guess(head)})


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


def _decoded(path: Path, codec: str, target: Path | None) -> bool:
    """Decode the whole file strictly, into `target` where one is given; tell whether that worked."""
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as stream, (target or Path(os.devnull)).open("wb") as out:
        try:
            while chunk := stream.read(CHUNK):
                text = decoder.decode(chunk)
                if target:
                    out.write(text.encode())
            out.write(decoder.decode(b"", final=True).encode())
        except UnicodeError:
            return False
    return True


def _guess(head: bytes) -> str:
    best = charset_normalizer.from_bytes(head[: 1 << 16], cp_isolation=list(GUESSES)).best()
    return best.encoding if best else "未知 unknown"
