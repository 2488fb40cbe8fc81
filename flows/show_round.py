"""全程 (三至五): a round as its regulation tells it, each stage with the dossiers that went through it."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import result
from flows.act_flow import act_flow, not_done, read_form, titled
from flows.forms import ShowRound
from rules.errors import DingdianError
from views.round_page import headline
from views.round_pipeline import StageView
from views.stage_tasks import stage
from views.stages import Stage


@act_flow("show_round")
async def show_round(form: Annotated[ShowRound, titled("show_round")] = ShowRound()) -> State[Any]:  # noqa: B008
    """全程（三至五）：公告与申请、初审、专家抽取、现场评分、第一次公示、谈判、第二次公示、签约、备案与结果。

    各环节进入、待办、暂停、离开几家，何时届满，该谁办；全部读自案件记录，不写入。每次办理和巡查之后自动更新。
    """
    try:
        whole = await result.show_round(read_form(ShowRound, form).round_id)
    except DingdianError as refused:
        return await not_done(refused, "show_round", form)
    applied = await told(whole.of(Stage.APPLICATION))
    reviewed = await told(whole.of(Stage.PRELIMINARY_REVIEW), applied)
    drawn = await told(whole.of(Stage.EXPERT_DRAW), reviewed)
    scored = await told(whole.of(Stage.SITE_SCORING), drawn)
    announced = await told(whole.of(Stage.FIRST_NOTICE), scored)
    negotiated = await told(whole.of(Stage.NEGOTIATION), announced)
    proposed = await told(whole.of(Stage.SECOND_NOTICE), negotiated)
    signed = await told(whole.of(Stage.SIGNING), proposed)
    await told(whole.of(Stage.RESULT), signed)
    return Completed(message="；".join(headline(one) for one in whole.stages if one.standing) or f"{whole.name}已办结")


async def told(view: StageView, *before: State[Any]) -> State[Any]:
    """A stage in the graph of the run, after the one before it."""
    shown: State[Any] = await stage(view, wait_for=before, return_state=True)  # type: ignore[misc]
    return shown
