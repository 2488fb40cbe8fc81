"""Numbers that no network knows: each walks the whole path, receipt included, and nothing leaves the house.

The last four figures say what happens, the same for every try: 0002 refused, 0003 too often, 0004 platform in trouble,
0005 reply lost and later found, 0006 taken but not delivered, 0007 reply lost and never found, 0008 out of money;
all others are taken and delivered.
"""

from __future__ import annotations

from collections.abc import Sequence

from notifications.outcome import Outcome, OutcomeKind
from notifications.sms.codes import Verdict, classed
from notifications.sms.letter import Receipt, Sent, SmsLetter, Trace
from notifications.sms.numbers import is_simulated
from notifications.sms.settings import Provider, SmsSettings

CODES = {
    "0002": "isv.MOBILE_NUMBER_ILLEGAL",
    "0003": "isv.BUSINESS_LIMIT_CONTROL",
    "0004": "isp.SYSTEM_ERROR",
    "0008": "isv.AMOUNT_NOT_ENOUGH",
}
LOST_AND_FOUND, UNDELIVERED, NEVER_FOUND = "0005", "0006", "0007"
LOST = Outcome(OutcomeKind.UNKNOWN, "simulated", "模拟：请求已发出，未收到完整答复")


class Simulated:
    """`Carrier` that calls nobody. A real number given to it is simply taken and delivered."""

    def __init__(self, settings: SmsSettings) -> None:
        """Needs none of the settings: it is made as the others are."""

    def submit(self, letter: SmsLetter) -> Outcome:
        """What the number's last figures stand for."""
        case = _case(letter.to)
        if case in (LOST_AND_FOUND, NEVER_FOUND):
            return LOST
        return classed(Provider.ALIYUN, Verdict(CODES.get(case, "OK"), "模拟", _reference(letter.message_id)))

    def find(self, letter: SmsLetter) -> Trace | Outcome | None:
        """Found, unless the number is one that is never found or was never taken."""
        case = _case(letter.to)
        return None if case == NEVER_FOUND or case in CODES else Trace(letter.message_id, _reference(letter.message_id))

    def traces(self, sent: Sequence[Sent]) -> list[Trace]:
        """The receipts, at the moment of sending."""
        return [Trace(one.message_id, one.reference, _receipt(one)) for one in sent]

    def close(self) -> None:
        """There is nothing to end."""


def _receipt(one: Sent) -> Receipt:
    if _case(one.phone) == UNDELIVERED:
        return Receipt(one.message_id, "undelivered", "SIMULATED_FAIL", one.sent_at)
    return Receipt(one.message_id, "delivered", "DELIVERED", one.sent_at)


def _case(number: str) -> str:
    return number[-4:] if is_simulated(number) else ""


def _reference(message_id: str) -> str:
    return f"simulated-{message_id}"
