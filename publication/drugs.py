"""Where which special drug is kept (R54): the stock lists in force of those who stand in the public register.

Read are names of drugs, prices as the institution gave them, and where its agreement stands. A survey sees which
edition is in force for whom; only the page itself reads the lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, NoticeEntry, StockList
from models.bulk import among
from models.stocked import editions_on
from publication.agreements import AgreementLine
from publication.summaries import RoundHead
from rules.audit import sha256
from rules.vocabulary import AgreementState

STANDING = (AgreementState.IN_FORCE, AgreementState.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Keeper:
    """An institution whose agreement runs, and the edition of its list that is in force."""

    line: AgreementLine
    list_id: int
    round_id: int


@dataclass(frozen=True, slots=True)
class Keepers:
    """All of them, with the final notices that named who is designated; none where no list was ever recorded."""

    all: Sequence[Keeper] = ()
    finals: Sequence[int] = ()
    intakes: Sequence[int] = ()

    @property
    def fingerprint(self) -> str:
        """Changes with whatever the page shows."""
        return sha256([repr(self.all), list(self.finals), list(self.intakes)])


@dataclass(frozen=True, slots=True)
class KeptDrug:
    """One drug at one institution."""

    name: str
    applicant_id: str
    type: str
    round_id: int
    is_suspended: bool
    brand: str
    dosage_form: str
    specification: str
    maker: str
    price: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class DrugView:
    """A drug by its generic name, and where it is kept."""

    generic: str
    kept: list[KeptDrug] = field(default_factory=list)


def keepers(session: Session, rounds: Iterable[RoundHead], today: date) -> Keepers:
    """Whose lists are in force on a day."""
    heads = list(rounds)
    lines = {line.id: (of.round.id, line) for of in heads for line in of.agreements.lines if line.state in STANDING}
    editions = editions_on(session, list(lines), today) if lines else {}
    found = [Keeper(line, editions[id_], round_id) for id_, (round_id, line) in lines.items() if id_ in editions]
    finals = [notice.id for of in heads for notice in of.finals] if found else []
    return Keepers(found, finals, [of.round.id for of in heads if of.round.is_intake] if found else ())


def read_drugs(session: Session, of: Keepers) -> list[DrugView]:
    """The drugs in the order of their names, each with the institutions that were published as designated, or that
    were there before (R74)."""
    public = _published(session, of)
    shown = [one for one in of.all if one.line.id in public or one.round_id in of.intakes]
    query = select(StockList).where(among(col(StockList.id), [one.list_id for one in shown]))
    lists = {row.id: row.entries for row in session.execute(query).scalars()}
    views: dict[str, DrugView] = {}
    for one in sorted(shown, key=lambda keeper: (keeper.line.type, keeper.line.name, keeper.line.id)):
        for entry in lists[one.list_id]:
            views.setdefault(entry["generic"], DrugView(entry["generic"])).kept.append(_kept(one, entry))
    return [views[name] for name in sorted(views)]


def _published(session: Session, of: Keepers) -> set[int]:
    named = select(col(NoticeEntry.application_id)).where(col(NoticeEntry.notice_id).in_(of.finals))
    ids = select(col(Agreement.id)).where(col(Agreement.application_id).in_(named))
    return set(session.execute(ids).scalars())


def _kept(one: Keeper, entry: Mapping[str, str]) -> KeptDrug:
    line = one.line
    about = (line.name, line.applicant_id, line.type, one.round_id, line.state is AgreementState.SUSPENDED)
    told = ("brand", "dosage_form", "specification", "maker", "price", "since", "until")
    return KeptDrug(*about, *(entry[name] for name in told))
