"""`document`, `package` and `check-postings` from the command line, on a round that was played."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dingdian.cli import app
from models import OfficialDocument
from models.database import transaction
from rules.errors import DingdianError
from tasks.announce import register_staff
from tests.publication.documents.conftest import lived
from tests.support.offices import use
from tests.support.rounds import replayed, small_round


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finished round as the office's own; the command runs in an empty folder."""
    url, _ = replayed(tmp_path, small_round())
    use(monkeypatch, url, tmp_path / "var")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with transaction(url) as session:
        register_staff(session, [{"staff_no": "1001", "name": "甲", "roles": ["operator"]}])
    return url


def told(*words: str) -> dict[str, object]:
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_a_document_is_written_where_one_stands_and_nothing_is_recorded(office: str) -> None:
    answer = told("document", "公示", "1")
    content = Path("notice-1.pdf").read_bytes()
    assert answer == {
        "file": "notice-1.pdf",
        "number": "样例县特药公示〔2025〕1号",
        "pages": 2,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert told("document", "preliminary-opinion", "P01", "--docx", "-o", "意见.docx")["file"] == "意见.docx"
    assert Path("意见.docx").read_bytes().startswith(b"PK")
    with transaction(office) as session:
        assert session.query(OfficialDocument).count() == 0


def test_with_a_staff_number_it_is_kept_and_recorded(office: str, tmp_path: Path) -> None:
    answer = told("document", "announcement", "--by", "1001", "--number", "样医保公〔2025〕3号", "-o", "公告.pdf")
    assert answer["发文字号"] == "样医保公〔2025〕3号"
    assert Path(str(answer["file"])).parent == tmp_path / "var" / "documents"
    assert Path("公告.pdf").read_bytes() == Path(str(answer["file"])).read_bytes()
    with transaction(office) as session:
        assert [row.created_by for row in session.query(OfficialDocument)] == ["1001"]


def test_a_paper_of_an_agreement_and_the_form_of_its_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = lived(tmp_path)
    use(monkeypatch, url, tmp_path / "var")
    monkeypatch.chdir(tmp_path)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": "1001", "name": "甲", "roles": ["operator"]}])
    number = "样例县特药协议〔2025〕2号"
    answer = told("document", "暂停协议通知书", number, "--item", "1")
    assert (answer["file"], answer["number"]) == ("suspension-notice-1.pdf", "样例县医保暂停〔2025〕1号")
    several = CliRunner().invoke(app, ["document", "finding-notice", number])
    assert "请在“序号”填写其中一个：1（V7，2025-11-10）；2（D1，2025-12-01）" in str(several.exception)
    receipt = ["document", "送达回证", number, "--served", "暂停协议通知书"]
    assert "尚未制作：请先制作该文书" in str(CliRunner().invoke(app, receipt).exception)
    told("document", "suspension-notice", number, "--by", "1001")
    assert told(*receipt)["number"] == "样例县医保暂停〔2025〕1号"


def test_a_package_is_a_folder_or_kept_as_a_zip(office: str) -> None:
    loose = told("package", "1")
    assert sorted(path.name for path in Path("package-1").iterdir()) == loose["files"]
    assert told("package", "1", "--by", "1001", "-o", "发布包.zip")["sha256"] == loose["sha256"]
    assert hashlib.sha256(Path("发布包.zip").read_bytes()).hexdigest() == loose["sha256"]


def test_a_look_at_nothing_says_so(office: str) -> None:
    result = CliRunner().invoke(app, ["check-postings"])
    assert (result.exit_code, result.stdout) == (0, "已核对：没有需要核对的页面。\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["document", "信函"], "没有“信函”这种文书；可用：announcement（公告）"),
        (["document", "agreement"], "“服务协议”须填申请人编号"),
        (["document", "suspension-notice", "P01"], "没有选择登记协议履行"),
        (["document", "送达回证", "P01", "--served", "信函"], "没有“信函”这种文书"),
        (["document", "notice", "1", "--planned-on", "明天"], "--planned-on 应为日期"),
        (["document", "notice", "1", "--docx"], "“公示”没有可编辑的格式"),
        (["package", "8"], "没有第 8 号公示"),
    ],
)
def test_what_cannot_be_is_a_sentence(office: str, words: list[str], sentence: str) -> None:
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, DingdianError)
    assert sentence in str(result.exception)
    assert list(Path().iterdir()) == []
