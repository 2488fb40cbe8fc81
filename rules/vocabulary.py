"""The words of the procedure: one English name for each Chinese term, used in code, database and scenario files.

Keys of the glossary (`GLOSSARY.md`); a test holds the two together. `label` gives the Chinese that people read.
"""

from __future__ import annotations

from enum import StrEnum


class Term(StrEnum):
    """A member that carries the Chinese word for people."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Term:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member


class ApplicantType(Term):
    HOSPITAL = "hospital", "医疗机构"
    PHARMACY = "pharmacy", "零售药店"


class State(Term):
    """Where a dossier stands. The order here means nothing: `rules.evaluation.states` says which step follows which."""

    NOT_APPLIED = "NOT_APPLIED", "未申请"
    TOO_EARLY = "TOO_EARLY", "受理尚未开始，未予受理"
    INCOMPLETE = "INCOMPLETE", "待补正"
    ACCEPTED = "ACCEPTED", "已受理，初审中"
    PRELIM_PASSED = "PRELIM_PASSED", "初审合格"
    COUNTY_REQUESTED = "COUNTY_REQUESTED", "已报县医疗保障局"
    EVALUATING = "EVALUATING", "实地评估中"
    SELECTED = "SELECTED", "拟进入谈判，待公示"
    NOTICE_RESULT = "NOTICE_RESULT", "评估结果公示中"
    NEGOTIATING = "NEGOTIATING", "谈判中"
    CONSENSUS = "CONSENSUS", "已达成共识，待公示"
    AWAITING_CITY = "AWAITING_CITY", "已报市级，待确定"
    DETERMINED = "DETERMINED", "市级已确定，待公示"
    NOTICE_PROPOSED = "NOTICE_PROPOSED", "拟签约名单公示中"
    SIGNING = "SIGNING", "待签订协议"
    SIGNED = "SIGNED", "已签订，待备案"
    FILED = "FILED", "已备案，待公布"
    PUBLISHED = "PUBLISHED", "已签订、备案并公布"
    NOT_ACCEPTED_LATE = "NOT_ACCEPTED_LATE", "不予受理（不在受理时间内）"
    NOT_ACCEPTED_INCOMPLETE = "NOT_ACCEPTED_INCOMPLETE", "不予受理（材料不齐）"
    NOT_ACCEPTED_BAN = "NOT_ACCEPTED_BAN", "不予受理（限制申请）"
    PRELIM_FAILED = "PRELIM_FAILED", "初审不合格"
    BELOW_THRESHOLD = "BELOW_THRESHOLD", "评估未达分数线"
    OUT_OF_QUOTA = "OUT_OF_QUOTA", "评估合格，名额已满"
    DISQUALIFIED_PUBLICITY_1 = "DISQUALIFIED_PUBLICITY_1", "评估结果公示异议成立，取消资格"
    DISQUALIFIED_PUBLICITY_2 = "DISQUALIFIED_PUBLICITY_2", "拟签约公示投诉属实，取消资格"
    NEGOTIATION_FAILED = "NEGOTIATION_FAILED", "谈判未达成共识"
    NOT_DETERMINED = "NOT_DETERMINED", "市级不予确定"
    DEEMED_ABANDONED = "DEEMED_ABANDONED", "逾期未签约，视作自动放弃"
    WITHDRAWN = "WITHDRAWN", "申请人撤回"


class AgreementState(Term):
    """Where a signed agreement stands (六). The order here means nothing: `rules.performance.states` has the way."""

    DRAFT = "DRAFT", "未登记履行"
    SIGNED = "SIGNED", "已签订，未生效"
    FILED = "FILED", "已备案，未生效"
    IN_FORCE = "IN_FORCE", "有效"
    SUSPENDED = "SUSPENDED", "暂停中"
    TO_BE_DISSOLVED = "TO_BE_DISSOLVED", "应予解除，待送达"
    DISSOLVED = "DISSOLVED", "已解除"
    EXPIRED = "EXPIRED", "已到期"
    SUPERSEDED = "SUPERSEDED", "已到期，已续签"
    LEFT = "LEFT", "已退出"
    CANCELLED = "CANCELLED", "已取消"


class Fitness(Term):
    """What the assessment of an agreement that was there before came to (R74)."""

    FIT = "fit", "合格"
    UNFIT = "unfit", "不合格"


class RoundKind(Term):
    """What a round is: an evaluation, or the register of agreements that were there before (R74)."""

    EVALUATION = "evaluation", "评估"
    INTAKE = "intake", "在册协议"


class CityDecision(Term):
    """What the city bureau answers to a report (R75)."""

    CONFIRMED = "confirmed", "同意"
    RETURNED = "returned", "退回"
    REFUSED = "refused", "不同意"


class InspectionKind(Term):
    ROUTINE = "routine", "日常检查"
    SPECIAL = "special", "专项检查"
    COMPLAINT = "complaint", "举报核查"
    JOINT = "joint", "联合检查"
    DOUBLE_RANDOM = "double_random", "双随机检查"


class FiveMatch(Term):
    """What an inspection compares (五匹配; R72)."""

    CARD_PERSON = "card_person", "卡与人"
    PERSON_ILLNESS = "person_illness", "人与病"
    ILLNESS_DRUG = "illness_drug", "病与药"
    DRUG_QUANTITY = "drug_quantity", "药与量"
    QUANTITY_COST = "quantity_cost", "量与费"


class MatchResult(Term):
    MATCHES = "matches", "相符"
    DIFFERS = "differs", "不相符"


class InspectorConflict(Term):
    """Why an inspector does not go to an institution."""

    EMPLOYER = "employer", "曾任职或兼职"
    FAMILY = "family", "亲属关系"
    LAST_YEAR = "last_year", "近期检查过该机构"


class InstitutionList(Term):
    """The lists of institutions that the office may keep (R76, R77)."""

    REFUSAL = "refusal", "不受理申请名单"
    BLACK = "black", "黑名单"


class RectificationResult(Term):
    DONE = "done", "整改到位"
    INSUFFICIENT = "insufficient", "整改不到位"
    LATE = "late", "逾期未整改"


class ChangeKind(Term):
    NAME = "name", "机构名称"
    ADDRESS = "address", "地址"
    LEGAL_REPRESENTATIVE = "legal_representative", "法定代表人"
    LEVEL = "level", "医院等级"
    LICENCE = "licence", "许可证照"
    OWNER = "owner", "所有制或股权"
    STAFF = "staff", "特药服务人员"
    STOCK_LIST = "stock_list", "备药目录"


class GradeEffect(Term):
    """What follows from a credit grade (R51); which grade has which effect, the county's table says."""

    SIMPLER = "a", "简化审核和结算，公开表扬"
    STRICTER = "b", "从严审核，列入下一年度检查"
    LIABLE = "c", "追究责任，由人研究处理"


