"""Pictures of the running interface: cropped to what matters, as WebP, which the browser itself can write."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Error, Locator, Page

QUALITY = 0.72
NO_NOTE = "[data-sonner-toaster] { visibility: hidden }"  # the note of the submission lies over the page a while
TRIES, SETTLE_MS = 4, 700
TO_WEBP = """async ([png, quality]) => {
  const image = new Image(); image.src = 'data:image/png;base64,' + png; await image.decode();
  const canvas = document.createElement('canvas'); canvas.width = image.width; canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', quality).split(',')[1];
}"""


def _picture_of(what: Locator | Page) -> bytes:
    """The picture as PNG; tried again when the page drew that part anew under our hands."""
    for _ in range(TRIES - 1):
        try:
            return what.screenshot(animations="disabled", caret="hide", style=NO_NOTE)
        except Error:
            (what if isinstance(what, Page) else what.page).wait_for_timeout(SETTLE_MS)
    return what.screenshot(animations="disabled", caret="hide", style=NO_NOTE)


class Camera:
    """Writes pictures into a folder, each name once: the first of its kind is the one that is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def shoot(self, name: str, what: Locator | Page) -> None:
        """A picture of a part of the page, or of the whole window."""
        if name in self.taken:
            return
        page = what if isinstance(what, Page) else what.page
        webp = page.evaluate(TO_WEBP, [base64.b64encode(_picture_of(what)).decode(), QUALITY])
        (self.folder / f"{name}.webp").write_bytes(base64.b64decode(webp))
        self.taken.add(name)
