"""The workbooks of a round: what each asks, with the bounds of the procedure, the rubric and the announcement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rules.assessment import Criterion
from rules.case import Context
from rules.creditcode import LENGTH
from rules.errors import InputError
from rules.facts import Fact, FactKind, facts_of
from rules.policy import TermField
from rules.scoring import gives_points, is_veto, most_of
from rules.terms import UNITS, WHOLE
from rules.vocabulary import ApplicantType, GeneTesting, IndicatorSource
from tasks.assessments import PARTS
from workbooks.columns import YES_NO, Column, Kind, Layout, SheetPlan

REGISTER, DOSSIERS, SCORES = "register", "dossiers", "scores"
ASSESSMENT, INDICATORS, MIGRATED = "assessment", "indicators", "migrated"
ANNOUNCEMENT, STOCK = "announcement", "stock"
TITLES: Mapping[str, str] = {
    **{REGISTER: "申请人登记册", DOSSIERS: "材料与事实表", SCORES: "评分表"},
    **{ASSESSMENT: "年度考核表", INDICATORS: "月度指标", MIGRATED: "在册协议表", ANNOUNCEMENT: "公告表"},
    STOCK: "备药清单",
}
OWN_SHEET = (FactKind.PENALTIES, FactKind.TERMINATION)
MOST_COPIES = 99
APPLICANT = (
    Column("applicant_id", "申请人编号", Kind.CODE, "字母、数字和短横，如 H01；不能重复", width=12),
    Column("name", "机构名称", hint="与执照一致的全称", width=28),
    Column(
        "credit_code", "统一社会信用代码", Kind.CREDIT_CODE, f"{LENGTH} 位，公示名单上用；没有则留空", False, width=21
    ),
)
GIVEN = (
    Column("applicant_id", "申请人编号", Kind.CODE, is_given=True),
    Column("name", "机构名称", is_given=True, width=26),
)


def layout_of(kind: str, ctx: Context, about: str = "", criteria: Sequence[Criterion] = ()) -> Layout:
    """The layout of a kind of workbook; `criteria`: of the county's table, where it is an assessment's. Raises
    InputError for a kind that does not exist."""
    if kind == ASSESSMENT:
        return Layout(kind, TITLES[kind], _assessment(criteria), about)
    if kind not in LAYOUTS:
        raise InputError(f"没有“{kind}”这种表格；可用：{'、'.join(TITLES)}")
    return Layout(kind, TITLES[kind], LAYOUTS[kind](ctx), about)


def _yes_no(key: str, title: str, hint: str = "是或否", *, is_required: bool = True) -> Column:
    return Column(key, title, Kind.CHOICE, hint, is_required, choices=YES_NO, width=11)


def _fact(fact: Fact, ctx: Context) -> Column:
    key = f"facts.{fact.name}"
    match fact.kind:
        case FactKind.YES_NO:
            return _yes_no(key, fact.label)
        case FactKind.COUNT:
            return Column(key, fact.label, Kind.COUNT, "整数", least=Decimal(0), width=10)
        case FactKind.AMOUNT:
            return Column(key, fact.label, Kind.AMOUNT, "数字，不带单位", least=Decimal(0), width=16)
        case FactKind.GRADE:
            return Column(key, fact.label, Kind.CHOICE, "从下拉中选", choices={one: one for one in ctx.policy.grades})
        case FactKind.GENE_TESTING:
            return Column(key, fact.label, Kind.CHOICE, "从下拉中选", choices={one.label: one for one in GeneTesting})
        case _:
            return Column(key, fact.label, hint=f"如 {ctx.round.county}", suggestions=(ctx.round.county,))


def _facts(type_: str, ctx: Context) -> tuple[Column, ...]:
    return tuple(_fact(fact, ctx) for fact in facts_of(type_) if fact.kind not in OWN_SHEET)


# --- the register of applicants --------------------------------------------------------------------------------

CONTACT = (
    Column("contact.name", "联系人", hint="经办联系人姓名", is_personal=True, width=10),
    Column("contact.phone", "联系电话", Kind.PHONE, "手机，或带区号的座机", is_personal=True, width=15),
    Column("contact.email", "电子邮箱", Kind.EMAIL, "接收通知用", is_personal=True, width=24),
)
TERMINATION = (
    Column("termination.date", "以往协议终止日期", Kind.DAY, "没有则留空；如 2024-05-01", is_required=False),
    Column("termination.kind", "以往协议终止方式", hint="没有则留空", is_required=False, suggestions=("解除", "期满")),
)
IDENTITY = (
    Column(
        *("credit_code_confirmed", "代码已核对", Kind.CHOICE, "末位校验码不符而证照确实如此的，填“是”", False),
        choices=YES_NO,
        width=11,
    ),
    Column(
        "campus", "院区", hint="一家医院的几个院区用同一代码分别申请的，写明院区；其他留空", is_required=False, width=14
    ),
    Column("scope", "定点范围", hint="申请定点的药品或服务，公示时照印；可不填", is_required=False, width=24),
)


def _register(ctx: Context) -> tuple[SheetPlan, ...]:
    advice = (
        "每家机构一行；白色格子都要填。联系方式只在本文件里，导入后加密保存。行政处罚写在“行政处罚”表，一次处罚一行。"
    )
    mains = tuple(
        SheetPlan(
            f"register.{type_}",
            type_.label,
            (*APPLICANT, *CONTACT, *_facts(type_, ctx), *TERMINATION, *IDENTITY),
            advice,
        )
        for type_ in ApplicantType
    )
    return (*mains, _penalties())


def _penalties() -> SheetPlan:
    columns = (
        Column("applicant_id", "申请人编号", Kind.CODE, "前两张表里的编号"),
        Column("authority", "处罚机关", hint="如 示范县市场监督管理局", width=30),
        Column("date", "处罚日期", Kind.DAY, "如 2025-03-01", width=14),
        Column("kind", "处罚种类", hint="如 警告、罚款", width=20),
    )
    return SheetPlan("register.penalties", "行政处罚", columns, "一次处罚一行；没有处罚的机构不用写。")


# --- materials and facts of the dossiers -----------------------------------------------------------------------

FORMALITIES = (
    Column("copies", "卷宗份数", Kind.COUNT, "几份", least=Decimal(0), most=Decimal(MOST_COPIES), width=9),
    _yes_no("official_seal", "已加盖公章"),
    _yes_no("legal_rep_seal", "已加盖法人章"),
    _yes_no("originals_shown", "已提交资质证件原件"),
)
NOTE = Column("note", "核查说明", hint="可不填", is_required=False, width=24)


def _dossiers(ctx: Context) -> tuple[SheetPlan, ...]:
    materials = "每家机构一行，只填今天登记的；整行空着的不登记。材料已交的填“是”，留空即为未交。"
    facts = "已按申报情况填好，只改与实地核查不一致的格子。处罚和以往协议的更正请用“07 录入实地核查”。"
    return (
        *(SheetPlan(f"materials.{t}", f"{t.label}材料", _materials(t, ctx), materials, True) for t in ApplicantType),
        *(
            SheetPlan(f"facts.{t}", f"{t.label}事实", (*GIVEN, *_facts(t, ctx), NOTE), facts, True)
            for t in ApplicantType
        ),
    )


def _materials(type_: str, ctx: Context) -> tuple[Column, ...]:
    return (
        *GIVEN,
        *FORMALITIES,
        *(
            _yes_no(f"material.{one.code}", f"{one.code} {one.name}", "已交填“是”", is_required=False)
            for one in ctx.policy.materials[type_]
        ),
    )


# --- agreements that were there before (R74) --------------------------------------------------------------------


def _migrated(ctx: Context) -> tuple[SheetPlan, ...]:
    advice = "每份协议一行。同样的内容再次导入不作改变。联系方式可不填；只在本文件里，导入后加密保存。"
    labels = {one.label: one.value for one in ApplicantType}
    grades = {one: one for one in ctx.policy.grades}
    most = Decimal(ctx.policy.suspension_limit - 1)
    optional = tuple(replace(one, is_required=False) for one in CONTACT)
    columns = (
        Column("agreement_number", "协议编号", hint="原协议上的编号，不能重复", width=24),
        Column("type", "机构类型", Kind.CHOICE, "从下拉中选", choices=labels),
        Column("name", "机构名称", hint="与执照一致的全称", width=28),
        Column("credit_code", "统一社会信用代码", Kind.CREDIT_CODE, f"{LENGTH} 位", width=21),
        Column("level", "医院等级", Kind.CHOICE, "药店留空", False, choices=grades),
        Column("signed_on", "签订日期", Kind.DAY, "不填则为生效日", False),
        Column("effective_on", "生效日", Kind.DAY, "含当日，如 2024-06-01"),
        Column("expires_on", "终止日", Kind.DAY, "最后一日，含当日"),
        Column("suspensions", "此前暂停次数", Kind.COUNT, "没有填 0", least=Decimal(0), most=most),
        *optional,
    )
    return (SheetPlan("migrated.agreements", "在册协议", columns, advice),)


# --- what an institution keeps in stock (R54) -------------------------------------------------------------------


def _stock(_ctx: Context) -> tuple[SheetPlan, ...]:
    lists = "更换清单的机构填执行日期；不更换的留空。后一份清单接替前一份，前一份留存。"
    drugs = "每种规格一行，写全；已登记的已填好，删去的行即不再备药。改了的，须在“机构”表填执行日期。"
    columns = (
        Column("applicant_id", "申请人编号", Kind.CODE, "“机构”表里的编号"),
        Column("generic", "通用名", hint="如 奥希替尼片", width=24),
        Column("brand", "商品名", hint="没有则留空", is_required=False, width=16),
        Column("dosage_form", "剂型", hint="如 片剂"),
        Column("specification", "规格", hint="如 80mg×30片", width=18),
        Column("maker", "生产企业", hint="企业全称", width=28),
        Column("price", "价格（元）", Kind.AMOUNT, "每个包装；可不填", False, least=Decimal(0)),
        Column("since", "开始备药日期", Kind.DAY, "不填则自执行日期起", False),
        Column("until", "停止备药日期", Kind.DAY, "仍备药的留空", False),
    )
    day = Column("valid_from", "执行日期", Kind.DAY, "如 2026-04-01", False, width=14)
    return (
        SheetPlan("stock.lists", "机构", (*GIVEN, day), lists, True),
        SheetPlan("stock.drugs", "药品", columns, drugs),
    )


# --- score sheets ----------------------------------------------------------------------------------------------


def _scores(ctx: Context) -> tuple[SheetPlan, ...]:
    advice = "每家机构一行，逐项评分，不超过该项满分；整行空着的不录入。合计自动算出。评估记录在合计右边，可不填。"
    return tuple(SheetPlan(f"scores.{t}", f"{t.label}评分", _items(t, ctx), advice, True) for t in ApplicantType)


def _items(type_: str, ctx: Context) -> tuple[Column, ...]:
    items = tuple(
        Column(
            f"item.{one['code']}",
            f"{one['item']}（{_worth(one)}）",
            Kind.AMOUNT,
            "符合填 1，不符合填 0" if is_veto(one) else f"0 至 {one['max']}",
            least=Decimal(0),
            most=most_of(one),
            width=16,
        )
        for one in ctx.round.rubric[type_]
    )
    sums = all(gives_points(one) for one in ctx.round.rubric[type_])
    total = Column("total", "合计", Kind.AMOUNT, "自动", total_of=tuple(item.key for item in items), width=9)
    return (*GIVEN, *items, *([total] if sums else []), *(_note(one) for one in ctx.round.rubric[type_]))


def _worth(item: Mapping[str, Any]) -> str:
    if is_veto(item):
        return "否决项"
    return f"扣分，至多 {item['max']} 分" if item.get("deduction") else f"{item['max']} 分"


def _note(item: Mapping[str, Any]) -> Column:
    """What the expert saw of an item, in a column of its own behind the scores."""
    return Column(f"note.{item['code']}", f"{item['item']}：评估记录", hint="可不填", is_required=False, width=24)


# --- the assessment of a year ----------------------------------------------------------------------------------


def _assessment(criteria: Sequence[Criterion]) -> tuple[SheetPlan, ...]:
    advice = "每家机构一行，逐项评分，不超过该项分值；整行空着的不录入。灰色为记录中的情况，得分合计自动算出。"
    by_type = {type_: [one for one in criteria if one.type == type_] for type_ in ApplicantType}
    return tuple(
        SheetPlan(f"assessment.{type_}", f"{type_.label}考核", _criteria(of_type), advice, True)
        for type_, of_type in by_type.items()
        if of_type
    )


def _criteria(criteria: Sequence[Criterion]) -> tuple[Column, ...]:
    figures = (Column(f"part.{name}", title, is_given=True, width=14) for name, title in PARTS.items())
    items = tuple(
        Column(
            *(f"item.{one.code}", f"{one.item}（{one.max} 分）", Kind.AMOUNT, f"0 至 {one.max}"),
            least=Decimal(0),
            most=one.max,
            width=16,
        )
        for one in criteria
    )
    total = Column("total", "合计", Kind.AMOUNT, "自动", total_of=tuple(item.key for item in items), width=9)
    note = Column("note", "说明", hint="扣分的理由；可不填", is_required=False, width=30)
    return (*GIVEN, *figures, *items, total, note)


# --- the values of a month -------------------------------------------------------------------------------------


def _indicators(ctx: Context) -> tuple[SheetPlan, ...]:
    advice = "每家机构一行，只填数字；没有数据的格子留空，整行空着的不登记。已登记的数值已填好，改了的按更正登记。"
    return tuple(
        SheetPlan(f"indicators.{t}", f"{t.label}指标", _values(t, ctx), advice, True)
        for t in ApplicantType
        if ctx.policy.compared_of(t)
    )


def _values(type_: str, ctx: Context) -> tuple[Column, ...]:
    fields = ctx.policy.compared_of(type_)
    values = tuple(_figure("value", one, UNITS[one.unit] or "数值") for one in fields)
    shares = [one for one in fields if one.unit == "percent"]
    parts = tuple(
        _figure(part, one, word) for one in shares for part, word in (("numerator", "分子"), ("denominator", "分母"))
    )
    return (
        *GIVEN,
        Column("received_on", "收到日期", Kind.DAY, "收到数据的日期，如 2026-04-03", width=14),
        Column(
            "source", "来源", Kind.CHOICE, "从下拉中选", choices={one.label: one for one in IndicatorSource}, width=12
        ),
        *values,
        *parts,
    )


def _figure(part: str, field: TermField, unit: str) -> Column:
    """A column of figures, in the unit of the field; what is not known stays empty."""
    most = WHOLE if part == "value" and field.unit == "percent" else None
    hint = "0 至 100" if most else "可不填" if part != "value" else "数字，不带单位"
    title = f"{field.label}（{unit}）"
    return Column(f"{part}.{field.code}", title, Kind.AMOUNT, hint, False, least=Decimal(0), most=most, width=14)


LAYOUTS = {
    **{REGISTER: _register, DOSSIERS: _dossiers, SCORES: _scores},
    **{INDICATORS: _indicators, MIGRATED: _migrated, STOCK: _stock},
}
