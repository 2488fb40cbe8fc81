"""Who may not sit while an institution is evaluated (五(二); A7-26): computed from facts, as well as declared.

A fact that is missing is no fact that there is no conflict: where declarations are required, who has made none is out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.texts import compared
from rules.vocabulary import ConflictKind

Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class Interest:
    """A tie that an expert declared: to which institution, of what kind, until when (None: it lasts)."""

    institution: str
    kind: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """An expert as far as conflicts go. `interests` None: nothing was declared, which is not "none"."""

    expert_id: str
    employer: str
    interests: tuple[Interest, ...] | None
    evaluated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why an expert may not sit: for one applicant, or (None) for any."""

    expert_id: str
    applicant_id: str | None
    kind: ConflictKind
    about: str


def conflicts(
    people: Iterable[Person],
    applicants: Mapping[str, str | Collection[str]],
    groups: Sequence[Sequence[str]],
    *,
    must_declare: bool,
    on: date,
) -> tuple[Conflict, ...]:
    """Every conflict of these experts with these applicants (name, or all its names, by number) on a day.

    `groups`: names or numbers that belong together, the group's own name among them. An interest counts up to and
    including its last day.
    """
    names = {
        applicant_id: _keys([name] if isinstance(name, str) else name) for applicant_id, name in applicants.items()
    }
    circles = {one: _circle(one, own, groups) for one, own in names.items()}
    found: list[Conflict] = []
    for person in people:
        if must_declare and person.interests is None:
            found.append(Conflict(person.expert_id, None, ConflictKind.UNKNOWN, "未提交本轮利益申报"))
        for applicant_id, own in names.items():
            found += _between(person, applicant_id, own, circles[applicant_id], on)
    return tuple(found)


def _between(person: Person, applicant_id: str, names: Keys, circle: Keys, on: date) -> list[Conflict]:
    ties = [(person.employer, ConflictKind.EMPLOYER, person.employer)]
    ties += [
        (one.institution, ConflictKind.INTEREST, f"{one.kind}：{one.institution}")
        for one in person.interests or ()
        if one.until is None or on <= one.until
    ]
    found = [
        Conflict(person.expert_id, applicant_id, kind if compared(institution) in names else ConflictKind.GROUP, about)
        for institution, kind, about in ties
        if compared(institution) in names | circle
    ]
    if names & _keys(person.evaluated):
        found.append(Conflict(person.expert_id, applicant_id, ConflictKind.PAST_EVALUATION, "近期评估过该机构"))
    return found


def _keys(names: Iterable[str]) -> Keys:
    return frozenset(compared(one) for one in names)


def _circle(applicant_id: str, names: Keys, groups: Sequence[Sequence[str]]) -> Keys:
    """Every name of the groups that an applicant belongs to, by its number or its name."""
    own = {compared(applicant_id), *names}
    plain = [_keys(group) for group in groups]
    return frozenset(one for group in plain if own & group for one in group)
