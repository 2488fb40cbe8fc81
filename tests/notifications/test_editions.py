"""Wordings are published once: a message is rendered with the edition it was queued with, whatever came later."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from mailparts import KEYS, MailServer, Outbox
from sqlalchemy import text

from models.database import transaction
from notifications.delivery import deliver
from notifications.editions import NEWEST, TEMPLATES, editions, folders
from notifications.mailsettings import MailSettings
from notifications.rendering import environment
from notifications.sms import wording
from rules.errors import InputError
from rules.vocabulary import MessageStatus

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLISHED = TEMPLATES / "published.sha256"
SMS_PUBLISHED = Path(wording.__file__).parent / "published.yaml"
ADVICE = "a published wording never changes: put the changed file into a new edition (docs/messages.md says how)"


def listed() -> dict[str, str]:
    """The published files with their hashes."""
    lines = [line.split("  ", 1) for line in PUBLISHED.read_text("utf-8").splitlines()]
    return {name: digest for digest, name in lines}


def test_a_published_wording_has_the_bytes_that_it_was_published_with() -> None:
    there = {
        str(path.relative_to(TEMPLATES)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in TEMPLATES.glob("*/*.j2")
    }
    assert there == listed(), ADVICE


def test_a_published_short_message_is_in_use_or_retired_never_gone() -> None:
    published = yaml.safe_load(SMS_PUBLISHED.read_text("utf-8"))
    in_use = {event: versions[-1] for event, versions in published.items()}
    assert in_use == wording.SMS_TEMPLATE_VERSION, ADVICE
    earlier = {(event, version) for event, versions in published.items() for version in versions[:-1]}
    assert earlier == set(wording.RETIRED_TEMPLATES), ADVICE


def test_an_edition_takes_from_the_earlier_ones_what_it_does_not_change(tmp_path: Path) -> None:
    root = tmp_path / "templates"
    shutil.copytree(TEMPLATES, root)
    name = "agreement_signed.email.subject.j2"
    later = root / str(int(NEWEST) + 1)
    later.mkdir()
    (later / name).write_text("新的主题", encoding="utf-8")
    assert editions(root) == (*editions(), int(NEWEST) + 1)
    new, old = environment(later.name, root), environment(NEWEST, root)
    assert new.get_template(name).render() == "新的主题"
    assert Path(str(old.get_template(name).filename)).parent.name == "1"
    other = "agreement_filed.email.txt.j2"
    assert new.get_template(other).filename == old.get_template(other).filename


@pytest.mark.parametrize("edition", ["", "0", "999", "../1", "e1b2c3d4e5f6"])
def test_an_edition_that_is_not_there_is_refused(edition: str) -> None:
    with pytest.raises(InputError, match="版邮件模板"):
        folders(edition)


def test_a_message_of_an_edition_that_is_gone_waits_and_says_so(
    outbox: Outbox, mail: Callable[..., MailSettings], smtp: MailServer
) -> None:
    number = outbox.owe()
    with transaction(outbox.url) as session:
        session.execute(text("UPDATE notification SET template_version = '999'"))
    report = deliver(outbox.url, mail(), KEYS, now=NOW, worker="w")
    row = outbox.row(number)
    assert (row.status, row.next_at, smtp.stored) == (MessageStatus.RETRY, NOW + timedelta(minutes=10), [])
    assert "没有第 999 版邮件模板" in report.failures[0]


def test_a_retired_short_message_is_found_by_the_version_that_follows_from_its_text() -> None:
    variables = {"number": {"from": "applicant_id", "kind": "code", "max": 20}}
    entry = {"event": "agreement_signed", "text": "编号${number}：旧文字。", "variables": variables}
    [((event, version), template)] = wording.retired([entry]).items()
    told = json.dumps([entry["text"], [variables["number"]]], ensure_ascii=False, sort_keys=True)
    assert (event, version) == ("agreement_signed", hashlib.sha256(told.encode()).hexdigest()[:12])
    assert template.text == entry["text"]


def test_a_short_message_of_an_unknown_version_is_refused() -> None:
    with pytest.raises(InputError, match="没有版本 000000000000 的文字"):
        wording.template_of("agreement_signed", "000000000000")