class CostKind(Term):
    REFUSED = "refused", "拒付"
    RECOVERED = "recovered", "追回"
    SET_OFF = "set_off_next_month", "下月冲抵"


class RenewalJudgement(Term):
    """What a person decides on a renewal where the last grade has the gravest effect (L10)."""

    RENEW = "renew", "同意续签"
    REFUSE = "refuse", "不予续签"


class IndicatorSource(Term):
    """Where the values of a month come from (R83)."""

    INSTITUTION = "institution", "机构报送"
    AGENCY = "agency", "经办系统"


class EventKind(Term):
    """What an institution reports within hours (R83)."""

    TRAUMA = "trauma", "外伤"
    READMISSION = "readmission", "重复住院"


class GeneTesting(Term):
    OWN = "own", "自有"
    CONTRACTED = "contracted", "签约机构"
    NONE = "none", "无"


class ClockKind(Term):
    AUTHORITY = "authority", "机关期限"
    APPLICANT = "applicant", "申请人期限"
    PERIOD = "period", "公示期"


class ClockStatus(Term):
    RUNNING = "running", "进行中"
    MET = "met", "按期完成"
    BREACHED = "breached", "机关逾期"
    LAPSED = "lapsed", "申请人逾期"
    SUSPENDED = "suspended", "中止"
    PROVISIONAL = "provisional", "暂定"
    ENDED = "ended", "已终止"


