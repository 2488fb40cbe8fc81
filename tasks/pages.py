"""What a run leaves to look at: Prefect artifacts, written anew from our own records. Plain functions, no tasks: a task
run of their own would cost more than they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from prefect.artifacts import acreate_markdown_artifact

from models.database import reading
from models.rehearsal import banner
from models.schedules import known_workdays
from models.settings import get_settings
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


async def _put(markdown: str, *, key: str, description: str) -> None:
    """Writes a page; in a rehearsal it says so first."""
    said = banner(get_settings().rehearsal_clock)
    head = f"> **{said}**\n\n" if said else ""
    await acreate_markdown_artifact(f"{head}{markdown}", key=key, description=description)


async def show_case(applicant_id: str, headline: str) -> str:
    """The case's page: what just happened, its limits with their working, its history. Answers the artifact's key."""
    with reading(surroundings.database_url()) as session:
        file = case_file(session, applicant_id, at=surroundings.now())
    key = f"case-{file['year']}-{applicant_id.lower()}"
    link = _on_the_board(f"case/{file['round_id']}/{applicant_id}")
    page = f"> {headline}\n\n{link}\n\n{case_page(file)}"
    await _put(page, key=key, description=f"{applicant_id} 案件视图")
    return key


def _on_the_board(page: str) -> str:
    return f"[在看板中打开]({surroundings.board_url()}{page})"


async def show_board() -> str:
    """The round's page: how many dossiers stand in each step, and what is due. Answers the artifact's key."""
    with reading(surroundings.database_url()) as session:
        data = board(session, surroundings.now())
    key = f"round-{data['year']}"
    await _put(f"{_on_the_board('')}\n\n{board_page(data)}", key=key, description=data["round"])
    return key


async def show_messages() -> str:
    """The page of messages: what waits, failed, is unknown, paused or to be delivered by hand. Answers its key."""
    with reading(surroundings.database_url()) as session:
        data = message_board(session, surroundings.now())
    await _put(message_page(data), key="messages", description="通知一览")
    return "messages"


async def show_objection_effect(effect: dict[str, Any]) -> str:
    """What either finding on an objection would do. Answers the artifact's key."""
    key = f"objection-{effect['ref'].lower()}"
    await _put(effect_page(effect), key=key, description=f"异议 {effect['ref']} 后果试算")
    return key


async def show_workbooks(names: Sequence[str]) -> None:
    """The page of workbooks that were put into the outbox folder."""
    files = "\n".join(f"- {plain(name)}" for name in names)
    text = f"在发件夹（var/outbox）里：\n\n{files}\n\n填写用的表格填好后放进收件夹（var/inbox），用“71 导入表格”导入。"
    await show_text("workbooks", "下载表格", text)


async def show_import(report: ImportReport) -> None:
    """The page of an import: every bad cell by name. No contact is ever on it."""
    await _put(report.page(), key="import-result", description="导入表格")


async def show_text(key: str, title: str, text: str) -> None:
    """A page of plain Markdown."""
    await _put(f"# {title}\n\n{text}", key=key, description=title)


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
    await _put(
        plan_page(plan, found, workdays, picture.read_bytes(), files),
        key=name,
        description=f"{announced_on} 公告的日程",
    )
    return "；".join(planning.findings(plan))


async def show_batch(report: BatchReport) -> None:
    """The page of a batch: every dossier with what became of it, those not done first."""
    await _put(batch_page(report.as_json()), key="batch", description=report.label)
