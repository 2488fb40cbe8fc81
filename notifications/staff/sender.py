"""The way out to staff: Apprise's own plugins, one for each address, each made when the first message needs it."""

from __future__ import annotations

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat

from foundation.staff_addresses import REDIRECT, scheme_of
from notifications.outcome import Outcome, OutcomeKind
from notifications.staff.letter import StaffLetter
from notifications.staff.settings import StaffSettings
from notifications.staff.verdict import judged, overheard
from rules.errors import InputError

REDIRECTED = Outcome(OutcomeKind.SUPPRESSED, "redirect", "已转投，未发给原岗位")
BROKE = Outcome(OutcomeKind.UNKNOWN, "apprise", "消息服务的插件中途出错")


class StaffSender:
    """The open channel of one delivery run. A message sent twice carries the same number."""

    def __init__(self) -> None:
        self._plugins: dict[str, NotifyBase] = {}

    def get_ready(self, letter: StaffLetter) -> None:
        """Makes the plugin that the message needs. Raises InputError when Apprise does not know the address."""
        if letter.to not in self._plugins:
            self._plugins[letter.to] = plugin_of(letter.role, letter.to)

    def hand_over(self, letter: StaffLetter) -> Outcome:
        """Sends one message and says what came of it."""
        self.get_ready(letter)
        with overheard() as heard:
            try:
                is_told = bool(
                    self._plugins[letter.to].notify(
                        body=letter.text, title=letter.subject, body_format=NotifyFormat.TEXT
                    )
                )
            except Exception:  # noqa: BLE001 - 140 plugins of other people: what they raise says nothing of the message
                return BROKE
        outcome = judged(letter.scheme, is_told, heard)
        is_redirected = letter.role == REDIRECT and outcome.kind is OutcomeKind.ACCEPTED
        return REDIRECTED if is_redirected else outcome

    def reconcile(self, letter: StaffLetter) -> Outcome:
        """The message once more, under the same number: no service can be asked what it has."""
        return self.hand_over(letter)

    def close(self) -> None:
        """Nothing stays open."""


def plugin_of(role: str, url: str) -> NotifyBase:
    """Apprise's plugin for an address.

    Raises:
        InputError: Apprise does not know the address; the sentence names role and scheme.
    """
    with overheard():  # Apprise logs what it cannot read
        plugin = Apprise.instantiate(url, asset=AppriseAsset(app_id="dingdian", async_mode=False))
    if not isinstance(plugin, NotifyBase):
        raise InputError(
            f"环境变量 DINGDIAN_STAFF_URLS 中岗位 {role} 的地址（{scheme_of(url)}://…）不能用：Apprise 没有这种服务，"
            "或地址缺一部分；请照 Apprise 的写法改正"
        )
    return plugin


def check_addresses(settings: StaffSettings) -> None:
    """Whether Apprise knows every address. Raises InputError that names the first it does not."""
    for role, url in settings.addresses.items():
        plugin_of(role, url)
