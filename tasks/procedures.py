"""How the subjects of each procedure are kept. The one writer, the sweep and the reminders work on any kind that stands
in `KINDS`, and know none by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from sqlalchemy import Table, select
from sqlmodel import Session, SQLModel, col

from models import Agreement, Application
from rules.case import C, Case, Change, Context, Setting
from rules.evaluation import EVALUATION
from rules.performance import PERFORMANCE
from rules.performance.records import AgreementCase
from rules.procedure import Procedure, X
from rules.working import Limit
from tasks.agreements import load_agreements
from tasks.case_loading import context_numbered, load_cases, number_of
from tasks.outbox_rows import About
from tasks.public_pages import PublicPages
from tasks.quota import expect_places

PageOf = Callable[[int, Limit], str]


@dataclass(frozen=True, slots=True)
class Kind(Generic[C, X]):
    """One kind of subject: its procedure, its table, and what only its own code knows.

    `model` has the columns id, state, entered_at, reasons, version, holds, audit_seq and audit_head. The keys of its
    messages begin with `keyed_as`. Subjects with the same value of the column `group` share one setting, which
    `setting_of` reads. `expect` is asked once their changes are written, and refuses what must never be; `page_of`
    knows the public page of a limit, `number_of` what people call a subject that could not even be read.
    """

    procedure: Procedure[C, X]
    model: type[SQLModel]
    keyed_as: str
    group: str
    setting_of: Callable[[Session, int], X]
    load: Callable[..., list[C]]
    about: Callable[[X, C], About]
    expect: Callable[[Session, X, Sequence[Change[C]]], None]
    page_of: Callable[[Session, X, Sequence[int]], PageOf]
    number_of: Callable[[Session, int], str]

    @property
    def name(self) -> str:
        """What the records call it."""
        return self.procedure.subject

    @property
    def table(self) -> Table:
        """Its table."""
        found: Table = self.model.__table__  # type: ignore[attr-defined]
        return found


def _about(ctx: Context, case: Case | AgreementCase) -> About:
    whose = {"applicant_id": case.applicant_id, "applicant_name": case.name, "round_name": ctx.round.name}
    where = {"county": ctx.round.county, "agency": ctx.round.agency, "place": ctx.round.place}
    return About(case.kind, case.id, ctx.round.id, case.applicant_pk, {**whose, **where})


DOSSIERS: Kind[Case, Context] = Kind(
    procedure=EVALUATION,
    model=Application,
    keyed_as="case",
    group="round_id",
    setting_of=context_numbered,
    load=load_cases,
    about=_about,
    expect=expect_places,
    page_of=PublicPages,
    number_of=number_of,
)


def _nothing_to_expect(_session: Session, _ctx: Context, _changes: Sequence[Change[AgreementCase]]) -> None:
    """An agreement has its place already."""


def _no_page(_session: Session, _ctx: Context, _ids: Sequence[int]) -> PageOf:
    return lambda _agreement, _limit: ""


def _agreement_number(session: Session, agreement_id: int) -> str:
    return str(session.execute(select(col(Agreement.number)).where(col(Agreement.id) == agreement_id)).scalar_one())


AGREEMENTS: Kind[AgreementCase, Context] = Kind(
    procedure=PERFORMANCE,
    model=Agreement,
    keyed_as="agreement",
    group="round_id",
    setting_of=context_numbered,
    load=load_agreements,
    about=_about,
    expect=_nothing_to_expect,
    page_of=_no_page,
    number_of=_agreement_number,
)
KINDS: dict[str, Kind[Any, Any]] = {one.name: one for one in (DOSSIERS, AGREEMENTS)}


def kind_of(subject: C) -> Kind[C, Setting]:
    """How a subject's kind is kept."""
    return KINDS[subject.kind]
