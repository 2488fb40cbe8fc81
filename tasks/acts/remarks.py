"""What the experts wrote beside their scores: notes, evidence, the summary of the panel (五(二); R30, R31)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from sqlmodel import Session

from models import EvaluationSummary
from rules.case import Case, Context, Event
from rules.errors import RefusedError
from tasks.panel import panels_of

HASH = re.compile(r"[0-9a-f]{64}")


def remarks_of(ctx: Context, case: Case, event: Event) -> dict[str, Any]:
    """Notes and evidence of a score sheet, as far as they were given. Refuses an item that the rubric does not have,
    and evidence that is no hash of a kept file."""
    told = {name: dict(event.fields[name]) for name in ("notes", "evidence") if event.fields.get(name)}
    known = {item["code"] for item in ctx.round.rubric[case.type]}
    if strange := sorted({code for given in told.values() for code in given} - known):
        raise RefusedError(f"评估记录或佐证中的 {'、'.join(strange)} 不是评分项目，请按本轮评分标准填写")
    if unkept := [code for code, digest in told.get("evidence", {}).items() if not HASH.fullmatch(digest)]:
        raise RefusedError(f"项目 {'、'.join(unkept)} 的佐证应为已存文件的 SHA-256（64 位小写十六进制），请核对")
    return told


def keep_summary(session: Session, ctx: Context, event: Event, cases: Iterable[Case]) -> None:
    """The panel's summary, where it wrote one. Refuses a signature of somebody who sits for none of the dossiers."""
    text = str(event.fields.get("summary", "")).strip()
    if not text:
        return
    seated = set(chain(*panels_of(session, ctx, [case.id for case in cases]).values()))
    signed = list(dict.fromkeys(event.fields.get("signed_by", ())))
    if strangers := [one for one in signed if one not in seated]:
        raise RefusedError(
            f"{'、'.join(strangers)} 不是本轮评分专家（应为 {'、'.join(sorted(seated))}），不能在汇总意见上签名"
        )
    about: dict[str, Any] = {"text": text, "signed_by": signed, "recorded_at": event.at, "recorded_by": event.by}
    session.add(EvaluationSummary(round_id=ctx.round.id, **about))
