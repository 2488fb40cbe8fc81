"""Tencent's short message service (sms 2021-01-11, TC3 signatures). Our own id travels as SessionContext.

The provider returns SessionContext with a status only where it was switched on for the account (on request): without
it a message whose end is unknown cannot be found again, and a person decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from notifications.outcome import Outcome
from notifications.sms.calls import Answer, Line, by_status
from notifications.sms.codes import Verdict, classed
from notifications.sms.letter import Receipt, Sent, SmsLetter, Trace
from notifications.sms.settings import Provider, SmsSettings
from notifications.sms.signing import tc3

VERSION = "2021-01-11"
CONTENT_TYPE = "application/json"
COUNTRY = "+86"
PAGE = 100
KEPT = timedelta(days=7)
DELIVERED = "SUCCESS"


class Tencent:
    """`Carrier` over Tencent's API 3.0."""

    def __init__(self, sms: SmsSettings) -> None:
        self._sms, self._line = sms, Line(sms.connect_seconds, sms.reply_seconds)
        self._base = sms.base_url.rstrip("/")

    def submit(self, letter: SmsLetter) -> Outcome:
        """SendSms for one number."""
        answer = self._call(
            "SendSms",
            {
                "PhoneNumberSet": [COUNTRY + letter.to],
                "SmsSdkAppId": self._sms.sdk_app_id,
                "SignName": self._sms.sign_name,
                "TemplateId": letter.code,
                "TemplateParamSet": [value for _, value in letter.variables],
                "SessionContext": letter.message_id,
            },
        )
        if isinstance(answer, Outcome):
            return answer
        said = _response(answer)
        statuses = said.get("SendStatusSet") or []
        return _judged(statuses[0]) if statuses else _refused(answer, said)

    def find(self, letter: SmsLetter) -> Trace | Outcome | None:
        """The status with our SessionContext since the message was queued (seven days are kept)."""
        for page in self._statuses(letter.to, letter.owed_at, letter.sent_at):
            if isinstance(page, Outcome):
                return page
            if found := [one for one in page if one.message_id == letter.message_id]:
                return found[0]
        return None

    def traces(self, sent: Sequence[Sent]) -> list[Trace]:
        """One query for each number; matched by SerialNo where SessionContext does not come back."""
        known = {one.reference: one.message_id for one in sent if one.reference}
        found: list[Trace] = []
        for phone in dict.fromkeys(one.phone for one in sent):
            since = min(one.sent_at for one in sent if one.phone == phone)
            for page in self._statuses(phone, since, datetime.now(UTC), known):
                found += [] if isinstance(page, Outcome) else page
        return found

    def close(self) -> None:
        """Ends the connections."""
        self._line.close()

    def _statuses(
        self, phone: str, since: datetime, until: datetime, known: Mapping[str, str] | None = None
    ) -> Iterator[list[Trace] | Outcome]:
        """The pages of what the network reported for a number; an outcome ends them."""
        asked = {
            "BeginTime": int(max(since, until - KEPT).timestamp()),
            "EndTime": int(until.timestamp()) + 1,
            "PhoneNumber": COUNTRY + phone,
            "SmsSdkAppId": self._sms.sdk_app_id,
            "Limit": PAGE,
        }
        offset, is_full = 0, True
        while is_full:
            answer = self._call("PullSmsSendStatusByPhoneNumber", {**asked, "Offset": offset})
            said = {} if isinstance(answer, Outcome) else _response(answer)
            if isinstance(answer, Outcome) or "PullSmsSendStatusSet" not in said:
                yield answer if isinstance(answer, Outcome) else _refused(answer, said)
                return
            rows = said["PullSmsSendStatusSet"] or []
            yield [_trace(row, known or {}) for row in rows]
            offset, is_full = offset + PAGE, len(rows) == PAGE

    def _call(self, action: str, params: Mapping[str, Any]) -> Answer | Outcome:
        body, now = json.dumps(params, ensure_ascii=False).encode(), datetime.now(UTC)
        host, key = urlsplit(self._base).netloc, (self._sms.access_key_id, self._sms.access_key_secret)
        timestamp = int(now.timestamp())
        headers = {
            "Host": host,
            "Content-Type": CONTENT_TYPE,
            "X-TC-Action": action,
            "X-TC-Version": VERSION,
            "X-TC-Region": self._sms.region,
            "X-TC-Timestamp": str(timestamp),
            "Authorization": tc3(host, CONTENT_TYPE, body, timestamp, f"{now:%Y-%m-%d}", key),
        }
        return self._line.post(f"{self._base}/", headers, body)


def _response(answer: Answer) -> Mapping[str, Any]:
    held = answer.body.get("Response")
    return held if isinstance(held, dict) else {}


def _judged(status: Mapping[str, Any]) -> Outcome:
    code, said = str(status.get("Code") or ""), str(status.get("Message") or "")
    return classed(Provider.TENCENT, Verdict(code, said, str(status.get("SerialNo") or "")))


def _refused(answer: Answer, said: Mapping[str, Any]) -> Outcome:
    error = said.get("Error")
    return _judged(error) if isinstance(error, dict) else by_status(answer.status)


def _trace(row: Mapping[str, Any], known: Mapping[str, str]) -> Trace:
    reference = str(row.get("SerialNo") or "")
    number = str(row.get("SessionContext") or "") or known.get(reference, "")
    when = int(row.get("UserReceiveTime") or 0)
    at = datetime.fromtimestamp(when, UTC) if when else None
    is_there = row.get("ReportStatus") == DELIVERED
    code = str(row.get("Description") or "")
    return Trace(number, reference, Receipt(number, "delivered" if is_there else "undelivered", code, at))
