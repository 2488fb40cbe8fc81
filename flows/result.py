"""The page that every act's run ends with: what changed, the limits, who was told, and the links to what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefect import runtime
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from flows.forms.pasted import bare
from flows.links import Forms
from foundation.settings import get_settings
from models import Applicant, Round
from models.database import reading
from rules.case import Context, Event
from rules.errors import DingdianError, WhichRoundError
from rules.localtime import local_day
from tasks import surroundings
from tasks.act_result import Receipt
from tasks.addressing import addressed, in_its_round, running_rounds
from tasks.case_loading import context_of, newest_round, round_numbered, the_case
from tasks.labels import LABELS
from views import changes_since, pages
from views.agreement_file import acts_for_agreement, agreement_file
from views.casefile import case_file
from views.changes_since import Mark
from views.markdown import plain
from views.next_steps import NextAct, Waiting, for_case, for_round
from views.result_page import Result, Steps, done_page, refused_page, todo_table
from views.round_pipeline import RoundPipeline, round_pipeline

SHOWN_CASES = 10
SEALED = {"record_score_sheet": ("items",)}  # of a form that was refused: not repeated on a page that all can read
BEFORE_A_ROUND = (NextAct("plan_round"), NextAct("record_development_plan"), NextAct("announce_round"))


def begin() -> Mark:
    """How far the records reach before the act."""
    with reading(surroundings.database_url()) as session:
        return changes_since.mark(session)


@dataclass(frozen=True, slots=True)
class Done:
    """What is shown of an act that was done, read after its commit from one state of the records."""

    changes: Sequence[Mapping[str, str]]
    told: Sequence[Mapping[str, str]]
    files: Sequence[Mapping[str, Any]]
    steps: Steps
    whole: RoundPipeline


def look(receipt: Receipt, since: Mark, forms: Forms) -> Done:
    """What an act left behind: in its cases, in messages owed, in the round."""
    with reading(surroundings.database_url()) as session:
        ctx = context_of(session, round_numbered(session, receipt.round_id))
        ids = list(receipt.applicants)
        if receipt.agreement:
            return _on_agreement(session, ctx, receipt, since, forms)
        waiting = for_round(session, ctx, local_day(surroundings.now()))
        return Done(
            changes=changes_since.changes(session, ctx.round.id, ids, since),
            told=changes_since.messages(session, ctx.round.id, ids, since),
            files=[case_file(session, one, ctx.round.id, at=surroundings.now()) for one in ids[:SHOWN_CASES]],
            steps=_steps(session, ctx, ids[:SHOWN_CASES], forms, waiting),
            whole=_whole(session, ctx, waiting),
        )


def _on_agreement(session: Session, ctx: Context, receipt: Receipt, since: Mark, forms: Forms) -> Done:
    """What an act left behind in an agreement; the round has ended, and its stages stand as they are."""
    acts = acts_for_agreement(session, receipt.agreement)
    ids = list(receipt.applicants)
    return Done(
        changes=changes_since.changes(session, ctx.round.id, ids, since),
        told=changes_since.messages(session, ctx.round.id, ids, since),
        files=[agreement_file(session, receipt.agreement)],
        steps=Steps(aside=[forms.link(act) for act in acts]),
        whole=_whole(session, ctx, for_round(session, ctx, local_day(surroundings.now()))),
    )


async def show_done(do: str, receipt: Receipt, done: Done, stale: str = "") -> None:
    """The pages of an act that was done: its cases', the board's, and the result with links to them all.

    `stale` says why the public site could not be brought up to date.
    """
    said = f"{receipt.refusal or receipt.summary}{stale}"
    if receipt.agreement:
        links = {"协议页": f"{surroundings.board_url()}agreement/{receipt.agreement}"}
    else:
        links = {f"{file['applicant_id']} 案件页": await pages.show_file(file, said) for file in done.files}
    links["看板"] = (await pages.show_board(done.whole, todo_table(done.steps)))[1]
    found: dict[str, Any] = {"changes": done.changes, "files": done.files, "told": done.told, "steps": done.steps}
    await pages.show_result(done_page(Result(_title(do), said, **_today(), **found, pages=links)), said)


async def show_refused(do: str, why: DingdianError | str, given: Any) -> None:
    """The page of an act that was refused: the sentence, the limits behind it, and the form with what was filled in;
    where several rounds could be meant, the form for each of them."""
    forms = await Forms.registered()
    values = given.model_dump(mode="json") if isinstance(given, BaseModel) else given
    values = (
        {name: value for name, value in values.items() if name not in SEALED.get(do, ())}
        if isinstance(values, Mapping)
        else {}
    )
    found = _about(values, forms) if do else {}
    if isinstance(why, WhichRoundError):
        ways = {name: forms.address(do, {**values, "round": str(number)}) for number, name in why.rounds.items()}
        found["steps"] = Steps([f"[{_title(do)}：{plain(name)}]({way})" for name, way in ways.items() if way])
    page = refused_page(Result(_title(do), str(why), **_today(), **found), forms.address(do, values))
    await pages.show_result(page, f"未办理：{why}")


async def show_rounds() -> None:
    """The board of every round under way with what can be done now. Raises RefusedError when there is no round."""
    await _shown_rounds(await Forms.registered())


async def show_round(round_id: int) -> RoundPipeline:
    """The page of one round; answers its stages. Raises RefusedError when there is none, or several could be meant."""
    with reading(surroundings.database_url()) as session:
        event = Event("show_round", surroundings.now(), "", round_id=round_id)
        one = addressed(session, event)
    return (await _shown(one, await Forms.registered()))[0]


async def show_told(said: str, written: Mapping[str, tuple[str, str]]) -> None:
    """The page of a run that is no act on a case: what it said, the pages it wrote, and what waits in the round."""
    shown = [one for key, one in written.items() if not key.startswith(pages.BOARD)]  # the board has its link below
    links = "\n".join(f"- **[详细：{plain(title)}]({address})**" for title, address in shown)
    parts = [f"# {runtime.flow_run.flow_name}", f"**{plain(said)}**", links]
    await _show_with_todo([one for one in parts if one], said)


async def show_swept(page: str, said: str) -> None:
    """The page of a sweep, with what now waits for a person; the board is written anew with it."""
    await _show_with_todo(["# 期限巡查", page], said)


async def _show_with_todo(parts: list[str], said: str) -> None:
    with reading(surroundings.database_url()) as session:
        is_empty = session.execute(select(col(Round.id)).limit(1)).first() is None
    forms = await Forms.registered()
    if is_empty:
        ways = [f"- **{forms.link(act)}**" for act in BEFORE_A_ROUND]
        parts += ["## 下一步", "还没有公告。", "\n".join(ways)]
    else:
        parts += ["## 下一步", *await _shown_rounds(forms)]
    await pages.show_result("\n\n".join(parts), said)


async def _shown_rounds(forms: Forms) -> list[str]:
    """Writes the board of each round under way (of none: the newest). Answers what waits in each, with its link.

    Raises RefusedError when there is no round.
    """
    with reading(surroundings.database_url()) as session:
        rounds = running_rounds(session, surroundings.now()) or [newest_round(session)]
    parts: list[str] = []
    for one in rounds:
        _, table, board = await _shown(one, forms)
        parts += [*([f"### {plain(one.name)}"] if len(rounds) > 1 else []), table, f"[看板]({board})"]
    return parts


async def _shown(one: Round, forms: Forms) -> tuple[RoundPipeline, str, str]:
    """Writes the board of a round. Answers its stages, what waits in it, and the page's address."""
    with reading(surroundings.database_url()) as session:
        ctx = context_of(session, one)
        waiting = for_round(session, ctx, local_day(surroundings.now()))
        table = todo_table(_steps(session, ctx, [], forms, waiting))
        whole = _whole(session, ctx, waiting)
    return whole, table, (await pages.show_board(whole, table))[1]


