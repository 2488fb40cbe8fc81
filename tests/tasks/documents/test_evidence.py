"""Proof of posting by file: judged by its content, hashed by us, kept under its hash; and the act that uses it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.settings import reset_settings
from models import Notice, Posting
from policies.documents import load_document_policy
from rules.errors import InputError, RefusedError
from tasks.act_result import Receipt
from tasks.documents import steps
from tasks.documents.evidence import keep_evidence, kept_evidence
from tasks.surroundings import surrounded
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, CHANNELS, beijing

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
KINDS = {
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0JFIF",
    "pdf": b"%PDF-1.7\n",
    "webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "html": b"\xef\xbb\xbf\n <!DOCTYPE html><html></html>",
}


PAGES = {
    "saved by a browser": b"<!-- saved from url=(0043)https://www.example.gov.cn/1.html -->\n<html></html>",
    "xhtml": b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "x"><html></html>',
    "head": b"<head><title>x</title></head>",
    "meta": b'<meta charset="utf-8"><p>x',
    "body": b"<BODY class=x>",
    "table": b"\n<table><tr>",
    "utf-16": "<html>公示</html>".encode("utf-16"),
    "utf-16 without a mark": "<!DOCTYPE html>公示".encode("utf-16-le"),
    "utf-16 big": b"\xfe\xff" + "<!-- x --><html>".encode("utf-16-be"),
}


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path / "var"))
    reset_settings()
    folder = tmp_path / "inbox"
    folder.mkdir()
    with surrounded(inbox=folder):
        yield folder


@pytest.mark.parametrize("kind", KINDS)
def test_the_content_says_what_a_file_is_not_its_name(inbox: Path, kind: str) -> None:
    (inbox / "截图.exe").write_bytes(KINDS[kind])
    digest = keep_evidence("截图.exe")
    assert digest == hashlib.sha256(KINDS[kind]).hexdigest()
    kept = inbox.parent / "var" / "evidence" / f"{digest}.{kind}"
    assert kept.read_bytes() == KINDS[kind]
    assert keep_evidence("截图.exe") == digest
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("content", PAGES.values(), ids=PAGES)
def test_a_page_is_told_as_browsers_tell_it(inbox: Path, content: bytes) -> None:
    (inbox / "网页.html").write_bytes(content)
    kept = inbox.parent / "var" / "evidence" / f"{keep_evidence('网页.html')}.html"
    assert kept.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.png", b"MZ\x90", "“a.png”不是图片"),
        ("b.html", b"<script>alert(1)</script>", "“b.html”不是图片"),
        ("c.png", b"", "“c.png”不是图片"),
    ],
)
def test_another_kind_of_file_is_refused_whatever_it_is_called(
    inbox: Path, name: str, content: bytes, sentence: str
) -> None:
    (inbox / name).write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        keep_evidence(name)
    assert not (inbox.parent / "var" / "evidence").exists()


@pytest.mark.parametrize("name", ["没有.png", "../secret.key", "/etc/passwd", "sub/a.png", "..", ""])
def test_only_a_name_inside_the_inbox_is_taken(inbox: Path, name: str) -> None:
    (inbox / "sub").mkdir()
    (inbox / "sub" / "a.png").write_bytes(PNG)
    (inbox.parent / "secret.key").write_bytes(PNG)
    with pytest.raises(InputError, match="收件夹里没有"):
        keep_evidence(name)


def test_a_link_out_of_the_inbox_is_not_followed(inbox: Path) -> None:
    (inbox.parent / "secret.png").write_bytes(PNG)
    (inbox / "link.png").symlink_to(inbox.parent / "secret.png")
    with pytest.raises(InputError, match="收件夹里没有"):
        keep_evidence("link.png")


def test_a_file_that_is_too_large_is_refused(inbox: Path) -> None:
    most = load_document_policy().numbers["evidence_size"]
    (inbox / "most.png").write_bytes(PNG.ljust(most, b"\0"))
    (inbox / "more.png").write_bytes(PNG.ljust(most + 1, b"\0"))
    assert keep_evidence("most.png")
    with pytest.raises(InputError, match=r"“more\.png”超过 20 MB"):
        keep_evidence("more.png")


def test_two_proofs_start_the_period_of_a_frozen_notice(at_stage: Stage, inbox: Path) -> None:
    rehearsal = at_stage("concluded")
    frozen = rehearsal.act("2025-09-23 08:50", "publish_notice", kind="evaluation_result", postings=[])
    assert frozen.summary.endswith("尚缺县政府网站、“医保”公众号的发布凭证，公示期未起算。")
    (inbox / "a.png").write_bytes(PNG)
    said = []
    for at, channel, file in (("2025-09-23 09:30", CHANNELS[0], "a.png"), ("2025-09-23 10:30", CHANNELS[1], "")):
        posting = {"channel": channel, "posted_at": beijing(at), "url": "https://www.example.gov.cn/1.html"}
        with surrounded(now=beijing("2025-09-23 11:00"), database_url=rehearsal.url, inbox=inbox):
            result = steps.record_posting.fn(BOSS, "evaluation_result", posting, file, 0)
        assert isinstance(result, Receipt)
        said.append(result.summary)
    assert said[1].endswith("自 2025-09-23 起，至 2025-09-30 届满。")
    assert [row.sha256 for row in rehearsal.rows(Posting)] == [hashlib.sha256(PNG).hexdigest(), ""]


def test_proof_without_a_frozen_notice_is_refused_and_keeps_nothing(at_stage: Stage, inbox: Path) -> None:
    rehearsal = at_stage("concluded")
    (inbox / "a.png").write_bytes(PNG)
    posting = {"channel": CHANNELS[0], "posted_at": beijing("2025-09-23 09:30"), "url": ""}
    with surrounded(now=beijing("2025-09-23 11:00"), database_url=rehearsal.url, inbox=inbox):
        result = steps.record_posting.fn(BOSS, "evaluation_result", posting, "a.png", 0)
    assert isinstance(result, RefusedError)
    assert str(result) == "没有等待发布凭证的评估结果公示：请先办理“发布公示”冻结名单（发布凭证可以留空）"
    assert rehearsal.rows(Notice) == []
    assert not (inbox.parent / "var" / "evidence").exists()


def test_evidence_of_items_is_kept_and_stands_as_hashes(inbox: Path) -> None:
    (inbox / "冷库.png").write_bytes(PNG)
    digest = hashlib.sha256(PNG).hexdigest()
    assert kept_evidence({"P-a": "冷库.png", "P-b": "ab" * 32}) == {"P-a": digest, "P-b": "ab" * 32}
    assert (inbox.parent / "var" / "evidence" / f"{digest}.png").read_bytes() == PNG
    with pytest.raises(InputError, match="收件夹里没有“没有"):
        kept_evidence({"P-a": "没有.png"})
