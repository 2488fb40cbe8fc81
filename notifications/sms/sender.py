"""The way out of the house: the provider's plugin for real numbers, the simulation for the reserved ones."""

from __future__ import annotations

from collections.abc import Sequence

from notifications.outcome import Outcome
from notifications.sms.letter import Sent, SmsLetter, Trace
from notifications.sms.numbers import is_simulated
from notifications.sms.plugin import SmsPlugin, open_sms
from notifications.sms.settings import Provider, SmsSettings


class SmsSender:
    """The open channel of one delivery run; each plugin is opened when the first message needs it."""

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings
        self._open: dict[Provider, SmsPlugin] = {}

    def get_ready(self, letter: SmsLetter) -> None:
        """Makes the plugin that the message needs, which loads the bus."""
        self._for(letter.to)

    def hand_over(self, letter: SmsLetter) -> Outcome:
        """Sends one message and says what came of it."""
        return self._for(letter.to).hand_over(letter)

    def reconcile(self, letter: SmsLetter) -> Outcome:
        """Asks by our id what became of a message whose end nobody saw; sends nothing."""
        return self._for(letter.to).reconcile(letter)

    def traces(self, sent: Sequence[Sent]) -> list[Trace]:
        """What the provider has of messages that it took."""
        ours = [one for one in sent if is_simulated(one.phone)]
        theirs = [one for one in sent if not is_simulated(one.phone)]
        return [trace for part in (ours, theirs) if part for trace in self._for(part[0].phone).traces(part)]

    def close(self) -> None:
        """Ends the connections."""
        for plugin in self._open.values():
            plugin.close()

    def _for(self, number: str) -> SmsPlugin:
        provider = Provider.SIMULATED if is_simulated(number) else self._settings.provider
        if provider not in self._open:
            self._open[provider] = open_sms(self._settings, provider)
        return self._open[provider]
