"""Links from a result page to the form that comes next, filled in (`views.form_address`).

The links are relative: the page and the forms have one origin.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import DeploymentSort
from prefect.settings import PREFECT_API_URL

from flows import choices
from rules.vocabulary import EvaluationStage, NoticeKind
from views.form_address import form_address
from views.next_steps import NextAct

PAGE = 200
KNOWN_SECONDS = 60.0
_known: dict[str, tuple[float, Mapping[str, tuple[str, str]]]] = {}  # by the address of the API
SHOWN_AS: Mapping[str, Mapping[str, str]] = {
    "act": choices.RETRACTABLE.labels,
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
        """As Prefect's API knew them at most a minute ago: it answers with every schema, which costs it more than
        an act costs us."""
        url = str(PREFECT_API_URL.value())
        read_at, found = _known.get(url, (0.0, {}))
        if not found or time.monotonic() - read_at > KNOWN_SECONDS:
            async with get_client() as client:
                known = await client.read_deployments(limit=PAGE, sort=DeploymentSort.NAME_ASC)
            found = {(one.entrypoint or "").rpartition(".")[2]: (one.name, str(one.id)) for one in known}
            _known[url] = (time.monotonic(), found)
        return cls(found)

    def number(self, do: str) -> UUID | None:
        """The id of an act's deployment; None where there is none."""
        return UUID(self._found[do][1]) if do in self._found else None

    def link(self, act: NextAct) -> str:
        """`[08 签署初审意见：H01](…)`; the name alone where there is no such deployment. With
        who may do it, and until when."""
        title = self.title(act)
        link = f"[{title}]({self.address(act.do, act.values)})" if act.do in self._found else title
        return f"{link}（{act.whose}）" if act.whose else link

    def title(self, act: NextAct) -> str:
        """The name of the form, and whom it is about."""
        name = self._found.get(act.do, (act.do, ""))[0]
        about = act.values.get("applicant_id") or "、".join(act.values.get("applicant_ids", ())[:5])
        return f"{name}：{about}" if about else name

    def address(self, do: str, values: Mapping[str, Any]) -> str:
        """The page of a form with these values in it; empty where there is no such deployment. Relative to the origin
        that the page and the forms share."""
        return f"/v2{form_address(self._found[do][1], values, SHOWN_AS)}" if do in self._found else ""
