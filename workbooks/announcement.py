"""The workbook of a new round (公告表; 三): what the announcement says, cell by cell, filled with what the newest round
said, and read by 发布公告 as the same document that a JSON or YAML file is. The applicants' register comes after it,
with a workbook of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlalchemy import select
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Expert, Round
from policies.loader import load_policy
from rules.clocktime import clock_of
from rules.errors import InputError
from rules.policy import Policy
from rules.ranking import TIE_STEPS
from rules.vocabulary import ApplicantType
from rules.wording import minute
from workbooks.cells import BadCellError, read_cell
from workbooks.columns import VERSION, YES_NO, Column, Kind, Layout, SheetPlan
from workbooks.findings import BLANK, Checked, Fault, values_of
from workbooks.layouts import ANNOUNCEMENT, TITLES
from workbooks.making import FIRST_COLUMN, FIRST_ROW, Prefilled, add_rule, make
from workbooks.reading import Found, Returned, peek, read
from workbooks.signature import AGAIN, Mark, is_current

NEW = "新的一轮"
HEAD, READINGS, RUBRIC, EXPERTS = "round.head", "round.readings", "round.rubric", "round.experts"
VALUE = "value"
NAMED = 8  # faults that a sentence names before it counts
GIVES, TAKES_OFF, VETO = "得分", "扣分", "否决"
DATES = ("plan_approved_on", "published_on")  # never taken over from the round before
TAKEN_OVER = (
    *("county", "place", "min_special_drug_varieties", "tie_rule", "substitution"),
    *("quota.hospital", "quota.pharmacy", "channels.0", "channels.1"),
    *("objection_contact.department", "objection_contact.phone", "objection_contact.address"),
    *("objection_contact.email", "objection_contact.online"),
)

OF_MORE_LINES = {
    **{"announcement.accept_from": "受理开始", "announcement.accept_until": "受理截止"},
    **{"announcement.channels": "发布渠道", "expert_library": "专家库"},
}


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the first sheet: where its value stands in the announcement, and how its cell is read."""

    key: str
    column: Column


def _field(key: str, title: str, hint: str, kind: Kind = Kind.TEXT, *, is_required: bool = True, **more: Any) -> Field:
    return Field(key, Column(VALUE, title, kind, hint, is_required, **more))


def fields_of(policy: Policy) -> tuple[Field, ...]:
    """The lines of the first sheet."""
    nought, day, clock = Decimal(0), "如 2026-03-02", "北京时间，如 08:30 或 17:30"
    ways = {"不递补": "none", "按名次递补": "next_in_rank"}
    return (
        _field("county", "县（市、区）", "如 示范县"),
        _field("year", "年度", "如 2026", Kind.COUNT),
        _field("batch", "批次", "当年第几批；只有一批的留空", Kind.COUNT, is_required=False),
        _field("plan_approved_on", "年度发展计划批准日期", day, Kind.DAY),
        _field("published_on", "公告发布日期", day, Kind.DAY),
        _field("channels.0", "发布渠道一", "如 县政府网站"),
        _field("channels.1", "发布渠道二", "如 “医保”公众号"),
        *(_field(f"quota.{one}", f"{one.label}名额", "家数", Kind.COUNT, least=nought) for one in ApplicantType),
        _field("accept_from.day", "受理开始日期", day, Kind.DAY),
        _field("accept_from.clock", "受理开始时间", clock),
        _field("accept_until.day", "受理截止日期", day, Kind.DAY),
        _field("accept_until.clock", "受理截止时间", clock),
        _field("place", "受理地点", "窗口的名称和地址"),
        _field("min_special_drug_varieties", "零售药店特药品种数的下限", "公告写明的品种数", Kind.COUNT, least=nought),
        _field("tie_rule", "同分规则", "从下拉中选", Kind.CHOICE, choices=_tie_rules(policy)),
        _field("substitution", "名额空出时", "从下拉中选", Kind.CHOICE, choices=ways),
        _field("objection_contact.department", "受理异议的科室", "公示上照印", is_required=False),
        _field("objection_contact.phone", "受理异议的电话", "座机或服务热线；不能是手机", is_required=False),
        _field("objection_contact.address", "受理异议的地址", "公示上照印", is_required=False),
        _field("objection_contact.email", "受理异议的邮箱", "公示上照印", is_required=False),
        _field("objection_contact.online", "网上提出异议的网址", "以 http 开头；没有则留空", is_required=False),
        _switch("site_check", "初审之前实地核查", "是或否；留空为是"),
        _switch("county_first", "先报县局再报市局", "是或否；留空为是"),
        _switch("announced_sources", "随机源逐项公布", "是或否；留空为是"),
        _switch("guarded_draw", "抽取凭证据办理", "是或否；留空为是"),
        _switch("expert_declarations", "专家逐轮申报利益关系", "是或否；留空为否"),
        _switch("objection_preview", "异议先试算后认定", "是或否；留空为否"),
        _field("safeguards.draw_challenge_days", "抽取质疑期的天数", "留空为没有", Kind.COUNT, is_required=False),
    )


