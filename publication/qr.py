"""The address of a page as a QR code, so that a printed notice leads back to the page."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from markupsafe import Markup

from publication.identity import SiteIdentity


@dataclass(frozen=True, slots=True)
class AddressCode:
    """A page's public address, and the same as a drawing (inline SVG without any text of its own)."""

    address: str
    drawing: Markup


def address_code(site: SiteIdentity, file: str) -> AddressCode | None:
    """The code of a file of the site; None while the site has no public address."""
    address = site.address(file)
    if not address:
        return None
    drawing = segno.make(address, error="m", micro=False).svg_inline(scale=3, border=4, omitsize=False, svgclass=None)
    return AddressCode(address, Markup(drawing))  # noqa: S704  (segno draws squares: none of the address is in it)
