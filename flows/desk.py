"""What every act's flow has in common: the form is read and checked in Chinese, the act is done, the case is shown.

Prefect's own check of parameters is off: it answers in English and knows no cross-field rule. `read_form` does it, and
a refusal ends the run as Failed with one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from prefect import Flow, flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import BaseModel, Field, ValidationError
from pydantic.fields import FieldInfo

from flows.forms import FORMS
from flows.sentences import sentence_of
from rules.errors import DingdianError, InputError
from tasks import pages, steps
from tasks.receipt import Receipt

AnyFlow = Callable[..., Coroutine[Any, Any, State[Any]]]
Form = TypeVar("Form", bound=BaseModel)
SHOWN_CASES = 10
PUBLIC_ACTS = {
    *("publish_notice", "publish_draw_plan", "draw_experts", "recuse_expert", "load_workdays"),
    *("record_source_event", "challenge_draw", "resolve_draw_challenge"),
}


def titled(title: str) -> FieldInfo:
    """The title of a form in Prefect's UI (only `json_schema_extra` survives there)."""
    info: FieldInfo = Field(json_schema_extra={"title": title})
    return info


def act_flow(name: str) -> Callable[[AnyFlow], Flow[..., Any]]:
    """A flow of the house: Chinese name, a run name that says about whom, no retries, parameters checked by us."""
    return flow(name=name, flow_run_name=run_name, validate_parameters=False, retries=0)


def run_name() -> str:
    """`签订协议 P01`: the act and whom it is about."""
    form = runtime.flow_run.parameters.get("form", {})
    given = form if isinstance(form, Mapping) else form.model_dump()
    asked = ("applicant_id", "ref", "expert_id", "kind", "file")
    about = next((given[name] for name in asked if given.get(name)), "")
    return f"{runtime.flow_run.flow_name} {about}".strip()


def read_form(model: type[Form], given: Any) -> Form:
    """The form as it was filled in. Raises InputError with a sentence that names each field and the rule."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InputError(sentence_of(error, model)) from None


async def do(name: str, form: Any) -> State[Any]:
    """Carries out an act with its form; the run ends with what was done, or Failed with why not."""
    try:
        checked = read_form(FORMS[name], form)
        result = steps.carry_out(name, checked.by, checked.fields())
        return await finish(result, is_public=name in PUBLIC_ACTS)
    except DingdianError as refused:
        return await not_done(refused)


def update_site() -> str:
    """Brings the public site up to date; the sentence that says why it could not be, or nothing.

    The act is done by then: a site that cannot be written must not make it look undone.
    """
    try:
        steps.rebuild_site()
    except DingdianError as error:
        return f"但公示网站未能更新：{error}"
    return ""


async def finish(result: Receipt | DingdianError, *, is_public: bool = False) -> State[Any]:
    """Shows the cases that were touched and says in a sentence what happened; a batch with bad members ends Failed."""
    if not isinstance(result, Receipt):
        return await not_done(result)
    stale = update_site() if is_public else ""
    for applicant_id in result.applicants[:SHOWN_CASES]:
        await pages.show_case(applicant_id, result.summary)
    await pages.show_board()
    if result.refused:
        return await not_done(f"{result.refusal}{stale}")
    return Failed(message=f"{result.summary}{stale}") if stale else Completed(message=result.summary)


async def not_done(why: DingdianError | str) -> State[Any]:
    """The end of a run that was refused: nothing was written, and the sentence says why and what to do."""
    await pages.show_text("refused", "未办理", str(why))
    return Failed(message=f"未办理：{why}")
