"""What every act's flow has in common: the form is read and checked in Chinese, the act is done, the case is shown.

Prefect's own check of parameters is off: it answers in English and knows no cross-field rule. `read_form` does it, and
a refusal ends the run as Cancelled by type, with one sentence and a name of its own (未办理), as Prefect ends what a
rule of its own does not let run: not among the red ones. A fault is Failed or Crashed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from itertools import chain
from typing import Any, TypeVar

from prefect import Flow, flow, runtime
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed
from pydantic import BaseModel, Field, ValidationError
from pydantic.fields import FieldInfo

from flows import follow, result, starter, trace
from flows.forms import FORMS
from flows.forms.pasted import FROM_A_FORM, bare
from flows.forms.shown import shown_in
from flows.links import Forms
from flows.sentences import named, sentence_of
from foundation.settings import BY_THE_CLOCK
from policies.corrections import load_corrections
from policies.loader import load_policy
from rules import keepable
from rules.acts import CATALOGUE
from rules.errors import ConflictError, DingdianError, InputError, NotEntitledError, RefusedError
from tasks import steps
from tasks.act_result import Receipt, Submitted
from tasks.entitled import carriers
from tasks.labels import LABELS, ROLES
from tasks.roles import label_of
from upkeep import belongings
from upkeep import steps as upkeep_steps
from views import pages
from views.changes_since import Mark

AnyFlow = Callable[..., Coroutine[Any, Any, State[Any]]]
Form = TypeVar("Form", bound=BaseModel)
REFUSED, PARTLY, SUBMITTED = "未办理", "部分未办理", "已提交复核"


def titled(name: str) -> FieldInfo:
    """The title of an act's form in Prefect's UI (only `json_schema_extra` survives there), whose it is and
    what becomes of a mistake: a person reads both before he submits."""
    whose = label_of(carriers([name], datetime.now(UTC), [load_policy().roles])[name])
    said = f"由{whose}岗位提交。{load_corrections()[name].said(LABELS, ROLES)}"
    shown: dict[str, Any] = {"title": CATALOGUE[name].label, "description": said}
    info: FieldInfo = Field(json_schema_extra=shown)
    return info


def act_flow(name: str) -> Callable[[AnyFlow], Flow[..., Any]]:
    """A flow of the house: the act's Chinese name, a run name that says about whom, no retries, our own checks.

    A run that a person started ends with a result page: where the flow wrote none, it is written here.
    """

    def made(body: AnyFlow) -> Flow[..., Any]:
        asks_who = starter.asks_who(body)

        @wraps(body)
        async def with_result(*given: Any, **named: Any) -> State[Any]:
            try:
                belongings.expect_in_a_run()
            except DingdianError as foreign:
                return Failed(message=f"未办理：{foreign}")
            try:
                filled_in = starter.in_his_name(body, name, given, named) if asks_who else named
            except NotEntitledError as nobody:
                return await not_done(nobody)
            since = follow.begin()
            with pages.noting() as written:
                try:
                    state = await (body(**filled_in) if asks_who else body(*given, **named))
                finally:
                    follow.tell(since)
                if pages.RESULT not in written and not is_by_the_clock():
                    await result.show_told(str(state.message), written)
            return state

        label = CATALOGUE[name].label
        return flow(name=label, flow_run_name=run_name, validate_parameters=False, retries=0)(with_result)

    return made


def run_name() -> str:
    """`签订协议 P01`: the act and whom it is about, else which round."""
    given = _given()
    codes = (bare(str(given[name])) for name in ("applicant_id", "ref", "expert_id") if given.get(name))
    names = (str(given[name]) for name in ("kind", "file") if given.get(name))
    rounds = (f"第 {bare(str(given[name]))} 轮次" for name in ("round",) if given.get(name))
    return f"{runtime.flow_run.flow_name} {next(chain(codes, names, rounds), '')}".strip()


def _given() -> Mapping[str, Any]:
    """The form of this run as it was filled in."""
    form = runtime.flow_run.parameters.get("form", {})
    return form if isinstance(form, Mapping) else form.model_dump()


def read_form(model: type[Form], given: Any) -> Form:
    """The form as it was filled in. Raises InputError with a sentence that names each field and the rule."""
    for path, found in keepable.unkeepable(_plain(given)):
        raise InputError(f"{named(path, model)}{keepable.what_of(found)}")
    try:
        return model.model_validate(given, context=FROM_A_FORM)
    except ValidationError as error:
        raise InputError(sentence_of(error, model)) from None


def _plain(given: Any) -> Any:
    return given.model_dump() if isinstance(given, BaseModel) else given


async def do(name: str, form: Any, prepare: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> State[Any]:
    """Carries out an act with its form; the run ends with what was done, or refused with why not. `prepare` makes of
    the form's fields those of the act (files become hashes)."""
    try:
        checked = read_form(FORMS[name], form)
        since, fields = result.begin(), prepare(checked.fields())
        read = await trace.note("读取", f"{CATALOGUE[name].title}，经办人 {checked.by}")
        done = steps.carry_out(name, checked.by, fields, checked.round_id, shown_in(checked), wait_for=read)
        return await finish(name, done, since, form)
    except DingdianError as why:
        return await not_done(why, name, form)


