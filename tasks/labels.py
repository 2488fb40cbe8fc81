"""What events and acts are called on screens."""

from rules.acts import CATALOGUE

LABELS = {
    **{act.name: act.label for act in CATALOGUE.values()},
    "change_contacts": "变更名称或联系方式",
    "bring_scan": "放入材料扫描件",
    "withdraw_scan": "撤下材料扫描件",
    "change_expert": "变更专家资料",
    "record_expert_absence": "登记专家缺席",
    "withdraw_expert_absence": "撤回专家缺席",
    "propose": "提请复核",
    "return_proposal": "退回提请",
    "lapse_proposal": "提请逾期失效（系统时钟）",
    "reminder": "提醒",
    "window_closed": "受理截止（系统时钟）",
    "move_up": "依公告递补（系统时钟）",
    "yield_place": "名额归还",
    "change_rank": "名次更新",
    "start_notice": "公示起算",
    "period_over": "公示届满（系统时钟）",
    "sign_timeout": "签约期限届满（系统时钟）",
    "come_into_force": "协议生效（系统时钟）",
    "term_over": "协议到期（系统时钟）",
    "hearing_over": "陈述期限届满（系统时钟）",
    "order_late": "整改期限届满（系统时钟）",
    "previous_over": "原协议结束，续签协议随之结束（系统）",
    "previous_restored": "原协议恢复，续签协议随之恢复（系统）",
    "leave_over": "退出生效（系统时钟）",
    "assessed_elsewhere": "随另一份协议考核（系统）",
    "breach": "机关逾期（系统时钟）",
    "rejudge_objections": "按确定的末日重新认定异议（系统时钟）",
    "rejudge_challenge": "按确定的末日重新认定抽取质疑（系统时钟）",
}

# What the roles of the policy are called.
ROLES = {"operator": "经办", "reviewer": "复核", "discipline": "纪检", "director": "主任"}
