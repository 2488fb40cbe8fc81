"""The errors of the house, drawn as a tree; each message names the place, the rule and the next step.

DingdianError
├── InputError          what was given cannot be used: a field, a file, a setting
│   ├── PolicyError     a policy or working-day file (names file and line)
│   └── ScenarioError   a scenario file (names the place, `events[17].applicant_id`)
├── RefusedError        the procedure refuses the act (names the case, the clause, the next step)
│   ├── NotEntitledError whoever acts is not on the staff list, or has no role for it
│   └── WhichRoundError several rounds could be meant (names them)
├── ConflictError       somebody else changed the case first: nothing was written, try again
└── DatabaseError       the database is not as this version needs it (names the command that mends it)

Expected refusals inside the rules are values (`rules.case.Refused`); they become a RefusedError only
where a person or a program must be told.
"""

from __future__ import annotations

from collections.abc import Mapping


class DingdianError(Exception):
    """Anything that ends an act with a sentence for the person who asked for it."""


class InputError(DingdianError):
    """What was given cannot be used."""


class PolicyError(InputError):
    """A policy file does not say what the loader needs: `file:line: what`."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}:{line}: {what}")
        self.file, self.line, self.what = file, line, what


class ScenarioError(InputError):
    """A scenario file has an error at a place: nothing was run."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place = place


class RefusedError(DingdianError):
    """The procedure refuses the act; nothing was written."""


class NotEntitledError(RefusedError):
    """Whoever acts may not do it, whatever it is done to."""


class WhichRoundError(RefusedError):
    """Several rounds could be meant: `rounds` are those to choose from, name by number."""

    def __init__(self, said: str, rounds: Mapping[int, str]) -> None:
        super().__init__(said)
        self.rounds = rounds


class ConflictError(DingdianError):
    """The case changed while the act was decided; nothing was written."""


class DatabaseError(DingdianError):
    """The database cannot be used as it stands."""
