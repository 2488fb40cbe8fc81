"""查找: institutions, dossiers, agreements, experts, documents and messages of every round, by number, name, code.

Names are the same as `rules.texts.compared` has it, the one place that decides it, so width, brackets and look-alikes
do not matter. The database cannot reckon that: it hands over the newest rows that hold the characters which everybody
types alike, at most `READ` of them, and they are compared here; when there are more the page says so. Numbers and codes
go by their indexes. Contacts are sealed and are not searched.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, Expert, Institution, Notification, OfficialDocument, Round
from notifications.catalogue import spec_of
from rules.case import Case
from rules.creditcode import code_of
from rules.errors import InputError
from rules.evaluation.states import ENDS, UNFINISHED
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from rules.register import listed_name
from rules.standard_characters import AS_STANDARD, ways_to_write
from rules.texts import ALIKE, ONES, cleaned, compared, squeezed
from rules.vocabulary import AgreementState, ApplicantType, Channel, DocumentKind, MessageStatus, State
from views.addressed import DIGITS, is_code

INSTITUTION, DOSSIER, AGREEMENT = "institution", "dossier", "agreement"
EXPERT, DOCUMENT, MESSAGE = "expert", "document", "message"
KINDS: Mapping[str, str] = {
    **{INSTITUTION: "机构", DOSSIER: "案卷", AGREEMENT: "协议"},
    **{EXPERT: "专家", DOCUMENT: "文书", MESSAGE: "通知"},
}
STATES: Mapping[str, Mapping[str, str]] = {
    DOSSIER: {"open": "全部在办", "closed": "全部办结", **{one.value: one.label for one in State}},
    AGREEMENT: {one.value: one.label for one in AgreementState},
    MESSAGE: {one.value: one.label for one in MessageStatus},
}
READ = 2000  # rows of a kind that one search compares or shows
PAGE, FEW = 50, 8
CODE_FROM = 6  # characters from which a part of a credit code is looked for
ROBUST = 4  # characters that the database looks for
NOT_ROBUST = frozenset({*ALIKE.values(), *ONES})
key_of = lru_cache(maxsize=50_000)(compared)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: empty fields do not restrict. `kind` empty: the first few of each."""

    text: str = ""
    kind: str = ""
    round_id: int = 0
    year: int = 0
    state: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found of a kind: rows in order, and whether there may be more than were read."""

    kind: str
    headings: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    is_cut: bool = False

    @property
    def label(self) -> str:
        """What the kind is called."""
        return KINDS[self.kind]


def search(session: Session, sought: Sought, *, sees_experts: bool) -> list[Hits]:
    """What was found, kind by kind; nothing for an empty text. `sees_experts`: whether whoever asks may see experts'
    names, and so find them by name.

    Raises InputError for a kind or a state that is none.
    """
    if sought.kind and sought.kind not in KINDS:
        raise InputError(f"没有“{sought.kind}”这一类；可查：{'、'.join(KINDS.values())}")
    if sought.state and sought.state not in STATES.get(sought.kind, {}):
        raise InputError("“状态”与所查的类别不符：请先选类别，再选该类别的状态")
    if not cleaned(sought.text):
        return []
    whose = _applicants(session, sought)
    kinds = [sought.kind] if sought.kind else list(KINDS)
    return [FINDERS[kind](session, sought, whose, sees_experts) for kind in kinds]


# --- whose names or numbers fit ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whose:
    """The applicants whose number, name or code fits, the newest first, and whether there were more."""

    rows: Sequence[Any]
    is_cut: bool

    @property
    def ids(self) -> list[int]:
        """Their rows."""
        return [row.id for row in self.rows]


def _applicants(session: Session, sought: Sought) -> Whose:
    columns = (Applicant.id, Applicant.round_id, Applicant.institution_id, Applicant.applicant_id, Applicant.name)
    query = select(*map(col, columns), col(Applicant.campus), col(Applicant.type), col(Applicant.credit_code))
    query = query.add_columns(col(Round.name).label("round"), col(Round.year)).join(
        Round, col(Round.id) == col(Applicant.round_id)
    )
    text = sought.text
    ways = [_alike(Applicant.name, text), _numbered(session, Applicant.round_id, Applicant.applicant_id, text)]
    if len(code := code_of(text)) >= CODE_FROM:
        of_code = select(col(Institution.id)).where(col(Institution.credit_code).startswith(code, autoescape=True))
        ways.append(col(Applicant.institution_id).in_(of_code))
    found = _newest(session, query.where(or_(*ways), *_within(sought)), Applicant.id)
    fits = [row for row in found if _fits(row, text, code)]
    return Whose(fits, len(found) >= READ)


def _fits(row: Any, text: str, code: str) -> bool:
    is_of_code = len(code) >= CODE_FROM and code_of(row.credit_code).startswith(code)
    return (
        is_of_code
        or row.applicant_id == squeezed(text).upper()
        or key_of(text) in key_of(listed_name(row.name, row.campus))
    )


def _alike(column: Any, text: str) -> ColumnElement[bool]:
    """Rows that may have a name with this part: those that hold its characters, in any form in which one is written."""
    robust = [one for one in dict.fromkeys(cleaned(text).translate(AS_STANDARD)) if _is_robust(one)][:ROBUST]
    return and_(col(column) != "", *(_holds(column, one) for one in robust))


def _holds(column: Any, character: str) -> ColumnElement[bool]:
    return or_(*(col(column).contains(one, autoescape=True) for one in ways_to_write(character)))


def _is_robust(character: str) -> bool:
    is_letter = unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")
    return is_letter and character not in NOT_ROBUST and compared(character) == character


def _numbered(session: Session, of_round: Any, column: Any, text: str) -> ColumnElement[bool]:
    """The rows of this number in any round, by the index on round and number."""
    number = squeezed(text).upper()
    if not is_code(number):
        return false()
    rounds = list(session.execute(select(col(Round.id))).scalars())
    return and_(col(of_round).in_(rounds), col(column) == number)


def _within(sought: Sought) -> list[ColumnElement[bool]]:
    asked = [
        (sought.round_id, col(Round.id) == sought.round_id),
        (sought.year, col(Round.year) == sought.year),
    ]
    return [condition for value, condition in asked if value]


def _newest(session: Session, query: Select[Any], by: Any) -> Sequence[Any]:
    return session.execute(query.order_by(col(by).desc()).limit(READ)).all()


# --- kinds -------------------------------------------------------------------------------------------------------


def _institutions(session: Session, _sought: Sought, whose: Whose, _sees: bool) -> Hits:
    """Each institution once, under its newest name, with those under which it was found."""
    found: dict[int, dict[str, Any]] = {}
    for row in whose.rows:
        if row.institution_id is None:
            continue
        one = found.setdefault(
            row.institution_id,
            {
                "path": f"/institution/{row.institution_id}",
                "cells": [listed_name(row.name, row.campus), ApplicantType(row.type).label, row.credit_code, ""],
                "names": {},
                "rounds": [],
            },
        )
        one["names"].setdefault(compared(row.name), row.name)
        one["rounds"].append(row.round)
    for one in found.values():
        also = [name for name in one["names"].values() if name != one["cells"][0]]
        one["cells"][3] = "；".join(filter(None, (f"也称 {'、'.join(also)}" if also else "", "、".join(one["rounds"]))))
    return Hits(INSTITUTION, ("机构", "类型", "统一社会信用代码", "轮次"), tuple(found.values()), whose.is_cut)


def _dossiers(session: Session, sought: Sought, whose: Whose, _sees: bool) -> Hits:
    states = {"open": UNFINISHED, "closed": ENDS}.get(sought.state, (sought.state,) if sought.state else ())
    query = select(col(Application.applicant_pk), col(Application.state)).where(
        col(Application.applicant_pk).in_(whose.ids)
    )
    standing = dict(
        session.execute(query.where(col(Application.state).in_(states)) if states else query).tuples().all()
    )
    rows = tuple(
        {
            "path": f"/case/{row.round_id}/{row.applicant_id}",
            "cells": [row.applicant_id, row.name, row.round, State(standing[row.id]).label],
        }
        for row in whose.rows
        if row.id in standing
    )
    return Hits(DOSSIER, ("编号", "机构", "轮次", "环节"), rows, whose.is_cut)


def _agreements(session: Session, sought: Sought, whose: Whose, _sees: bool) -> Hits:
    """By the institution, or by the agreement's own number however it was pasted."""
    query = (
        select(Agreement, Applicant, col(Round.name))
        .join(Application, col(Application.id) == col(Agreement.application_id))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .join(Round, col(Round.id) == col(Agreement.round_id))
        .where(*_within(sought), *([col(Agreement.state) == sought.state] if sought.state else []))
    )
    ways = or_(_alike(Agreement.number, sought.text), col(Applicant.id).in_(whose.ids))
    found = _newest(session, query.where(ways), Agreement.id)
    ids, key = set(whose.ids), key_of(sought.text)
    rows = tuple(
        {
            "path": _path_of_agreement(one, whom),
            "cells": [one.number or "（未编号）", whom.name, of, AgreementState(one.state).label],
        }
        for one, whom, of in found
        if whom.id in ids or key in key_of(one.number)
    )
    return Hits(AGREEMENT, ("协议编号", "机构", "轮次", "状态"), rows, len(found) >= READ)


