"""What a run leaves to look at: Prefect artifacts, written anew from our own records. Plain functions, no tasks: a task
run of their own would cost more than they do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

from prefect.artifacts import acreate_markdown_artifact, acreate_progress_artifact, aupdate_progress_artifact

from models.database import reading
from models.schedules import known_workdays
from rules.periods import Period
from tasks import planning, surroundings
from tasks.batch import BatchReport
from tasks.board import board
from tasks.casefile import case_file
from tasks.markdown import batch_page, board_page, case_page, plain
from tasks.message_board import message_board, message_page
from tasks.objection_pages import effect_page
from tasks.plan_page import plan_page
from tasks.sheets.report import ImportReport


async def show_case(applicant_id: str, headline: str) -> str:
    """The case's page: what just happened, its limits with their working, its history. Answers the artifact's key."""
    with reading(surroundings.database_url()) as session:
        file = case_file(session, applicant_id, at=surroundings.now())
    key = f"case-{file['year']}-{applicant_id.lower()}"
    link = _on_the_board(f"case/{file['round_id']}/{applicant_id}")
    page = f"> {headline}\n\n{link}\n\n{case_page(file)}"
    await acreate_markdown_artifact(page, key=key, description=f"{applicant_id} 案件视图")
    return key


def _on_the_board(page: str) -> str:
    return f"[在看板中打开]({surroundings.board_url()}{page})"


async def show_board() -> str:
    """The round's page: how many dossiers stand in each step, and what is due. Answers the artifact's key."""
    with reading(surroundings.database_url()) as session:
        data = board(session, surroundings.now())
    key = f"round-{data['year']}"
    await acreate_markdown_artifact(f"{_on_the_board('')}\n\n{board_page(data)}", key=key, description=data["round"])
    return key


async def show_messages() -> str:
    """The page of messages: what waits, failed, is unknown, paused or to be delivered by hand. Answers its key."""
    with reading(surroundings.database_url()) as session:
        data = message_board(session, surroundings.now())
    await acreate_markdown_artifact(message_page(data), key="messages", description="通知一览")
    return "messages"


async def show_objection_effect(effect: dict[str, Any]) -> str:
    """What either finding on an objection would do. Answers the artifact's key."""
    key = f"objection-{effect['ref'].lower()}"
    await acreate_markdown_artifact(effect_page(effect), key=key, description=f"异议 {effect['ref']} 后果试算")
    return key


async def show_workbooks(names: Sequence[str]) -> None:
    """The page of workbooks that were put into the outbox folder."""
    files = "\n".join(f"- {plain(name)}" for name in names)
    text = f"在发件夹（var/outbox）里：\n\n{files}\n\n填写用的表格填好后放进收件夹（var/inbox），用“71 导入表格”导入。"
    await show_text("workbooks", "下载表格", text)


async def show_import(report: ImportReport) -> None:
    """The page of an import: every bad cell by name. No contact is ever on it."""
    await acreate_markdown_artifact(report.page(), key="import-result", description="导入表格")


async def show_text(key: str, title: str, text: str) -> None:
    """A page of plain Markdown."""
    await acreate_markdown_artifact(f"# {title}\n\n{text}", key=key, description=title)


async def show_plan(announced_on: date, weeks: int, assumed: Mapping[str, Period]) -> str:
    """A plan's page; its calendar file and picture go to `var/plans`. Answers what the plan says of itself."""
    with reading(surroundings.database_url()) as session:
        workdays = known_workdays(session)
    plan = planning.make_plan(announced_on, workdays, assumed)
    found = planning.scan(announced_on, weeks, workdays, assumed) if weeks else None
    name = f"plan-{announced_on}"
    calendar, picture = (surroundings.plans() / f"{name}.{ending}" for ending in ("ics", "png"))
    planning.write_calendar(plan, calendar, surroundings.now())
    planning.write_picture(plan, workdays, picture)
    files = f"日历文件（可导入手机、Outlook）：`{calendar}`　日程图：`{picture}`"
    await acreate_markdown_artifact(
        plan_page(plan, found, workdays, picture.read_bytes(), files),
        key=name,
        description=f"{announced_on} 公告的日程",
    )
    return "；".join(planning.findings(plan))


@asynccontextmanager
async def progress(what: str, total: int) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """A bar on the run's page; what is yielded moves it on by so many."""
    bar = await acreate_progress_artifact(progress=0.0, description=f"{what}：共 {total} 家")
    assert isinstance(bar, UUID)
    done = 0

    async def advanced(count: int) -> None:
        nonlocal done
        done += count
        await aupdate_progress_artifact(bar, progress=100 * done / total, description=f"{what}：{done} / {total} 家")

    yield advanced


async def show_batch(report: BatchReport) -> None:
    """The page of a batch: every dossier with what became of it, those not done first."""
    await acreate_markdown_artifact(batch_page(report.as_json()), key="batch", description=report.label)
