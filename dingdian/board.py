"""`dingdian board`: the open cases with their nearest deadline. `dingdian case ID`: one case with its whole history."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from board.office import Office
from dingdian.office import office
from foundation.settings import get_settings
from models.database import reading
from tasks import surroundings
from tasks.case_loading import round_or_newest
from views import board_page, case_page, markdown
from views.board import board
from views.casefile import file_of


def run(round_id: int, as_json: bool) -> None:
    """The board of a round (0: the one announced last)."""
    with office() as url, reading(url) as session:
        data = board(session, surroundings.now(), round_or_newest(session, round_id).id or 0)
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return
    console = Console()
    console.print(table_of(data["round"], board_page.STEPS, board_page.step_rows(data)))
    console.print(table_of(f"在办 {data['open']} 家", board_page.OPEN_CASES, board_page.open_case_rows(data)))


def serve() -> None:
    """The board's pages alone, until Ctrl-C. Raises InputError when its port is taken, by `dingdian up` for one."""
    from dingdian.running.board_server import for_the_office, form_links, server
    from dingdian.running.server import api_url, require_free_port

    settings = get_settings()
    require_free_port(settings.board_port, "DINGDIAN_BOARD_PORT", patience_seconds=0)
    with office() as url:
        print(f"看板：{surroundings.board_url()}（按 Ctrl-C 停止）", file=sys.stderr, flush=True)
        forms = form_links(api_url(settings), surroundings.desk_url())
        server(for_the_office(Office(url, forms)), settings.board_port).run()


def run_case(applicant_id: str, round_id: int, as_json: bool) -> None:
    """One case: its state, its limits with the working of each date, its history and its messages."""
    with office() as url, reading(url) as session:
        file = file_of(session, applicant_id, round_id, surroundings.now())
    if as_json:
        print(json.dumps(file, ensure_ascii=False, indent=1))
    else:
        _show_case(file)


def _show_case(file: dict[str, Any]) -> None:
    console = Console(markup=False)
    console.print(f"{file['applicant_id']} {file['name']}　{file['state_label']}　下一步：{file['next_step']}")
    for one in file["reasons"]:
        console.print(f"理由：{one['text']}（{one['clause']}）")
    console.print(table_of("期限", case_page.DEADLINES, case_page.deadline_rows(file)))
    for one in file["deadlines"]:
        if one["working"]:
            console.print(table_of(f"{one['label']}的推算过程", markdown.WORKING, markdown.working_rows(one)))
    console.print(table_of("经过", case_page.HISTORY, case_page.history_rows(file)))
    console.print(table_of("文书", case_page.DOCUMENTS, case_page.document_rows(file)))
    console.print(table_of("通知", case_page.MESSAGES, case_page.message_rows(file)))


def table_of(title: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table for the screen; long cells fold."""
    table = Table(title=title, title_justify="left")
    for name in titles:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
