"""The PDFs: what each says, that texts stay texts, that the same data give the same bytes, layout, PDF/A."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from pypdf import PdfReader
from sqlalchemy import text

from models.database import transaction
from publication.documents import fonts
from publication.documents.making import make
from publication.documents.typeset import TEMPLATES
from publication.documents.word import EDITED
from rules.errors import InputError, RefusedError
from rules.vocabulary import DocumentKind
from tests.publication.documents.conftest import AFTER_SIGNATURE, HOSTILE, REFS, SECRET, Maker, pages_of
from tests.support.rounds import replayed, small_round

A4_WIDTH = 595.28
pytestmark = pytest.mark.long
SAID = {
    DocumentKind.ANNOUNCEMENT: [
        *("关于开展样例县2025年度特殊药品定点医药机构评估工作的公告", "样例县特药公告〔2025〕1号", "2025年8月18日"),
        *("零售药店2家", "营业用房使用面积不足，须达180平方米", "须达1亿元", "特殊药品品种数少于公告要求，须达30种"),
        *("2025年9月1日08:30至2025年9月12日17:30", "得分相同的，符合优先纳入条件的先纳入，仍相同的，公开随机抽取。"),
        *("2025年8月11日批准的年度发展计划", "原则上应当具备，自有或者委托均可", "约谈、责令改正等不是行政处罚"),
        *(
            "1.与有关慈善机构合作，在省作为特殊药品援助点（二（二）8）。",
            "2.获得特殊药品生产厂家颁发的荣誉奖项（二（二）9）。",
        ),
        *("优先纳入是指得分相同时", "也不能使70分以下的机构进入谈判", "附件：实地评估考核评分指导标准"),
        *("附件实地评估考核评分指导标准", "P-a专业服务能力30", "H-d管理20", "合计100"),
    ],
    DocumentKind.DRAW_RECORD: ["3.9.14.20.27.33./11./", "1.双色球第2025109期红球", "候补第1", "抽取人：", "监督人："],
    DocumentKind.NOTICE: [
        *("样例县特药公示〔2025〕1号", "公示期7日，自2025年9月23日（星期二）", "至2025年9月30日（星期二）届满"),
        *("届满日17:30前递交", "邮戳日期不晚于届满日", "评估得分"),
    ],
    DocumentKind.RESULT: ["关于公布样例县2025年度特殊药品定点医药机构名单的通告", "2025年11月5日"],
    DocumentKind.PRELIMINARY_OPINION: ["初审意见书", "初审合格，进入履约能力评估。", "样例县特药初审〔2025〕P01号"],
    DocumentKind.RESULT_LETTER: ["评估结果告知书", "95.00", "第1名", "拟进入谈判，待公示"],
    DocumentKind.AGREEMENT: [
        "特殊药品定点医药机构服务协议",
        "第一条服务人群",
        "第九条争议和其他",
        "日期：2025年11月3日",
        "协议编号：样例县特药协议〔2025〕2号",
        "本协议有效期自2025年11月3日起至2026年11月3日止。",
    ],
    DocumentKind.FILING_SHEET: [
        *(
            "备案表",
            "评估结果95.00分，第1名",
            "评估结果公示2025年9月23日至2025年9月30日（第1号）",
            "备案日期2025年11月4日",
        ),
        *("卷宗去向（一式3份）", "申报单位", "县医疗保险经办中心"),
    ],
    DocumentKind.REVIEW_SUMMARY: [
        *("样例县医疗保障局：", "零售药店202200", "现就初审合格的3家机构提出履约能力评估申请", "2025年9月15日"),
    ],
    DocumentKind.EVALUATION_REQUEST: [
        *("市医疗保障局：", "关于对样例县2025年度特殊药品定点医药机构进行履约能力实地评估的申请", "2025年9月16日"),
        *("随机抽取3至5名专家", "样例县医疗保障局2025年9月16日", "由我局医药管理科牵头，样例县医疗保险经办中心配合"),
    ],
    DocumentKind.EVALUATION_RECORD: [
        *("评估得分95.00分", "专业服务能力30303030", "合计959595", "各项未另作文字记录。"),
        *("未另行成文，以评分汇总结果为准。", "专家组签名："),
    ],
    DocumentKind.FINDING_NOTICE: [
        *("样例县特药告知〔2025〕2-1号", "协议（编号：样例县特药协议〔2025〕2号）", "认定序号：1", "2025年11月10日"),
        *(
            "提高标准、分解或重复收费。",
            "定点管理通知四（五）7。",
            "请于2025年11月17日（星期一）前（含当日）将加盖公章的",
        ),
        "本告知书不是认定决定",
    ],
    DocumentKind.INSPECTION_RECORD: [
        *("检查记录", "样例县特药检查〔2025〕2-1号", "检查种类：日常检查", "检查日期：2025年11月10日（星期一）"),
        *(
            "复核员乙（工号：复核员乙）",
            "药与量：不相符",
            "以上各项已当场纠正。附照片和材料0件。",
            "检查人员（签名）：",
        ),
    ],
    DocumentKind.RECTIFICATION_NOTICE: [
        *("责令限期整改通知书", "样例县特药责改〔2025〕2-1号", "1.提高标准、分解或重复收费（定点管理通知四（五）7）。"),
        *("2.整改收费系统。", "请于2025年12月10日（星期三）前（含当日）完成整改", "2025年11月19日"),
        *("本次整改在暂停协议期间进行", "在暂停期间逾期未整改或整改不到位的，一律解除协议（六（二））。"),
    ],
    DocumentKind.SUSPENSION_NOTICE: [
        *(
            "暂停协议通知书",
            "样例县医保暂停〔2025〕1号",
            "自2025年11月19日（星期三）起，至整改经复查到位、恢复协议时止",
        ),
        *(
            "本次为协议有效期内第1次暂停；协议有效期内累计3次的，一律解除服务协议（六（二）2④）。",
            "规定的次数为累计2次及以上",
        ),
        "同样一律解除服务协议。",
    ],
    DocumentKind.RESUMPTION_NOTICE: [
        *(
            "恢复协议通知书",
            "样例县特药恢复〔2025〕2-1号",
            "按样例县医保暂停〔2025〕1号自2025年11月19日（星期三）起暂停",
        ),
        *("现自2025年11月21日（星期五）起恢复执行", "累计暂停1次；累计3次的，一律解除"),
    ],
    DocumentKind.DISSOLUTION_NOTICE: [
        *("解除服务协议通知书", "样例县医保解除〔2025〕1号", "（六（二）2①）。", "你单位于2025年12月2日提交书面陈述。"),
        *("本机构于2025年12月2日作出认定（认定序号：2）", "本通知书于2025年12月11日送达你单位，协议自该日起解除。"),
        *("自2025年12月12日起至2028年12月11日止（首日、末日均包含在内）", "2025年12月10日"),
    ],
    DocumentKind.SERVICE_RECEIPT: [
        *("送达文书责令限期整改通知书", "文书字号样例县特药责改〔2025〕2-1号", "服务协议编号样例县特药协议〔2025〕2号"),
        *("拒收事由和日期", "送达人签名（两人）"),
    ],
    DocumentKind.ASSESSMENT_NOTICE: [
        *("关于公布样例县2025年度特殊药品定点医药机构考核结果的通告", "样例县特药考核〔2026〕1号", "2026年1月5日"),
        *("零售药店（2家）", "92.50—未评定等级"),
    ],
    DocumentKind.SETTLEMENT_SHEET: [
        *("样例县特殊药品定点医药机构2025年11月结算联系单", "样例县特药结算〔2025〕11号"),
        *("1—2日未生效", "日有效", "系统不拨付费用"),
    ],
    DocumentKind.WARNING_NOTICE: [
        *("预警通知书", "样例县特药预警〔2025〕2-1号", "对你单位2025年11月的月度指标"),
        *(
            "1.目录内备药率：数值75.5%，约定不低于80%（样例县特药协议〔2025〕2号，自2025-11-03起），低于约定4.5个百分点。",
        ),
        "于2025年12月15日（星期一）前（含当日）",
    ],
    DocumentKind.SUPPLEMENT_AGREEMENT: [
        *("补充协议编号：样例县特药协议〔2025〕2号补充1号", "（编号：样例县特药协议〔2025〕2号，以下称原协议）"),
        *("1.目录内备药率：由“不低于80%”变更为“不低于85%”。", "本补充协议自2025年12月1日起执行"),
        "一份报样例县医疗保障局备案",
    ],
    DocumentKind.ANNUAL_AGREEMENT: [
        *(
            "年度协议编号：样例县特药协议〔2025〕2号年度2026号",
            "自2026年1月1日起至2026年11月3日止",
            "1.目录内备药率：不低于80%。",
        ),
    ],
    DocumentKind.RENEWAL_AGREEMENT: [
        *(
            "协议编号：样例县特药协议〔2025〕4号",
            "（编号：样例县特药协议〔2025〕2号）至2026年11月3日到期",
            "第九条争议和其他",
        ),
        "本协议有效期自2026年11月4日起至2027年11月4日止。",
    ],
    DocumentKind.HOLD_NOTICE: [
        *("暂停结算告知书", "样例县特药缓结〔2025〕2-1号", "自2025年11月25日起发生的费用暂停拨付"),
        "不计入协议有效期内累计暂停的次数",
    ],
    DocumentKind.STOCK_ANNEX: [
        *("样例县特药附件〔2025〕2-1号", "为第1份，自2025年11月27日起执行", "共1种药品", "奥希替尼片"),
    ],
    DocumentKind.MESSAGE_PROOF: [
        *("通知送达情况证明", "样例县特药送达〔2025〕通知2号", "第2号，受理告知书", "日期是怎样算出来的"),
        "没有以电子方式发送过。",
    ],
    DocumentKind.WORK_LEDGER: ["样例县特药台账〔2025〕1号", "样例县2025年度特殊药品定点工作台账", "共3家"],
    DocumentKind.DOSSIER_COVER: ["样例县特药封面〔2025〕P01号", "办结日期2025年11月5日", "归档号"],
    DocumentKind.DOSSIER_INDEX: ["样例县特药目录〔2025〕P01号", "签署初审意见：初审合格", "校验值"],
}
NAMES_IT = set(DocumentKind) - {DocumentKind.ANNOUNCEMENT, DocumentKind.DRAW_RECORD}


@pytest.mark.parametrize("kind", DocumentKind)
def test_each_document_says_what_it_must(kind: DocumentKind, made: Maker) -> None:
    whole = "".join(pages_of(made(kind)))
    assert [said for said in SAID[kind] if said not in whole] == []


@pytest.mark.parametrize("kind", sorted(NAMES_IT))
def test_an_applicants_text_is_never_markup(kind: DocumentKind, made: Maker) -> None:
    assert "".join(HOSTILE.split()) in "".join(pages_of(made(kind)))


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (DocumentKind.FINDING_NOTICE, [f"重复收费三笔{HOSTILE}。"]),
        (DocumentKind.INSPECTION_RECORD, [f"账物不符{HOSTILE}。", f"1. 更换价格牌{HOSTILE}。"]),
        (DocumentKind.RECTIFICATION_NOTICE, [f"重复收费三笔{HOSTILE}。", f"1. 退还{HOSTILE}。"]),
        (DocumentKind.SUSPENSION_NOTICE, [f"重复收费三笔{HOSTILE}。"]),
        (DocumentKind.DISSOLUTION_NOTICE, [f"虚假凭证三份{HOSTILE}。"]),
    ],
)
def test_the_office_s_text_is_never_markup(kind: DocumentKind, texts: list[str], made: Maker) -> None:
    whole = "".join(pages_of(made(kind)))
    assert [one for one in texts if "".join(one.split()) not in whole] == []


@pytest.mark.parametrize(
    ("kind", "file_format"),
    [(kind, "pdf") for kind in AFTER_SIGNATURE] + [(kind, "docx") for kind in AFTER_SIGNATURE if kind in EDITED],
)
def test_evidence_and_statements_stay_in_the_file(kind: DocumentKind, file_format: str, made: Maker) -> None:
    one = made(kind, file_format=file_format)
    told = (
        "".join(pages_of(one))
        if file_format == "pdf"
        else "".join(Document(io.BytesIO(one.content)).element.itertext())
    )
    assert SECRET not in told


@pytest.mark.parametrize("kind", DocumentKind)
def test_the_same_data_give_the_same_bytes(kind: DocumentKind, made: Maker, made_anew: Maker) -> None:
    first, second = made(kind), made_anew(kind)
    assert first.content == second.content
    assert (first.sha256, first.data_sha256) == (second.sha256, second.data_sha256)


def test_one_changed_figure_changes_the_bytes(made: Maker) -> None:
    plain, numbered = made(DocumentKind.NOTICE), made(DocumentKind.NOTICE, number="某医保公〔2026〕12号")
    assert "某医保公〔2026〕12号" in pages_of(numbered)[0]
    assert plain.sha256 != numbered.sha256


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_pdf_declares_pdf_a_2b_and_carries_its_fonts(kind: DocumentKind, made: Maker) -> None:
    one = made(kind)
    reader = PdfReader(io.BytesIO(one.content))
    meta = reader.xmp_metadata
    assert meta is not None
    xmp = meta.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
    (intent,) = reader.trailer["/Root"]["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert not reader.is_encrypted
    assert "/JavaScript" not in reader.trailer["/Root"].get("/Names", {})
    assert [name for name in _fonts(reader) if not _is_embedded(reader, name)] == []
    assert (len(reader.pages), reader.metadata and reader.metadata.title) == (one.pages, one.title)


def _fonts(reader: PdfReader) -> set[str]:
    return {str(name) for page in reader.pages for name in page["/Resources"]["/Font"]}


def _is_embedded(reader: PdfReader, name: str) -> bool:
    for page in reader.pages:
        if name in page["/Resources"]["/Font"]:
            font = page["/Resources"]["/Font"][name].get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner["/FontDescriptor"].get_object()
            return bool({"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor))
    return False


def test_a_full_page_has_22_lines_of_at_most_28_characters(made: Maker) -> None:
    page = PdfReader(io.BytesIO(made(DocumentKind.ANNOUNCEMENT).content)).pages[1]
    *lines, number = [line for line in page.extract_text().splitlines() if line.strip()]
    assert (len(lines), number.strip()) == (22, "— 2 —")
    full = [line for line in lines if not any(character.isascii() for character in line)]
    assert max(len(line.strip()) for line in full) <= 28


def test_page_numbers_stand_outside(made: Maker) -> None:
    pdf = pypdfium2.PdfDocument(made(DocumentKind.ANNOUNCEMENT).content)
    assert [_left_of(pdf[number], "—") > A4_WIDTH / 2 for number in range(3)] == [True, False, True]


def _left_of(page: pypdfium2.PdfPage, mark: str) -> float:
    """Where a mark first stands, in points from the left edge."""
    words = page.get_textpage()
    index, _ = words.search(mark).get_next()
    return float(words.get_charbox(index)[0])


def test_a_long_list_repeats_its_head_and_the_signature_stays_whole(crowded: str) -> None:
    with transaction(crowded) as session:
        pages = pages_of(make(session, DocumentKind.NOTICE, 1))
    listed = [page for page in pages if "样例大药房" in page]
    assert [page.count("名次机构名称编号评估得分") for page in listed] == [2, 1, 1]
    signed = [page for page in pages if page.count("样例县医疗保险经办中心2025年9月23日")]
    assert len(signed) == 1
    assert all(f"样例大药房{number}店" in "".join(pages) for number in range(1, 61))


def test_a_notice_that_is_not_posted_prints_the_planned_days(tmp_path: Path) -> None:
    scenario = small_round(until="2025-09-24T18:00:00+08:00")
    next(event for event in scenario["events"] if event["do"] == "publish_notice")["postings"] = []
    url, _ = replayed(tmp_path, scenario)
    with transaction(url) as session:
        open_end = "".join(pages_of(make(session, DocumentKind.NOTICE, 1)))
        planned = make(session, DocumentKind.NOTICE, 1, planned_on=date(2025, 9, 25))
    assert "公示期7日，自各渠道中最晚的一个发布之日起算，当日不计。" in open_end
    said = "".join(pages_of(planned))
    assert "2025年9月25日（星期四）发布，当日不计，至2025年10月9日（星期四）届满" in said
    assert "各渠道实际发布之日与上述日期不同的" in said
    assert planned.day == date(2025, 9, 25)


def test_a_failed_opinion_gives_every_reason_with_its_clause(tmp_path: Path) -> None:
    facts = {"P01": {"area_m2": "179.5", "licensed_pharmacists": 0}}
    url, _ = replayed(tmp_path, small_round(facts=facts, until="2025-09-11T18:00:00+08:00"))
    with transaction(url) as session:
        said = "".join(pages_of(make(session, DocumentKind.PRELIMINARY_OPINION, 2)))
    assert "初审不合格，不进入履约能力评估。" in said
    assert "营业用房使用面积不足" in said
    assert "执业药师和医师未各配备一名以上" in said
    assert "（二（二）6）" in said


def test_an_agreement_to_be_signed_has_lines_to_write_on(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="2025-10-25T10:00:00+08:00"))
    with transaction(url) as session:
        blank = "".join(pages_of(make(session, DocumentKind.AGREEMENT, 2)))
        given = make(session, DocumentKind.AGREEMENT, 2, number="样医协〔2025〕7号")
    assert "协议编号：特殊药品定点医药机构服务协议" in blank
    assert "本协议有效期自＿＿＿＿年＿＿月＿＿日起至＿＿＿＿年＿＿月＿＿日止。" in blank
    assert blank.endswith("日期：日期：—3—")
    assert "协议编号：样医协〔2025〕7号" in pages_of(given)[0]


def test_what_was_signed_under_a_number_takes_no_other(finished: str) -> None:
    with transaction(finished) as session:
        same = make(session, DocumentKind.AGREEMENT, 2, number=" 样例县特药协议〔2025〕2号")
        assert same.number == "样例县特药协议〔2025〕2号"
        with pytest.raises(RefusedError, match="协议已按编号“样例县特药协议〔2025〕2号”签订，不能另编“甲1号”"):
            make(session, DocumentKind.AGREEMENT, 2, number="甲1号")


@pytest.fixture(scope="module")
def announced(tmp_path_factory: pytest.TempPathFactory) -> str:
    return replayed(tmp_path_factory.mktemp("announced"), small_round(until="announced"))[0]


@pytest.mark.parametrize(
    ("kind", "ref", "sentence"),
    [
        (DocumentKind.PRELIMINARY_OPINION, 1, "尚未签署初审意见"),
        (DocumentKind.RESULT_LETTER, 1, "尚无评估结果"),
        (DocumentKind.AGREEMENT, 1, "拟签约名单公示届满后才能制作协议"),
        (DocumentKind.FILING_SHEET, 1, "尚未签订协议"),
        (DocumentKind.DRAW_RECORD, 1, "尚未抽取专家"),
        (DocumentKind.REVIEW_SUMMARY, 1, "尚未签署初审意见，没有可以汇总的初审情况"),
        (DocumentKind.EVALUATION_REQUEST, 1, "尚未向县医疗保障局提出评估申请"),
        (DocumentKind.EVALUATION_RECORD, 1, "尚无评估结果"),
        (DocumentKind.NOTICE, 1, "没有第 1 号公示"),
        (DocumentKind.ANNOUNCEMENT, 7, "没有第 7 轮次"),
        (DocumentKind.FILING_SHEET, 77, "没有第 77 号卷宗"),
    ],
)
def test_a_document_is_refused_before_there_is_anything_to_tell(
    kind: DocumentKind, ref: int, sentence: str, announced: str
) -> None:
    with transaction(announced) as session, pytest.raises(RefusedError, match=sentence):
        make(session, kind, ref)


@pytest.mark.parametrize(
    ("kind", "ref", "sentence"),
    [(DocumentKind.NOTICE, 3, "没有公示期：请制作“定点名单通告”"), (DocumentKind.RESULT, 1, "请制作“公示”")],
)
def test_the_wrong_kind_of_notice_names_the_right_one(
    kind: DocumentKind, ref: int, sentence: str, finished: str
) -> None:
    with transaction(finished) as session, pytest.raises(RefusedError, match=sentence):
        make(session, kind, ref)


@pytest.mark.parametrize("rare", ["\U0002b740", "\U00012000"])
def test_a_character_without_a_glyph_is_described_and_told(finished: str, rare: str) -> None:
    code = f"〔U+{ord(rare):04X}〕"
    with transaction(finished) as session:
        session.execute(text(f"UPDATE applicant SET name = name || '{rare}甲' WHERE id = 3"))
        made = make(session, DocumentKind.PRELIMINARY_OPINION, 3)
        again = make(session, DocumentKind.PRELIMINARY_OPINION, 3)
        session.rollback()
    assert (made.described, made.content) == ((rare,), again.content)
    assert code in made.note
    pages = PdfReader(io.BytesIO(made.content)).pages
    assert code in "".join("".join(page.extract_text().split()) for page in pages)


def test_a_document_whose_characters_all_have_glyphs_says_nothing_of_them(finished: str) -> None:
    with transaction(finished) as session:
        assert make(session, DocumentKind.PRELIMINARY_OPINION, 3).note == ""


def test_the_site_and_the_messages_get_a_name_of_our_own_numbers(made: Maker) -> None:
    files = {kind: made(kind) for kind in REFS}
    assert {kind: one.name for kind, one in files.items()} == {
        **{kind: f"{kind.value.replace('_', '-')}-{ref}.pdf" for kind, ref in REFS.items()},
        DocumentKind.MESSAGE_PROOF: "message-proof-P01-2.pdf",
    }
    assert all(one.content.startswith(b"%PDF-1.7") for one in files.values())


def test_the_bureaus_fonts_come_first_and_the_others_fill_in() -> None:
    there = frozenset({"仿宋_GB2312", "方正小标宋简体", "Noto Serif CJK SC", "Noto Sans CJK SC"})
    chosen = fonts.choose(there, Path("fonts"))
    assert chosen["body"] == ["仿宋_GB2312", "Noto Serif CJK SC"]
    assert (chosen["title"][0], chosen["title-weight"]) == ("方正小标宋简体", "regular")
    assert fonts.used(chosen)["hei"] == "Noto Sans CJK SC"


def test_without_a_chinese_font_the_sentence_names_the_package() -> None:
    with pytest.raises(InputError, match=r"没有找到可用的仿宋字体.*fonts-noto-cjk.*fonts"):
        fonts.choose(frozenset({"Liberation Serif"}), Path("fonts"))


def test_every_kind_has_its_own_template() -> None:
    shared = {"official.typ", "lists.typ", "reviewed.typ"}
    assert {path.name for path in TEMPLATES.glob("*.typ")} - shared == {f"{kind.value}.typ" for kind in DocumentKind}
