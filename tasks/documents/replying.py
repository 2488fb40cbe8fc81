"""The letter to who made an objection: the one place where a complainant is opened, by whom and when on record."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from foundation.secrets import Keyring
from models import Applicant, Application, Objection
from models.complainant import Complainant
from models.database import transaction
from models.migrate import ensure_current
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.vocabulary import ObjectionStatus
from rules.wording import cn_day
from tasks.acts.objections import OPEN, the_objection
from tasks.addressing import addressed
from tasks.case_loading import context_of
from tasks.roles import may_act
from tasks.rounds import record_for_round

FOUND = {
    ObjectionStatus.UPHELD: "情况属实，已依照规定取消该机构的资格或者作出相应处理",
    ObjectionStatus.DISMISSED: "情况不属实，该机构的程序继续办理",
    ObjectionStatus.WITHDRAWN: "你（单位）已撤回异议，核查终止",
}


def reply_letter(url: str, ref: str, by: str, at: datetime, keys: Keyring, round_id: int = 0) -> str:
    """The letter as text. Opening it is recorded with the round. Raises RefusedError while there is no finding, for an
    objector who is not known, and for who may not."""
    ensure_current(url)
    with transaction(url) as session:
        reply = Event("reply_objection", at, by, {"ref": ref}, round_id)
        ctx = context_of(session, addressed(session, reply))
        may_act(session, ctx.policy.roles, reply)
        objection = the_objection(session, ctx, ref)
        if objection.status == OPEN:
            raise RefusedError(f"异议 {ref} 尚未作出核查结论，不能生成答复书：请先办理“异议核查结论”")
        if not objection.complainant_sealed:
            known = "是匿名异议，无从答复" if objection.is_anonymous else "还没有登记异议人：请先办理“登记异议人”"
            raise RefusedError(f"异议 {ref} {known}")
        record_for_round(session, ctx, Event("open_complainant", at, by, {"ref": ref}))
        who = Complainant.unseal(keys, objection.id or 0, objection.complainant_sealed)
        return _letter(session, ctx, objection, who, at)


def _letter(session: Session, ctx: Context, objection: Objection, who: Complainant, at: datetime) -> str:
    case = session.get(Application, objection.application_id)
    assert case is not None
    institution = session.get(Applicant, case.applicant_pk)
    assert institution is not None
    lines = [
        f"{who.name}：",
        f"　　你（单位）于{cn_day(local_day(objection.received_at))}对“{ctx.round.name}”中的{institution.name}提出的"
        f"异议（编号 {objection.ref}）收悉。根据《{ctx.policy.title}办法》五(三)的规定，本中心进行了调查核实。",
        f"　　核查结论：{FOUND[ObjectionStatus(objection.status)]}。",
        *([f"　　核查说明：{objection.finding}"] if objection.finding else []),
        "　　感谢你（单位）对医疗保障工作的监督。",
        "",
        ctx.round.agency,
        cn_day(local_day(at)),
        "",
        f"寄送：{who.address or '—'}　电话：{who.phone or '—'}　邮箱：{who.email or '—'}",
    ]
    return "\n".join(lines) + "\n"
