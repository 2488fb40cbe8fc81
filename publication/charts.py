"""Pictures of figures: an altair chart as SVG or PNG, without a browser and without the network."""

from __future__ import annotations

from typing import Any

import vl_convert

FONT = "Noto Sans CJK SC"
LABELS = {"labelFont": FONT, "titleFont": FONT}
CONFIG = {"font": FONT, "axis": LABELS, "legend": LABELS}


def svg(chart: Any) -> str:
    """The chart as an SVG document; its text stays text."""
    return str(vl_convert.vegalite_to_svg(_spec(chart)))


def png(chart: Any, scale: float = 2.0) -> bytes:
    """The chart as a PNG picture, `scale` pixels a point."""
    return bytes(vl_convert.vegalite_to_png(_spec(chart), scale=scale))


def _spec(chart: Any) -> dict[str, Any]:
    return {**chart.to_dict(), "config": CONFIG}
