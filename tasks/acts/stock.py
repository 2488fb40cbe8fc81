"""The stock list of an agreement (R54): an edition takes the place of the one before, which stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlmodel import Session

from models import StockList
from models.stocked import editions_of
from rules.audit import sha256
from rules.case import Context, Event
from rules.stock import as_kept, faults_of
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, who
from tasks.agreements import the_agreement
from tasks.assessments import next_ref_in


def record_stock_list(session: Session, ctx: Context, event: Event) -> Receipt:
    """A list of drugs, whole. The record bears its hash and its length, the row its content."""
    case, fields = the_agreement(session, ctx.round.id, event.fields), event.fields
    entries = [as_kept(one) for one in fields["entries"]]
    editions = editions_of(session, case.id)
    known: dict[str, Any] = {
        **{"ref": next_ref_in(session, StockList, case), "sha256": sha256(entries), "count": len(entries)},
        "newest_from": max((one.valid_from for one in editions), default=None),
        "faults": list(faults_of(fields["entries"], fields["valid_from"])),
    }
    told = {name: value for name, value in fields.items() if name != "entries"}
    change = done(session, ctx, replace(event, fields=told), case, **known)
    kept = {name: known[name] for name in ("ref", "sha256")}
    session.add(StockList(agreement_id=case.id, valid_from=fields["valid_from"], entries=entries, **kept, **who(event)))
    said = f"第 {known['ref']} 份备药清单已登记，自 {fields['valid_from']} 起，药品 {len(entries)} 种"
    return receipt(ctx, change, said + ("；此前的清单留存" if editions else ""))