def update_site(after: Sequence[State[Any]] = ()) -> str:
    """Brings the public site up to date, in the graph after other steps; the sentence that says why it could not be, or
    nothing.

    The act is done by then: a site that cannot be written must not make it look undone.
    """
    try:
        site = steps.rebuild_site(wait_for=after)
        get_run_logger().info("公布：公示网站更新 %d 个文件", len(site.written))
    except DingdianError as error:
        return f"但公示网站未能更新：{error}"
    return ""


def bind_days() -> str:
    """Binds the records of every day that is over; the sentence that says why it could not be done, or nothing."""
    try:
        if upkeep_steps.bind_days() or upkeep_steps.stamp():
            follow.draw_all_anew()
    except DingdianError as error:
        return f"但审计检查点未能生成：{error}。"
    return ""


async def finish(name: str, done: Receipt | Submitted | DingdianError, since: Mark, form: Any) -> State[Any]:
    """Shows what changed and what comes next, and says it in a sentence; a batch with bad members ends refused, what
    waits for its second person ends so."""
    if isinstance(done, Submitted):
        return Completed(name=SUBMITTED, message=done.summary)
    if not isinstance(done, Receipt):
        return await not_done(done, name, form)
    found = result.look(done, since, await Forms.registered())
    shown = await trace.act(done, found)
    stale = update_site(shown) if CATALOGUE[name].is_public else ""
    await result.show_done(name, done, found, stale)
    if done.refusal:
        return refused(f"未办理：{done.refusal}{stale}", is_partly=bool(done.refused))
    return Failed(message=f"{done.summary}{stale}") if stale else Completed(message=done.summary)


async def not_done(why: DingdianError | str, name: str = "", form: Any = None) -> State[Any]:
    """The end of a run that was refused: nothing was written, and the sentence says why and what to do. What is no
    refusal but a fault (the database, a channel, a sweep that could not do all) is Failed; so is whatever a schedule
    could not do, for nobody is there to correct it."""
    await result.show_refused(name, why, form)
    get_run_logger().warning("未办理：%s", why)
    return ended(why, by_the_clock=is_by_the_clock())


def ended(why: DingdianError | str, *, by_the_clock: bool) -> State[Any]:
    """The state in which a run ends that did not do what it was asked."""
    is_refusal = isinstance(why, RefusedError | InputError | ConflictError) and not by_the_clock
    said = f"未办理：{why}"
    return refused(said) if is_refusal else Failed(message=said)


def refused(said: str, *, is_partly: bool = False) -> State[Any]:
    """The state of a run that a rule did not let do its work (`is_partly`: not all of it)."""
    return Cancelled(name=PARTLY if is_partly else REFUSED, message=said)


def is_by_the_clock() -> bool:
    """Whether a schedule started this run, or another run did."""
    return BY_THE_CLOCK in runtime.flow_run.tags
