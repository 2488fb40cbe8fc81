"""Writes the docx templates: `python -m publication.documents.word_templates`. A test holds the committed files to it.

The layout is that of GB/T 9704 as far as Word can keep it: page, margins, 28 pt lines, fonts by name (they are not
embedded: the machine that opens the file supplies them), page numbers outside.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from publication.archive import unzipped, zipped
from publication.documents.word import CONTENT_TYPES, TEMPLATES
from rules.vocabulary import DocumentKind

BODY, TITLE, HEI, KAI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"
SAN_HAO, ER_HAO, SI_HAO, XIAO_SI = Pt(16), Pt(22), Pt(14), Pt(12)
LINE = Pt(28.9)
INDENT = Pt(32)
RED = RGBColor(0xD7, 0x00, 0x0F)
MADE = datetime(2026, 1, 1)  # noqa: DTZ001  (the file's own date, replaced when it is filled)
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
JUSTIFIED = WD_ALIGN_PARAGRAPH.JUSTIFY


class Sheet:
    """A docx in the making: each method adds one paragraph."""

    def __init__(self) -> None:
        self.docx: Any = Document()
        section = self.docx.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)
        self.docx.settings.odd_and_even_pages_header_footer = True
        for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
            _page_number(footer.paragraphs[0], align)
        self.docx.styles.element.find(".//" + qn("w:lang")).set(qn("w:eastAsia"), "zh-CN")
        about = self.docx.core_properties
        about.created = about.modified = MADE

    def line(self, text: str, *, font: str = BODY, size: Any = SAN_HAO, align: Any = JUSTIFIED, indent: bool = True,
             colour: Any = None, before: Any = None) -> Any:  # fmt: skip
        """One paragraph in one font; answers its format."""
        paragraph = self.docx.add_paragraph()
        paragraph.alignment = align
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, max(LINE, Pt(size.pt * 1.5))
        form.space_before, form.space_after = before or Pt(0), Pt(0)
        form.first_line_indent = INDENT if indent else None
        _set(paragraph.add_run(text), font, size, colour)
        return form

    def head(self) -> None:
        """发文机关标志、发文字号、标题."""
        self.line("{{ agency }}", font=TITLE, size=Pt(30), align=CENTRE, indent=False, colour=RED, before=Mm(20))
        self.line("{{ number }}", align=CENTRE, indent=False, before=LINE)
        self.title()

    def title(self) -> None:
        """The title, centred."""
        self.line("{{ title }}", font=TITLE, size=ER_HAO, align=CENTRE, indent=False, before=LINE)
        self.line("", indent=False)

    def heading(self, text: str) -> None:
        """A heading of the first level."""
        self.line(text, font=HEI)

    def each(self, loop: str, *lines: str, font: str = BODY) -> None:
        """Paragraphs repeated by a loop of the template."""
        self.line(f"{{%p for {loop} %}}")
        for text in lines:
            self.line(text, font=font)
        self.line("{%p endfor %}")

    def signature(self) -> None:
        """署名 and 成文日期, kept on one page; the date four characters from the right."""
        agency = self.line("{{ agency }}", align=RIGHT, indent=False, before=Pt(LINE.pt * 2))
        agency.keep_with_next, agency.right_indent = True, SAN_HAO
        self.line("{{ date }}", align=RIGHT, indent=False).right_indent = Pt(SAN_HAO.pt * 4)

    def form(self, rows: Iterable[tuple[str, str]]) -> None:
        """A table to be filled in by hand: a label and its place on each line."""
        listed = tuple(rows)
        table = self.docx.add_table(rows=len(listed), cols=2, style="Table Grid")
        for row, texts in zip(table.rows, listed, strict=True):
            row.height = Mm(13)
            for cell, text, width, font in zip(row.cells, texts, (Mm(48), Mm(108)), (HEI, BODY), strict=True):
                cell.width = width
                _set(cell.paragraphs[0].add_run(text), font, XIAO_SI, None)

    def content(self) -> bytes:
        """The file."""
        target = io.BytesIO()
        self.docx.save(target)
        return zipped(unzipped(target.getvalue()), first=CONTENT_TYPES, compressed=True)


def _set(run: Any, font: str, size: Any, colour: Any) -> None:
    run.font.name, run.font.size = font, size
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour


def _page_number(paragraph: Any, align: Any) -> None:
    paragraph.alignment = align
    for part in ("— ", "PAGE", " —"):
        run = paragraph.add_run("" if part == "PAGE" else part)
        _set(run, SONG, SI_HAO, None)
        if part == "PAGE":
            for kind, text in (("begin", None), (None, part), ("end", None)):
                run._element.append(_field(kind, text))


def _field(kind: str | None, text: str | None) -> Any:
    element = OxmlElement("w:instrText" if text else "w:fldChar")
    if kind:
        element.set(qn("w:fldCharType"), kind)
    element.text = text
    return element


def _announcement(sheet: Sheet) -> None:
    sheet.head()
    sheet.line(
        "根据{{ law }}的规定和{{ basis }}，现就{{ county }}{{ season }}特殊药品定点医药机构评估有关事项公告如下。"
    )
    sheet.heading("一、名额")
    sheet.each("one in quota", "{{ one.label }}{{ one.count }}家。")
    sheet.heading("二、申请条件")
    sheet.line("申请人应当是本县域内的基本医疗保险定点医药机构。有下列情形之一的，初审不合格（括号内为依据）。")
    _groups(sheet, "conditions", "{{ loop.index }}. {{ one.text }}（{{ one.clause }}）。")
    sheet.heading("三、申报材料")
    sheet.line("材料装订成册，一式{{ copies }}份，加盖公章和法人章，并出示相关资质证件原件。")
    _groups(sheet, "materials", "{{ one.code }} {{ one.name }}（{{ one.clause }}）。")
    sheet.heading("四、受理时间和地点")
    sheet.line("受理时间为{{ accept_from }}至{{ accept_until }}，逾期不予受理。受理地点为{{ place }}。")
    sheet.heading("五、评估和择优")
    sheet.line(
        "初审合格的机构，由从专家库公开随机抽取的专家实地评估、逐项评分，{{ pass_line }}的不进入谈判；按各类名额从高分到低分择优。得分相同的，{{ tie_rule }}。{{ substitution }}"
    )
    sheet.heading("六、优先纳入")
    sheet.line("有下列情形的，优先纳入（括号内为依据）。")
    _groups(sheet, "priority", "{{ loop.index }}. {{ one.text }}（{{ one.clause }}）。")
    sheet.line("{{ priority_meaning }}")
    sheet.heading("七、公示渠道")
    sheet.line("评估结果、拟签约名单和定点名单在{{ channels | join('、') }}公布。")
    sheet.line("附件：{{ annex }}")
    sheet.signature()
    _annexed_rubric(sheet)


def _annexed_rubric(sheet: Sheet) -> None:
    sheet.line("附件", font=HEI, indent=False).page_break_before = True
    sheet.line("{{ annex }}", font=TITLE, size=ER_HAO, align=CENTRE, indent=False, before=LINE)
    sheet.line("专家按下列项目逐项评分，各项不超过满分；得分为各评分专家总分的算术平均。")
    sheet.line("{%p for group in rubric %}")
    sheet.line("（{{ group.number }}）{{ group.label }}", font=KAI)
    sheet.each("one in group['items']", "{{ one.code }} {{ one.item }}：满分{{ one.max }}分。")
    sheet.line("合计{{ group.total }}分。")
    sheet.line("{%p endfor %}")


def _groups(sheet: Sheet, name: str, text: str) -> None:
    sheet.line(f"{{%p for group in {name} %}}")
    sheet.line("（{{ group.number }}）{{ group.label }}", font=KAI)
    sheet.each("one in group['items']", text)
    sheet.line("{%p endfor %}")


def _opinion(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "你单位（申请人编号{{ applicant_id }}）参加{{ round }}的申请，本机构于{{ accepted_on }}受理。经审查申报材料并核查，根据{{ law }}的规定，提出初审意见如下。"
    )
    sheet.heading("一、结论")
    sheet.line("{{ '初审合格，进入履约能力评估。' if passed else '初审不合格，不进入履约能力评估。' }}")
    _numbered(sheet, "reasons", "二、理由和依据", "{{ loop.index }}. {{ one.text }}（{{ one.clause }}）。")
    _numbered(
        sheet,
        "judgements",
        "{{ '三' if reasons else '二' }}、经人工判断的事项",
        "{{ loop.index }}. {{ one.subject }}：{{ one.verdict }}。理由：{{ one.reason }}。",
    )
    sheet.line("对本意见有疑问的，可以向本机构咨询。地址：{{ place }}。")
    sheet.signature()


def _numbered(sheet: Sheet, name: str, heading: str, text: str) -> None:
    sheet.line(f"{{%p if {name} %}}")
    sheet.heading(heading)
    sheet.each(f"one in {name}", text)
    sheet.line("{%p endif %}")


def _agreement(sheet: Sheet) -> None:
    sheet.line("协议编号：{{ number or '＿＿＿＿＿＿＿＿＿＿' }}", size=SI_HAO, align=RIGHT, indent=False)
    sheet.title()
    sheet.line("甲方：{{ agency }}")
    sheet.line("乙方：{{ name }}（申请人编号{{ applicant_id }}）")
    sheet.line("根据{{ law }}的规定，乙方经申报、评估、公示，并与甲方协商一致，双方订立本协议。")
    sheet.line("{%p for article in articles %}")
    sheet.heading("第{{ article.number }}条　{{ article.heading }}")
    sheet.each("text in article.paragraphs", "{{ text }}")
    sheet.line("{%p endfor %}")
    _parties(sheet)


def _parties(sheet: Sheet) -> None:
    for party, person in (("甲方（盖章）：", "负责人："), ("乙方（盖章）：", "法定代表人：")):
        sheet.line(party, indent=False, before=LINE)
        sheet.line(person, indent=False)
        sheet.line("日期：{{ signed_on }}", indent=False)


def _supplement(sheet: Sheet) -> None:
    sheet.line("补充协议编号：{{ number }}", size=SI_HAO, align=RIGHT, indent=False)
    sheet.title()
    sheet.line("甲方：{{ agency }}")
    sheet.line("乙方：{{ name }}")
    sheet.line(
        "双方于履行特殊药品定点医药机构服务协议（编号：{{ agreement_number }}，以下称原协议）期间，因{{ reason }}，根据{{ law }}和原协议的规定，经协商一致，订立本补充协议。"
    )
    sheet.heading("第一条　变更的条款")
    sheet.each("one in changes", "{{ loop.index }}. {{ one.label }}：由“{{ one.before }}”变更为“{{ one.after }}”。")
    sheet.line("{{ '其余指标和结算约定不变。' if changes else '原协议的指标和结算约定没有变更。' }}")
    sheet.heading("第二条　其他约定")
    sheet.line("{{ other_terms or '没有其他约定' }}。")
    sheet.heading("第三条　执行日期")
    sheet.line("本补充协议自{{ effective_on }}起执行；此前的期间，仍按原来的约定办理。")
    sheet.heading("第四条　与原协议的关系")
    sheet.line(
        "本补充协议是原协议的组成部分。没有变更的，按原协议执行；原协议的有效期和有效期内累计暂停的次数不因本补充协议而改变。"
    )
    sheet.heading("第五条　份数和备案")
    sheet.line("本补充协议一式三份，双方各执一份，一份报{{ county }}医疗保障局备案，自双方盖章之日起成立。")
    _parties(sheet)


FOUND = "{{ loop.index }}. {{ one.what }}（{{ one.clause }}）。{{ one.facts }}。"


def _finding_notice(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "本机构对你单位履行特殊药品定点医药机构服务协议（编号：{{ agreement_number }}）的情况进行了核实，拟作出认定（认定序号：{{ ref }}）。现将有关内容告知如下。"
    )
    sheet.heading("一、拟认定的事项")
    sheet.line("{{ what }}。{{ '该事项一经认定，属于规定的一律解除服务协议的情形。' if is_ground else '' }}")
    sheet.heading("二、依据的条款")
    sheet.line("{{ clause }}。")
    sheet.heading("三、查明的事实")
    sheet.line("{{ facts }}。{% if amount %}涉及金额{{ amount }}元。{% endif %}")
    sheet.heading("四、陈述和申辩")
    sheet.line(
        "你单位可以陈述意见、提出申辩。请{% if heard_until %}于{{ heard_until }}前（含当日）{% endif %}将加盖公章的书面说明和证明材料送达{{ place }}。{{ '逾期没有提交的，不影响本机构依据已有证据作出决定。' if heard_until else '' }}"
    )
    sheet.line("本告知书不是认定决定；决定认定的，另行书面告知。")
    sheet.signature()


def _inspection_record(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("检查对象：{{ name }}（协议编号：{{ agreement_number }}）", indent=False)
    sheet.line("检查种类：{{ kind }}{{ '（检查计划第' ~ plan ~ '号）' if plan else '' }}", indent=False)
    sheet.line("检查日期：{{ held_on }}", indent=False)
    sheet.heading("一、检查人员")
    sheet.each("one in inspectors", "{{ one.name }}（工号：{{ one.staff_no }}）")
    sheet.heading("二、五匹配核对")
    sheet.each("one in matches", "{{ one.what }}：{{ one.result }}")
    sheet.line("{{ '其余项目本次没有核对。' if matches else '本次没有核对。' }}")
    sheet.heading("三、检查情况")
    sheet.line("{{ minutes }}。{{ '被检查单位拒绝、阻挠检查。' if refused else '' }}")
    sheet.heading("四、当场纠正")
    sheet.each("one in corrections", "{{ loop.index }}. {{ one }}。")
    sheet.line(
        "{{ '以上各项已当场纠正。' if corrections else '没有当场纠正的事项。' }}附照片和材料 {{ evidence }} 件。"
    )
    sheet.heading("五、确认")
    sheet.line("检查人员（签名）：　　　　　　　　　　　　　　　年　　月　　日", indent=False)
    sheet.line("被检查单位意见：　　　　　　　　　　　　　　　", indent=False)
    sheet.line("被检查单位负责人（签名、公章）：　　　　　　　年　　月　　日", indent=False)
    sheet.signature()


def _rectification_notice(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "经核实，你单位在履行特殊药品定点医药机构服务协议（编号：{{ agreement_number }}）中存在问题。根据{{ law }}和服务协议的规定，现责令限期整改（整改序号：{{ ref }}）。"
    )
    sheet.heading("一、认定的事实和依据")
    sheet.each("one in findings", FOUND)
    sheet.heading("二、整改事项")
    sheet.each("one in todo", "{{ loop.index }}. {{ one }}。")
    sheet.heading("三、整改期限")
    sheet.line(
        "请于{{ due_on }}前（含当日）完成整改，并将加盖公章的整改报告和证明材料送达{{ place }}，由本机构复查。{{ '本次整改在暂停协议期间进行，请务必按时限要求整改到位。' if within_suspension else '' }}"
    )
    sheet.heading("四、逾期未整改或者整改不到位的后果")
    sheet.line("{{ on_failure }}。")
    sheet.line(
        "对本通知有不同意见，或者有客观原因不能按期完成的，请在期限届满前向本机构提交加盖公章的书面说明和证明材料。"
    )
    sheet.signature()


def _suspension_notice(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "根据{{ law }}和服务协议的规定，本机构决定暂停与你单位的特殊药品定点医药机构服务协议（编号：{{ agreement_number }}），现通知如下。"
    )
    sheet.heading("一、认定的事实和依据")
    sheet.each("one in findings", FOUND)
    sheet.heading("二、暂停期间")
    sheet.line(
        "自{{ from_on }}起{% if to_on %}至{{ to_on }}止，首日、末日均包含在内。{% else %}，至整改经复查到位、恢复协议时止；恢复的日期另行书面通知。{% endif %}"
    )
    sheet.line(
        "暂停期间发生的费用，医疗保险基金不予支付；协议有效期不因暂停而延长。请向参保人员说明，妥善安排正在用药的参保人员。"
    )
    sheet.heading("三、累计次数")
    sheet.line(
        "本次为协议有效期内第{{ count }}次暂停；协议有效期内累计{{ limit }}次的，一律解除服务协议（{{ clause }}）。国家医疗保障局关于定点医疗机构、定点零售药店的管理暂行办法规定的次数为累计{{ national }}次及以上。"
    )
    sheet.line(
        "{% if is_last %}本次暂停已达到上述次数，属于一律解除服务协议的情形。解除协议的决定另行书面送达。{% else %}{{ '协议有效期内再被暂停的，即达到上述次数。' if is_near else '' }}暂停协议期间未按时限要求整改或者整改不到位的，同样一律解除服务协议。{% endif %}"
    )
    sheet.line("对本决定有不同意见的，可以向本机构提交加盖公章的书面说明和证明材料。地址：{{ place }}。")
    sheet.signature()


def _resumption_notice(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "你单位的特殊药品定点医药机构服务协议（编号：{{ agreement_number }}）按{{ decision_no }}自{{ from_on }}起暂停，现自{{ resumed_on }}起恢复执行，自当日起发生的费用按照协议结算。协议有效期不因暂停而延长。"
    )
    sheet.line(
        "协议有效期内累计暂停{{ count }}次；累计{{ limit }}次的，一律解除服务协议。{{ '协议有效期内再被暂停的，即达到上述次数。' if is_near else '' }}"
    )
    sheet.line("请你单位遵守协议条款，加强内部管理，防止同类问题再次发生。")
    sheet.signature()


def _dissolution_notice(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "根据{{ law }}和服务协议的规定，本机构决定解除与你单位的特殊药品定点医药机构服务协议（编号：{{ agreement_number }}），现通知如下。"
    )
    sheet.heading("一、解除的事由和依据")
    sheet.line("{{ what }}（{{ clause }}）。")
    sheet.heading("二、认定的事实")
    sheet.line(
        "{{ facts }}。{% if heard %}{{ heard }}。{% endif %}本机构于{{ established_on }}作出认定（认定序号：{{ ref }}）。"
    )
    sheet.heading("三、解除的日期")
    sheet.line(
        "{% if served_on %}本通知书于{{ served_on }}送达你单位，协议自该日起解除。{% else %}协议自本通知书送达你单位之日起解除。{% endif %}"
    )
    sheet.line(
        "协议解除后发生的费用不再按照协议结算，此前的费用按照规定和协议结清。请向正在用药的参保人员说明，配合做好衔接。"
    )
    sheet.heading("四、重新申请的限制")
    sheet.line(
        "{% if bar_from %}自{{ bar_from }}起至{{ bar_last_day }}止（首日、末日均包含在内）{% else %}自协议解除的次日起{{ bar_period }}内{% endif %}，你单位不得重新申请特殊药品定点医药机构履约能力评估。"
    )
    sheet.line(
        "对本决定有不同意见的，可以向本机构提交加盖公章的书面说明和证明材料（地址：{{ place }}），也可以按照协议约定的方式解决争议。"
    )
    sheet.signature()


def _service_receipt(sheet: Sheet) -> None:
    sheet.title()
    sheet.form(
        [
            ("送达单位", "{{ agency }}"),
            ("受送达单位", "{{ name }}"),
            ("服务协议编号", "{{ agreement_number }}"),
            ("送达文书", "{{ paper }}"),
            ("文书字号", "{{ number }}"),
            ("送达方式", "□直接送达　□留置送达　□邮寄送达　□其他：＿＿"),
            ("送达地点", ""),
            ("收件人签名或者盖章", "　　　　　　　　　　　年　　月　　日　　时"),
            *((label, "") for label in ("代收人及与受送达单位的关系", "拒收事由和日期", "见证人签名")),
            *((label, "") for label in ("送达人签名（两人）", "备注")),
        ]
    )
    sheet.line("空白各项由送达人和收件人在送达时填写，签收后归入协议案卷。", size=XIAO_SI, indent=False)


def _warning_notice(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "经对你单位{{ month }}的月度指标进行分析，下列指标超出特殊药品定点医药机构服务协议（编号：{{ agreement_number }}）的约定，现予书面预警（预警序号：{{ ref }}）。"
    )
    sheet.heading("一、超出约定的指标")
    sheet.each(
        "one in exceeded",
        "{{ loop.index }}. {{ one.label }}：数值{{ one.value }}，约定{{ one.limit }}，{{ one.over }}。",
    )
    sheet.heading("二、整改措施")
    sheet.line(
        "请分析原因，并{% if answer_due %}于{{ answer_due }}前（含当日）{% endif %}将加盖公章的整改措施送达{{ place }}。数值或者计算有误的，请书面说明并附证明材料，核实后予以更正。"
    )
    sheet.line("本通知是提醒，不是处罚，不计入协议的暂停次数，也不向社会公布。")
    sheet.signature()


def _annual(sheet: Sheet) -> None:
    sheet.line("年度协议编号：{{ number }}", size=SI_HAO, align=RIGHT, indent=False)
    sheet.title()
    sheet.line("甲方：{{ agency }}")
    sheet.line("乙方：{{ name }}")
    sheet.line(
        "根据{{ law }}和双方特殊药品定点医药机构服务协议（编号：{{ agreement_number }}，以下称长期协议）的规定，经协商一致，订立本年度协议。"
    )
    sheet.heading("第一条　期间")
    sheet.line("本年度协议自{{ from_on }}起至{{ until_on }}止，首日、末日均包含在内。")
    sheet.heading("第二条　指标和结算约定")
    sheet.each("one in terms", "{{ loop.index }}. {{ one.label }}：{{ one.told }}。")
    sheet.heading("第三条　与长期协议的关系")
    sheet.line(
        "本年度协议是长期协议的组成部分。权利和义务、服务范围、违约处理、有效期和有效期内累计暂停的次数，按长期协议执行。"
    )
    sheet.heading("第四条　份数和备案")
    sheet.line("本年度协议一式三份，双方各执一份，一份报{{ county }}医疗保障局备案，自双方盖章之日起成立。")
    _parties(sheet)


def _renewal(sheet: Sheet) -> None:
    sheet.line("协议编号：{{ number }}", size=SI_HAO, align=RIGHT, indent=False)
    sheet.title()
    sheet.line("甲方：{{ agency }}")
    sheet.line("乙方：{{ name }}")
    sheet.line(
        "双方的特殊药品定点医药机构服务协议（编号：{{ previous }}）至{{ previous_expires_on }}到期。根据{{ law }}的规定，经乙方申请、甲方按照评估条件核对，双方续签本协议。"
    )
    sheet.line("{%p for article in articles %}")
    sheet.heading("第{{ article.number }}条　{{ article.heading }}")
    sheet.each("text in article.paragraphs", "{{ text }}")
    sheet.line("{%p endfor %}")
    sheet.line("原协议到期以前，双方仍按照原协议办理；累计暂停的次数自本协议生效之日起重新计算。")
    _parties(sheet)


def _hold(sheet: Sheet) -> None:
    sheet.head()
    sheet.line("{{ name }}：", indent=False)
    sheet.line(
        "为核查你单位履行特殊药品定点医药机构服务协议（编号：{{ agreement_number }}）的情况，根据服务协议的规定，本机构决定暂停结算（序号：{{ ref }}），现告知如下。"
    )
    sheet.heading("一、暂停结算的起日")
    sheet.line("自{{ from_on }}起发生的费用暂停拨付，至核查完结、恢复结算之日止；恢复的日期另行告知。")
    sheet.heading("二、理由")
    sheet.line("{{ reason }}。")
    sheet.heading("三、暂停结算期间")
    sheet.line(
        "协议继续履行，你单位应当照常为参保人员提供服务、按照规定结算参保人员负担的部分，不得因此拒绝或者推诿。暂停结算不是暂停协议，不计入协议有效期内累计暂停的次数。"
    )
    sheet.line("请配合核查，并可以将加盖公章的书面说明和证明材料送达{{ place }}。")
    sheet.signature()


BUILDERS: Mapping[DocumentKind, Callable[[Sheet], None]] = {
    DocumentKind.ANNOUNCEMENT: _announcement,
    DocumentKind.PRELIMINARY_OPINION: _opinion,
    DocumentKind.AGREEMENT: _agreement,
    DocumentKind.INSPECTION_RECORD: _inspection_record,
    DocumentKind.FINDING_NOTICE: _finding_notice,
    DocumentKind.RECTIFICATION_NOTICE: _rectification_notice,
    DocumentKind.SUSPENSION_NOTICE: _suspension_notice,
    DocumentKind.RESUMPTION_NOTICE: _resumption_notice,
    DocumentKind.DISSOLUTION_NOTICE: _dissolution_notice,
    DocumentKind.SERVICE_RECEIPT: _service_receipt,
    DocumentKind.WARNING_NOTICE: _warning_notice,
    DocumentKind.SUPPLEMENT_AGREEMENT: _supplement,
    DocumentKind.ANNUAL_AGREEMENT: _annual,
    DocumentKind.RENEWAL_AGREEMENT: _renewal,
    DocumentKind.HOLD_NOTICE: _hold,
}


def build(kind: DocumentKind) -> bytes:
    """The template of a kind."""
    sheet = Sheet()
    BUILDERS[kind](sheet)
    return sheet.content()


def main(kinds: Iterable[DocumentKind] = tuple(BUILDERS)) -> None:
    """Writes every template."""
    for kind in kinds:
        (TEMPLATES / f"{kind.value}.docx").write_bytes(build(kind))


if __name__ == "__main__":
    main()
