"""Forms of public notices (五(二)、五(三)、五(四))."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from flows import choices
from flows.forms.parts import Part, RoundForm, TimeOfDay
from flows.forms.pasted import IS_HASH, OR_NOTHING, SQUEEZED
from flows.instants import beijing, split_instant
from rules.vocabulary import NoticeKind


class PostingForm(Part):
    """一个渠道的发布凭证。"""

    channel: Annotated[
        str, Field(title="渠道", description="公告所列的两个渠道之一，如“县政府网站”", min_length=1, max_length=40)
    ]
    posted_on: Annotated[date, Field(title="发布日期", description="该渠道实际发布的日期")]
    posted_time: Annotated[TimeOfDay, Field(title="发布时间", description="北京时间，如 09:00")]
    url: Annotated[
        str,
        Field(title="网址", description="发布页的网址，便于事后核对；没有可留空", max_length=500),
        OR_NOTHING,
    ] = ""
    sha256: Annotated[
        str,
        BeforeValidator(lambda value: (value or "").lower()),
        SQUEEZED,
        IS_HASH,
        Field(title="截图或文件的 SHA-256", description="六十四位校验值；没有可留空"),
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_instant(cls, value: Any) -> Any:
        return split_instant(value, "posted_at", "posted_on", "posted_time")

    def row(self) -> dict[str, Any]:
        """The posting as the record keeps it."""
        posted_at = beijing(self.posted_on, self.posted_time)
        return {"channel": self.channel, "posted_at": posted_at, "url": self.url, "sha256": self.sha256}


class PublishNotice(RoundForm):
    """发布公示或公布名单。两个渠道都发布后公示期起算；缺一个渠道时先登记已有的，再运行一次补登。"""

    kind: Annotated[
        str, choices.of_terms(NoticeKind), Field(title="种类", description="评估结果、拟签约名单，或最后的定点名单")
    ]
    postings: list[PostingForm] = Field(
        title="发布凭证", description="两个渠道各一条；公示期自较晚的一条起算，当日不计", max_length=5
    )

    def fields(self) -> dict[str, Any]:
        """Postings with aware instants."""
        return {"kind": self.kind, "postings": [one.row() for one in self.postings]}
