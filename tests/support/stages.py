"""Rounds that stand at a stage: each stage is played once per session and database kind, and copied for every test."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest

from tests.support.copies import Copies
from tests.tasks.rehearsal import Rehearsal, play, scenario_until

Stage = Callable[..., Rehearsal]


class Templates:
    """Databases at a stage, made when first asked for."""

    def __init__(self, copies: Copies) -> None:
        self.copies = copies

    def at(self, kind: str, stage: str, variant: str) -> str:
        """The address of the database that stands at a stage; never to be written."""
        name = f"stage_{stage}_{hashlib.sha256(variant.encode()).hexdigest()[:8]}"
        fill = lambda url: play(url, scenario_until(stage, variant), variant)  # noqa: E731
        return self.copies.original(kind, name, fill, self.copies.newest(kind))

    def copy(self, kind: str, stage: str, variant: str) -> str:
        """A database of one's own at a stage."""
        return self.copies.copy(self.at(kind, stage, variant))


@pytest.fixture(scope="session")
def templates(copies: Copies) -> Templates:
    """The stages of this session."""
    return Templates(copies)


@pytest.fixture
def at_stage(templates: Templates, database_kind: str) -> Iterator[Stage]:
    """`at_stage("signing")`: a round of one's own that stands there, on either kind of database."""
    made: list[str] = []

    def begin(stage: str, variant: str = "") -> Rehearsal:
        made.append(templates.copy(database_kind, stage, variant))
        return Rehearsal(made[-1])

    yield begin
    for url in made:
        templates.copies.give_back(url)
