"""Our signatures are the providers': their own SDKs speak to the same server, and what they sign we sign alike.

The SDKs belong to the development tools; where they are missing these tests fail and say what to install.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from smsparts import letter

from notifications.outcome import OutcomeKind
from notifications.sms.sender import SmsSender
from notifications.sms.settings import SmsSettings
from notifications.sms.signing import acs3, acs3_query, mac, tc3
from rules.localtime import ZONE
from tests.support.sms_gateway import APP, KEY, SECRET, FakeSms, Request
from tests.support.sms_verify import aliyun_fault, tencent_fault

try:
    from alibabacloud_dysmsapi20170525.client import Client as AliyunClient
    from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, SendSmsRequest
    from alibabacloud_tea_openapi.models import Config
    from alibabacloud_tea_openapi.utils import get_canonical_query_string
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.sms.v20210111.models import PullSmsSendStatusByPhoneNumberRequest
    from tencentcloud.sms.v20210111.models import SendSmsRequest as TencentRequest
    from tencentcloud.sms.v20210111.sms_client import SmsClient
except ImportError as missing:
    pytest.fail(f"{missing}：请先安装开发依赖 pip install -e .[dev]（厂商 SDK 只用于核对签名）", pytrace=False)

Settings = Callable[..., SmsSettings]
SIGN = "样例县医保中心"
AWKWARD = {"SignName": "a+b&c=d/e~f*'() -_.", "PhoneNumbers": "19900010001", "Param": '{"名":"甲 乙"}', "Empty": ""}


def aliyun_sdk(fake: FakeSms) -> AliyunClient:
    """Aliyun's own client for the test's server."""
    endpoint = fake.url.removeprefix("http://")
    return AliyunClient(Config(access_key_id=KEY, access_key_secret=SECRET, endpoint=endpoint, protocol="http"))


def tencent_sdk(fake: FakeSms) -> SmsClient:
    """Tencent's own client for the test's server."""
    http = HttpProfile(protocol="http", endpoint=fake.url.removeprefix("http://"))
    return SmsClient(Credential(KEY, SECRET), "ap-guangzhou", ClientProfile(httpProfile=http))


def sent_by_aliyun(fake: FakeSms) -> Request:
    """The request of the SDK for a message."""
    sent = letter()
    reply = aliyun_sdk(fake).send_sms(
        SendSmsRequest(
            phone_numbers=sent.to,
            sign_name=SIGN,
            template_code=sent.code,
            template_param=json.dumps(dict(sent.variables), ensure_ascii=False),
            out_id=sent.message_id,
        )
    )
    assert (reply.body.code, reply.body.biz_id) == ("OK", fake.stored[-1].reference)
    return fake.requests[-1]


def sent_by_tencent(fake: FakeSms) -> Request:
    """The request of the SDK for a message."""
    sent, asked = letter(provider="tencent"), TencentRequest()
    asked.PhoneNumberSet, asked.SmsSdkAppId, asked.SignName = [f"+86{sent.to}"], APP, SIGN
    asked.TemplateId, asked.TemplateParamSet = sent.code, [value for _, value in sent.variables]
    asked.SessionContext = sent.message_id
    reply = tencent_sdk(fake).SendSms(asked)
    assert (reply.SendStatusSet[0].Code, reply.SendStatusSet[0].SerialNo) == ("Ok", fake.stored[-1].reference)
    return fake.requests[-1]


def test_what_aliyun_s_own_client_signs_we_sign_alike(fake: FakeSms) -> None:
    request = sent_by_aliyun(fake)
    names = re.search(r"SignedHeaders=([^,]+)", request.headers["authorization"])
    assert names is not None
    headers = {name: request.headers[name] for name in names[1].split(";")}
    params = dict(parse_qsl(urlsplit(request.path).query))
    assert acs3("POST", params, headers, request.body, (KEY, SECRET)) == request.headers["authorization"]


def test_what_tencent_s_own_client_signs_we_sign_alike(fake: FakeSms) -> None:
    request = sent_by_tencent(fake)
    when = int(request.headers["x-tc-timestamp"])
    day = f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d}"
    content_type, host = request.headers["content-type"], request.headers["host"]
    assert tc3(host, content_type, request.body, when, day, (KEY, SECRET)) == request.headers["authorization"]


def test_awkward_parameters_are_written_as_aliyun_s_own_client_writes_them() -> None:
    assert acs3_query(AWKWARD) == get_canonical_query_string(AWKWARD)


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_our_request_says_what_the_own_client_s_request_says(provider: str, fake: FakeSms, settings: Settings) -> None:
    theirs = sent_by_aliyun(fake) if provider == "aliyun" else sent_by_tencent(fake)
    sender = SmsSender(settings(provider))
    assert sender.hand_over(letter(provider=provider)).kind is OutcomeKind.ACCEPTED
    sender.close()
    ours, [first, second] = fake.requests[-1], fake.stored
    assert (first.text, first.phone, first.our_id) == (second.text, second.phone, second.our_id)
    assert _said(ours) == _said(theirs)
    named = ("x-acs-action", "x-acs-version", "x-tc-action", "x-tc-version", "x-tc-region")
    assert {name: ours.headers.get(name) for name in named} == {name: theirs.headers.get(name) for name in named}


def _said(request: Request) -> object:
    """Query and body as the provider reads them."""
    query = dict(parse_qsl(urlsplit(request.path).query))
    return (
        {name: json.loads(value) if name == "TemplateParam" else value for name, value in query.items()},
        json.loads(request.body) if request.body else None,
    )


def test_the_own_clients_read_the_server_s_answers_to_queries(fake: FakeSms) -> None:
    sent_by_aliyun(fake)
    sent_by_tencent(fake)
    day = f"{fake.stored[0].at.astimezone(ZONE):%Y%m%d}"
    asked = QuerySendDetailsRequest(phone_number=letter().to, send_date=day, page_size=50, current_page=1)
    [detail] = aliyun_sdk(fake).query_send_details(asked).body.sms_send_detail_dtos.sms_send_detail_dto
    assert (detail.out_id, detail.send_status) == (letter().message_id, 3)
    pull = PullSmsSendStatusByPhoneNumberRequest()
    now = int(datetime.now(UTC).timestamp())
    pull.BeginTime, pull.EndTime, pull.Offset, pull.Limit = now - 60, now + 60, 0, 100
    pull.PhoneNumber, pull.SmsSdkAppId = f"+86{letter().to}", APP
    [status] = tencent_sdk(fake).PullSmsSendStatusByPhoneNumber(pull).PullSmsSendStatusSet
    assert (status.SessionContext, status.ReportStatus) == (letter().message_id, "SUCCESS")


def test_a_request_altered_on_the_way_is_refused(fake: FakeSms, settings: Settings) -> None:
    for provider in ("aliyun", "tencent"):
        sender = SmsSender(settings(provider))
        sender.hand_over(letter(provider=provider))
        sender.close()
    first, second = fake.requests
    assert aliyun_fault(first.path, first.headers, first.body, KEY, SECRET) == ""
    altered = first.path.replace("19900010001", "19900010009")
    assert aliyun_fault(altered, first.headers, first.body, KEY, SECRET) == "SignatureDoesNotMatch"
    assert tencent_fault(second.headers, second.body, KEY, SECRET) == ""
    assert tencent_fault(second.headers, second.body + b" ", KEY, SECRET) == "AuthFailure.SignatureFailure"


def test_a_gateway_s_check_value_is_the_md5_of_the_parts_in_order() -> None:
    assert mac("政企分公司测试", "demo0", "123qwe", "13800138000", "移动改变生活。", "DWItALe3A", "") == (
        "7997ddb079db2155b517b21b2a812370"
    )
