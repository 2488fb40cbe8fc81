"""The register of applicants (三、四): rows to entries of the register, as `发布公告` and `登记机构` read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.secrets import Keyring
from models import Applicant
from notifications.suppression import index_of
from rules import creditcode
from rules.announcing import faults_of_applicants
from rules.case import Context
from rules.facts import FACTS, FactKind
from rules.localtime import local_day
from rules.register import Listed, listed_name, shared_codes
from rules.texts import cleaned, compared
from rules.vocabulary import ApplicantType, Channel
from tasks import surroundings
from tasks.rounds import listed, listed_in
from workbooks.cells import plain_text
from workbooks.findings import BLANK, Checked, Item, values_of
from workbooks.reading import Found, Returned, Row

PENALTIES = "register.penalties"
ADD = "register_applicants"
CAMPUSES = "请核对，改成各自的；同一家医院的几个院区分别申请的，在“院区”一栏各写明是哪个院区"
Penalties = Mapping[str, list[dict[str, str]]]


def check(session: Session, ctx: Context, keys: Keyring, book: Returned) -> Checked:
    """The entries that the rows ask for. A number that is registered with the same content is there already."""
    checked = Checked()
    sheets = {sheet.plan.key: sheet for sheet in book.sheets}
    penalties = _penalties(checked, sheets.get(PENALTIES))
    for type_ in ApplicantType:
        if sheet := sheets.get(f"register.{type_}"):
            _check_sheet(checked, sheet, type_, penalties)
    mains = [sheet for key, sheet in sheets.items() if key != PENALTIES]
    _repeated(checked, mains, "applicant_id", "编号")
    _codes_apart(checked, mains)
    _penalties_have_owners(checked, sheets)
    _sound(checked, ctx)
    _known(checked, session, ctx, keys)
    _apart_from_registered(checked, session, ctx)
    return checked


def _check_sheet(checked: Checked, sheet: Found, type_: str, penalties: Penalties) -> None:
    for row in sheet.rows:
        checked.rows += 1
        values = values_of(checked, sheet, row, sheet.plan.answers)
        if values is None:
            continue
        if (values["termination.date"] is None) != (values["termination.kind"] is None):
            lacking = "termination.kind" if values["termination.date"] else "termination.date"
            checked.fault(sheet, row.number, lacking, "没有填写", "终止日期和终止方式要填都填，没有则都留空")
            continue
        entry = _entry(values, type_, penalties)
        if not _code_is_confirmed(checked, sheet, row, values):
            continue
        checked.items.append(Item(sheet, row.number, entry["applicant_id"], ADD, entry))


def _code_is_confirmed(checked: Checked, sheet: Found, row: Row, values: Mapping[str, Any]) -> bool:
    """Whether the code fits its check character, or a person says that the certificate has it so: then it is noted."""
    code = values["credit_code"]
    doubt = creditcode.doubt_of(code) if code else ""
    if doubt and not values["credit_code_confirmed"]:
        todo = f"{creditcode.CERTIFICATE}；证照上确实如此的，在“代码已核对”一栏填“是”"
        checked.fault(sheet, row.number, "credit_code", f"{doubt}，现为“{code}”", todo)
    elif doubt:
        checked.notes.append(f"{values['applicant_id']} 的统一社会信用代码{doubt}，填表人已对照证照核对")
    return not doubt or bool(values["credit_code_confirmed"])


def _entry(values: Mapping[str, Any], type_: str, penalties: Penalties) -> dict[str, Any]:
    """The entry as the register's model gives it."""
    ended = {"date": values["termination.date"], "kind": values["termination.kind"]}
    own = {
        "penalties": penalties.get(values["applicant_id"], []),
        "prior_termination": ended if ended["date"] else None,
    }
    facts = {
        name: own[name] if name in own else values[f"facts.{name}"]
        for name, fact in FACTS.items()
        if type_ in fact.types
    }
    return {
        "applicant_id": values["applicant_id"],
        "type": str(type_),
        "name": values["name"],
        "credit_code": values["credit_code"] or "",
        "credit_code_confirmed": bool(values["credit_code_confirmed"]),
        "campus": values["campus"] or "",
        "scope": values["scope"] or "",
        "contact": {name: values[f"contact.{name}"] for name in ("name", "phone", "email")},
        "facts": facts,
    }


def _penalties(checked: Checked, sheet: Found | None) -> Penalties:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in sheet.rows if sheet else ():
        values = values_of(checked, sheet, row, sheet.plan.answers) if sheet else None
        if values:
            found[values.pop("applicant_id")].append(values)
    return found


def _penalties_have_owners(checked: Checked, sheets: Mapping[str, Found]) -> None:
    """A penalty whose institution stands nowhere is a slip; one whose row is bad makes its institution wait as well."""
    sheet = sheets.get(PENALTIES)
    if sheet is None:
        return
    listed = {_number(row) for one in sheets.values() if one is not sheet for row in one.rows}
    bad = {row.number for row in sheet.rows} & {fault.row for fault in checked.faults if fault.sheet == sheet.name}
    waiting = {_number(row) for row in sheet.rows if row.number in bad}
    for row in sheet.rows:
        if row.number not in bad and _number(row) not in listed:
            todo = "请核对编号；一家机构和它的处罚要在同一个文件里"
            checked.fault(sheet, row.number, "applicant_id", "前两张表里没有这个编号", todo)
    for item in [one for one in checked.items if one.applicant_id in waiting]:
        checked.fault(item.sheet, item.row, "applicant_id", "“行政处罚”表中该机构的一行有错误", "请先改正那一行")
    checked.drop(checked.bad_rows)