def _switch(name: str, title: str, hint: str) -> Field:
    return _field(f"safeguards.{name}", title, hint, Kind.CHOICE, is_required=False, choices=YES_NO)


def _tie_rules(policy: Policy) -> dict[str, str]:
    return {"；仍同分的".join(TIE_STEPS[one].text for one in steps): rule for rule, steps in policy.tie_rules.items()}


def layout_for_a_round(policy: Policy) -> Layout:
    """The sheets of the workbook under a policy."""
    lines = (
        Column("item", "项目", is_given=True, width=26),
        Column(VALUE, "填写", width=44),
        Column("hint", "怎么填", is_given=True, width=40),
    )
    choices = (
        Column("item", "读法", is_given=True, width=22),
        Column("now", "留空时", is_given=True, width=26),
        Column(VALUE, "改选", is_required=False, width=26),
        Column("hint", "可选，及理由", is_given=True, width=90),
    )
    types, kinds = {one.label: one.value for one in ApplicantType}, {one: one for one in (GIVES, TAKES_OFF, VETO)}
    rubric = (
        Column("type", "类型", Kind.CHOICE, "从下拉中选", choices=types),
        Column("code", "项目编号", Kind.CODE, "如 H-a；同一类型内不重复"),
        Column("item", "评分项目", hint="标准里的名称", width=50),
        Column("max", "满分", Kind.AMOUNT, "否决项留空", False, least=Decimal(0)),
        Column("kind", "种类", Kind.CHOICE, "留空为得分", False, choices=kinds),
    )
    experts = (
        Column("expert_id", "专家编号", Kind.CODE, "如 Z01"),
        Column("name", "姓名", is_personal=True),
        Column("specialty", "专业", width=20),
        Column("employer", "工作单位", hint="与申报机构同一单位的不入名册", width=34),
    )
    sheets = (
        SheetPlan(HEAD, "公告", lines, "每行填“填写”一格；灰色的不要改。上一轮写明的已经填好，日期须重填。", True),
        SheetPlan(RUBRIC, "评分标准", rubric, "一个项目一行；每一类型的满分合计须等于规程规定的总分。"),
        SheetPlan(EXPERTS, "专家库", experts, "市医疗保障局专家库，一名专家一行。"),
        SheetPlan(READINGS, "可选的规则", choices, "一般不用改：留空即按推荐的办理。", True),
    )
    return Layout(ANNOUNCEMENT, TITLES[ANNOUNCEMENT], sheets)


