"""Real parts for the tests of messages: a mail server that is up, and a database with an empty outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from mailparts import NOW, MailServer, Outbox

from models import Round
from models.database import transaction
from notifications.mailsettings import MailSettings, Mode
from tests.support.ports import free_port


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server that is up."""
    handler = MailServer(port=free_port())
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def outbox(database: str) -> Outbox:
    """An empty outbox."""
    with transaction(database) as session:
        row = Round(
            county="样例县",
            year=2025,
            name="样例轮次",
            procedure="special_drug@1",
            policy_sha256="0",
            workdays_version="0",
            announcement={},
            rubric={},
            accept_from=NOW,
            accept_until=NOW.replace(hour=10),
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        return Outbox(database, row.id)


@pytest.fixture
def mail(smtp: MailServer) -> Callable[..., MailSettings]:
    """Settings of live delivery to the test's server; any of them can be given anew."""

    def settings(**changes: Any) -> MailSettings:
        return MailSettings(
            **{
                "mode": Mode.LIVE,
                "smtp_url": smtp.url,
                "mail_from": "样例县医疗保险经办中心 <ybzx@county.example.cn>",
                "authority_email": "ybj@county.example.cn",
                "supervisor_email": "leader@county.example.cn",
                **changes,
            }
        )

    return settings
