"""`dingdian sms-templates`: what is submitted to a provider for approval, and the file that its codes go into."""

from __future__ import annotations

from notifications.sms.settings import Provider
from notifications.sms.wording import SMS_TEMPLATES, approval_sheet
from rules.errors import InputError

HEAD = "# 模板编号（DINGDIAN_SMS_TEMPLATE_CODES）：平台审核通过后，把编号填在 code 后；version 不要改。"


def run(provider: str, *, codes: bool) -> None:
    """The command. Raises InputError for a provider that approves no templates."""
    kinds = [one for one in Provider if one.uses_codes]
    if provider not in kinds:
        raise InputError(f"“{provider}”没有报备的模板：--provider 只能是 {'、'.join(kinds)}")
    print(_file(provider) if codes else approval_sheet(numbered=provider == Provider.TENCENT))


def _file(provider: str) -> str:
    """The file with empty codes: a message whose code is empty is not sent, and says so."""
    entries = [f'  {event}: {{code: "", version: "{one.version}"}}' for event, one in SMS_TEMPLATES.items()]
    return "\n".join([HEAD, f"{provider}:", *entries])
