"""Forms of public notices and objections (五(二)、五(三)、五(四))."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from flows import choices
from flows.forms.parts import ActForm, ApplicantId, DayOrNothing, Part, Text, TimeOfDay
from flows.instants import beijing, split_instant
from rules.vocabulary import NoticeKind, ObjectionVia


class PostingForm(Part):
    """一个渠道的发布凭证。"""

    channel: Annotated[
        str, Field(title="渠道", description="须与公告所列渠道一致，如“县政府网站”", min_length=1, max_length=40)
    ]
    posted_on: Annotated[date, Field(title="发布日期")]
    posted_time: Annotated[TimeOfDay, Field(title="发布时间", description="北京时间，如 09:00")]
    url: Annotated[str, Field(title="网址", max_length=500), BeforeValidator(lambda value: value or "")] = ""
    sha256: Annotated[
        str,
        Field(title="截图或文件的 SHA-256", pattern=r"^[0-9a-f]{0,64}$"),
        BeforeValidator(lambda value: value or ""),
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "posted_at", "posted_on", "posted_time")

    def row(self) -> dict[str, Any]:
        """The posting as the record keeps it."""
        posted_at = beijing(self.posted_on, self.posted_time)
        return {"channel": self.channel, "posted_at": posted_at, "url": self.url, "sha256": self.sha256}


class PublishNotice(ActForm):
    """发布公示或公布名单。两个渠道都发布后公示期起算；缺一个渠道时先登记已有的，再运行一次补登。"""

    kind: Annotated[str, choices.of_terms(NoticeKind), Field(title="种类")]
    postings: list[PostingForm] = Field(
        title="发布凭证", description="两个渠道各一条；公示期自较晚的一条起算，当日不计", max_length=5
    )

    def fields(self) -> dict[str, Any]:
        """Postings with aware instants."""
        return {"kind": self.kind, "postings": [one.row() for one in self.postings]}


class RecordObjection(ActForm):
    """登记公示异议：期内的只暂停被异议的那一家，逾期的按一般投诉核查。"""

    applicant_id: ApplicantId
    ref: Annotated[str, Field(title="异议编号", pattern=r"^[A-Za-z0-9-]{1,40}$")]
    received_on: Annotated[date, Field(title="收到日期")]
    received_time: Annotated[TimeOfDay, Field(title="收到时间", description="北京时间，如 16:30")]
    via: Annotated[str, choices.of_terms(ObjectionVia), Field(title="途径")]
    allegation: Annotated[Text, Field(title="异议内容", description="只写事实，不写异议人的姓名和电话")]
    postmarked_on: Annotated[DayOrNothing, Field(title="邮戳日期", description="邮寄的填写，如 2026-03-05")] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "received_at", "received_on", "received_time")

    def fields(self) -> dict[str, Any]:
        """The instant of receipt, the postmark as a day or None."""
        given = self.model_dump(exclude={"by", "received_on", "received_time"})
        postmark = date.fromisoformat(self.postmarked_on) if self.postmarked_on else None
        received_at = beijing(self.received_on, self.received_time)
        return {**given, "received_at": received_at, "postmarked_on": postmark}


class ResolveObjection(ActForm):
    """作出异议核查结论：属实的取消资格，不属实的继续程序。"""

    ref: Annotated[str, Field(title="异议编号", pattern=r"^[A-Za-z0-9-]{1,40}$")]
    substantiated: Annotated[bool, Field(title="是否属实", description="属实的取消该机构资格")]
    finding: Annotated[Text, Field(title="核查结论")]
