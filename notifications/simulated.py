"""Addresses that no network knows: a message to one walks the whole path, in every mode, and nothing leaves the house.

The part before the `@` says what happens: `rejected`, `retry`, `unknown` (the end is never seen), `lost` (seen at the
second look), `configuration`; every other one is taken.
"""

from __future__ import annotations

from notifications.outcome import Letter, Outcome, OutcomeKind

DOMAIN = "simulated.invalid"
OUTCOMES = {
    "rejected": Outcome(OutcomeKind.REJECTED, "550 5.1.1", "模拟：没有这个信箱"),
    "retry": Outcome(OutcomeKind.RETRY, "451 4.7.1", "模拟：请稍后再试"),
    "unknown": Outcome(OutcomeKind.UNKNOWN, "simulated", "模拟：没有看到答复"),
    "lost": Outcome(OutcomeKind.UNKNOWN, "simulated", "模拟：没有看到答复"),
    "configuration": Outcome(OutcomeKind.CONFIGURATION, "simulated", "模拟：设置有误"),
}
TAKEN = Outcome(OutcomeKind.ACCEPTED, "250 2.0.0", "模拟：已收下")


def is_simulated(address: str) -> bool:
    """Whether an address is one of the reserved ones."""
    return address.strip().lower().endswith(f"@{DOMAIN}")


def outcome_of(letter: Letter, *, is_second_look: bool) -> Outcome:
    """What happens to a letter to such an address."""
    case = letter.to.partition("@")[0].lower()
    return TAKEN if is_second_look and case == "lost" else OUTCOMES.get(case, TAKEN)
