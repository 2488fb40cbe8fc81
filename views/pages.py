"""What a run leaves to look at: Prefect artifacts, written anew from our own records. Plain functions, no tasks: a task
run of their own would cost more than they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from prefect.artifacts import acreate_markdown_artifact

from foundation.rehearsal import banner
from foundation.settings import get_settings
from models.database import reading
from models.schedules import known_workdays
from rules.periods import Period
from tasks import planning, surroundings
from tasks.batch import BatchReport
from views.board import board
from views.board_page import board_page
from views.case_page import case_page
from views.casefile import file_of
from views.correction_pages import take_back_page
from views.markdown import plain
from views.message_board import message_board, message_page
from views.objection_pages import effect_page
from views.plan_page import plan_page
from views.report_pages import batch_page, import_page
from views.round_pipeline import RoundPipeline
from workbooks.report import ImportReport

ARTIFACT, FILES = "/v2/artifacts/artifact/{}", "/gate/files"  # on whichever name a browser reached Prefect
RESULT, BOARD = "", "round-"
_written: ContextVar[dict[str, tuple[str, str]] | None] = ContextVar("written", default=None)


@contextmanager
def noting() -> Iterator[dict[str, tuple[str, str]]]:
    """The pages written inside, as they are written: description and address by key, the result page under RESULT."""
    written: dict[str, tuple[str, str]] = {}
    token = _written.set(written)
    try:
        yield written
    finally:
        _written.reset(token)


async def _put(markdown: str, *, key: str | None, description: str) -> str:
    """Writes a page; in a rehearsal it says so first. Answers its address."""
    said = banner(get_settings().rehearsal_clock)
    head = f"**{said}**\n\n" if said else ""
    written = await acreate_markdown_artifact(f"{head}{markdown}", key=key, description=description)
    address = ARTIFACT.format(written)
    if (noted := _written.get()) is not None:
        noted[key or RESULT] = (description, address)
    return address


def download(shelf: str, name: str) -> str:
    """The address at which a browser takes a file of a shelf (`tasks.files`)."""
    return f"{FILES}/{shelf}/{quote(name, safe='')}"


def place(path: Path) -> str:
    """Where a file lies, as the office calls it: `var/documents/…`, wherever `var` is on the machine."""
    folder = get_settings().var_dir
    return f"var/{path.relative_to(folder)}" if path.is_relative_to(folder) else str(path)


async def show_case(applicant_id: str, headline: str, round_id: int = 0) -> str:
    """The case's page: what just happened, its limits with their working, its history. Answers the case's number.

    Raises RefusedError for a number that no round has, or several.
    """
    with reading(surroundings.database_url()) as session:
        file = file_of(session, applicant_id, round_id, surroundings.now())
    await show_file(file, headline)
    return str(file["applicant_id"])


async def show_file(file: Mapping[str, Any], headline: str) -> str:
    """The page of a case whose file was read already. Answers its address."""
    link = _on_the_board(f"case/{file['round_id']}/{file['applicant_id']}")
    page = f"**{plain(headline)}**\n\n{link}\n\n{case_page(dict(file))}"
    return await _put(page, key=case_key(file), description=f"{file['applicant_id']} 案件视图")


def case_key(file: Mapping[str, Any]) -> str:
    """The key of a case's page: every act on the case adds a version to it."""
    return f"case-{file['round_id']}-{file['applicant_id'].lower()}"


def _on_the_board(page: str) -> str:
    return f"[在看板中打开]({surroundings.board_url()}{page})"


async def show_board(whole: RoundPipeline, todo: str) -> tuple[str, str]:
    """The round's page: what can be done, its stages, how many dossiers stand in each step, what is due. Answers key,
    address."""
    round_id = whole.round_id
    with reading(surroundings.database_url()) as session:
        data = board(session, surroundings.now(), round_id)
    cases = f"{surroundings.board_url()}case/{round_id}/"
    page = f"{_on_the_board(f'?round={round_id}')}\n\n{board_page(data, whole, todo, cases)}"
    key = f"{BOARD}{round_id}"
    return key, await _put(page, key=key, description=data["round"])


async def show_result(page: str, said: str) -> None:
    """The page that the run ends with: without a key, so that its card shows the sentence and opens the page itself."""
    await _put(page, key=None, description=said)


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


async def show_take_back_effect(effect: dict[str, Any]) -> str:
    """What taking an act back would do. Answers the artifact's key."""
    key = f"take-back-{effect['about'].lower()}"
    await _put(take_back_page(effect), key=key, description=effect["title"])
    return key


async def show_workbooks(names: Sequence[str]) -> None:
    """The page of workbooks that were put into the outbox folder."""
    files = "\n".join(f"- [{plain(name)}]({download('out', name)})" for name in names)
    then = f"填写用的表格填好后在[文件]({FILES})页放入收件夹，用“71 导入表格”导入。"
    await show_text("workbooks", "下载表格", f"在发件夹里，点击下载：\n\n{files}\n\n{then}")


async def show_import(report: ImportReport) -> None:
    """The page of an import: every bad cell by name. No contact is ever on it."""
    await _put(import_page(report), key="import-result", description="导入表格")


async def show_text(key: str, title: str, text: str) -> None:
    """A page of plain Markdown."""
    await _put(f"# {title}\n\n{text}", key=key, description=title)


async def show_plan(announced_on: date, weeks: int, assumed: Mapping[str, Period]) -> str:
    """A plan's page; its calendar file and picture go to `var/plans`. Answers what the plan says of itself."""
    with reading(surroundings.database_url()) as session:
        workdays = known_workdays(session)
    plan, found = planning.lay_out(announced_on, weeks, workdays, assumed)
    name = f"plan-{announced_on}"
    calendar, picture = (surroundings.plans() / f"{name}.{ending}" for ending in ("ics", "png"))
    planning.write_calendar(plan, calendar, surroundings.now())
    planning.write_picture(plan, workdays, picture)
    files = f"日历文件（可导入手机、Outlook）：`{place(calendar)}`　日程图：`{place(picture)}`"
    await _put(
        plan_page(plan, found, workdays, picture.read_bytes(), files),
        key=name,
        description=f"{announced_on} 公告的日程",
    )
    return "；".join(planning.findings(plan))


async def show_batch(report: BatchReport) -> None:
    """The page of a batch: every dossier with what became of it, those not done first."""
    await _put(batch_page(report.as_json()), key="batch", description=report.label)
