"""The docx files: what they say, texts stay texts, equal facts give equal bytes, the templates are current."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from docx import Document

from publication.documents import word
from publication.documents.making import DOCX, Made
from publication.documents.word_templates import BUILDERS, build
from rules.errors import RefusedError
from rules.vocabulary import DocumentKind
from tests.publication.documents.conftest import HOSTILE, Maker

SAID = {
    DocumentKind.ANNOUNCEMENT: [
        "关于开展样例县2025年度特殊药品定点医药机构评估工作的公告",
        "零售药店2家。",
        "2025年8月18日",
    ],
    DocumentKind.PRELIMINARY_OPINION: [f"{HOSTILE}：", "初审合格，进入履约能力评估。", "2025年9月10日"],
    DocumentKind.AGREEMENT: [
        *(f"乙方：{HOSTILE}（申请人编号P01）", "第一条　服务人群", "日期：2025年11月3日"),
        "协议编号：样例县特药协议〔2025〕2号",
        "本协议有效期自2025年11月3日起至2026年11月3日止。期满需要续签的，乙方在期满前按规定提出申请。",
    ],
    DocumentKind.FINDING_NOTICE: [
        *(f"{HOSTILE}：", "提高标准、分解或重复收费。", "定点管理通知四（五）7。", f"重复收费三笔{HOSTILE}。"),
        "你单位可以陈述意见、提出申辩。请于2025年11月17日（星期一）前（含当日）将加盖公章的书面说明和证明材料送达"
        "样例县医疗保险经办中心2号窗口。逾期没有提交的，不影响本机构依据已有证据作出决定。",
    ],
    DocumentKind.INSPECTION_RECORD: [
        *(f"账物不符{HOSTILE}。", f"1. 更换价格牌{HOSTILE}。", "药与量：不相符", "检查种类：日常检查"),
    ],
    DocumentKind.WARNING_NOTICE: [
        f"{HOSTILE}：",
        "1. 目录内备药率：数值75.5%，约定不低于 80%（样例县特药协议〔2025〕2号，自 2025-11-03 起），"
        "低于约定 4.5个百分点。",
    ],
    DocumentKind.RECTIFICATION_NOTICE: [
        *(f"1. 退还{HOSTILE}。", "2. 整改收费系统。"),
        "在暂停期间逾期未整改或整改不到位的，一律解除协议（六（二））。",
    ],
    DocumentKind.SUSPENSION_NOTICE: [
        *("样例县医保暂停〔2025〕1号", "2025年11月18日"),
        "自2025年11月19日（星期三）起，至整改经复查到位、恢复协议时止；恢复的日期另行书面通知。",
        "本次为协议有效期内第1次暂停；协议有效期内累计3次的，一律解除服务协议（六（二）2④）。国家医疗保障局关于"
        "定点医疗机构、定点零售药店的管理暂行办法规定的次数为累计2次及以上。",
        "暂停协议期间未按时限要求整改或者整改不到位的，同样一律解除服务协议。",
    ],
    DocumentKind.RESUMPTION_NOTICE: [
        *("协议有效期内累计暂停1次；累计3次的，一律解除服务协议。", "2025年11月21日"),
    ],
    DocumentKind.DISSOLUTION_NOTICE: [
        f"虚假凭证三份{HOSTILE}。你单位于2025年12月2日提交书面陈述。本机构于2025年12月2日作出认定（认定序号：2）。",
        "本通知书于2025年12月11日送达你单位，协议自该日起解除。",
        "自2025年12月12日起至2028年12月11日止（首日、末日均包含在内），你单位不得重新申请特殊药品定点医药机构"
        "履约能力评估。",
    ],
    DocumentKind.SUPPLEMENT_AGREEMENT: [
        f"乙方：{HOSTILE}",
        "1. 目录内备药率：由“不低于 80%”变更为“不低于 85%”。",
        f"2. 结算时间：由“不约定（县里尚未核定{HOSTILE}）”变更为“每月25日{HOSTILE}”。",
        f"配送{HOSTILE}。",
        "本补充协议自2025年12月1日起执行；此前的期间，仍按原来的约定办理。",
        "日期：2025年11月27日",
    ],
    DocumentKind.ANNUAL_AGREEMENT: [
        *(f"乙方：{HOSTILE}", "2. 结算方式：按项目。", f"3. 结算标准：不约定（县里尚未核定{HOSTILE}）。"),
        "本年度协议自2026年1月1日起至2026年11月3日止，首日、末日均包含在内。",
    ],
    DocumentKind.RENEWAL_AGREEMENT: [
        *(f"乙方：{HOSTILE}", "协议编号：样例县特药协议〔2025〕4号"),
        "本协议有效期自2026年11月4日起至2027年11月4日止。期满需要续签的，乙方在期满前按规定提出申请。",
    ],
    DocumentKind.HOLD_NOTICE: [
        f"核查{HOSTILE}。",
        "二、理由",
    ],
    DocumentKind.SERVICE_RECEIPT: [HOSTILE, "责令限期整改通知书", "样例县特药责改〔2025〕2-1号"],
}


def paragraphs(made: Made) -> list[str]:
    docx = Document(io.BytesIO(made.content))
    cells = [cell for table in docx.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for part in (docx, *cells) for paragraph in part.paragraphs]


@pytest.mark.parametrize("kind", word.EDITED)
def test_each_says_what_it_must_and_an_applicants_text_stays_text(kind: DocumentKind, made: Maker) -> None:
    told = paragraphs(made(kind, file_format=DOCX))
    assert [said for said in SAID[kind] if said not in told] == []
    assert [said for said in told if "{%" in said or "{{" in said.replace(HOSTILE, "")] == []


@pytest.mark.parametrize("kind", word.EDITED)
def test_equal_facts_give_equal_bytes_whatever_the_clock_says(kind: DocumentKind, made: Maker) -> None:
    first = made(kind, file_format=DOCX).content
    time.sleep(2.1)  # the zip format keeps even seconds
    assert made(kind, file_format=DOCX).content == first
    assert {member.date_time for member in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("kind", word.EDITED)
def test_the_committed_template_is_what_the_script_writes(kind: DocumentKind) -> None:
    assert tuple(BUILDERS) == word.EDITED
    assert build(kind) == (word.TEMPLATES / f"{kind.value}.docx").read_bytes(), (
        "the template is stale: run python -m publication.documents.word_templates"
    )


def test_a_document_that_nobody_edits_has_no_docx(made: Maker) -> None:
    with pytest.raises(
        RefusedError, match="“公示”没有可编辑的格式；可以制作 docx 的有：公告、初审意见书、服务协议、检查记录"
    ):
        made(DocumentKind.NOTICE, file_format=DOCX)


@pytest.mark.parametrize("kind", [DocumentKind.PRELIMINARY_OPINION, DocumentKind.AGREEMENT])
def test_a_rare_character_of_a_name_is_kept_and_told(kind: DocumentKind, made: Maker) -> None:
    one = made(kind, file_format=DOCX)
    assert one.described == ("𠮷",)
    assert "有 1 个生僻字（〔U+20BB7〕），打开文件的电脑没有相应字体时显示为空框：请核对" in one.note
    assert "𠮷" in "".join(paragraphs(one))


def test_a_word_file_without_rare_characters_says_nothing_of_them(made: Maker) -> None:
    assert made(DocumentKind.ANNOUNCEMENT, file_format=DOCX).note == ""