def _path_of_agreement(one: Agreement, whom: Applicant) -> str:
    """Its own page where its life is kept, else its dossier's."""
    is_draft = one.state == AgreementState.DRAFT
    return f"/case/{whom.round_id}/{whom.applicant_id}" if is_draft else f"/agreement/{one.id}"


def _experts(session: Session, sought: Sought, _whose: Whose, sees: bool) -> Hits:
    """By number for everybody; by name, and with names, for those who may see them."""
    query = select(Expert, col(Round.name)).join(Round, col(Round.id) == col(Expert.round_id)).where(*_within(sought))
    number = _numbered(session, Expert.round_id, Expert.expert_id, sought.text)
    ways = or_(number, _alike(Expert.name, sought.text)) if sees else number
    found = _newest(session, query.where(ways), Expert.id)
    wanted, key = squeezed(sought.text).upper(), key_of(sought.text)
    rows = tuple(
        {
            "path": "",
            "cells": [
                one.expert_id,
                one.name if sees else "（按岗位不显示）",
                one.specialty,
                one.employer if sees else "",
                of,
            ],
        }
        for one, of in found
        if one.expert_id == wanted or (sees and key in key_of(one.name))
    )
    return Hits(EXPERT, ("编号", "姓名", "专业", "单位", "轮次"), rows, len(found) >= READ)


