"""发布公告 (三)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, finish, not_done, read_form, titled
from flows.forms import FileForm
from flows.forms.round_file import AT_THE_DESK, as_at_the_desk
from flows.inbox import is_workbook, read_round
from flows.result import begin
from rules.errors import DingdianError, InputError
from rules.vocabulary import ApplicantType
from tasks import steps
from workbooks.announcement import in_words


def announcement_shown(file: str, head: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What whoever confirms the announcement sees of its file."""
    told, places = head["announcement"], head["announcement"]["quota"]
    quota = "，".join(f"{ApplicantType(type_).label} {count} 家" for type_, count in places.items())
    counts = f"机构 {len(head['applicants'])} 家，专家 {len(head['expert_library'])} 名"
    window = f"{told['accept_from']} 至 {told['accept_until']}"
    head_of = (("公告文件", file), ("县和年度", f"{told['county']}{told['year']}年度"), ("名额", quota))
    declined = [label for name, label in AT_THE_DESK.items() if not head["safeguards"][name]]
    given_up = ("公告文件不采用的保障", "、".join(declined) or "无")
    return [*head_of, ("受理时间", window), ("登记册", counts), ("同分规则", told["tie_rule"]), given_up]


def _opened(head: dict[str, Any], form: FileForm) -> Any:
    """The round, or its proposal. What is wrong with a workbook is told by its own titles."""
    try:
        return steps.open_round(head, form.by, announcement_shown(form.file, head))
    except InputError as wrong:
        raise InputError(in_words(str(wrong))) if is_workbook(form.file) else wrong from None


@act_flow("announce_round")
async def announce_round(form: Annotated[FileForm, titled("announce_round")]) -> State[Any]:
    """发布公告（三）。

    公告文件含名额、受理时间和地点、评分标准、专家库和申请人登记册：填好的公告表（70 下载表格），或 JSON、YAML；
    规则版本自发布之日起锁定。
    """
    try:
        checked = read_form(FileForm, form)
        head = as_at_the_desk(read_round(checked.file))
        since, announced = begin(), _opened(head, checked)
        return await finish("announce_round", announced, since, form)
    except DingdianError as refused:
        return await not_done(refused, "announce_round", form)
