"""What the flows on messages have in common: the form is read, the act is done, the page of messages is shown."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import not_done, read_form
from flows.forms.messages import MESSAGE_FORMS
from rules.errors import DingdianError
from tasks.messages import steps
from views import pages


async def do_message(name: str, form: Any) -> State[Any]:
    """Carries out an act on messages with its form; the run ends with what was done, or Failed with why not."""
    try:
        checked = read_form(MESSAGE_FORMS[name], form)
        result = steps.act_on_messages(name, checked.by, checked.fields(), checked.round_id)
        if isinstance(result, DingdianError):
            return await not_done(result, name, form)
        await pages.show_messages()
    except DingdianError as refused:
        return await not_done(refused, name, form)
    return Completed(message=result)
