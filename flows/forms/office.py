"""Forms of the office itself: calendars, files, queries, the sweep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, model_validator

from flows.forms.parts import NONE_YET, ActForm, ApplicantId, DayOrNothing, OfRound, Part, RoundForm, Text
from flows.instants import beijing

RANGE_KEYS = (("first", "last"), ("from", "to"), ("start", "end"))


class DayRange(Part):
    """一段放假日期。"""

    first: Annotated[date, Field(title="起", description="第一天")]
    last: Annotated[date, Field(title="止", description="最后一天，含当日")]

    @model_validator(mode="before")
    @classmethod
    def _from_any_range(cls, value: Any) -> Any:
        """A scenario writes a range as a pair, as `first..last`, as a mapping or as one day. Of a mapping
        the keys count: a database may bring them in another order."""
        if isinstance(value, str):
            value = value.replace("..", "/").split("/")
        if isinstance(value, Mapping):
            ends = next((pair for pair in RANGE_KEYS if set(pair) == set(value)), None)
            return {"first": value[ends[0]], "last": value[ends[1]]} if ends else value
        return {"first": value[0], "last": value[-1]} if isinstance(value, list) and value else value


class LoadWorkdays(ActForm):
    """录入国务院办公厅公布的全年放假安排，或其后的调整通知、地方自定的节日；在办案件的期限随即重新推算。"""

    year: Annotated[int, Field(title="年份", description="如 2027", ge=2018, le=2100)]
    notice: Annotated[str, Field(title="通知文号", description="如 国办发明电〔2025〕7号", min_length=1, max_length=80)]
    off: list[DayRange] = Field(
        title="放假日期", description="全年各段，含调休；调整通知或地方节日只填其所列日期", max_length=40
    )
    working: list[date] = Field(
        title="调休上班日",
        description="周末要上班的日子；没有则留空",
        max_length=40,
        json_schema_extra=NONE_YET,
    )

    def fields(self) -> dict[str, Any]:
        """Ranges as pairs of days."""
        return {**super().fields(), "off": [(one.first, one.last) for one in self.off]}


class AdoptPolicy(RoundForm):
    """本轮改用规则文件的今日文本；与固定的规则不同之处记入审计记录，并在公示网站公布。"""

    reason: Annotated[
        Text, Field(title="理由", description="如：省医保局某号文自某日起调整签约期限，本轮尚未签约；会在公示网站公布")
    ]


class FileForm(ActForm):
    """含联系方式的内容不经表单：把文件放进收件夹，在这里填文件名。"""

    file: Annotated[
        str, Field(title="文件名", description="收件夹（var/inbox）里的文件名，不带路径", min_length=1, max_length=120)
    ]


class RoundFileForm(RoundForm, FileForm):
    """一份关于某一轮的文件，同样只填文件名。"""


class CaseForm(OfRound):
    """查看一家机构。"""

    applicant_id: ApplicantId


class ShowRound(OfRound):
    """看一轮的全程；只有一轮在办的，轮次留空即可。"""


class SweepForm(Part):
    """期限巡查的选项。"""

    as_of_day: Annotated[
        DayOrNothing,
        Field(title="截至哪一天", description="留空表示现在；补跑某天填 2026-03-05；填将来的日期只列出，不办理"),
    ] = ""
    dry_run: Annotated[bool, Field(title="只看不做", description="列出会做什么，不写入")] = False

    @property
    def instant(self) -> datetime | None:
        """The end of the given day in Beijing; None means now."""
        return beijing(date.fromisoformat(self.as_of_day), "23:59:59") if self.as_of_day else None
