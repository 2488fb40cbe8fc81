"""The expert library and what its experts declare, as files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flows.forms.entries import Code, Day, Entry


class ExpertEntry(Entry):
    """One expert of the city library."""

    expert_id: Code
    name: str
    specialty: str
    employer: str


class ExpertsFile(Entry):
    """Experts whom the city bureau adds to its library after the announcement."""

    experts: Annotated[list[ExpertEntry], Field(title="专家", min_length=1)]


class InterestEntry(Entry):
    """A tie that an expert declares: employment, office, advice, kinship, litigation (五(二))."""

    institution: str
    kind: str
    until: Day | None = None


class DeclarationEntry(Entry):
    """What one expert declares for the round; an empty list says that there is nothing to declare."""

    expert_id: Code
    interests: list[InterestEntry]
    signed_on: Day


class DeclarationsFile(Entry):
    """Declarations that come after the announcement."""

    declarations: Annotated[list[DeclarationEntry], Field(title="利益申报", min_length=1)]
