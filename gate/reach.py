"""Where somebody gets to from a browser, by his roles (`policies/access.yaml`)."""

from __future__ import annotations

from tasks.roles import closed_to

__all__ = ["closed_to"]
