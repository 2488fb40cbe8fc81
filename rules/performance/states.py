"""The states of an agreement, in groups: which of them run, hold an institution to its duties, are ends."""

from __future__ import annotations

from rules.vocabulary import AgreementState as A

WAY = (A.DRAFT, A.SIGNED, A.FILED, A.IN_FORCE, A.SUSPENDED, A.TO_BE_DISSOLVED, A.EXPIRED)
NOT_YET = (A.SIGNED, A.FILED)
RUNNING = (A.IN_FORCE, A.SUSPENDED)  # the term runs and no ground of dissolution stands
BINDING = (*RUNNING, A.TO_BE_DISSOLVED)  # a finding may still be made
OUT = (A.DISSOLVED, A.LEFT)  # the institution is no longer designated: a renewal ends, too
ENDS = (A.EXPIRED, A.SUPERSEDED, A.LEFT, A.DISSOLVED, A.CANCELLED)
PERFORMED = (*BINDING, *ENDS)  # its year is still assessed, its costs are still decided on, after its end
