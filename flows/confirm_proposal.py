"""复核: the second person's word on what somebody else proposed."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms.proposals import ConfirmProposal
from flows.result import begin
from rules.errors import DingdianError
from rules.vocabulary import SecondWord
from tasks import steps


@act_flow("confirm_proposal")
async def confirm_proposal(form: Annotated[ConfirmProposal, titled("confirm_proposal")]) -> State[Any]:
    """复核（保障措施）。

    确认的按此刻的事实立即办理，提请人和复核人一并记入；不能办理的说明原因，提请仍然待复核；退回的写明理由，提请人在看板“复核”看到。
    """
    try:
        checked = read_form(ConfirmProposal, form)
        if checked.word == SecondWord.RETURN:
            back = steps.send_back(checked.number, checked.by, checked.reason)
            if isinstance(back, DingdianError):
                return await not_done(back, "confirm_proposal", form)
            return Completed(message=back.summary)
        since, done = begin(), steps.confirm(checked.number, checked.by)
        if isinstance(done, DingdianError):
            return await not_done(done, "confirm_proposal", form)
        act, receipt = done
        if not receipt.round_id:
            return Completed(message=receipt.summary)
        return await finish(act, receipt, since, form)
    except DingdianError as refused:
        return await not_done(refused, "confirm_proposal", form)
