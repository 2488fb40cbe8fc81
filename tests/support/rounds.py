"""Small complete scenarios (the file format of `dingdian replay`) for tests: a round of a few applicants, from the
announcement to the published list, with knobs for who applies, how they score, who objects and where it stops."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from dingdian.replay import replay_together
from dingdian.scenario import check
from rules.draw import draw, key_of, seated
from tests.support.copies import SHARED, Copies
from tests.support.letting_go import file_of, let_go, remove_file

Event = dict[str, Any]

COUNTY = "样例县"
CHANNELS = ("县政府网站", "“医保”公众号")
SOURCES = ("双色球第2025109期红球（虚构）", "双色球第2025109期蓝球（虚构）")
SOURCE_VALUES: tuple[Any, ...] = ([3, 9, 14, 20, 27, 33], 11)
MATERIALS = {
    "hospital": [f"H{number}" for number in range(1, 11)],
    "pharmacy": [f"P{number}" for number in range(1, 13)],
}
RUBRIC = {
    "hospital": [("H-a", "特药专科能力", 30), ("H-b", "人员配备", 25), ("H-c", "冷链与仓储", 25), ("H-d", "管理", 20)],
    "pharmacy": [("P-a", "专业服务能力", 30), ("P-b", "冷链与仓储", 30), ("P-c", "药学人员", 20), ("P-d", "管理", 20)],
}
COMMON_FACTS = {
    "is_basic_designated": True,
    "county": COUNTY,
    "cold_chain": True,
    "penalties": [],
    "major_liability_accident": False,
    "provincial_charity_aid_point": False,
    "prior_termination": None,
}
FACTS = {
    "hospital": {
        "grade": "二级甲等",
        "special_drug_department": True,
        "physicians": 5,
        "pharmacists": 2,
        "uses_oncology_targeted": False,
        "oncology_qualification": False,
        "gene_testing": "contracted",
    },
    "pharmacy": {
        **dict.fromkeys(("group_or_chain_member", "nationwide_dtp_network", "tier1_distribution_agreement"), True),
        "special_drug_varieties": 45,
        "area_m2": "260.5",
        "group_revenue_cny": "420000000.00",
        "licensed_pharmacists": 2,
        "physicians": 1,
        "manufacturer_award": False,
        **dict.fromkeys(("staff_total", "staff_with_contract", "staff_with_social_insurance"), 9),
    },
}
# Where a round may stop, by name; any ISO instant will do as well. The notice of results falls on `result_on`.
STAGES = {
    "announced": "2025-08-19T18:00:00+08:00",
    "planned": "2025-09-17T18:00:00+08:00",
    "drawn": "2025-09-19T18:00:00+08:00",
    "concluded": "2025-09-22T18:00:00+08:00",
    "negotiated": "2025-10-15T18:00:00+08:00",
    "proposed": "2025-10-20T18:00:00+08:00",
    "filed": "2025-11-04T18:00:00+08:00",
    "finished": "2025-11-10T18:00:00+08:00",
}


def small_round(
    hospitals: int = 1,
    pharmacies: int = 2,
    *,
    quota: Mapping[str, int] | None = None,
    scores: Mapping[str, str | Sequence[str]] | None = None,
    names: Mapping[str, str] | None = None,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    objections: Mapping[str, bool | None] | None = None,
    experts: int = 8,
    recused: Sequence[str] = (),
    unavailable: Sequence[int] = (),
    result_on: str = "2025-09-23",
    second_channel_on: str = "",
    unsigned: Sequence[str] = (),
    extra: Iterable[Event] = (),
    until: str = "finished",
) -> dict[str, Any]:
    """A scenario in which everybody passes and signs, but for what the knobs say.

    Applicants are H01…, P01…; the library is Z01…. `quota`: places by type (default: as many as apply). `scores`: one
    total for all experts, or one for each, by applicant (default: 95, 90, 85 …); `facts` and `names` override single
    ones. `objections`: against the notice of results, by applicant: True upheld, False dismissed, None left open.
    `recused` stand aside after the plan; `unavailable` are pool numbers. `unsigned` never sign. `extra` events are
    sorted in. `until`: a stage or an instant.
    """
    applicants = _applicants(hospitals, pharmacies, names or {}, facts or {})
    places = dict(quota or {"hospital": hospitals, "pharmacy": pharmacies})
    verdicts = dict(objections or {})
    chosen = _chosen(applicants, scores or {}, places)
    agreed = [one for one in chosen if verdicts.get(one, False) is False]
    signing = [one for one in agreed if one not in unsigned]
    panel = panel_of(experts, recused, unavailable)
    events = [
        *_intake(applicants),
        *_draw(recused, unavailable),
        *_scores(applicants, panel, scores or {}),
        _event(_first_notice_at(result_on, second_channel_on), "publish_notice", "经办员甲")
        | _notice("evaluation_result", result_on, second_channel_on),
        *_objections(verdicts, result_on, second_channel_on),
        *_agreements(agreed, signing),
        *extra,
    ]
    return {
        "scenario": 1,
        "name": f"small_round_{len(applicants)}",
        "time_zone": "Asia/Shanghai",
        "announcement": _announcement(places),
        "rubric": {type_: [_item(*row) for row in rows] for type_, rows in RUBRIC.items()},
        "expert_library": [_expert(number) for number in range(1, experts + 1)],
        "applicants": applicants,
        "events": sorted(events, key=lambda event: str(event["at"])),
        "sweep_at": "01:00",
        "until": STAGES.get(until, until),
    }


def replayed(folder: Path, scenario: Mapping[str, Any], url: str = "") -> tuple[str, dict[str, Any]]:
    """Replays a scenario: the address of the database (a SQLite file in the folder unless named), and the outcome."""
    url = url or f"sqlite:///{folder / 'round.db'}"
    return url, played_together([scenario], url)[0]


def played_together(scenarios: Sequence[Mapping[str, Any]], url: str) -> list[dict[str, Any]]:
    """Replays scenarios side by side into a database that holds nothing yet; the outcome of each. Into a SQLite file a
    session plays the same scenarios once, and copies what came of them; not where the test has settings of its own."""
    own = {name for name in os.environ if name.startswith("DINGDIAN_")} - {"DINGDIAN_AUDIT_KEY"}
    if own or not url.startswith("sqlite"):
        return replay_together([check(one) for one in scenarios], url)
    name = f"played_{hashlib.sha256(json.dumps(scenarios, sort_keys=True).encode()).hexdigest()[:24]}"
    copies = Copies(Path(os.environ[SHARED]) / "originals")
    told = copies.folder / f"{name}.json"

    def fill(original: str) -> None:
        told.write_text(json.dumps(replay_together([check(one) for one in scenarios], original)))

    original = copies.original("sqlite", name, fill, copies.newest("sqlite"))
    let_go(url)
    remove_file(url)
    shutil.copyfile(file_of(original), file_of(url))
    outcomes: list[dict[str, Any]] = json.loads(told.read_text())
    return outcomes


def panel_of(experts: int = 8, recused: Sequence[str] = (), unavailable: Sequence[int] = ()) -> tuple[str, ...]:
    """Who will sit on the panel of a small round."""
    picks = draw(key_of(SOURCE_VALUES), experts, experts).picks
    gone = {int(expert_id[1:]) for expert_id in recused} | set(unavailable)
    return tuple(f"Z{number:02}" for number in seated(picks, 3, frozenset(gone)))


def _announcement(quota: Mapping[str, int]) -> dict[str, Any]:
    return {
        "county": COUNTY,
        "year": 2025,
        "plan_approved_on": "2025-08-11",
        "published_on": "2025-08-18",
        "channels": list(CHANNELS),
        "quota": dict(quota),
        "accept_from": "2025-09-01T08:30:00+08:00",
        "accept_until": "2025-09-12T17:30:00+08:00",
        "place": "样例县医疗保险经办中心2号窗口",
        "min_special_drug_varieties": 30,
        "tie_rule": "priority inclusion first, then public draw",
        "substitution": "none",
    }


def _item(code: str, item: str, most: int) -> dict[str, Any]:
    return {"code": code, "item": item, "max": most}


def _expert(number: int) -> dict[str, str]:
    specialty = ("药学", "财务", "医保管理", "临床医学")[(number - 1) % 4]
    about = {"expert_id": f"Z{number:02}", "name": f"样例专家{number:02}", "specialty": specialty}
    return about | {"employer": f"样例市单位{number:02}"}


def _applicants(
    hospitals: int, pharmacies: int, names: Mapping[str, str], facts: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    numbered = [("hospital", f"H{number:02}", f"样例县第{number}医院") for number in range(1, hospitals + 1)]
    numbered += [("pharmacy", f"P{number:02}", f"样例大药房{number}店") for number in range(1, pharmacies + 1)]
    return [
        {
            "applicant_id": one,
            "type": type_,
            "name": names.get(one, name),
            "contact": {"name": f"联系人{one}", "phone": f"199{place:08}", "email": f"{one.lower()}@example.invalid"},
            "facts": {**COMMON_FACTS, **FACTS[type_], **facts.get(one, {})},
        }
        for place, (type_, one, name) in enumerate(numbered)
    ]


def _event(at: str, do: str, by: str, **fields: Any) -> Event:
    return {"at": f"{at}:00+08:00", "do": do, "by": by, **fields}


def _intake(applicants: Sequence[Mapping[str, Any]]) -> list[Event]:
    """Announcement, applications, opinions, and the requests for evaluation."""
    events = [_event("2025-08-18T09:00", "announce_round", "局业务科")]
    sealed = {"copies": 3, "official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    for place, one in enumerate(applicants):
        own = {"applicant_id": one["applicant_id"]}
        at = f"2025-09-01T{9 + place // 60:02}:{place % 60:02}"
        events.append(_event(at, "submit_application", "经办员甲", materials=MATERIALS[one["type"]], **own, **sealed))
        events.append(_event("2025-09-10T16:00", "sign_preliminary_opinion", "经办员乙", judgements={}, **own))
    ids = [one["applicant_id"] for one in applicants]
    for at, to in (("2025-09-15T10:00", "county_bureau"), ("2025-09-16T10:00", "city_bureau")):
        events.append(_event(at, "request_evaluation", "经办员甲", to=to, applicant_ids=ids))
    return events


def _draw(recused: Sequence[str], unavailable: Sequence[int]) -> list[Event]:
    plan = _event("2025-09-17T15:00", "publish_draw_plan", "纪检监察员", wanted=3, sources=list(SOURCES))
    values = {"source_values": list(SOURCE_VALUES), "unavailable": list(unavailable)}
    return [
        plan,
        *(_event("2025-09-18T10:00", "recuse_expert", "经办员甲", expert_id=one, reason="亲属任职") for one in recused),
        _event("2025-09-19T09:30", "draw_experts", "纪检监察员", **values),
    ]


def _totals(applicants: Sequence[Mapping[str, Any]], scores: Mapping[str, Any]) -> dict[str, list[Decimal]]:
    totals: dict[str, list[Decimal]] = {}
    for type_ in RUBRIC:
        for place, one in enumerate(one for one in applicants if one["type"] == type_):
            given = scores.get(one["applicant_id"], str(max(95 - 5 * place, 70)))
            totals[one["applicant_id"]] = [
                Decimal(score) for score in ([given] * 3 if isinstance(given, str) else given)
            ]
    return totals


def _scores(applicants: Sequence[Mapping[str, Any]], panel: Sequence[str], scores: Mapping[str, Any]) -> list[Event]:
    totals = _totals(applicants, scores)
    events = [
        _event("2025-09-22T16:00", "record_score_sheet", expert_id)
        | {"applicant_id": one["applicant_id"], "expert_id": expert_id, "items": _items(one["type"], total)}
        for one in applicants
        for expert_id, total in zip(panel, totals[one["applicant_id"]], strict=True)
    ]
    return [*events, _event("2025-09-22T17:30", "conclude_evaluation", "评估专家组组长")]


def _items(type_: str, total: Decimal) -> dict[str, str]:
    """A total spread over the items of the rubric, the first ones filled up first."""
    items: dict[str, str] = {}
    for code, _, most in RUBRIC[type_]:
        items[code] = str(min(total - sum(map(Decimal, items.values())), Decimal(most)))
    return items


def _chosen(applicants: Sequence[Mapping[str, Any]], scores: Mapping[str, Any], quota: Mapping[str, int]) -> list[str]:
    """Who will be within the quota: by total, for rounds without ties at the line."""
    totals = {one: sum(each) for one, each in _totals(applicants, scores).items()}
    chosen: list[str] = []
    for type_ in RUBRIC:
        ids = [one["applicant_id"] for one in applicants if one["type"] == type_ and totals[one["applicant_id"]] >= 210]
        chosen += sorted(ids, key=lambda one: -totals[one])[: quota[type_]]
    return chosen


def _first_notice_at(first: str, second: str) -> str:
    return f"{max(first, second)}T09:05"


def _notice(kind: str, first: str, second: str = "") -> Event:
    days = (first, second or first)
    postings = [
        {"channel": channel, "posted_at": f"{day}T09:00:00+08:00"} for channel, day in zip(CHANNELS, days, strict=True)
    ]
    return {"kind": kind, "postings": postings}


def _objections(verdicts: Mapping[str, bool | None], first: str, second: str) -> list[Event]:
    """Each objection on line in the evening of the last channel's day; its finding on 14 October."""
    events = []
    on = date.fromisoformat(max(first, second))
    for applicant_id, verdict in verdicts.items():
        ref = f"{applicant_id}-1"
        received = {"ref": ref, "received_at": f"{on}T20:00:00+08:00", "via": "online", "allegation": "营业面积不足"}
        about = {"applicant_id": applicant_id, "complainant": "举报人赵某某", **received}
        events.append(_event(f"{on}T20:00", "record_objection", "经办员甲", **about))
        if verdict is not None:
            finding = {"ref": ref, "substantiated": verdict, "finding": "经核查" + ("属实" if verdict else "不属实")}
            events.append(_event("2025-10-14T11:00", "resolve_objection", "稽核员丙", **finding))
    return events


def _agreements(agreed: Sequence[str], signing: Sequence[str]) -> list[Event]:
    """Negotiation, the second notice (16 to 23 October), signature, filing and the final list."""
    topics = {"topics": ["服务人群", "服务范围", "服务内容", "结算方式"], "consensus": True, "open_point": None}
    events = [
        _event("2025-10-15T14:00", "record_negotiation", "经办员甲", applicant_id=one, **topics) for one in agreed
    ]
    if agreed:
        events.append(
            _event("2025-10-16T09:05", "publish_notice", "经办员甲") | _notice("proposed_agreements", "2025-10-16")
        )
    for one in signing:
        events.append(
            _event("2025-11-03T15:00", "sign_agreement", "中心主任", applicant_id=one, signed_on="2025-11-03")
        )
        events.append(_event("2025-11-04T16:00", "file_agreement", "经办员甲", applicant_id=one, filed_on="2025-11-04"))
    if signing:
        events.append(_event("2025-11-05T09:05", "publish_notice", "经办员甲") | _notice("final_result", "2025-11-05"))
    return events
