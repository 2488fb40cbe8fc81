"""The facts of documents about a whole round: the announcement and the record of the draw (三、五(二))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Draw
from models.development import plans_of
from models.schedules import known_workdays
from publication.documents.head import Facts, exact, hanzi, head
from publication.documents.source import RoundSource, round_source
from publication.draws import draw_view
from publication.wording import cn_clause, cn_instant
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.policy import Condition, Material
from rules.ranking import TIE_STEPS
from rules.scoring import gives_points, is_veto, most_of
from rules.vocabulary import ApplicantType, DocumentKind
from rules.wording import cn_date

UNITS = {"square_metres": "平方米", "persons": "名"}
MYRIAD_SQUARED = Decimal(10**8)  # 亿
ONLY_IF = {"uses_oncology_targeted": "使用肿瘤分子靶向药的，"}
PRIORITY = {  # what 优先纳入 means, by the reading `priority`; another reading is told by its own reason
    "breaks_ties": (
        "优先纳入是指得分相同时，符合上列情形之一的先于不符合的；不加分，不改变得分高低的先后，"
        "也不能使{below}的机构进入谈判。符合一项和符合多项的同等对待。"
    )
}
NO_PRIORITY = "本轮公布的同分规则不含优先纳入，上列情形不影响排名。"
ANNOUNCED = datetime.min.replace(tzinfo=UTC)  # with the rules that it was announced with
RUBRIC = "实地评估考核评分指导标准"


def announcement(session: Session, round_id: int) -> Facts:
    """三: what the announcement fixes, with the conditions and materials of the procedure."""
    view = replace(round_source(session, round_id, ANNOUNCED), offices=())  # as announced, whatever was said since
    said = view.announcement
    published_on = date.fromisoformat(said["published_on"])
    title = f"关于开展{view.name}工作的公告"
    return {
        **head(DocumentKind.ANNOUNCEMENT, view, title, published_on, str(round_id)),
        "basis": _basis(session, view),
        "quota": [{"label": one.label, "count": str(view.quota[one.value])} for one in ApplicantType],
        "conditions": [_conditions(view, said, place, one) for place, one in enumerate(ApplicantType, 1)],
        "materials": [_materials(view, place, one) for place, one in enumerate(ApplicantType, 1)],
        "copies": str(view.policy.count("dossier_copies")),
        "accept_from": cn_instant(datetime.fromisoformat(said["accept_from"])),
        "accept_until": cn_instant(datetime.fromisoformat(said["accept_until"])),
        "pass_line": _pass_line(view),
        "tie_rule": "，仍相同的，".join(TIE_STEPS[step].text for step in view.policy.tie_rules[said["tie_rule"]]),
        "substitution": _substitution(said),
        "priority": [_priority(view, place, one) for place, one in enumerate(ApplicantType, 1)],
        "priority_meaning": _priority_meaning(view, view.policy.tie_rules[said["tie_rule"]]),
        "channels": list(view.channels),
        "annex": RUBRIC,
        "rubric": [_rubric(view, place, one) for place, one in enumerate(ApplicantType, 1)],
    }


def _basis(session: Session, view: RoundSource) -> str:
    """The development plan as the announcement cites it; its day alone where no plan was recorded (R19)."""
    day = date.fromisoformat(view.announcement["plan_approved_on"])
    plan = plans_of(session, view.county, view.year).get(day)
    if plan is None:
        return f"{cn_date(day)}批准的年度发展计划"
    number = f"（{plan.number}）" if plan.number else ""
    return f"{plan.approved_by}{cn_date(day)}批准的《{plan.title}》{number}"


def _priority(view: RoundSource, place: int, type_: ApplicantType) -> Facts:
    items = [{"text": one.text, "clause": cn_clause(one.clause)} for one in view.policy.priority_of(type_.value)]
    return {"number": hanzi(place), "label": type_.label, "items": items}


def _priority_meaning(view: RoundSource, steps: Sequence[str]) -> str:
    reading = view.policy.readings["priority"]
    if reading.choice not in PRIORITY:
        return f"{reading.why}。"
    meaning = PRIORITY[reading.choice].format(below=_pass_line(view).replace("（不含本数）", ""))
    return meaning if "priority" in steps else NO_PRIORITY


def _pass_line(view: RoundSource) -> str:
    """Who does not enter the negotiation, as the round reads the mark (五(二); A7-28)."""
    is_enough = view.policy.reads("pass_mark") == "at_mark_passes"
    return f"{view.policy.count('pass_mark')}分以下（{'不含' if is_enough else '含'}本数）"


def _rubric(view: RoundSource, place: int, type_: ApplicantType) -> Facts:
    """The items of the scoring standard with their maxima, as the round fixed them (R30)."""
    items = view.rubric[type_.value]
    rows = [{"code": str(one["code"]), "item": str(one["item"]), "max": _most(one)} for one in items]
    total = sum((most_of(one) for one in items if gives_points(one)), Decimal(0))
    return {"number": hanzi(place), "label": type_.label, "items": rows, "total": exact(total)}


def _most(item: Mapping[str, Any]) -> str:
    """What an item is worth, as the annex prints it."""
    if is_veto(item):
        return "否决项"
    return f"扣分，至多 {exact(item['max'])}" if item.get("deduction") else exact(item["max"])


def _substitution(said: Mapping[str, Any]) -> str:
    if said["substitution"] == "next_in_rank":
        return "有机构退出或者被取消资格的，由同类机构按名次依次递补。"
    return "有机构退出或者被取消资格的，不递补。"


def _conditions(view: RoundSource, said: Mapping[str, Any], place: int, type_: ApplicantType) -> Facts:
    items = [
        {"text": _failing(view, said, one), "clause": cn_clause(one.clause)}
        for one in view.policy.conditions
        if type_.value in one.types
    ]
    return {"number": hanzi(place), "label": type_.label, "items": items}


def _failing(view: RoundSource, said: Mapping[str, Any], condition: Condition) -> str:
    """How a condition fails, with the amount that it asks for, or as the procedure file has it announced."""
    if condition.announced:
        return condition.announced
    text = condition.text if "肿瘤" in condition.text else ONLY_IF.get(condition.only_if or "", "") + condition.text
    if condition.test == "at_least_announced":
        return f"{text}，须达{said[str(condition.value)]}种"
    if condition.test != "at_least" or condition.number is None:
        return text
    return f"{text}，须达{_amount(view.policy.number(condition.number), view.policy.numbers[condition.number].unit)}"


def _amount(value: Decimal, unit: str) -> str:
    if unit == "yuan":
        return f"{(value / MYRIAD_SQUARED).normalize():f}亿元"
    return f"{value.normalize():f}{UNITS[unit]}"


def _materials(view: RoundSource, place: int, type_: ApplicantType) -> Facts:
    items = [_material(one) for one in view.policy.materials[type_.value]]
    return {"number": hanzi(place), "label": type_.label, "items": items}


def _material(one: Material) -> Facts:
    name = f"{one.name}（有相应情形的提交）" if one.needed_if else one.name
    return {"code": one.code, "name": name, "clause": cn_clause(one.clause)}


def draw_record(session: Session, round_id: int) -> Facts:
    """五(二): the whole draw as it can be recomputed. Raises RefusedError before it has taken place."""
    planned = select(func.max(col(Draw.published_at))).where(col(Draw.round_id) == round_id)
    view = round_source(session, round_id, session.execute(planned).scalar())
    draw = draw_view(session, round_id, view.policy, known_workdays(session))
    if draw is None or draw.result is None:
        raise RefusedError("尚未抽取专家，没有抽取记录：请先公布抽取方案并抽取")
    record = draw.result.record
    names = [
        [f"{place}. {source}", "、".join(map(str, values))]
        for place, (source, values) in enumerate(zip(record["sources"], record["source_values"], strict=True), 1)
    ]
    return {
        **head(
            DocumentKind.DRAW_RECORD, view, f"{view.name}专家抽取记录", local_day(draw.result.drawn_at), str(round_id)
        ),
        "clause": cn_clause(view.policy.clause("panel_min")),
        "published_at": cn_instant(draw.published_at),
        "drawn_at": cn_instant(draw.result.drawn_at),
        "sources": [*names, ["种子串", record["key"]]],
        "wanted": str(draw.wanted),
        "panel": [_expert(one) for one in draw.result.panel],
        "order": [{**_expert(one.entry), "standing": one.standing, "digest": one.digest} for one in draw.result.order],
        "pool": [_expert(one) for one in draw.pool],
        "pool_sha256": draw.pool_sha256,
        "record_sha256": record["record_sha256"],
    }


def _expert(entry: Mapping[str, Any]) -> Facts:
    return {name: str(entry[name]) for name in ("number", "expert_id", "name", "specialty")}
