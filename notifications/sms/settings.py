"""What the short messages need to know of an installation: who carries them, under which signature, with which keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from foundation.settings import Settings
from notifications.mailsettings import Mode, is_loopback
from notifications.sms.numbers import is_mobile, is_simulated, normal
from rules.errors import InputError


class Provider(StrEnum):
    """Who carries short messages. SIMULATED: nobody, every number behaves as `simulated.py` says."""

    NONE = ""
    ALIYUN = "aliyun"
    TENCENT = "tencent"
    GATEWAY = "gateway"
    SIMULATED = "simulated"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return {"aliyun": "阿里云短信", "tencent": "腾讯云短信", "gateway": "政务短信网关"}.get(self, "模拟短信")

    @property
    def uses_codes(self) -> bool:
        """Whether messages are sent as the code of an approved template with variables, not as text."""
        return self in (Provider.ALIYUN, Provider.TENCENT)


ENDPOINTS = {
    Provider.ALIYUN: "https://dysmsapi.aliyuncs.com",
    Provider.TENCENT: "https://sms.tencentcloudapi.com",
}
COMMON = ("access_key_id", "access_key_secret", "sign_name")
NEEDED = {
    Provider.ALIYUN: (*COMMON, "template_codes"),
    Provider.TENCENT: (*COMMON, "sdk_app_id", "template_codes"),
    Provider.GATEWAY: (*COMMON, "endpoint", "ec_name", "gateway_sign"),
}


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """The `DINGDIAN_SMS_*` settings and the mode of delivery.

    `access_key_id` and `access_key_secret` are the provider's keys, at a gateway the user (apId) and its secret.
    `sign_name` is the registered signature without brackets; `gateway_sign` the gateway's code for it.
    `template_codes` is a YAML file of the installation (`codes.py`). `redirect_to` is the number of mode REDIRECT.
    """

    provider: Provider = Provider.NONE
    mode: Mode = Mode.DRY_RUN
    endpoint: str = ""
    access_key_id: str = field(default="", repr=False)
    access_key_secret: str = field(default="", repr=False)
    sign_name: str = ""
    sdk_app_id: str = ""
    region: str = "ap-guangzhou"
    template_codes: Path = Path()
    gateway_query_url: str = ""
    gateway_sign: str = ""
    ec_name: str = ""
    add_serial: str = ""
    redirect_to: str = field(default="", repr=False)
    allowed: frozenset[str] = field(default=frozenset(), repr=False)
    connect_seconds: float = 5.0
    reply_seconds: float = 15.0

    @classmethod
    def from_settings(cls, settings: Settings) -> SmsSettings:
        """The part of the installation's settings that short messages use."""
        return cls(
            Provider(settings.sms_provider),
            Mode(settings.message_mode),
            settings.sms_endpoint,
            settings.sms_access_key_id,
            settings.sms_access_key_secret.get_secret_value(),
            settings.sms_sign_name,
            settings.sms_sdk_app_id,
            settings.sms_region,
            settings.sms_template_codes,
            settings.sms_gateway_query_url,
            settings.sms_gateway_sign,
            settings.sms_ec_name,
            settings.sms_add_serial,
            settings.sms_redirect_to,
            settings.allowed,
        )

    @property
    def is_on(self) -> bool:
        """Whether this installation sends short messages at all."""
        return self.provider is not Provider.NONE

    @property
    def base_url(self) -> str:
        """Where requests go: what is set, or the provider's public endpoint."""
        url = self.endpoint or ENDPOINTS.get(self.provider, "")
        return url if "://" in url or not url else f"https://{url}"

    def allows(self, number: str) -> bool:
        """Whether ALLOW_LIST lets a number through."""
        return number in {normal(one) for one in self.allowed}

    def check(self) -> None:
        """Whether messages can be sent with these settings.

        Raises:
            InputError: which variables are missing or cannot be used; no value is repeated.
        """
        missing = [name for name in NEEDED.get(self.provider, ()) if getattr(self, name) in ("", Path())]
        if missing:
            names = "、".join(f"DINGDIAN_SMS_{name.upper()}" for name in missing)
            raise InputError(f"{self.provider.label}的设置不全：请设置 {names}，或把 DINGDIAN_SMS_PROVIDER 置空")
        self._check_connection()
        if self.mode is Mode.REDIRECT and self.redirect_to and not _is_number(self.redirect_to):
            raise InputError("DINGDIAN_SMS_REDIRECT_TO 不是手机号码：请改正，或置空（短信便不外发）")

    def _check_connection(self) -> None:
        for name, url in (("ENDPOINT", self.base_url), ("GATEWAY_QUERY_URL", self.gateway_query_url)):
            parts = urlsplit(url)
            if url and (parts.scheme not in ("http", "https") or not parts.hostname):
                raise InputError(f"DINGDIAN_SMS_{name} 不是网址：请写 https://主机/路径")
            if self.provider.uses_codes and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
                raise InputError(f"DINGDIAN_SMS_{name} 会以明文传送手机号码：请改用 https://")


def _is_number(text: str) -> bool:
    number = normal(text)
    return is_mobile(number) or is_simulated(number)
