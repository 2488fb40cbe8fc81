"""The performance of an agreement (六): the second procedure. `PERFORMANCE` is all that the engine knows of it."""

from __future__ import annotations

from collections.abc import Mapping

from rules.case import Context
from rules.performance.clock_table import CLOCKS
from rules.performance.effects import CLOCK_PARAMS
from rules.performance.records import AgreementCase
from rules.performance.states import ENDS, WAY
from rules.performance.table import TABLE
from rules.procedure import Procedure
from rules.vocabulary import AgreementState, Term

NEXT_STEP: Mapping[Term, str] = {
    AgreementState.DRAFT: "该协议签订时未登记履行，请用采用新规则以后签订的协议",
    AgreementState.SIGNED: "协议尚未生效，生效日由系统办理",
    AgreementState.FILED: "协议尚未生效，生效日由系统办理",
    AgreementState.IN_FORCE: "协议有效，可以检查、认定、暂停、续签",
    AgreementState.SUSPENDED: "协议暂停中：请责令整改并复查，到位后办理“恢复协议”",
    AgreementState.TO_BE_DISSOLVED: "解除的情形已经认定：只能办理“决定解除协议”“登记解除送达”，或凭证据“撤销认定”",
}

PERFORMANCE: Procedure[AgreementCase, Context] = Procedure(
    subject=AgreementCase.kind,
    label="协议履行",
    states=AgreementState,
    way=WAY,
    ends=ENDS,
    table=TABLE,
    clocks=CLOCKS,
    next_step=NEXT_STEP,
    is_one_way=False,
    days_told=CLOCK_PARAMS,
    of_itself=("previous_over", "previous_restored", "assessed_elsewhere"),
    correctable=(),
)
