"""Who acts by a run: not what a form says, but who was logged in when it was submitted (`tasks.run_starts`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from prefect.context import FlowRunContext
from pydantic import BaseModel

from flows.forms.parts import ActForm
from flows.forms.pasted import bare
from rules.errors import NotEntitledError
from tasks import surroundings
from tasks.run_starts import Run, starter_of

NOT_OWN_NUMBER = "表单里的工号不是登录人的工号：办理人就是登录人，请删去工号后重新提交"


def asks_who(body: Callable[..., Any]) -> bool:
    """Whether the form of a flow is acted on in somebody's name."""
    form = get_type_hints(body).get("form")
    return inspect.isclass(form) and issubclass(form, ActForm)


def in_his_name(body: Callable[..., Any], act: str, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    """What a flow is called with, the number of whoever started the run in its form.

    A run that no deployment has is called by our own code (a replay): its form says who acts, as a scenario file does.

    Raises NotEntitledError as `starter_of`, and where the form names somebody else.
    """
    arguments = dict(inspect.signature(body).bind(*given, **named).arguments)
    run = _run()
    if run is None:
        return arguments
    number = starter_of(surroundings.database_url(), run, act, surroundings.keys())
    form = _plain(arguments.get("form"))
    if number_in(form) not in ("", number):
        raise NotEntitledError(NOT_OWN_NUMBER)
    return {**arguments, "form": {**form, "by": number}}


def number_in(form: Any) -> str:
    """The number of whoever acts by a form; empty where it says none."""
    return bare(str(_plain(form).get("by", "")))


def _plain(form: Any) -> Mapping[str, Any]:
    if isinstance(form, BaseModel):
        return form.model_dump()
    return form if isinstance(form, Mapping) else {}


def _run() -> Run | None:
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or run.deployment_id is None:
        return None
    return Run(str(run.id), str(run.deployment_id), run.parameters, run.labels)
