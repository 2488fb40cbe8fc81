"""The board's search page, its workbook, and the page of an institution."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from models import Applicant
from models.database import transaction
from tests.board.test_board_pages import HOSTILE, SHOWN, seen
from tests.board.test_my_tasks import board_of
from tests.support.stages import Stage
from tests.tasks.rehearsal import Rehearsal, crowd
from tests.tasks.test_proposals import staffed
from views.search import FEW, PAGE

AT = "2025-10-24 09:00"


@pytest.fixture
def database_kind() -> str:
    """What is found is tested on both kinds; here it is what a person sees."""
    return "sqlite"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return staffed(at_stage("signing"))


def test_the_page_asks_finds_and_leads_on(office: Rehearsal) -> None:
    crowd(office.url, PAGE)
    with board_of(office, "1001", AT) as client:
        empty = seen(client, "/search")
        assert "曾用名也能查到" in empty.text
        page = seen(client, "/search?q=药房")
        assert len([link for link in page.links if link.startswith("/case/")]) == FEW
        whole = [link for link in page.links if "kind=dossier" in link]
        first = seen(client, whole[0])
        cases = [link for link in first.links if link.startswith("/case/")]
        rest = [link for link in first.links if "page=2" in link]
        cases += [link for link in seen(client, rest[0]).links if link.startswith("/case/")]
        assert len(set(cases)) == len(cases) == PAGE + 3
        institution = next(link for link in page.links if link.startswith("/institution/"))
        assert "各轮案卷" in seen(client, institution).text
        assert "没有查到" in seen(client, "/search?q=无此机构").text
        seen(client, "/institution/9999", 404)
        for wrong in ("kind=x", "state=x", "page=x", "year=2025a", "round=-1"):
            seen(client, f"/search?q=a&{wrong}", 400)


def test_the_workbook_holds_what_was_found_and_no_formula(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        session.get_one(Applicant, 2).name = "=HYPERLINK(1)样例药房"
    with board_of(office, "1001", AT) as client:
        answer = client.get("/search.xlsx?q=药房")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert client.get("/search.xlsx?q=无此机构").status_code == 400
    book = load_workbook(io.BytesIO(answer.content))
    assert {"机构", "案卷", "通知"} <= set(book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "=HYPERLINK(1)样例药房" in [cell.value for cell in cells]


def test_experts_names_are_for_those_whose_role_sees_them(office: Rehearsal) -> None:
    with board_of(office, "1004", AT) as client:
        named = client.get("/search?q=Z01&kind=expert").text
        assert "（按岗位不显示）" not in named
        assert "专家" in load_workbook(io.BytesIO(client.get("/search.xlsx?q=Z01&kind=expert").content)).sheetnames
    with board_of(office, "1001", AT) as client:
        assert "（按岗位不显示）" in client.get("/search?q=Z01&kind=expert").text


def test_names_and_what_is_typed_stay_text(office: Rehearsal) -> None:
    with transaction(office.url) as session:
        session.get_one(Applicant, 2).name = HOSTILE
    with board_of(office, "1001", AT) as client:
        for address in ("/search?q=P01", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E"):
            page = client.get(address)
            assert "<script" not in page.text
        assert SHOWN in seen(client, "/search?q=P01").text
