"""A government short message gateway over HTTP, in the manner of 云MAS: free text, signature code, MD5 check value.

A request is base64 of a JSON object, the reply a JSON object `{"rspcod", "success", "msgGroup"}`; the secret goes into
the check value only. Our own id travels as `msgid`. The query interface (`DINGDIAN_SMS_GATEWAY_QUERY_URL`) takes
`{"ecName", "apId", "msgids", "mac"}` and returns `{"rspcod", "reports": [{"msgid", "msgGroup", "reportStatus",
"errorCode", "reportTime"}]}`; without one a message whose end is unknown is left to a person.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from notifications.outcome import Outcome, OutcomeKind
from notifications.sms.calls import Answer, Line, by_status
from notifications.sms.codes import Verdict, classed
from notifications.sms.letter import Receipt, Sent, SmsLetter, Trace
from notifications.sms.settings import Provider, SmsSettings
from notifications.sms.signing import mac
from rules.localtime import ZONE

HEADERS = {"Content-Type": "text/plain; charset=utf-8"}
DELIVERED = "DELIVRD"
TIME = "%Y%m%d%H%M%S"
BATCH = 100


class Gateway:
    """`Carrier` over a gateway of this kind."""

    def __init__(self, sms: SmsSettings) -> None:
        self._sms, self._line = sms, Line(sms.connect_seconds, sms.reply_seconds)

    def submit(self, letter: SmsLetter) -> Outcome:
        """One text to one number."""
        sms = self._sms
        order = (sms.ec_name, sms.access_key_id, sms.access_key_secret, letter.to)
        told = {
            "ecName": sms.ec_name,
            "apId": sms.access_key_id,
            "mobiles": letter.to,
            "content": letter.text,
            "sign": sms.gateway_sign,
            "addSerial": sms.add_serial,
            "mac": mac(*order, letter.text, sms.gateway_sign, sms.add_serial),
            "msgid": letter.message_id,
        }
        answer = self._call(sms.base_url, told)
        return answer if isinstance(answer, Outcome) else _judged(answer)

    def find(self, letter: SmsLetter) -> Trace | Outcome | None:
        """The gateway's record under our id."""
        found = self._reports([letter.message_id])
        if isinstance(found, Outcome):
            return found
        return next((one for one in found if one.message_id == letter.message_id), None)

    def traces(self, sent: Sequence[Sent]) -> list[Trace]:
        """What the gateway has under our ids, a hundred at a time."""
        found: list[Trace] = []
        for start in range(0, len(sent), BATCH):
            page = self._reports([one.message_id for one in sent[start : start + BATCH]])
            found += [] if isinstance(page, Outcome) else page
        return found

    def close(self) -> None:
        """Ends the connections."""
        self._line.close()

    def _reports(self, ids: Sequence[str]) -> list[Trace] | Outcome:
        sms, asked = self._sms, ",".join(ids)
        if not sms.gateway_query_url:
            return []
        check = mac(sms.ec_name, sms.access_key_id, sms.access_key_secret, asked)
        told = {"ecName": sms.ec_name, "apId": sms.access_key_id, "msgids": asked, "mac": check}
        answer = self._call(sms.gateway_query_url, told)
        if isinstance(answer, Outcome):
            return answer
        outcome = _judged(answer)
        if outcome.kind is not OutcomeKind.ACCEPTED:
            return outcome
        return [_trace(row) for row in answer.body.get("reports") or []]

    def _call(self, url: str, told: Mapping[str, Any]) -> Answer | Outcome:
        return self._line.post(url, HEADERS, base64.b64encode(json.dumps(told, ensure_ascii=False).encode()))


def _judged(answer: Answer) -> Outcome:
    code = answer.body.get("rspcod")
    if not code:
        return by_status(answer.status)
    reference = str(answer.body.get("msgGroup") or answer.body.get("mgsGroup") or "")
    return classed(Provider.GATEWAY, Verdict(str(code), str(answer.body.get("message") or ""), reference))


def _trace(row: Mapping[str, Any]) -> Trace:
    number, reference = str(row.get("msgid") or ""), str(row.get("msgGroup") or "")
    code, when = str(row.get("errorCode") or ""), str(row.get("reportTime") or "")
    if not row.get("reportStatus"):
        return Trace(number, reference)
    at = datetime.strptime(when, TIME).replace(tzinfo=ZONE) if when else None
    return Trace(number, reference, Receipt(number, "delivered" if code == DELIVERED else "undelivered", code, at))
