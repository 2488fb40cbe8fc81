"""Parts that the tests of short messages share: what a message says, and letters that are ready to go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from notifications.sms.letter import SmsLetter
from notifications.sms.wording import PLACE, SMS_TEMPLATES, SmsTemplate, render_sms

PROVIDERS = ("aliyun", "tencent", "gateway")
PARAMS = {
    "applicant_id": "H01",
    "applicant_name": "样例县人民医院",
    "round_name": "样例县2025年度特殊药品定点医药机构评估",
    "county": "样例县",
    "agency": "样例县医疗保险经办中心",
    "place": "样例县医疗保险经办中心2号窗口",
    "signed_on": "2026-03-02",
}


def numbered(template: SmsTemplate) -> str:
    """An approved text with places by number, as Tencent keeps it."""
    order = [variable.name for variable in template.variables]
    return PLACE.sub(lambda place: f"{{{order.index(place[1]) + 1}}}", template.text)


def letter(to: str = "19900010001", provider: str = "aliyun", number: int = 1) -> SmsLetter:
    """A letter of the event `agreement_signed`, queued a minute ago."""
    event, now = "agreement_signed", datetime.now(UTC)
    place = 1001 + list(SMS_TEMPLATES).index(event)
    code = {"aliyun": f"SMS_{place}", "tencent": str(place)}.get(provider, "")
    written = render_sms(event, PARAMS, "样例县医保中心")
    queued = now - timedelta(minutes=1)
    return SmsLetter(to, written.text, code, written.variables, f"dd{number:024d}", queued, now)
