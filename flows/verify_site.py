"""录入实地核查 (五(一))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.desk import act_flow, do, titled
from flows.forms import VerifySite


@act_flow("录入实地核查")
async def verify_site(form: Annotated[VerifySite, titled("录入实地核查")]) -> State[Any]:
    """录入实地核查（五(一)）。

    核查结果与申报不一致的，以核查结果为准。
    """
    return await do("verify_site", form)