def _documents(session: Session, sought: Sought, whose: Whose, _sees: bool) -> Hits:
    """By its own number (发文字号), by its title, or of the institutions that were found."""
    dossiers = select(col(Application.id)).where(col(Application.applicant_pk).in_(whose.ids))
    query = select(OfficialDocument, col(Round.name), col(Applicant.applicant_id), col(Applicant.name))
    query = query.join(Round, col(Round.id) == col(OfficialDocument.round_id))
    query = query.outerjoin(Application, col(Application.id) == col(OfficialDocument.application_id))
    query = query.outerjoin(Applicant, col(Applicant.id) == col(Application.applicant_pk)).where(*_within(sought))
    text = [_alike(OfficialDocument.number, sought.text), _alike(OfficialDocument.title, sought.text)]
    found = _newest(
        session, query.where(or_(*text, col(OfficialDocument.application_id).in_(dossiers))), OfficialDocument.id
    )
    key, ids = key_of(sought.text), {row.applicant_id for row in whose.rows}
    rows = tuple(
        {
            "path": _path_of(one, number),
            "cells": [
                one.number or "—",
                DocumentKind(one.kind).label,
                name or "",
                of,
                local_day(one.created_at).isoformat(),
            ],
        }
        for one, of, number, name in found
        if number in ids or key in key_of(one.number) or key in key_of(one.title)
    )
    return Hits(DOCUMENT, ("发文字号", "种类", "机构", "轮次", "制作"), rows, len(found) >= READ)


def _path_of(one: OfficialDocument, number: str | None) -> str:
    if one.kind == DocumentKind.MESSAGE_PROOF:
        return f"/message/{one.ref}"
    if one.agreement_id:
        return f"/agreement/{one.agreement_id}"
    return f"/case/{one.round_id}/{number}" if number else ""


def _messages(session: Session, sought: Sought, whose: Whose, _sees: bool) -> Hits:
    """By its number, or those about the dossiers and agreements of the institutions that were found."""
    dossiers = select(col(Application.id)).where(col(Application.applicant_pk).in_(whose.ids))
    agreed = select(col(Agreement.id)).where(col(Agreement.application_id).in_(dossiers))
    ways = [
        and_(col(Notification.subject) == Case.kind, col(Notification.subject_id).in_(dossiers)),
        and_(col(Notification.subject) == AgreementCase.kind, col(Notification.subject_id).in_(agreed)),
    ]
    if (number := squeezed(sought.text)).isascii() and number.isdigit() and len(number) <= DIGITS:
        ways.append(col(Notification.id) == int(number))
    query = select(Notification, col(Round.name), col(Applicant.name))
    query = query.join(Round, col(Round.id) == col(Notification.round_id))
    query = query.outerjoin(Applicant, col(Applicant.id) == col(Notification.applicant_pk)).where(
        or_(*ways), *_within(sought)
    )
    if sought.state:
        query = query.where(col(Notification.status) == sought.state)
    found = _newest(session, query, Notification.id)
    rows = tuple(
        {
            "path": f"/message/{one.id}",
            "cells": [
                *(str(one.id), spec_of(one.event).title, Channel(one.channel).label, name or "", of),
                *(local_day(one.created_at).isoformat(), MessageStatus(one.status).label),
            ],
        }
        for one, of, name in found
    )
    return Hits(MESSAGE, ("通知号", "通知", "方式", "机构", "轮次", "写成", "状态"), rows, len(found) >= READ)


FINDERS: Mapping[str, Callable[[Session, Sought, Whose, bool], Hits]] = {
    INSTITUTION: _institutions,
    DOSSIER: _dossiers,
    AGREEMENT: _agreements,
    EXPERT: _experts,
    DOCUMENT: _documents,
    MESSAGE: _messages,
}


def years(session: Session) -> list[int]:
    """The years of the rounds that there are, the newest first."""
    return list(session.execute(select(col(Round.year)).distinct().order_by(col(Round.year).desc())).scalars())
