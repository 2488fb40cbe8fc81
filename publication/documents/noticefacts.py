"""The facts of a public notice and of the final list (五(二)、五(三)、五(四))."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from models.schedules import known_workdays
from publication.documents.head import Facts, head, reasons_of
from publication.documents.source import Entry, NoticeSource, RoundSource, notice_source
from publication.wording import cn_clause, electronic_ways, how_to_object, notice_title, rare_in
from rules.clocks import compute_deadline
from rules.errors import RefusedError
from rules.evaluation import EVALUATION
from rules.policy import ClockRule
from rules.register import campuses_told
from rules.vocabulary import ApplicantType, DocumentKind, NoticeKind, State
from rules.wording import cn_date, cn_day

LEADS = {
    NoticeKind.EVALUATION_RESULT: "经专家组实地评估、逐项评分并汇总，现将评估结果及拟进入协议谈判的机构名单公示如下。",
    NoticeKind.PROPOSED_AGREEMENTS: (
        "经评估、公示和协商谈判达成共识，现将拟签订特殊药品定点医药机构服务协议的机构名单公示如下。"
    ),
    NoticeKind.FINAL_RESULT: "经评估、公示、谈判、签约并备案，现将特殊药品定点医药机构名单公布如下。",
}
ASKED_FROM = {
    NoticeKind.EVALUATION_RESULT: State.SELECTED,
    NoticeKind.PROPOSED_AGREEMENTS: State.CONSENSUS,
    NoticeKind.FINAL_RESULT: State.FILED,
}
CONTACTS = {"department": "受理部门", "phone": "电话", "address": "地址", "email": "电子邮箱", "online": "网上办理"}
SCOPES = "定点范围为机构申报的范围，签约后以服务协议的约定为准。"
OTHERS = "下列机构经初审或者评估未列入拟进入协议谈判的名单，理由如下；各机构的结果已经另行书面告知。"
CLOSING = "以上时间均为北京时间。提出异议者的身份信息和异议内容不公开。"
SCORING = "得分为各评分专家总分的算术平均，精确计算排名，保留两位小数。"


def notice(session: Session, notice_id: int, planned_on: date | None = None) -> Facts:
    """A notice with a period to object. While it has not started, `planned_on` is the day on which it is to be posted:
    then the document prints the last day that follows from it."""
    one = notice_source(session, notice_id)
    if one.rule is None:
        raise RefusedError(f"第 {notice_id} 号是{one.kind.label}，没有公示期：请制作“{DocumentKind.RESULT.label}”")
    told = _told(session, one, one.rule, planned_on)
    how, ways = _how(one.round), _ways(one)
    period = {"told": told, "how": how, "ways": ways, "closing": CLOSING}
    return {**_list(DocumentKind.NOTICE, one, planned_on), "period": period}


def result(session: Session, notice_id: int, planned_on: date | None = None) -> Facts:
    """The final list (五(四)): no period to object."""
    one = notice_source(session, notice_id)
    if one.rule is not None:
        raise RefusedError(f"第 {notice_id} 号是{one.kind.label}，不是定点名单：请制作“{DocumentKind.NOTICE.label}”")
    return {**_list(DocumentKind.RESULT, one, planned_on), "period": None}


def _list(kind: DocumentKind, one: NoticeSource, planned_on: date | None) -> Facts:
    day = planned_on if planned_on and not one.is_posted else one.issued_on
    title = notice_title(one.kind, one.round.name, one.round.county, one.round.season)
    clause = cn_clause(EVALUATION.rows_for(ASKED_FROM[one.kind], "publish_notice")[0].clause)
    return {
        **head(kind, one.round, title, day, str(one.id)),
        "notice_kind": one.kind.value,
        "lead": f"根据《{one.round.policy.title}办法》{clause}的规定，{_lead(one)}",
        "scoring": SCORING + _scopes(one) + campuses_told(entry for entries in one.lists.values() for entry in entries),
        "lists": [_group(one.round, type_, entries) for type_, entries in one.lists.items()],
        "others": {"lead": OTHERS, "entries": [_other(entry) for entry in one.snapshot.get("not_included", ())]},
        "rare": rare_in(_told_of(one)),
        "sha256": one.sha256,
        "channels": list(one.round.channels),
    }


def _lead(one: NoticeSource) -> str:
    """Where the city determines, the list of proposals says so (R75)."""
    by_city = one.kind is NoticeKind.PROPOSED_AGREEMENTS and one.round.policy.city_determines
    return LEADS[one.kind].replace("达成共识，", "达成共识，并报经市医疗保障局确定，") if by_city else LEADS[one.kind]


def _told_of(one: NoticeSource) -> list[Entry]:
    """Every institution that the notice names."""
    return [*(entry for entries in one.lists.values() for entry in entries), *one.snapshot.get("not_included", ())]


def _scopes(one: NoticeSource) -> str:
    return SCOPES if any(entry.get("scope") for entries in one.lists.values() for entry in entries) else ""


def _other(entry: Entry) -> Facts:
    """An institution that is not on the list, with the reasons in one line."""
    told = reasons_of(entry["reasons"])
    return {
        "applicant_id": str(entry["applicant_id"]),
        "name": str(entry["name"]),
        "label": ApplicantType(entry["type"]).label,
        "reasons": "；".join(f"{one['text']}（{one['clause']}）" for one in told),
    }


def _group(of: RoundSource, type_: ApplicantType, entries: Sequence[Entry]) -> Facts:
    rows = [
        {
            "rank": str(one["rank"]),
            "name": str(one["name"]),
            "applicant_id": str(one["applicant_id"]),
            "credit_code": str(one.get("credit_code") or ""),
            "score": str(one["mean_score"]),
            "scope": str(one.get("scope") or ""),
        }
        for one in entries
    ]
    return {
        "label": type_.label,
        "quota": str(of.quota[type_.value]),
        "has_credit_code": any(row["credit_code"] for row in rows),
        "has_scope": any(row["scope"] for row in rows),
        "entries": rows,
    }


def _told(session: Session, one: NoticeSource, rule: ClockRule, planned_on: date | None) -> list[str]:
    """The sentences on the period: the recorded days once it runs, the planned ones before."""
    assert rule.period is not None
    is_later = one.round.policy.reads("notice_start") == "later_channel"
    start = "各渠道中最晚的一个发布之日" if is_later else "首个渠道发布之日"
    label = f"公示期{rule.period.label}"
    if one.starts_on:
        until = _until(session, rule, one.starts_on, one.last_day)
        return [f"{label}，自{cn_day(one.starts_on)}（{start}，当日不计）起，{until}。"]
    if planned_on is None:
        rolled = "顺延至其后第一个工作日" if rule.roll else "不顺延"
        return [f"{label}，自{start}起算，当日不计。最后一日是休息日的，{rolled}。"]
    return [
        f"{label}：{cn_day(planned_on)}发布，当日不计，{_until(session, rule, planned_on, None)}。",
        f"各渠道实际发布之日与上述日期不同的，自{start}重新推算，以公示网页载明的日期为准。",
    ]


def _until(session: Session, rule: ClockRule, starts_on: date, printed: date | None) -> str:
    """The last day: the one that was printed when the period started, or as it is reckoned; bounds where neither is."""
    reckoned = compute_deadline(rule, starts_on, known_workdays(session))
    if last_day := printed or reckoned.due_on:
        return f"至{cn_day(last_day)}届满"
    bounds = f"{cn_date(reckoned.earliest_on)}至{cn_date(reckoned.latest_on)}"
    return f"届满日暂定在{bounds}之间，待国务院办公厅公布放假安排后确定"


def _how(of: RoundSource) -> str:
    return how_to_object(of.agency)


def _ways(one: NoticeSource) -> list[list[str]]:
    """Where to and until when; of the contact only what the office, or the announcement's file, gives."""
    of = one.round
    place, given = of.ways_then(one.created_at)
    contact = [[label, given[name]] for name, label in CONTACTS.items() if given[name]]
    electronic = electronic_ways(given["online"], given["email"])
    by_postmark = "邮戳日期不晚于届满日；邮戳无法辨认的，以收到之日为准"
    post = by_postmark if of.policy.reads("posted_objection") == "postmark" else "届满日（含当日）前收到"
    return [
        ["受理机构", of.agency],
        ["窗口", place],
        *contact,
        *([[electronic, "届满日 24:00 前送达"]] if electronic else []),
        ["窗口提出", f"届满日 {of.policy.time_of_day('counter_closes'):%H:%M} 前递交"],
        ["邮寄提出", post],
    ]