class NoticeKind(Term):
    EVALUATION_RESULT = "evaluation_result", "评估结果公示"
    PROPOSED_AGREEMENTS = "proposed_agreements", "拟签约名单公示"
    FINAL_RESULT = "final_result", "定点名单公布"


class ObjectionVia(Term):
    ONLINE = "online", "网上"
    COUNTER = "counter", "窗口"
    POST = "post", "邮寄"


class ObjectionStatus(Term):
    OPEN = "open", "核查中"
    UPHELD = "upheld", "属实"
    DISMISSED = "dismissed", "不属实"
    WITHDRAWN = "withdrawn", "已撤回，终止核查"


class ConflictKind(Term):
    """Why an expert may not sit while an institution is evaluated."""

    EMPLOYER = "employer", "工作单位"
    INTEREST = "interest", "申报的利益关系"
    GROUP = "group", "同属一个集团"
    PAST_EVALUATION = "past_evaluation", "近期评估过该机构"
    UNKNOWN = "unknown", "未作利益申报"


class SourceFallback(Term):
    """What the plan announces for a public result that does not come out."""

    WAIT = "wait", "顺延等待"
    ZERO = "zero", "按 0 计入"
    REPLACEMENT = "replacement", "改用公布的替代结果"


class SourceState(Term):
    """Where an announced public result stands."""

    EXPECTED = "expected", "等待公布"
    POSTPONED = "postponed", "已延期"
    MISSING = "missing", "未公布，按方案处理"


class EvaluationStage(Term):
    COUNTY_BUREAU = "county_bureau", "县医疗保障局"
    CITY_BUREAU = "city_bureau", "市医疗保障局"


class AuditSubject(Term):
    ROUND = "round", "轮次"
    APPLICATION = "application", "案件"
    PROPOSAL = "proposal", "提请"


class SecondWhen(Term):
    """When an act wants a second person."""

    ALWAYS = "always", "一律"
    SUBSTANTIATED = "substantiated", "认定属实的"
    UPHELD = "upheld", "认定成立的"
    AFTER_PLAN = "after_plan", "抽取方案公布以后的"
    OWN_SITE_CHECK = "own_site_check", "本人参加实地核查的"
    BACKDATED = "backdated", "迟录较久的"


class SecondWord(Term):
    """What a second person says."""

    CONFIRM = "confirm", "确认，立即办理"
    RETURN = "return", "退回，不予办理"


class ConditionResult(Term):
    """How a condition of application stands, on the facts as they are."""

    MET = "met", "符合"
    FAILED = "failed", "不符合"
    TO_JUDGE = "to_judge", "须由人判断"
    UNKNOWN = "unknown", "缺事实"
    NOT_ASKED = "not_asked", "不适用"


class ProposalStatus(Term):
    """What became of an act that waits for its second person."""

    OPEN = "open", "待复核"
    CONFIRMED = "confirmed", "已确认办理"
    RETURNED = "returned", "已退回"
    LAPSED = "lapsed", "逾期失效"


class PinnedBy(Term):
    """How a round came by the rules that it runs on."""

    ANNOUNCEMENT = "announcement", "发布公告时固定"
    UPGRADE = "upgrade", "程序升级时固定"
    ADOPTION = "adoption", "采用新规则"


class WayIn(Term):
    """How somebody came to be logged in."""

    PASSWORD = "password", "口令和动态码"
    PROXY = "proxy", "单位统一认证"
    REHEARSAL = "rehearsal", "演练"


class AccessEvent(Term):
    """What happened at the door."""

    STAFF_ADDED = "staff_added", "登记人员"
    STAFF_LEFT = "staff_left", "停用人员"
    CODE_GIVEN = "code_given", "发放登记码"
    CODE_CONFIRMED = "code_confirmed", "复核登记码"
    CODE_RETURNED = "code_returned", "退回登记码"
    ENROLLED = "enrolled", "登记口令和动态码"
    LOGGED_IN = "logged_in", "登录"
    LOGGED_OUT = "logged_out", "退出"
    REFUSED = "refused", "登录被拒"
    LOCKED = "locked", "连续登录失败，暂停登录"
    PASSWORD_CHANGED = "password_changed", "更换口令"


