"""What every file that people give us must be before its content is looked at: readable, of bounded size, UTF-8."""

from __future__ import annotations

import codecs
from pathlib import Path

from rules.errors import InputError

MAX_BYTES = 20_000_000
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAVE_AS_UTF8 = "请用记事本打开，“另存为”时编码选 UTF-8"
BOM = "\ufeff"


class FileTextError(InputError):
    """What a file cannot be read for, and at which line."""

    def __init__(self, what: str, line: int = 1) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def content_of(path: Path) -> bytes:
    """The bytes of a file, of any size that a person's file can have. Raises FileTextError."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileTextError(f"读不到文件：{error.strerror or error}") from None
    except ValueError:  # a NUL in the name
        raise FileTextError("读不到文件：文件名含有无法使用的字符") from None
    if len(content) > MAX_BYTES:
        raise FileTextError(f"超过 {MAX_BYTES // 1_000_000} MB，请拆分后再用")
    return content


def text_of(content: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Raises FileTextError."""
    if content.startswith(UTF_16) or b"\0" in content[:4]:
        raise FileTextError(f"是 UTF-16 或 UTF-32 编码，须为 UTF-8：{SAVE_AS_UTF8}")
    try:
        text = content.decode("utf-8").lstrip(BOM)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileTextError(f"第 {line} 行不是 UTF-8 编码：{SAVE_AS_UTF8}", line) from None
    if not text.strip():
        raise FileTextError("文件是空的")
    return text
