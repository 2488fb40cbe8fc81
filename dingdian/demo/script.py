"""The script of the rehearsal: the demonstration round as a scenario, and each of its events as a form to fill in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dingdian.scenario import ANNOUNCE, OFFICE_ONLY, Happening, Scenario, check
from flows.forms import ActForm, FileForm
from flows.forms.shown import shown_in
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


# What a form asks at the desk and a scenario file does not know.
BESIDE_THE_FILE = {"draw_experts": {"evidence": "中国福利彩票网第2026041期开奖公告（虚构）"}}


def _at_the_desk(happening: Happening) -> BaseModel:
    if happening.form is None:
        return FileForm(by=happening.by, file=ROUND_FILE)
    return happening.form.model_copy(update=BESIDE_THE_FILE.get(happening.do, {}))


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
    form = _at_the_desk(happening)
    fields = form.fields() if isinstance(form, ActForm) and happening.do != ANNOUNCE else {}
    about = " ".join(str(fields[name]) for name in ("applicant_id", "expert_id", "ref") if fields.get(name))
    return Step(
        number=number,
        at=happening.at,
        do=happening.do,
        title=f"{act.title} {about}".strip(),
        deployment=f"{act.label}/{act.title}",
        fields=fields,
        form=form.model_dump(mode="json", context={"labels": True}),
        shown=tuple(shown_in(form)),
    )
