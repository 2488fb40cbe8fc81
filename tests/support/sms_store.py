"""What the fake providers keep of a message, and how each of them answers when asked about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifications.sms.settings import Provider

BEIJING = ZoneInfo("Asia/Shanghai")
FATES = {
    "0002": "illegal",
    "0003": "throttled",
    "0004": "system",
    "0005": "http 500",
    "0006": "reply lost",
    "0007": "hang",
    "0008": "reset",
    "0009": "poor",
    "0010": "undelivered",
    "0011": "garbage",
    "0012": "http 502",
    "0013": "pending",
}


@dataclass(frozen=True)
class Stored:
    """A message that the server took: what the handset would show, and whose id it carried."""

    kind: Provider
    phone: str
    text: str
    our_id: str
    reference: str
    at: datetime

    @property
    def fate(self) -> str:
        return FATES.get(self.phone[-4:], "")


def details(held: Sequence[Stored], asked: Mapping[str, str]) -> dict[str, Any]:
    """Aliyun's QuerySendDetails: what was sent to a number on a Beijing day, by pages."""
    rows = [
        {
            "PhoneNum": one.phone,
            "OutId": one.our_id,
            "SendStatus": {"pending": 1, "undelivered": 2}.get(one.fate, 3),
            "ErrCode": {"pending": "", "undelivered": "MK:0001"}.get(one.fate, "DELIVERED"),
            "ReceiveDate": "" if one.fate == "pending" else f"{one.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        }
        for one in held
        if f"{one.at.astimezone(BEIJING):%Y%m%d}" == asked["SendDate"]
    ]
    size, page = int(asked["PageSize"]), int(asked["CurrentPage"])
    shown = {"SmsSendDetailDTO": rows[(page - 1) * size : page * size]}
    return {"Code": "OK", "Message": "OK", "TotalCount": str(len(rows)), "SmsSendDetailDTOs": shown}


def statuses(held: Sequence[Stored], asked: Mapping[str, Any], has_context: bool) -> dict[str, Any]:
    """Tencent's PullSmsSendStatusByPhoneNumber: only what the network has reported."""
    rows = [
        {
            "UserReceiveTime": int(one.at.timestamp()),
            "SerialNo": one.reference,
            "ReportStatus": "FAIL" if one.fate == "undelivered" else "SUCCESS",
            "Description": "MK:0001" if one.fate == "undelivered" else "DELIVRD",
            "SessionContext": one.our_id if has_context else "",
        }
        for one in held
        if asked["BeginTime"] <= one.at.timestamp() <= asked["EndTime"] and one.fate != "pending"
    ]
    return {"PullSmsSendStatusSet": rows[asked["Offset"] : asked["Offset"] + asked["Limit"]]}


def reports(held: Sequence[Stored]) -> dict[str, Any]:
    """The gateway's report query, by our ids."""
    rows = [
        {
            "msgid": one.our_id,
            "msgGroup": one.reference,
            "reportStatus": {"pending": "", "undelivered": "CM:0001"}.get(one.fate, "CM:0000"),
            "errorCode": {"pending": "", "undelivered": "MK:0001"}.get(one.fate, "DELIVRD"),
            "reportTime": "" if one.fate == "pending" else f"{one.at.astimezone(BEIJING):%Y%m%d%H%M%S}",
        }
        for one in held
    ]
    return {"rspcod": "success", "success": True, "reports": rows}
