"""What a piece of work did, as Markdown: a sweep, a batch, an import, a look at posted pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.documents.posting_checks import CheckReport
from tasks.labels import LABELS
from views.markdown import at_minute, plain, table
from workbooks.report import HEADINGS, ImportReport

SHOWN_FAULTS = 300
SHOWN_NUMBERS = 50


def sweep_page(report: dict[str, Any]) -> str:
    """What a sweep found, did, skipped and could not do, and how late."""
    rows = [
        (
            *(
                one["applicant_id"],
                LABELS.get(one["event"], one["event"]),
                one["deadline_label"],
            ),
            *(one["due"], one["late_days"]),
        )
        for one in report["actions"][:500]
    ]
    failed = [(applicant_id, why) for applicant_id, why in report["failed"].items()]
    verb = "将会办理（只看不做）" if report["dry_run"] else "已办理"
    counts = f"到期 {report['found']} 项　因异议暂停 {report['held']} 家　最晚迟 {report['latest_by_days']} 天"
    return "\n\n".join(
        [
            f"截至 {at_minute(report['as_of'])}　{counts}",
            f"## {verb}",
            table(("编号", "事项", "期限", "届满日", "迟几天"), rows),
            "## 未能办理",
            table(("编号", "原因"), failed),
        ]
    )


def batch_page(report: dict[str, Any]) -> str:
    """What a batch did, dossier by dossier; the refused ones first, each with its sentence."""
    refused, done, already = report["refused"], report["done"], report["already"]
    parts = [
        f"# {report['batch']}",
        f"办理 **{len(done)}** 家　此前已办 {len(already)} 家　未办理 **{len(refused)}** 家",
        "## 未办理",
        table(("编号", "原因"), [(one["applicant_id"], one["reason"]) for one in refused]),
        "## 已办理",
        table(("编号", "现处"), [(one["applicant_id"], one["state"]) for one in done]),
        "## 此前已办，未重复办理",
        plain("、".join(already)) or "（无）",
    ]
    return "\n\n".join(parts)


def check_page(report: CheckReport) -> str:
    """What a look at the posted pages found, a row each, and every entry that was missing or different."""
    rows = [
        (
            *(look.posted.notice_id, look.posted.kind.label, look.posted.channel, look.finding.outcome.label),
            *(look.finding.detail, "是" if look.is_news else "", look.posted.url),
        )
        for look in report.looked
    ]
    faults = [
        (look.posted.notice_id, look.posted.channel, one["applicant_id"], one["name"], one["fault"])
        for look in report.looked
        for one in look.finding.missing
    ]
    return "\n\n".join(
        [
            report.summary,
            table(("公示", "种类", "渠道", "结果", "说明", "有变化", "网址"), rows),
            "## 缺少或不一致的机构",
            table(("公示", "渠道", "编号", "机构", "问题"), faults[:500]),
        ]
    )


def import_page(report: ImportReport) -> str:
    """What an import read and wrote: the sentence, each bad cell, what is there already, notes. No personal content."""
    parts = ["# 导入表格", plain(report.summary), *_listed("说明", report.notes)]
    if report.faults:
        title = f"## 有错误的单元格（{len(report.faults)} 处）"
        parts += [title, table(HEADINGS, report.fault_rows()[:SHOWN_FAULTS])]
    if len(report.faults) > SHOWN_FAULTS:
        parts.append(f"只列出前 {SHOWN_FAULTS} 处，其余见发件夹里的标注副本。")
    parts += _numbers("已写入" if report.is_written else "可导入", report.good)
    parts += _numbers("已在库中，没有重复写入", report.already)
    return "\n\n".join(parts)


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {plain(line)}" for line in lines)] if lines else []


def _numbers(title: str, numbers: Sequence[str]) -> list[str]:
    if not numbers:
        return []
    shown = "、".join(numbers[:SHOWN_NUMBERS]) + ("…" if len(numbers) > SHOWN_NUMBERS else "")
    return [f"## {title}（{len(numbers)} 行）", plain(shown)]
