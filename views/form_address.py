"""The address of a form in Prefect, filled in as far as Prefect allows.

Prefect's V2 interface reads `?parameters=` on the page of a form (found by trial in 3.8.8; it replaces the deployment's
own defaults as a whole). A deployment has an id of Prefect's own, which changes when its database is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

WHO = "by"
PAGE = "/deployments/deployment/{id}/run"

Labels = Mapping[str, Mapping[str, str]]  # by field: what the form shows for a code


def form_address(deployment_id: str, values: Mapping[str, Any], labels: Labels) -> str:
    """The form's path below the interface's own address, with these values in it; codes as the labels it offers. Who
    acts is no field of a form: it is whoever has logged in."""
    page = PAGE.format(id=deployment_id)
    asked = {name: value for name, value in values.items() if name != WHO}
    if not asked:
        return page
    shown = {"form": labelled(asked, labels)}
    given = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"{page}?parameters={quote(given, safe='')}"


def labelled(values: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    """Values with the labels that a form offers in place of their codes."""
    return {name: _shown(labels.get(name, {}), value) for name, value in values.items()}


def _shown(labels: Mapping[str, str], value: Any) -> Any:
    if isinstance(value, list) and labels:
        return [labels.get(one, one) for one in value]
    return labels.get(value, value) if isinstance(value, str) else value
