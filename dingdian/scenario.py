"""Reads a scenario file. An unknown or missing key, an unknown act, an applicant that is not declared, or an event
out of order is an error that names the place (`events[17].applicant_id: …`), and nothing is run. A value that the
procedure refuses is no error of the file: it is refused when its event comes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flows.forms import FORMS, ActForm
from flows.forms.round_file import RoundFile
from flows.sentences import sentence_of
from foundation.wrong_values import said
from policies import jsonfile
from policies.loader import load_policy
from policies.plainfile import FileTextError, content_of, text_of
from policies.second_persons import load_second_persons
from rules.acts import CATALOGUE, Scope
from rules.announcing import faults_of_round
from rules.clocktime import NO_CLOCK, clock_of, instant_of
from rules.errors import ScenarioError
from rules.keepable import dotted
from rules.localtime import local_day

HEAD = ("announcement", "rubric", "expert_library", "applicants")
OPTIONAL_HEAD = ("development_plan", "safeguards")
KEYS = {"scenario", "name", "time_zone", *HEAD, "events", "sweep_at", "until"}
ANNOUNCE = "announce_round"
KEPT = "kept"  # the choice of the readings `agreement_life` and `yearly_assessment`
OF_A_YEAR = ("set_assessment_table", "record_assessment", "conclude_assessment")
INSPECTIONS = ("plan_inspections", "draw_inspections", "reveal_inspections")  # of the agreements of a county
ACTS = {name: form for name, form in FORMS.items() if CATALOGUE[name].is_in_scenario}
OFFICE_ONLY = {
    "announcement": {"objection_contact"},
    "applicants": {"credit_code_confirmed", "campus", "scope"},
    "sign_agreement": {"agreement_number", "effective_on", "expires_on"},
}  # what the office's files and forms may say besides; the scenario file does not know it
SHAPE_FAULTS = {"missing": "缺少此项", "extra_forbidden": "未知的键"}


@dataclass(frozen=True)
class Happening:
    """One event of the file. `form` is what an operator would have filled in; where a value cannot be, `fault` is
    the sentence with which the event is refused when it comes. `second` is the second person whom the file names."""

    index: int
    at: datetime
    do: str
    by: str
    form: ActForm | None
    fault: str
    complainant: str
    second: str = ""


@dataclass(frozen=True)
class Scenario:
    """A checked scenario."""

    name: str
    head: dict[str, Any]
    happenings: tuple[Happening, ...]
    sweep_at: time
    until: datetime

    @property
    def staff(self) -> list[str]:
        """Everybody who acts, who went to look, and who is named as a second person."""
        went = {one for each in self.happenings for one in getattr(each.form, "visitors", ())}
        seconds = {one.second for one in self.happenings if one.second}
        return sorted({one.by for one in self.happenings} | went | seconds)


def load(path: Path) -> Scenario:
    """Reads and checks a scenario file. Raises ScenarioError(place, what)."""
    try:
        data = jsonfile.parse(text_of(content_of(path)))
    except FileTextError as error:
        raise ScenarioError(getattr(error, "place", "") or f"{path}:{error.line}", error.what) from None
    return check(data)


def check(data: Any) -> Scenario:
    """Checks a scenario that was read."""
    _expect_keys(data, KEYS, "", OPTIONAL_HEAD)
    if data["scenario"] != 1:
        raise ScenarioError("scenario", f"版本应为 1，现为 {data['scenario']!r}")
    if data["time_zone"] != "Asia/Shanghai":
        raise ScenarioError("time_zone", f"应为 Asia/Shanghai，现为 {data['time_zone']!r}")
    head = _head(data)
    if kept := _kept_beyond(data):
        head["announcement"]["readings"] = {**kept, **head["announcement"].get("readings", {})}
    declared = {one["applicant_id"] for one in head["applicants"]}
    return Scenario(
        name=str(data["name"]),
        head=head,
        happenings=tuple(_happenings(data["events"], declared)),
        sweep_at=_time_of_day(data["sweep_at"]),
        until=_instant(data["until"], "until"),
    )


def _kept_beyond(data: Mapping[str, Any]) -> dict[str, str]:
    """What a file that goes on after the signature keeps: the life of its agreements where it knows an act on one, or
    its institutions by their codes; the clock of the yearly assessment where it assesses. An older file says nothing
    of either, and its outcome is what it was."""
    events = [one for one in data["events"] if isinstance(one, Mapping)] if isinstance(data["events"], list) else []
    acts = {str(one.get("do")) for one in events}
    is_assessed = not acts.isdisjoint(OF_A_YEAR)
    on_agreements = any(_is_on_agreements(act) for act in acts)
    has_life = is_assessed or on_agreements or any(one.get("credit_code") for one in data["applicants"])
    kept = {"agreement_life": KEPT} if has_life else {}
    return kept | ({"yearly_assessment": KEPT} if is_assessed else {})


def _is_on_agreements(do: Any) -> bool:
    return do in INSPECTIONS or (do in CATALOGUE and CATALOGUE[do].scope is Scope.AGREEMENT)


def _expect_keys(value: Any, keys: set[str], place: str, optional: Collection[str] = ()) -> None:
    prefix = f"{place}." if place else ""
    if not isinstance(value, Mapping):
        raise ScenarioError(place or "（全文）", "应为键值表")
    if unknown := sorted(set(value) - keys - set(optional)):
        raise ScenarioError(f"{prefix}{unknown[0]}", f"未知的键；可用：{'、'.join(sorted(keys))}")
    if missing := sorted(keys - set(value)):
        raise ScenarioError(f"{prefix}{missing[0]}", "缺少此项")


def _head(data: Mapping[str, Any]) -> dict[str, Any]:
    _expect_no_office_keys(data["announcement"], "announcement", "announcement")
    for index, entry in enumerate(data["applicants"] if isinstance(data["applicants"], list) else []):
        _expect_no_office_keys(entry, "applicants", f"applicants[{index}]")
    try:
        head = RoundFile.model_validate({name: data[name] for name in (*HEAD, *OPTIONAL_HEAD) if name in data})
    except ValidationError as error:
        fault = error.errors()[0]
        raise ScenarioError(place_of(fault["loc"]), _what(fault)) from None
    plain = head.plain()
    policy = load_policy(on=head.announcement.published_on)
    for wrong in faults_of_round(plain, policy):
        raise ScenarioError(dotted(wrong.path), wrong.what)
    return plain


def _expect_no_office_keys(value: Any, of: str, place: str) -> None:
    known = OFFICE_ONLY.get(of, set())
    if isinstance(value, Mapping) and (unknown := sorted(known & set(value))):
        raise ScenarioError(f"{place}.{unknown[0]}", SHAPE_FAULTS["extra_forbidden"])


def _what(fault: Any) -> str:
    return SHAPE_FAULTS.get(fault["type"], "") or said(fault)


def place_of(loc: tuple[Any, ...]) -> str:
    """A path as the contract writes it: `applicants[3].facts.grade`; the tag of a type is no part of it."""
    text = ""
    for part in loc:
        if part not in ("hospital", "pharmacy") or text in ("rubric", "announcement.quota"):
            text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "（全文）"


def _happenings(events: Any, declared: set[str]) -> Iterator[Happening]:
    if not isinstance(events, list):
        raise ScenarioError("events", "应为清单")
    before: datetime | None = None
    for index, event in enumerate(events):
        happening = _happening(index, event, declared)
        if before and happening.at < before:
            raise ScenarioError(f"events[{index}].at", f"早于前一事件（{before.isoformat()}）")
        before = happening.at
        yield happening


def _happening(index: int, event: Any, declared: set[str]) -> Happening:
    place = f"events[{index}]"
    if not isinstance(event, Mapping):
        raise ScenarioError(place, "应为键值表")
    for name in ("at", "do", "by"):
        if name not in event:
            raise ScenarioError(f"{place}.{name}", "缺少此项")
    do = event["do"]
    if do != ANNOUNCE and do not in ACTS:
        raise ScenarioError(f"{place}.do", f"未知的事项“{do}”；可用：{'、'.join([ANNOUNCE, *ACTS])}")
    at = _instant(event["at"], f"{place}.at")
    fields = {name: value for name, value in event.items() if name not in ("at", "do")}
    complainant = str(fields.pop("complainant", None) or "") if do == "record_objection" else ""
    second = _second(fields, do, at)
    _expect_declared(fields, declared, place)
    _expect_no_office_keys(fields, do, place)
    form, fault = _form(do, fields, place)
    return Happening(index, at, do, str(event["by"]), form, fault, complainant, second)


def _second(fields: dict[str, Any], do: str, at: datetime) -> str:
    """Takes the second person out of an event whose act may want one and whose form does not ask for it."""
    asked = do in FORMS and "confirmed_by" in FORMS[do].model_fields
    return "" if asked or do not in load_second_persons(local_day(at)) else str(fields.pop("confirmed_by", None) or "")


def _expect_declared(fields: Mapping[str, Any], declared: set[str], place: str) -> None:
    named = {f"{place}.applicant_id": fields["applicant_id"]} if fields.get("applicant_id") else {}
    if isinstance(fields.get("applicant_ids"), list):
        named |= {f"{place}.applicant_ids[{i}]": one for i, one in enumerate(fields["applicant_ids"])}
    for where, applicant_id in named.items():
        if applicant_id not in declared:
            raise ScenarioError(where, f"申请人“{applicant_id}”未在 applicants 中声明")


def _form(do: str, fields: Mapping[str, Any], place: str) -> tuple[ActForm | None, str]:
    if do == ANNOUNCE:
        _expect_keys(fields, {"by"}, place)
        return None, ""
    if unknown := sorted(ACTS[do].office_only & set(fields)):
        raise ScenarioError(f"{place}.{unknown[0]}", SHAPE_FAULTS["extra_forbidden"])
    try:
        return ACTS[do].model_validate(fields), ""
    except ValidationError as error:
        for fault in error.errors():
            if fault["type"] in SHAPE_FAULTS:
                raise ScenarioError(f"{place}{_dot(place_of(fault['loc']))}", _what(fault)) from None
        return None, sentence_of(error, ACTS[do])


def _dot(place: str) -> str:
    return place if place.startswith("[") else f".{place}"


def _instant(value: Any, place: str) -> datetime:
    try:
        return instant_of(str(value))
    except ValueError as error:
        raise ScenarioError(place, str(error)) from None


def _time_of_day(value: Any) -> time:
    found = clock_of(str(value))
    if found is None:
        raise ScenarioError("sweep_at", f"“{value}”{NO_CLOCK}")
    return found
