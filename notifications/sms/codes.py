"""What a provider's code means (`codes.yaml`), and which code an approved template has in this installation.

The file of template codes (`DINGDIAN_SMS_TEMPLATE_CODES`) lists for each provider and event the code under which the
text was approved, and the version of the text that was approved (a list where several were): others are not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from foundation.secrets import mask_contacts
from notifications.outcome import Outcome, OutcomeKind
from notifications.sms.settings import Provider
from policies import yamlfile
from policies.plainfile import content_of, text_of
from rules.errors import InputError

CODES: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "codes.yaml").read_text(encoding="utf-8"))
DETAIL_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """A provider's word on a request: its code, its own explanation, its number of the message."""

    code: str
    said: str = ""
    reference: str = ""


def classed(provider: Provider, verdict: Verdict) -> Outcome:
    """The outcome that a verdict stands for. A code nobody knows is a refusal that a person must look at."""
    for row in CODES[provider]:
        if fnmatchcase(verdict.code, row["code"]) and row.get("with", "") in verdict.said:
            return Outcome(
                OutcomeKind(row["class"]),
                verdict.code,
                _detail(row.get("say", ""), verdict.said if row["class"] != OutcomeKind.ACCEPTED else ""),
                stops_channel=row.get("stops", False),
                reference=verdict.reference,
                wait=timedelta(minutes=row["wait"]) if "wait" in row else None,
            )
    detail = _detail(f"{provider.label}的答复不在已知之列，请联系平台查明", verdict.said)
    return Outcome(OutcomeKind.CONFIGURATION, verdict.code, detail)


def template_code(provider: Provider, path: Path, event: str, version: str) -> str:
    """The provider's code of a version of an event's text; empty where messages go out as text.

    Raises:
        InputError: the file is missing or unreadable; the event has no code; this version was not approved.
    """
    if not provider.uses_codes:
        return ""
    entries = _entries(_approved(path).get(provider.value, {}).get(event))
    if not entries:
        raise InputError(f"{path.name} 中没有短信“{event}”在{provider.label}的模板编号：请报备模板后填写")
    codes = {str(entry.get("version")): str(entry["code"]) for entry in entries}
    if version not in codes:
        raise InputError(f"短信“{event}”的文字在报备后改过（该条为版本 {version}）：请重新报备，并更新 {path.name}")
    return codes[version]


def _entries(given: Any) -> list[Mapping[str, Any]]:
    """One entry or several, those with a code."""
    entries = given if isinstance(given, list) else [given]
    return [entry for entry in entries if isinstance(entry, dict) and entry.get("code")]


@cache
def _approved(path: Path) -> Mapping[str, Any]:
    try:
        held = yamlfile.plain(text_of(content_of(path)), path.name)
    except InputError as error:
        what = f"读不出短信模板编号文件 {path.name}：请检查 DINGDIAN_SMS_TEMPLATE_CODES（{error}）"
        raise InputError(what) from error
    if not isinstance(held, dict):
        raise InputError(f"短信模板编号文件 {path.name} 应为“平台: {{通知: {{code: …, version: …}}}}”")
    return held


def _detail(say: str, said: str) -> str:
    told = f"{say}（{said}）" if say and said else say or said
    return mask_contacts(" ".join(told.split()))[:DETAIL_CHARACTERS]