def _number(row: Row, key: str = "applicant_id") -> str:
    raw = row.cells.get(key, BLANK)
    return "" if raw.is_blank else plain_text(raw)


def _codes_apart(checked: Checked, sheets: Iterable[Found]) -> None:
    """One legal person twice in a file without saying that they are campuses: every row of it is bad."""
    places: dict[Listed, list[tuple[Found, int]]] = defaultdict(list)
    rows: list[Listed] = []
    for sheet in sheets:
        for row in sheet.rows:
            code = creditcode.code_of(_number(row, "credit_code"))
            one = Listed(_number(row), sheet.plan.key, code, cleaned(_number(row, "campus")))
            rows.append(one)
            places[one].append((sheet, row.number))
    for group in shared_codes(rows):
        found = [place for one in dict.fromkeys(group) for place in places[one]]
        for place in found:
            others = "、".join(f"{sheet.name}第 {row} 行" for sheet, row in found if (sheet, row) != place)
            checked.fault(*place, "credit_code", f"统一社会信用代码 {group[0].credit_code} 重复（{others}）", CAMPUSES)
    checked.drop(checked.bad_rows)


def _apart_from_registered(checked: Checked, session: Session, ctx: Context) -> None:
    """One legal person that is registered already under another number, without saying that it is another campus."""
    known = listed_in(session, ctx.round.id)
    clashing = {
        one: group for group in shared_codes([*known, *(listed(i.fields) for i in checked.items)]) for one in group
    }
    for item in checked.items:
        if group := clashing.get(listed(item.fields)):
            others = "、".join(one.applicant_id for one in group if one.applicant_id != item.applicant_id)
            what = f"统一社会信用代码 {group[0].credit_code} 已由 {others} 登记"
            checked.fault(item.sheet, item.row, "credit_code", what, CAMPUSES)
    checked.drop(checked.bad_rows)


def _repeated(checked: Checked, sheets: Iterable[Found], key: str, called: str) -> None:
    """The same number twice in one file: every one of them is bad, for nobody knows which was meant."""
    rows: dict[str, list[tuple[Found, int]]] = defaultdict(list)
    for sheet in sheets:
        for row in sheet.rows:
            rows[_number(row, key).upper()].append((sheet, row.number))
    for number, places in rows.items():
        for place in places if number and len(places) > 1 else ():
            others = "、".join(f"{sheet.name}第 {row} 行" for sheet, row in places if (sheet, row) != place)
            checked.fault(*place, key, f"{called} {number} 重复（{others}）", "请核对，改成各自的")
    checked.drop(checked.bad_rows)


def _sound(checked: Checked, ctx: Context) -> None:
    """What the registers by file are held to as well."""
    today = local_day(surroundings.now())
    for item in checked.items:
        for wrong in faults_of_applicants([item.fields], ctx.policy, today):
            checked.fault(item.sheet, item.row, "applicant_id", wrong.what, "请改正后重新导入")
    checked.drop(checked.bad_rows)


def _known(checked: Checked, session: Session, ctx: Context, keys: Keyring) -> None:
    """What is registered already: the same again does nothing, anything else under the same number is a fault."""
    rows = session.execute(select(Applicant).where(col(Applicant.round_id) == ctx.round.id)).scalars()
    known = {row.applicant_id: row for row in rows}
    for item in [one for one in checked.items if one.applicant_id in known]:
        differing = _differing(known[item.applicant_id], item.fields, keys)
        if differing:
            what = f"编号 {item.applicant_id} 已登记，内容不同（{'、'.join(differing)}）"
            checked.fault(item.sheet, item.row, "applicant_id", what, "请核对编号；已登记的内容不能用导入修改")
        else:
            checked.already.append(item.applicant_id)
    checked.items = [one for one in checked.items if one.applicant_id not in known]


def _differing(row: Applicant, entry: Mapping[str, Any], keys: Keyring) -> list[str]:
    contact = entry["contact"]
    pairs = {
        "类型": (row.type, entry["type"]),
        "机构名称": (compared(row.name), compared(listed_name(entry["name"], entry["campus"]))),
        "统一社会信用代码": (row.credit_code, entry["credit_code"]),
        "院区": (compared(row.campus), compared(entry["campus"])),
        "定点范围": (compared(row.scope), compared(entry["scope"])),
        "联系电话": (row.phone_bidx, index_of(keys, Channel.SMS, contact["phone"])),
        "电子邮箱": (row.email_bidx, index_of(keys, Channel.EMAIL, contact["email"])),
    }
    pairs |= {FACTS[name].label: alike(name, row.facts.get(name), value) for name, value in entry["facts"].items()}
    return [label for label, (one, other) in pairs.items() if one != other]


def alike(name: str, one: Any, other: Any) -> tuple[Any, Any]:
    """Two values of a fact so that equal ones are equal: `420000000.00` is `420000000`."""
    if FACTS[name].kind is FactKind.AMOUNT and one is not None and other is not None:
        return Decimal(str(one)), Decimal(str(other))
    return one, other
