"""Links from a result page to the form that comes next, filled in as far as Prefect allows.

Prefect's V2 interface reads `?parameters=` on the page of a form (found by trial in 3.8.8; it replaces the deployment's
own defaults as a whole). The links are relative: the page and the forms have one origin.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import DeploymentSort

from flows import choices
from rules.vocabulary import EvaluationStage, NoticeKind
from tasks.views.forward import NextAct

FORM = "/v2/deployments/deployment/{id}/run"
PAGE = 200
SHOWN_AS: Mapping[str, Mapping[str, str]] = {
    "missing": choices.MATERIALS.labels,
    "to": {one.value: one.label for one in EvaluationStage},
    "kind": {one.value: one.label for one in NoticeKind},
}


class Forms:
    """Where each act's form is found, by the name of the act; empty where no deployment is registered."""

    def __init__(self, found: Mapping[str, tuple[str, str]]) -> None:
        self._found = found

    @classmethod
    async def registered(cls) -> Forms:
        """As Prefect's API knows them now; one call."""
        async with get_client() as client:
            known = await client.read_deployments(limit=PAGE, sort=DeploymentSort.NAME_ASC)
        return cls({(one.entrypoint or "").rpartition(".")[2]: (one.name, str(one.id)) for one in known})

    def link(self, act: NextAct, by: str, may_do: Callable[[str], bool]) -> str:
        """`[08 签署初审意见：H01](…)`; the name alone where there is no such deployment."""
        title = self.title(act)
        values = {**({"by": by} if may_do(act.do) else {}), **act.values}
        return f"[{title}]({self.address(act.do, values)})" if act.do in self._found else title

    def title(self, act: NextAct) -> str:
        """The name of the form, and whom it is about."""
        name = self._found.get(act.do, (act.do, ""))[0]
        about = act.values.get("applicant_id") or "、".join(act.values.get("applicant_ids", ())[:5])
        return f"{name}：{about}" if about else name

    def address(self, do: str, values: Mapping[str, Any]) -> str:
        """The page of a form with these values in it; empty where there is no such deployment."""
        if do not in self._found:
            return ""
        shown = {"form": {name: _shown(name, value) for name, value in values.items()}}
        given = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), default=str)
        return f"{FORM.format(id=self._found[do][1])}?parameters={quote(given, safe='')}"


def _shown(name: str, value: Any) -> Any:
    """Codes as the labels that the form offers."""
    labels = SHOWN_AS.get(name, {})
    return [labels.get(one, one) for one in value] if isinstance(value, list) and labels else _one(labels, value)


def _one(labels: Mapping[str, str], value: Any) -> Any:
    return labels.get(value, value) if isinstance(value, str) else value
