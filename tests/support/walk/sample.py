"""The sample round as a clerk meets it: each event of the scenario as a form of the interface, in the words on it.

Between them the daily sweep, by its form too, on the days on which a limit ran out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dingdian.running.deployments import read
from flows.choices import MATERIALS, SUBMITTED
from flows.forms.round_file import as_it_stands
from rules.vocabulary import EvaluationStage, NoticeKind, ObjectionVia

FOLDER = Path(__file__).resolve().parent
ROUND_FILE = "2025年公告.json"
HEAD = ("announcement", "rubric", "expert_library", "applicants")
SWEEPS = ("2025-09-13", "2025-10-10", "2025-10-30", "2025-10-31", "2025-11-13", "2026-02-06")
ROLES = {
    "局业务科": ["director"],
    "经办员甲": ["operator"],
    "经办员乙": ["reviewer"],
    "纪检监察员": ["discipline"],
    "评估专家组组长": ["reviewer"],
    "稽核员丙": ["reviewer"],
    "中心主任": ["director"],
    **{key: ["reviewer"] for key in ("Z02", "Z09", "Z10")},
}
ALL_PAPERS = {
    "H": [f"H{number}" for number in range(1, 11)],
    "P": [f"P{number}" for number in range(1, 13)],
}


@dataclass(frozen=True)
class Step:
    """One form to fill in: when, which, with what."""

    at: str
    do: str
    values: Mapping[str, Any]


def scenario(only: Collection[str] = ()) -> dict[str, Any]:
    """The sample round's file, of some applicants only where they are named."""
    data: dict[str, Any] = json.loads((FOLDER / "sample_round.json").read_text(encoding="utf-8"))
    if only:
        data["applicants"] = [one for one in data["applicants"] if one["applicant_id"] in only]
        data["events"] = [_of(event, only) for event in data["events"] if event.get("applicant_id", "") in {"", *only}]
    return data


def _of(event: dict[str, Any], only: Collection[str]) -> dict[str, Any]:
    ids = [one for one in event.get("applicant_ids", ()) if one in only]
    return event | ({"applicant_ids": ids} if ids else {})


def round_file(data: Mapping[str, Any]) -> str:
    """What goes into the inbox: announcement, rubric, experts, applicants; what the sample does not ask for is declined
    by name, so that the walk comes to the end of its replay."""
    head = as_it_stands({name: data[name] for name in HEAD})
    return json.dumps(head, ensure_ascii=False, indent=1)


def names() -> dict[str, str]:
    """The name of the form of each act, as it stands in the list."""
    return {entry["entrypoint"].rpartition(".")[2]: entry["name"] for entry in read()}


def steps(data: Mapping[str, Any]) -> Iterator[Step]:
    """Every form of a round, in order of time."""
    events = [Step(event["at"], event["do"], _words(event)) for event in data["events"]]
    sweeps = [Step(f"{day}T01:00:00+08:00", "sweep_deadlines", {}) for day in SWEEPS]
    yield from sorted([*events, *sweeps], key=lambda step: step.at)


def _words(event: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an event, as they are chosen and typed."""
    given = {name: value for name, value in event.items() if name not in ("at", "do") and value not in (None, {})}
    given.pop("complainant", None)
    given |= {name: "是" if given[name] else "否" for name in ("consensus", "substantiated") if name in given}
    match event["do"]:
        case "announce_round":
            return {"by": event["by"], "file": ROUND_FILE}
        case "submit_application":
            return given | {"materials": _papers(event["materials"])}
        case "request_supplement" | "supplement_materials":
            name = "missing" if "missing" in event else "materials"
            return given | {name: [MATERIALS.labels[code] for code in event[name]]}
        case "request_evaluation":
            return given | {"to": EvaluationStage(event["to"]).label}
        case "publish_draw_plan":
            return given | {"sources": [{"name": one} for one in event["sources"]]}
        case "draw_experts":
            sources = [one if isinstance(one, list) else [one] for one in event["source_values"]]
            return given | {"source_values": [{"numbers": one} for one in sources]}
        case "record_score_sheet":
            return given | {"items": [{"code": code, "score": score} for code, score in event["items"].items()]}
        case "publish_notice":
            postings = [_at(one, "posted_at", "posted") for one in event["postings"]]
            return given | {"kind": NoticeKind(event["kind"]).label, "postings": postings}
        case "record_objection":
            return _at(given, "received_at", "received") | {"via": ObjectionVia(event["via"]).label}
    return given


def _papers(codes: list[str]) -> list[str]:
    whole = {"H": "H-ALL", "P": "P-ALL"}[codes[0][0]]
    chosen = [whole] if codes == ALL_PAPERS[codes[0][0]] else codes
    return [SUBMITTED.labels[code] for code in chosen]


def _at(given: Mapping[str, Any], instant: str, name: str) -> dict[str, Any]:
    """An instant as a day and a time of day."""
    day, clock = given[instant][:10], given[instant][11:19]
    rest = {key: value for key, value in given.items() if key not in (instant, "sha256") and value}
    return {**rest, f"{name}_on": day, f"{name}_time": clock.removesuffix(":00")}
