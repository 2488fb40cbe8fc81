"""Short messages as Apprise plugins (`ddaliyun`, `ddtencent`, `ddgateway`, `ddsimulated`) with a structured result.

Apprise's bus knows free text only and answers with a bare bool: here the approved template, its variables and our own
id go along, and the result says what came of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.manager_plugins import NotificationManager

from notifications.outcome import Outcome, OutcomeKind
from notifications.sms.aliyun import Aliyun
from notifications.sms.gateway import Gateway
from notifications.sms.letter import Carrier, Sent, SmsLetter, Trace
from notifications.sms.settings import Provider, SmsSettings
from notifications.sms.simulated import Simulated
from notifications.sms.tencent import Tencent
from rules.errors import InputError

UNSENT = Outcome(OutcomeKind.CONFIGURATION, "apprise", "消息总线没有调用短信插件：请检查 apprise 版本和禁用设置", True)
NOT_FOUND = Outcome(OutcomeKind.UNKNOWN, "not_found", "按编号查询，短信平台没有这条短信的记录，很可能未发出")


class SmsPlugin(NotifyBase):  # type: ignore[no-untyped-call]  # Apprise is typed in part
    """A bus plugin over one carrier. `hand_over` sends, `reconcile` only asks; `notify` is what Apprise calls."""

    request_rate_per_sec = 0
    title_maxlen = 0
    notify_format = NotifyFormat.TEXT
    carrier_of: Callable[[SmsSettings], Carrier]

    def __init__(self, settings: SmsSettings, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._carrier = type(self).carrier_of(settings)
        self._letter: SmsLetter | None = None
        self.result: Outcome = UNSENT

    def hand_over(self, letter: SmsLetter) -> Outcome:
        """Sends one message through the bus; returns the structured result."""
        self._letter, self.result = letter, UNSENT
        self.notify(body=letter.text, body_format=NotifyFormat.TEXT)
        return self.result

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        """Apprise's call for one message: true when the provider took it; more is in `result`."""
        if self._letter is None:
            return False
        self.result = self._carrier.submit(self._letter)
        return self.result.kind is OutcomeKind.ACCEPTED

    def reconcile(self, letter: SmsLetter) -> Outcome:
        """Asks by our id whether the provider has the message; sends nothing. Accepted: it has it. Unknown with code
        `not_found`: it has not. Anything else: it could not be asked, and nothing is known that was not known before.
        """
        found = self._carrier.find(letter)
        if isinstance(found, Outcome):
            return _unasked(found)
        if found is None:
            return NOT_FOUND
        return Outcome(OutcomeKind.ACCEPTED, "found", "按编号查询，短信平台已受理", reference=found.reference)

    def traces(self, sent: Sequence[Sent]) -> list[Trace]:
        """What the provider has of messages that it took."""
        return self._carrier.traces(sent)

    def close(self) -> None:
        """Ends the connections."""
        self._carrier.close()


def _plugin(provider: Provider, carrier: type[Carrier]) -> type[SmsPlugin]:
    """The plugin class of a provider; Apprise knows it by its schema."""
    about = {"service_name": provider.label, "protocol": f"dd{provider}", "carrier_of": carrier}
    return type(f"{carrier.__name__}Plugin", (SmsPlugin,), about)


PLUGINS: Mapping[Provider, type[SmsPlugin]] = {
    Provider.ALIYUN: _plugin(Provider.ALIYUN, Aliyun),
    Provider.TENCENT: _plugin(Provider.TENCENT, Tencent),
    Provider.GATEWAY: _plugin(Provider.GATEWAY, Gateway),
    Provider.SIMULATED: _plugin(Provider.SIMULATED, Simulated),
}


def open_sms(settings: SmsSettings, provider: Provider | None = None) -> SmsPlugin:
    """The plugin of an installation's provider (or of another), made by Apprise; it connects with the first message.

    Raises:
        InputError: no provider is set, or Apprise does not allow the plugin.
    """
    kind = PLUGINS.get(settings.provider if provider is None else provider)
    if kind is None:
        raise InputError("没有设置短信平台：请设置 DINGDIAN_SMS_PROVIDER")
    schema = str(kind.protocol)
    registry = NotificationManager()  # type: ignore[no-untyped-call]
    if schema not in registry:
        registry[schema] = kind
    asset = AppriseAsset(app_id="dingdian", async_mode=False)
    plugin = Apprise.instantiate({"schema": schema, "settings": settings}, asset=asset, suppress_exceptions=False)
    if not isinstance(plugin, kind):
        raise InputError(
            f"消息总线没有启用 {schema} 插件：请检查环境变量 APPRISE_DENY_SERVICES、APPRISE_ALLOW_SERVICES"
        )
    return plugin


def _unasked(outcome: Outcome) -> Outcome:
    """A query that failed says nothing about the message: whatever its own end, the query is to be made again."""
    if outcome.kind in (OutcomeKind.CONFIGURATION, OutcomeKind.LIMITED):
        return outcome
    return Outcome(
        OutcomeKind.RETRY, outcome.code, f"查询未成功：{outcome.detail}", outcome.stops_channel, wait=outcome.wait
    )
