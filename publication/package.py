"""The publish package of a notice: what those who run the county portal and the WeChat account are handed.

The same data give the same bytes. Texts of applicants are escaped; file names are made of our own numbers only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from foundation.settings import get_settings
from policies.documents import load_document_policy
from publication import wechat
from publication.archive import zipped
from publication.documents.head import Facts
from publication.documents.making import Made, facts_of, make
from publication.documents.source import NoticeSource, notice_source
from publication.pages import render
from rules.vocabulary import DocumentKind, NoticeKind

SUMS = "SHA256SUMS"
README = """{made.title}
发布包（第 {made.ref} 号公示，{made.number}）

一、县政府网站：把 page.html 作为整页发布，或把 fragment.html 的内容粘贴到编辑器；PDF 作为附件上传（{made.name}）。
二、微信公众号：标题、作者、摘要见 wechat.json，正文粘贴 wechat.html 的内容；先存草稿，由人核对后发布。
三、核对：在本文件夹运行 sha256sum -c {sums}，各文件应当显示 OK（成功）。
四、发布后请把渠道、发布时间（到分钟）、网址和整页截图交回{agency}：{starts}。
五、发布期间请勿修改、撤下或改换网址；确需更正的，先与{agency}联系。
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A package: its folder's name, its files, and the document in it."""

    name: str
    files: Mapping[str, bytes]
    document: Made
    article: wechat.Article

    @property
    def zip(self) -> bytes:
        """The whole package as one file."""
        return zipped(self.files)

    @property
    def sha256(self) -> str:
        """The SHA-256 of that file."""
        return hashlib.sha256(self.zip).hexdigest()


def build_package(session: Session, notice_id: int, planned_on: date | None = None) -> Package:
    """The package of a notice as the records stand. `planned_on`: when a notice that is not posted yet is to be.

    Raises RefusedError for a notice that does not exist, InputError when there is no Chinese font.
    """
    notice = notice_source(session, notice_id)
    kind = document_kind(notice.kind)
    made = make(session, kind, notice_id, planned_on=planned_on)
    facts = {**facts_of(session, kind, notice_id, planned_on), "number": made.number}
    article = wechat.article(facts, _public_url(notice_id))
    files = {
        **_texts(facts, made, article),
        made.name: made.content,
        "metadata.json": _json(_metadata(facts, notice, made)),
        "list.json": _json(notice.snapshot),
    }
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return Package(f"package-{notice_id}", {**files, SUMS: sums.encode()}, made, article)


def document_kind(kind: NoticeKind) -> DocumentKind:
    """Which document a notice is printed as."""
    return DocumentKind.RESULT if kind is NoticeKind.FINAL_RESULT else DocumentKind.NOTICE


def _public_url(notice_id: int) -> str:
    base = get_settings().public_base_url.rstrip("/")
    return f"{base}/notice-{notice_id}.html" if base else ""


def _texts(facts: Facts, made: Made, article: wechat.Article) -> dict[str, bytes]:
    whole = wechat.fragment(facts)
    return {
        "fragment.html": whole.encode(),
        "page.html": render("package_page.html", facts=facts, body=whole, tags=_tags(facts, made), pdf_name=made.name),
        "wechat.html": article.content.encode(),
        "wechat.json": _json(article.plain()),
        "README.txt": README.format(made=made, agency=facts["agency"], starts=_starts(facts), sums=SUMS).encode(),
    }


def _starts(facts: Facts) -> str:
    return "公示期自最晚的一个渠道发布之日起算，当日不计" if facts["period"] else "作为公布的凭证"


def _tags(facts: Facts, made: Made) -> dict[str, str]:
    """The head tags of government pages (国办发〔2017〕47号): those of the site from the settings, those of the article
    from the notice."""
    settings = get_settings()
    base = settings.public_base_url.partition("://")[2].partition("/")[0]
    column = "结果公布" if facts["period"] is None else "公示公告"
    tags = {
        "SiteName": settings.site_name,
        "SiteDomain": base,
        "SiteIDCode": settings.site_id_code,
        "ColumnName": column,
        "ColumnDescription": "特殊药品定点医药机构评估的公示和结果",
        "ColumnKeywords": "特殊药品,定点医药机构,公示",
        "ColumnType": "公示公告",
        "ArticleTitle": facts["title"],
        "PubDate": f"{made.day.isoformat()} 00:00",
        "ContentSource": facts["agency"],
    }
    return {name: value for name, value in tags.items() if value}


def _metadata(facts: Facts, notice: NoticeSource, made: Made) -> dict[str, Any]:
    """The archive's fields (GB/T 18894) under their Chinese names, and what programs need."""
    rule = load_document_policy().documents[made.kind]
    return {
        "题名": facts["title"],
        "文件编号": facts["number"],
        "责任者": facts["agency"],
        "日期": made.day.isoformat(),
        "机构": facts["agency"],
        "保管期限": rule.retention,
        "密级": rule.classification,
        "notice": notice.id,
        "kind": notice.kind.value,
        "starts_on": notice.starts_on.isoformat() if notice.starts_on else None,
        "last_day": notice.last_day.isoformat() if notice.last_day else None,
        "list_sha256": notice.sha256,
        "document": {"file": made.name, "sha256": made.sha256, "pages": made.pages, "template": made.template_version},
    }


def _json(value: Any) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode()
