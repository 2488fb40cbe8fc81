"""The forms of documents, publish packages and proof of posting. Files come through the inbox, by name only."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, model_validator

from flows.choices import Choice, of_terms
from flows.forms.parts import ActForm, DayOrNothing, RoundForm, TextOrNothing, TimeOfDay
from flows.forms.pasted import OR_NOTHING
from flows.instants import beijing, day_or_none
from rules.vocabulary import DocumentKind, NoticeKind
from tasks.documents import targets

FORMATS = Choice({"pdf": "PDF/A（归档、发布）", "docx": "Word（修改后使用：公告、初审意见书、协议及签约后的文书）"})
NOT_SERVED = "none"
SERVED = Choice({NOT_SERVED: "不是送达回证", **{one.value: one.label for one in targets.SERVED}})
NUMBER = r"^([一-鿿A-Za-z]{1,30}〔[0-9]{4}〕[0-9A-Za-z]{1,12}号)?$"
Planned = Annotated[
    DayOrNothing, Field(title="计划发布日", description="公示尚未发布时填写，文书据此印出届满日；已发布的留空")
]


class MakeDocument(RoundForm):
    """由案卷数据制作正式文书；同样的数据得到同样的文件，哈希随案保存。"""

    kind: Annotated[str, of_terms(DocumentKind), Field(title="文书")]
    about: Annotated[
        str,
        Field(
            title="编号",
            description="一家机构的（案卷封面、卷内目录在内）填申请人编号（如 H01）；"
            "签约后的文书填协议编号（看板“协议”可查）；"
            "公示、通告填公示编号；年度考核结果通告填年度（如 2026）；结算联系单填月份（如 2026-03）；"
            "通知送达情况证明填通知号；公告、抽取记录、初审汇总、申请、定点工作台账留空",
            max_length=500,
        ),
        OR_NOTHING,
    ] = ""
    item: Annotated[
        TextOrNothing,
        Field(
            title="序号",
            description="签约后的文书：该协议下第几号认定、整改、暂停、补充协议，如 1，或填文号；只有一份的可以留空",
        ),
    ] = ""
    served: Annotated[
        str, SERVED, Field(title="送达的文书", description="制作送达回证时选所送达的文书，须先制作该文书")
    ] = SERVED.labels[NOT_SERVED]
    file_format: Annotated[str, FORMATS, Field(title="格式")] = "PDF/A（归档、发布）"
    number: Annotated[
        str,
        Field(title="发文字号", description="如 某医保公〔2026〕12号；留空则用系统编号", pattern=NUMBER),
        OR_NOTHING,
    ] = ""
    planned_on: Planned = ""

    def fields(self) -> dict[str, Any]:
        """The fields, the day as a day."""
        return {
            **super().fields(),
            "file_format": FORMATS.read(self.file_format),
            "served": "" if (served := SERVED.read(self.served)) == NOT_SERVED else served,
            "planned_on": day_or_none(self.planned_on),
        }


class MakePackage(ActForm):
    """制作一份公示的发布包，交门户网站和公众号的管理人员发布。"""

    notice: Annotated[int, Field(title="公示编号", description="公示网址 notice-编号.html 中的数字", ge=1)]
    planned_on: Planned = ""

    def fields(self) -> dict[str, Any]:
        """The fields, the day as a day."""
        return {**super().fields(), "planned_on": day_or_none(self.planned_on)}


class RecordPosting(RoundForm):
    """登记一个渠道的发布凭证；两个渠道都登记后公示期起算。"""

    kind: Annotated[str, of_terms(NoticeKind), Field(title="种类")]
    channel: Annotated[
        str, Field(title="渠道", description="须与公告所列渠道一致，如“县政府网站”", min_length=1, max_length=40)
    ]
    posted_on: Annotated[date, Field(title="发布日期")]
    posted_time: Annotated[TimeOfDay, Field(title="发布时间", description="北京时间，如 09:00")]
    url: Annotated[
        str,
        Field(
            title="网址",
            description="以 http:// 或 https:// 开头；每天据此核对页面",
            pattern=r"^(https?://\S{1,490})?$",
        ),
        OR_NOTHING,
    ] = ""
    file: Annotated[
        str,
        Field(title="截图或文件", description="收件夹里的文件名（图片、PDF 或网页）；哈希由系统计算", max_length=120),
        OR_NOTHING,
    ] = ""

    @model_validator(mode="after")
    def _is_proved(self) -> RecordPosting:
        if not self.url and not self.file:
            raise ValueError("网址和截图至少填一项，作为发布凭证")
        return self

    def posting(self) -> dict[str, Any]:
        """Channel, aware instant and address, as the record keeps them."""
        return {"channel": self.channel, "posted_at": beijing(self.posted_on, self.posted_time), "url": self.url}
