"""Aliyun's short message service (dysmsapi 2017-05-25, ACS3 signatures). Our own id travels as OutId."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from notifications.outcome import Outcome, OutcomeKind
from notifications.sms.calls import Answer, Line, by_status
from notifications.sms.codes import Verdict, classed
from notifications.sms.letter import Receipt, Sent, SmsLetter, Trace
from notifications.sms.settings import Provider, SmsSettings
from notifications.sms.signing import acs3, acs3_query, sha256
from rules.localtime import ZONE, local_day

VERSION = "2017-05-25"
PAGE = 50
KEPT_DAYS = 30
FAILED, DELIVERED = 2, 3  # SendStatus; 1 waits for the network's receipt


class Aliyun:
    """`Carrier` over dysmsapi. Parameters go into the query, as the provider's own SDK sends them."""

    def __init__(self, sms: SmsSettings) -> None:
        self._sms, self._line = sms, Line(sms.connect_seconds, sms.reply_seconds)
        self._base = sms.base_url.rstrip("/")

    def submit(self, letter: SmsLetter) -> Outcome:
        """SendSms for one number."""
        params = {
            "PhoneNumbers": letter.to,
            "SignName": self._sms.sign_name,
            "TemplateCode": letter.code,
            "TemplateParam": json.dumps(dict(letter.variables), ensure_ascii=False),
            "OutId": letter.message_id,
        }
        answer = self._call("SendSms", params)
        if isinstance(answer, Outcome):
            return answer
        return _judged(answer)

    def find(self, letter: SmsLetter) -> Trace | Outcome | None:
        """The record with our OutId, from today back to the day on which the message was queued."""
        day, first = local_day(letter.sent_at), local_day(letter.owed_at)
        while day >= max(first, local_day(letter.sent_at) - timedelta(days=KEPT_DAYS - 1)):
            for page in self._details(letter.to, day):
                if isinstance(page, Outcome):
                    return page
                if found := [one for one in page if one.message_id == letter.message_id]:
                    return found[0]
            day -= timedelta(days=1)
        return None

    def traces(self, sent: Sequence[Sent]) -> list[Trace]:
        """One query for each number and day; an unanswered query leaves its messages out."""
        found: list[Trace] = []
        for phone, day in dict.fromkeys((one.phone, local_day(one.sent_at)) for one in sent):
            for page in self._details(phone, day):
                found += [] if isinstance(page, Outcome) else page
        return found

    def close(self) -> None:
        """Ends the connections."""
        self._line.close()

    def _details(self, phone: str, day: date) -> Iterator[list[Trace] | Outcome]:
        """The pages of what was sent to a number on a day; an outcome ends them."""
        asked = {"PhoneNumber": phone, "SendDate": f"{day:%Y%m%d}", "PageSize": str(PAGE)}
        number, left = 1, 1
        while left > 0:
            answer = self._call("QuerySendDetails", {**asked, "CurrentPage": str(number)})
            outcome = answer if isinstance(answer, Outcome) else _judged(answer)
            if isinstance(answer, Outcome) or outcome.kind is not OutcomeKind.ACCEPTED:
                yield outcome
                return
            rows = (answer.body.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
            yield [_trace(row) for row in rows]
            left = int(answer.body.get("TotalCount") or 0) - number * PAGE if rows else 0
            number += 1

    def _call(self, action: str, params: Mapping[str, str]) -> Answer | Outcome:
        headers = {
            "host": urlsplit(self._base).netloc,
            "x-acs-action": action,
            "x-acs-version": VERSION,
            "x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": sha256(b""),
        }
        key = self._sms.access_key_id, self._sms.access_key_secret
        headers["Authorization"] = acs3("POST", params, headers, b"", key)
        return self._line.post(f"{self._base}/?{acs3_query(params)}", headers, b"")


def _judged(answer: Answer) -> Outcome:
    code = answer.body.get("Code")
    if not code:
        return by_status(answer.status)
    said, reference = str(answer.body.get("Message") or ""), str(answer.body.get("BizId") or "")
    return classed(Provider.ALIYUN, Verdict(str(code), said, reference))


def _trace(row: Mapping[str, Any]) -> Trace:
    number, status = str(row.get("OutId") or ""), int(row.get("SendStatus") or 0)
    if status not in (FAILED, DELIVERED):
        return Trace(number)
    at = _beijing(str(row.get("ReceiveDate") or ""))
    state, code = "delivered" if status == DELIVERED else "undelivered", str(row.get("ErrCode") or "")
    return Trace(number, "", Receipt(number, state, code, at))  # type: ignore[arg-type]  # one of the two words


def _beijing(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE) if text else None
