"""文件: by a real browser and against the real door: brought, taken, refused, and never a page of ours."""

from __future__ import annotations

import uuid
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from policies.documents import load_document_policy
from tests.gate.test_gate import axe_faults
from tests.gate.test_scans import pdf
from tests.support.patience import until
from tests.support.stack import Stack, load_demo

pytestmark = pytest.mark.long
PDF = b"%PDF-1.7\nx"
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}.html"
PAGE = b"<!doctype html><script>document.title = 'taken over'</script>"


@pytest.fixture
def desk(prefect_stack: Stack) -> Stack:
    load_demo(prefect_stack)
    return prefect_stack


def name() -> str:
    return f"截图-{uuid.uuid4().hex[:8]}.pdf"


def test_a_file_is_put_in_taken_out_and_removed_by_clicks(desk: Stack, page: Page, tmp_path: Path) -> None:
    desk.sign_in(page, "1001")
    here = desk.api_url.removesuffix("/api")
    page.goto(f"{here}/gate/")
    page.get_by_role("link", name="文件").click()
    (tmp_path / (told := name())).write_bytes(PDF)
    page.get_by_label("选择文件").set_input_files(tmp_path / told)
    page.get_by_role("button", name="放入收件夹").click()
    expect(page.get_by_role("status")).to_contain_text(f"已放入收件夹：{told}")
    assert (desk.var_dir / "inbox" / told).read_bytes() == PDF
    way = page.get_by_role("link", name=f"用 {told} 办理").get_attribute("href")
    assert way == f"{desk.board_url}file/{quote(told)}/do/record_posting"
    with page.expect_download() as taken:
        page.get_by_role("link", name=f"取出 {told}").click()
    assert (taken.value.suggested_filename, Path(taken.value.path()).read_bytes()) == (told, PDF)
    page.get_by_role("button", name=f"撤下 {told}").click()
    expect(page.get_by_role("status")).to_contain_text("已撤下")
    assert not (desk.var_dir / "inbox" / told).exists()


def test_a_run_s_page_leads_to_the_workbook_it_made(desk: Stack, page: Page) -> None:
    form = {"by": "1001", "kind": "申请人登记册（填写用）"}
    run = desk.create_run("下载表格/70 下载表格", {"form": form})
    ended = desk.wait_for(run)
    assert ended["type"] == "COMPLETED", ended
    wanted = {"artifacts": {"flow_run_id": {"any_": [run]}, "key": {"any_": ["workbooks"]}}}
    [made] = desk.request("POST", "/artifacts/filter", wanted)
    desk.sign_in(page, "1001")
    page.goto(f"{desk.ui_url.partition('/deployments')[0]}/artifacts/artifact/{made['id']}")
    with page.expect_download(timeout=60_000) as taken:
        page.get_by_role("link", name=".xlsx").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"PK")


def test_a_file_s_name_and_content_never_become_a_page_of_ours(desk: Stack, page: Page) -> None:
    with desk.visitor("1001") as person:
        own = {"Origin": str(person.base_url).rstrip("/")}
        answer = person.post("/gate/files", files={"file": (HOSTILE, PAGE)}, headers=own)
        assert answer.status_code == 200, answer.text
        assert "<img" not in answer.text
        kept = next(one.name for one in (desk.var_dir / "inbox").iterdir() if one.name.endswith("}}.html"))
        taken = person.get(f"/gate/files/in/{kept}")
        assert taken.content == PAGE
        assert taken.headers["content-type"] == "application/octet-stream"
        assert taken.headers["content-disposition"].startswith("attachment")
        assert taken.headers["x-content-type-options"] == "nosniff"
        person.post("/gate/files", data={"remove": kept}, files={"none": b""}, headers=own)


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "http://evil.example"}, 403), ({}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403)],
)
def test_another_site_brings_nothing(desk: Stack, headers: dict[str, str], status: int) -> None:
    told = name()
    with desk.visitor("1001") as person:
        answer = person.post("/gate/files", files={"file": (told, PDF)}, headers=headers)
    assert (answer.status_code, (desk.var_dir / "inbox" / told).exists()) == (status, False)


def test_what_is_too_large_is_answered_with_a_sentence(desk: Stack) -> None:
    most, told = load_document_policy().numbers["evidence_size"], name()
    with desk.visitor("1001") as person:
        own = {"Origin": str(person.base_url).rstrip("/")}
        answer = person.post("/gate/files", files={"file": (told, PDF.ljust(most + 200_000))}, headers=own)
    assert (answer.status_code, "超过 20 MB" in answer.text) == (403, True)
    assert not (desk.var_dir / "inbox" / told).exists()


def test_whoever_is_not_logged_in_is_led_to_the_login(desk: Stack) -> None:
    with desk.visitor("1001") as person:
        person.cookies.clear()
        own = {"Origin": str(person.base_url).rstrip("/")}
        brought = person.post("/gate/files", files={"file": ("a.pdf", PDF)}, headers=own)
        for answer in (person.get("/gate/files"), brought):
            assert (answer.status_code, answer.headers["location"].startswith("/gate/login")) == (303, True)


def test_a_material_is_scanned_into_its_dossier_and_looked_at_by_clicks(
    desk: Stack, page: Page, tmp_path: Path
) -> None:
    """The form that shows how far a file has come, in a browser that runs it."""
    (tmp_path / "a.pdf").write_bytes(pdf(2))
    desk.sign_in(page, "1001")
    page.goto(f"{desk.board_url}case/1/H01")
    page.get_by_role("link", name="材料扫描件").click()
    page.wait_for_url("**/gate/materials?*")  # until it is loaded: before that the form works as any other
    page.get_by_label("材料").select_option("H2")
    page.locator("#file").set_input_files(tmp_path / "a.pdf")
    page.evaluate("new MutationObserver(() => { window.seen ||= !!document.querySelector('progress') })"
                  ".observe(document.body, {childList: true, subtree: true})")  # fmt: skip
    page.get_by_role("button", name="放入", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("“a.pdf”：2 页")
    assert page.evaluate("window.seen")
    assert axe_faults(page) == []
    page.get_by_role("link", name="查看 H2 的第 1 份扫描件").click()
    pictures = page.get_by_role("img")
    expect(pictures).to_have_count(2)
    pictures.last.scroll_into_view_if_needed()
    until(lambda: page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth === 1200)"), "图")
    assert axe_faults(page) == []
