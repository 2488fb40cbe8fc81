"""Links from a result page to the form that comes next, filled in (`tasks.views.form_address`).

The links are relative: the page and the forms have one origin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import DeploymentSort

from flows import choices
from rules.vocabulary import EvaluationStage, NoticeKind
from tasks.views.form_address import form_address
from tasks.views.next_steps import NextAct

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
        return cls({(one.entrypoint or "").partition(":")[2]: (one.name, str(one.id)) for one in known})

    def link(self, act: NextAct, by: str, may_do: Callable[[str], bool]) -> str:
        """`[08 签署初审意见：H01](…)`; the name alone where there is no such deployment. With
        who may do it, and until when."""
        title = self.title(act)
        values = {**({"by": by} if may_do(act.do) else {}), **act.values}
        link = f"[{title}]({self.address(act.do, values)})" if act.do in self._found else title
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
