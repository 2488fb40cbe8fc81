"""The hidden mark of a workbook: which kind and version, of which round, made for whom; signed, so that a sheet that
comes back finds its case, and one that was altered, is stale or belongs elsewhere is refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from foundation.secrets import Keyring
from rules.case import Context
from rules.errors import InputError
from workbooks.columns import VERSION, Layout
from workbooks.layouts import TITLES

MARK_SHEET = "_dingdian"
ROW_SEPARATOR = "|"
AGAIN = "请重新下载表格（70 下载表格），把内容誊入后再导入"


@dataclass(frozen=True, slots=True)
class Mark:
    """What the hidden sheet says."""

    kind: str
    version: int
    round_id: int
    round_name: str
    fingerprint: str
    about: str
    made_at: str

    def text(self) -> str:
        """What is signed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def mark_of(layout: Layout, ctx: Context, made_at: str) -> Mark:
    """The mark of a workbook that is made now."""
    return Mark(layout.kind, VERSION, ctx.round.id, ctx.round.name, layout.fingerprint, layout.about, made_at)


def read_mark(text: object, signature: object, keys: Keyring) -> Mark:
    """The mark of a workbook that came back. Raises InputError when it is not ours or was altered."""
    if not isinstance(text, str) or not isinstance(signature, str):
        raise InputError(f"这不是本系统生成的表格：缺少隐藏的标识。{AGAIN}")
    if not keys.is_signed(text, signature):
        raise InputError(f"表格的隐藏标识与内容不符：被改动过，或不是本系统生成的。{AGAIN}")
    content = json.loads(text)
    if content.get("version") != VERSION:
        raise InputError(f"表格是旧版模板（第 {content.get('version')} 版，现为第 {VERSION} 版）。{AGAIN}")
    return Mark(**content)


def is_of_round(mark: Mark, ctx: Context) -> None:
    """Raises InputError for a workbook of another round."""
    if mark.round_id != ctx.round.id or mark.round_name != ctx.round.name:
        raise InputError(f"表格属于“{mark.round_name}”，本轮是“{ctx.round.name}”。{AGAIN}")


def is_current(mark: Mark, layout: Layout) -> None:
    """Raises InputError for a workbook whose columns, bounds or choices are no longer those of the round."""
    if mark.fingerprint != layout.fingerprint:
        raise InputError(
            f"“{TITLES[mark.kind]}”模板已过时：评分标准、材料目录或选项在它生成（{mark.made_at}）之后有变更。{AGAIN}"
        )


def row_mark(keys: Keyring, mark: Mark, sheet: str, applicant_id: str, basis: str = "") -> str:
    """The hidden id of a prefilled row: the case, what it was filled with, and the signature of both."""
    about = ROW_SEPARATOR.join((applicant_id, basis))
    return ROW_SEPARATOR.join((about, keys.sign(_signed_of_row(mark, sheet, about))))


def read_row_mark(keys: Keyring, mark: Mark, sheet: str, text: object) -> tuple[str, str] | None:
    """The case and the basis of a prefilled row; None when the row is not ours."""
    about, _, signature = str(text or "").rpartition(ROW_SEPARATOR)
    if not about or not keys.is_signed(_signed_of_row(mark, sheet, about), signature):
        return None
    applicant_id, _, basis = about.partition(ROW_SEPARATOR)
    return applicant_id, basis


def _signed_of_row(mark: Mark, sheet: str, about: str) -> str:
    return json.dumps([mark.kind, mark.round_id, mark.about, sheet, about], ensure_ascii=False)
