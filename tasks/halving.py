"""Many worked off at once, and whose fault it is where that fails. One law for every batch and sweep:

A conflict, a deadlock or a lost database is nobody's fault: it is tried again, then passed on. A refusal of whoever
acts ends the work. Anything else is the fault of a member: the work is halved until that one stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError, PendingRollbackError

from rules.errors import ConflictError, NotEntitledError

Item = TypeVar("Item")
Done = TypeVar("Done")
CONFLICTS = 100  # tries; each that fails means that somebody else got on
OUTAGES = 3  # tries; each may wait as long as the database lets it
AWAY = (OperationalError, InterfaceError, PendingRollbackError)


class MemberError(Exception):
    """Some member of the work is at fault; the cause says in what."""


def patiently(work: Callable[[], Done]) -> Done:
    """Does something in a transaction of its own, which may be done again.

    Raises MemberError for what is the fault of a member; else what is nobody's, when it lasts, or the actor's.
    """
    conflicts = outages = 0
    while True:
        try:
            return work()
        except ConflictError:
            conflicts += 1
            if conflicts == CONFLICTS:
                raise
        except AWAY:
            outages += 1
            if outages == OUTAGES:
                raise
        except NotEntitledError:
            raise
        except Exception as error:
            raise MemberError from error


def in_halves(
    work: Callable[[Sequence[Item]], Done], items: Sequence[Item], bad: Callable[[Item, str], Done]
) -> Iterator[Done]:
    """What came of the items: of `work`, and of `bad` for each that stands alone at the end, with what is wrong."""
    try:
        done = patiently(lambda: work(items))
    except MemberError as error:
        if len(items) == 1:
            why = str(error.__cause__) or type(error.__cause__).__name__
            yield patiently(lambda: bad(items[0], why))
            return
    else:
        yield done
        return
    half = (len(items) + 1) // 2
    for part in (items[:half], items[half:]):
        yield from in_halves(work, part, bad)
