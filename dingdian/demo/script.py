"""The script of the rehearsal: the demonstration round as a scenario, and each of its events as a form to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dingdian.scenario import ANNOUNCE, OFFICE_ONLY, Happening, Scenario, check
from flows.forms import FileForm
from rules.acts import CATALOGUE
from rules.wording import minute

FOLDER = Path(__file__).resolve().parent
ROUND_FILE = "演练公告.json"


@dataclass(frozen=True)
class Step:
    """One step: when, which deployment, and its form as an operator sees it."""

    number: int
    at: datetime
    do: str
    title: str
    deployment: str
    fields: Mapping[str, Any]
    form: Mapping[str, Any]
    shown: tuple[tuple[str, str], ...]

    @property
    def day(self) -> str:
        """The step's instant in Beijing."""
        return minute(self.at)


def staff() -> list[dict[str, Any]]:
    """Who acts in the demonstration."""
    listed: list[dict[str, Any]] = _read("round.json")["staff"]
    return listed


def scenario() -> Scenario:
    """The rehearsal as a checked scenario."""
    base, play = _read("round.json"), _read("rehearsal.json")
    head = {
        "rubric": base["rubric"],
        "expert_library": base["expert_library"],
        "applicants": [_without(one, "applicants") for one in base["applicants"]],
        "announcement": {**_without(base["announcement"], "announcement"), **play.pop("announcement")},
    }
    return check({"scenario": 1, "time_zone": "Asia/Shanghai", **head, **play})


def _without(part: Mapping[str, Any], of: str) -> dict[str, Any]:
    """A part of the round file as a scenario knows it."""
    return {name: value for name, value in part.items() if name not in OFFICE_ONLY[of]}


def steps(of: Scenario) -> list[Step]:
    """Every event as a step, numbered from 1."""
    return [_step(number, one) for number, one in enumerate(of.happenings, 1)]


def round_file(of: Scenario) -> str:
    """The announcement as the file that an operator puts into the inbox."""
    base = _read("round.json")
    codes = {one["applicant_id"]: one["credit_code"] for one in base["applicants"]}
    applicants = [{**one, "credit_code": codes[one["applicant_id"]]} for one in of.head["applicants"]]
    announcement = {**of.head["announcement"], "objection_contact": base["announcement"]["objection_contact"]}
    head = {**of.head, "announcement": announcement, "applicants": applicants}
    return json.dumps(head, ensure_ascii=False, indent=1)


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content


def _step(number: int, happening: Happening) -> Step:
    act = CATALOGUE[happening.do]
    form: BaseModel = happening.form or FileForm(by=happening.by, file=ROUND_FILE)
    fields = {} if happening.do == ANNOUNCE else happening.form.fields() if happening.form else {}
    about = " ".join(str(fields[name]) for name in ("applicant_id", "expert_id", "ref") if fields.get(name))
    return Step(
        number=number,
        at=happening.at,
        do=happening.do,
        title=f"{act.title} {about}".strip(),
        deployment=f"{act.label}/{act.title}",
        fields=fields,
        form=form.model_dump(mode="json", context={"labels": True}),
        shown=tuple(_shown(form)),
    )


def _shown(form: BaseModel) -> Iterator[tuple[str, str]]:
    """Titles and values as they stand in the form."""
    values = form.model_dump(mode="json", context={"labels": True})
    for name, field in type(form).model_fields.items():
        yield field.title or name, _spelled(values[name])


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(_spelled, value)) or "（留空）"
    if isinstance(value, Mapping):
        return " ".join(_spelled(one) for one in value.values() if one != "")
    return str(value) or "（留空）"