class Audience(Term):
    APPLICANT = "applicant", "申请人"
    AUTHORITY = "authority", "经办机构"
    SUPERVISOR = "supervisor", "主管领导"


class Channel(Term):
    EMAIL = "email", "电子邮件"
    SMS = "sms", "短信"
    STAFF = "staff", "工作群"


class MessageStatus(Term):
    PENDING = "pending", "待发送"
    SENDING = "sending", "发送中"
    ACCEPTED = "accepted", "已送出"
    DELIVERED = "delivered", "已送达"
    UNDELIVERED = "undelivered", "未送达"
    RETRY = "retry", "待重试"
    UNKNOWN = "unknown", "结果不明"
    REJECTED = "rejected", "被拒收"
    FAILED = "failed", "多次尝试未能送出"
    SUPPRESSED = "suppressed", "未外发"
    CANCELLED = "cancelled", "已取消"
    EXPIRED = "expired", "已过期"
    DIGESTED = "digested", "已并入汇总"
    HELD = "held", "待复看"


class HandDelivery(Term):
    """How a person delivers what the channels could not."""

    CALL = "call", "电话告知"
    PAPER = "paper", "书面送达"
    COUNTER = "counter", "窗口签收"


class DocumentKind(Term):
    """The official documents that are made from the records."""

    ANNOUNCEMENT = "announcement", "公告"
    PRELIMINARY_OPINION = "preliminary_opinion", "初审意见书"
    RESULT_LETTER = "result_letter", "评估结果告知书"
    NOTICE = "notice", "公示"
    DRAW_RECORD = "draw_record", "抽取记录"
    RESULT = "result", "定点名单通告"
    AGREEMENT = "agreement", "服务协议"
    FILING_SHEET = "filing_sheet", "备案表"
    REVIEW_SUMMARY = "review_summary", "初审汇总及情况说明"
    EVALUATION_REQUEST = "evaluation_request", "履约能力评估申请"
    EVALUATION_RECORD = "evaluation_record", "实地评估记录"
    FINDING_NOTICE = "finding_notice", "拟认定告知书"
    RECTIFICATION_NOTICE = "rectification_notice", "责令限期整改通知书"
    SUSPENSION_NOTICE = "suspension_notice", "暂停协议通知书"
    RESUMPTION_NOTICE = "resumption_notice", "恢复协议通知书"
    DISSOLUTION_NOTICE = "dissolution_notice", "解除服务协议通知书"
    SERVICE_RECEIPT = "service_receipt", "送达回证"
    ASSESSMENT_NOTICE = "assessment_notice", "年度考核结果通告"
    SETTLEMENT_SHEET = "settlement_sheet", "结算联系单"
    INSPECTION_RECORD = "inspection_record", "检查记录"
    WARNING_NOTICE = "warning_notice", "预警通知书"
    MESSAGE_PROOF = "message_proof", "通知送达情况证明"
    WORK_LEDGER = "work_ledger", "定点工作台账"
    DOSSIER_COVER = "dossier_cover", "案卷封面"
    DOSSIER_INDEX = "dossier_index", "卷内目录"
    SUPPLEMENT_AGREEMENT = "supplement_agreement", "补充协议"
    STOCK_ANNEX = "stock_annex", "附件备药清单"
    ANNUAL_AGREEMENT = "annual_agreement", "年度协议"
    RENEWAL_AGREEMENT = "renewal_agreement", "续签协议"
    HOLD_NOTICE = "hold_notice", "暂停结算告知书"


class CopyHolder(Term):
    """Who keeps one of the three copies of a dossier (四 末; R23)."""

    APPLICANT = "applicant", "申报单位"
    AGENCY = "agency", "县医疗保险经办中心"
    COUNTY_BUREAU = "county_bureau", "县医疗保障局"


class PostingOutcome(Term):
    """What a later look at a posted page found."""

    PRESENT = "present", "内容完整"
    CHANGED = "changed", "内容有变"
    GONE = "gone", "已不可见"
    UNREACHABLE = "unreachable", "未能核对"
