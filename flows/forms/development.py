"""The form of the yearly development plan (三)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from flows.forms.parts import ActForm, Text, TextOrNothing
from flows.forms.pasted import OR_NOTHING


class RecordDevelopmentPlan(ActForm):
    """登记县医疗保障局制定的年度发展计划；公告据此发布，批准日期和名额须与之一致。"""

    county: Annotated[str, Field(title="县", description="与公告的写法一致，如 样例县", min_length=1, max_length=40)]
    year: Annotated[int, Field(title="年度", description="如 2026", ge=2018, le=2100)]
    title: Annotated[Text, Field(title="计划名称", description="如：样例县2026年度特殊药品定点医药机构发展计划")]
    number: Annotated[TextOrNothing, Field(title="文号", description="如 样医保〔2026〕3号；没有可留空")] = ""
    approved_on: Annotated[date, Field(title="批准日期", description="公告中的计划批准日期须与此相同")]
    approved_by: Annotated[Text, Field(title="批准机关", description="如：样例县医疗保障局")]
    hospital: Annotated[int, Field(title="医疗机构名额", description="计划新增几家", ge=0, le=9999)]
    pharmacy: Annotated[int, Field(title="零售药店名额", description="计划新增几家", ge=0, le=9999)]
    evidence: Annotated[TextOrNothing, Field(title="原件存放处", description="如：发文卷第 3 号；可留空")] = ""
    file: Annotated[
        str,
        Field(title="文件", description="收件夹里计划原件（PDF 或图片）的文件名；可留空", max_length=120),
        OR_NOTHING,
    ] = ""

    def fields(self) -> dict[str, Any]:
        """The places by type; the file stays with the flow, which keeps it and gives its hash."""
        told = self.model_dump(exclude={"by", "hospital", "pharmacy", "file"})
        return told | {"quota": {"hospital": self.hospital, "pharmacy": self.pharmacy}, "evidence_sha256": ""}