def workbook_for_a_round(session: Session, keys: Keyring, at: datetime) -> Workbook:
    """The workbook, with what the newest round announced."""
    policy, newest = load_policy(), session.execute(select(Round).order_by(col(Round.id).desc()).limit(1)).scalar()
    layout, fields = layout_for_a_round(policy), fields_of(policy)
    mark = Mark(ANNOUNCEMENT, VERSION, 0, NEW, layout.fingerprint, "", minute(at))
    rows = {HEAD: _head_rows(fields, newest.announcement if newest else {}), READINGS: _reading_rows(policy)}
    rows |= {RUBRIC: _rubric_rows(newest), EXPERTS: _expert_rows(session, newest)}
    book = make(layout, mark, keys.sign(mark.text()), rows, at)
    for row, one in enumerate(fields, FIRST_ROW):
        add_rule(book["公告"], one.column, book["公告"].cell(row, FIRST_COLUMN + 1).coordinate)
    return book


def _head_rows(fields: Sequence[Field], before: Mapping[str, Any]) -> list[Prefilled]:
    return [
        Prefilled(one.key, {"item": one.column.title, "hint": one.column.hint, VALUE: _before(one, before)})
        for one in fields
    ]


def _before(field: Field, before: Mapping[str, Any]) -> Any:
    """What the newest round said, as the cell shows it; of what each round decides anew nothing."""
    if field.key not in TAKEN_OVER:
        return None
    value: Any = before
    for part in field.key.split("."):
        value = value[int(part)] if isinstance(value, list) else (value or {}).get(part)
    shown = {code: label for label, code in field.column.choices.items()}
    return shown.get(value, value) or None


def _reading_rows(policy: Policy) -> list[Prefilled]:
    told = ((name, recommended, policy.readings[name]) for name, recommended in policy.recommended.items())
    return [
        Prefilled(name, {"item": name, "now": now, "hint": f"{'、'.join(one.choices)}。{one.clause}：{one.why}"})
        for name, now, one in told
    ]


def _rubric_rows(newest: Round | None) -> list[Prefilled]:
    items = newest.rubric.items() if newest else ()
    return [
        Prefilled(
            f"{type_}.{one['code']}",
            {
                **{"type": ApplicantType(type_).label, "code": one["code"], "item": one["item"]},
                "max": None if one.get("veto") else one["max"],
                "kind": VETO if one.get("veto") else TAKES_OFF if one.get("deduction") else GIVES,
            },
        )
        for type_, listed in items
        for one in listed
    ]


def _expert_rows(session: Session, newest: Round | None) -> list[Prefilled]:
    of_it = select(Expert).where(col(Expert.round_id) == (newest.id if newest else 0)).order_by(col(Expert.position))
    names = ("expert_id", "name", "specialty", "employer")
    people = session.execute(of_it).scalars()
    return [Prefilled(one.expert_id, {name: getattr(one, name) for name in names}) for one in people]


def read_round(path: Path, keys: Keyring) -> dict[str, Any]:
    """The round file that a filled-in workbook says. Raises InputError that names the cells."""
    mark, policy = peek(path, keys), load_policy()
    if mark.kind != ANNOUNCEMENT:
        raise InputError(f"“{path.name}”是{TITLES[mark.kind]}，不是公告表：请用“71 导入表格”")
    layout = layout_for_a_round(policy)
    is_current(mark, layout)
    book, checked = read(path, mark, layout), Checked()
    sheets = {sheet.plan.key: sheet for sheet in book.sheets}
    if missing := [plan.title for plan in layout.sheets if plan.key not in sheets]:
        raise InputError(f"“{path.name}”缺少工作表“{'”“'.join(missing)}”。{AGAIN}")
    head = _head_of(checked, sheets[HEAD], fields_of(policy))
    rubric, experts = _rows_of(checked, sheets[RUBRIC]), _rows_of(checked, sheets[EXPERTS])
    head["announcement"]["readings"] = _readings_of(checked, sheets[READINGS], policy)
    _expect_no_fault(path, book, checked)
    by_type = {one.value: [_item(row) for row in rubric if row["type"] == one] for one in ApplicantType}
    return {**head, "rubric": by_type, "expert_library": experts, "applicants": []}