def _whole(session: Session, ctx: Context, waiting: Sequence[Waiting]) -> RoundPipeline:
    return round_pipeline(session, surroundings.now(), ctx, {state: act for state, _, act in waiting})


def _title(do: str) -> str:
    return LABELS.get(do) or str(runtime.flow_run.flow_name)


def _today() -> dict[str, Any]:
    return {"today": local_day(surroundings.now()), "mode": get_settings().message_mode}


def _about(values: Mapping[str, Any], forms: Forms) -> dict[str, Any]:
    """The case that a refusal is about, as it stands; nothing where it is not known which one."""
    given = {name: bare(str(values.get(name) or "")) for name in ("applicant_id", "round")}
    named, in_round = {"applicant_id": given["applicant_id"]}, given["round"]
    round_id = int(in_round) if in_round.isascii() and in_round.isdigit() else 0
    try:
        with reading(surroundings.database_url()) as session:
            event = in_its_round(session, Event("", surroundings.now(), "", named, round_id))
            ctx = context_of(session, round_numbered(session, event.round_id))
            known = _known(session, ctx, event)
            files = [case_file(session, one, ctx.round.id, at=event.at) for one in known]
            waiting = for_round(session, ctx, local_day(event.at))
            return {"files": files, "steps": _steps(session, ctx, known, forms, waiting)}
    except DingdianError:
        return {}


def _known(session: Session, ctx: Context, event: Event) -> list[str]:
    """The applicant that the form named, if there is such a one."""
    number = event.fields["applicant_id"]
    known = select(col(Applicant.id)).where(col(Applicant.round_id) == ctx.round.id)
    return [number] if session.execute(known.where(col(Applicant.applicant_id) == number)).first() else []


def _steps(session: Session, ctx: Context, applicants: list[str], forms: Forms, waiting: Sequence[Waiting]) -> Steps:
    today, link = local_day(surroundings.now()), forms.link
    cases = [the_case(session, ctx.round.id, one) for one in applicants]
    acts = [act for case in cases for act in for_case(session, ctx, case, today)]
    todo = [(state.label, count, link(act)) for state, count, act in waiting]
    return Steps(
        [link(act) for act in acts if not act.is_aside],
        [link(act) for act in acts if act.is_aside and len(cases) == 1],
        todo,
    )
