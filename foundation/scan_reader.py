"""Reads a scan in a process of its own: `python -I scan_reader.py <kind> count` or `… <kind> <page> <width>`, the file
on standard input. Answers the number of pages, or one page as a JPEG.

What an applicant hands in may be made to break whoever reads it. This process has a bound on memory, time and open
files, may write no file, and knows nothing: no key, no address of a database. It stands on nothing of ours.
"""

import io
import resource
import sys

import pypdfium2
from PIL import Image

MEMORY = 2 * 2**30
SECONDS = 60
FILES = 64
PIXELS = 120_000_000  # A3 at 600 dpi has seventy million
QUALITY = 80
PDF = "pdf"


def bounded() -> None:
    """From here on this process can do little else than think."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    Image.MAX_IMAGE_PIXELS = PIXELS // 2  # Pillow refuses what has twice as many


def count(kind: str, content: bytes) -> int:
    """How many pages a PDF has; a picture is one page, and is read whole so that half of one is found out."""
    if kind == PDF:
        return len(pypdfium2.PdfDocument(content))
    Image.open(io.BytesIO(content)).load()
    return 1


def page(kind: str, content: bytes, number: int, width: int) -> bytes:
    """One page (from 1), at most so many pixels wide, as a JPEG; nothing of the file but its look."""
    picture = _of_pdf(content, number, width) if kind == PDF else Image.open(io.BytesIO(content))
    picture.thumbnail((width, width * 4))
    made = io.BytesIO()
    picture.convert("RGB").save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _of_pdf(content: bytes, number: int, width: int) -> Image.Image:
    found = pypdfium2.PdfDocument(content)[number - 1]
    wide, high = found.get_size()
    scale = min(width / wide, (PIXELS / 4 / (wide * high)) ** 0.5)
    bitmap = found.render(scale=scale, rev_byteorder=True)
    size, raw = (bitmap.width, bitmap.height), bytes(bitmap.buffer)
    mode = {3: "RGB", 4: "RGBX", 1: "L"}[bitmap.n_channels]
    return Image.frombuffer("RGB" if mode == "RGBX" else mode, size, raw, "raw", mode, bitmap.stride, 1)


def main() -> None:
    """Reads, answers, ends."""
    bounded()
    kind, wanted, content = sys.argv[1], sys.argv[2], sys.stdin.buffer.read()
    answer = str(count(kind, content)).encode() if wanted == "count" else page(kind, content, *map(int, sys.argv[2:4]))
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
