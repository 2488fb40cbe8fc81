"""A server that plays the three providers, with the approved texts of every event, and letters to send to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from smsparts import numbered

from notifications.sms.settings import SmsSettings
from notifications.sms.wording import SMS_TEMPLATES
from tests.support.sms_gateway import FakeSms


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    """A file of template codes: `SMS_<event>` at Aliyun, a number at Tencent."""
    held: dict[str, Any] = {"aliyun": {}, "tencent": {}}
    for number, (event, template) in enumerate(SMS_TEMPLATES.items(), 1001):
        held["aliyun"][event] = {"code": f"SMS_{number}", "version": template.version}
        held["tencent"][event] = {"code": str(number), "version": template.version}
    path = tmp_path / "template_codes.yaml"
    path.write_text(yaml.safe_dump(held), encoding="utf-8")
    return path


@pytest.fixture
def fake() -> Iterator[FakeSms]:
    """The server, which knows every approved text."""
    approved = {}
    for number, template in enumerate(SMS_TEMPLATES.values(), 1001):
        approved |= {f"SMS_{number}": template.text, str(number): numbered(template)}
    with FakeSms(approved=approved) as server:
        yield server


@pytest.fixture
def settings(fake: FakeSms, codes: Path) -> Callable[..., SmsSettings]:
    """Live settings for the server, by provider; any of them can be given anew."""

    def of(provider: str, **changes: Any) -> SmsSettings:
        return fake.settings(provider, codes, **changes)

    return of