def _head_of(checked: Checked, sheet: Found, fields: Sequence[Field]) -> dict[str, Any]:
    """The announcement and its safeguards, nested as a file has them."""
    rows = {str(row.mark): row for row in sheet.rows}
    if lost := [one.column.title for one in fields if one.key not in rows]:
        raise InputError(f"工作表“{sheet.name}”缺少“{'”“'.join(lost)}”一行。{AGAIN}")
    values: dict[str, Any] = {}
    for one in fields:
        row = rows[one.key]
        try:
            values[one.key] = _clock(one, read_cell(one.column, row.cells.get(VALUE, BLANK)))
        except BadCellError as bad:
            cell = sheet.address(row.number, VALUE)
            checked.faults.append(Fault(sheet.name, cell, row.number, one.column.title, bad.what, bad.todo))
    safeguards = {key.partition(".")[2]: value for key, value in values.items() if key.startswith("safeguards.")}
    told = {key: value for key, value in values.items() if not key.startswith("safeguards.") and value is not None}
    announcement: dict[str, Any] = {key: value for key, value in told.items() if "." not in key}
    for name in ("quota", "objection_contact"):
        announcement[name] = {key.partition(".")[2]: told[key] for key in told if key.startswith(f"{name}.")}
    announcement["channels"] = [told[key] for key in ("channels.0", "channels.1") if key in told]
    for name in ("accept_from", "accept_until"):
        announcement[name] = f"{told.get(f'{name}.day')}T{told.get(f'{name}.clock')}+08:00"
    asked = {name: value for name, value in safeguards.items() if value is not None}
    return {"announcement": announcement, "safeguards": asked}


def _clock(field: Field, value: Any) -> Any:
    """A time of day as an instant has it; everything else as it is."""
    if not field.key.endswith(".clock") or value is None:
        return value
    if (clock := clock_of(value)) is None:
        raise BadCellError("不是时间", "请写成 08:30 或 17:30")
    return clock.isoformat()


def _readings_of(checked: Checked, sheet: Found, policy: Policy) -> dict[str, str]:
    """What is chosen otherwise than recommended."""
    chosen: dict[str, str] = {}
    for row in sheet.rows:
        values = values_of(checked, sheet, row, sheet.plan.answers)
        name = str(row.mark)
        if not values or not values[VALUE] or name not in policy.recommended:
            continue
        choices = policy.readings[name].choices
        if values[VALUE] not in choices:
            checked.fault(sheet, row.number, VALUE, "不在可选之列", f"只能是 {'、'.join(choices)}，或留空")
        chosen[name] = values[VALUE]
    return chosen


def _rows_of(checked: Checked, sheet: Found) -> list[dict[str, Any]]:
    rows = (values_of(checked, sheet, row, sheet.plan.answers) for row in sheet.rows)
    return [values for values in rows if values]


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = {VETO: {"veto": True}, TAKES_OFF: {"deduction": True}}.get(row["kind"], {})
    points = {} if row["max"] is None else {"max": row["max"]}
    return {"code": row["code"], "item": row["item"], **points, **kind}


def _expect_no_fault(path: Path, book: Returned, checked: Checked) -> None:
    if checked.faults:
        listed = "；".join(fault.sentence for fault in checked.faults[:NAMED])
        more = len(checked.faults) - NAMED
        raise InputError(f"“{path.name}”{listed}{f'；另有 {more} 处' if more > 0 else ''}。请改正后重新放入收件夹")


def in_words(sentence: str) -> str:
    """What is wrong with a round's file, for whoever filled in the workbook: lines by their titles, not by the keys of
    the file."""
    titles = {f"announcement.{one.key}": one.column.title for one in fields_of(load_policy())}
    titles |= {
        f"announcement.{name}": title for name, title in (("accept_from", "受理开始"), ("accept_until", "受理截止"))
    }
    titles |= {f"rubric.{one.value}": f"{one.label}评分标准" for one in ApplicantType}
    titles |= {"announcement.channels": "发布渠道", "expert_library": "专家库"}
    known = "|".join(re.escape(key) for key in sorted(titles, key=len, reverse=True))
    return re.sub(rf"\b(?:{known})\b", lambda found: f"“{titles[found[0]]}”", sentence)
