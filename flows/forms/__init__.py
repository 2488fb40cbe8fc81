"""The forms of the acts: what an operator fills in, in the words of the procedure, with bounds and hints.

One nested model per deployment (Prefect shows nothing better). No `Optional`, no `Decimal`, no `datetime`: they render
badly; instants are a day and a time of day in Beijing. Field names are those of the scenario file, which is read
through the same models. No phone number and no complainant ever enters a form: Prefect stores parameters in clear.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.forms.agreement import CorrectRecord, FileAgreement, RecordAgencyDelay, RecordNegotiation, SignAgreement
from flows.forms.draw import (
    ChallengeDraw,
    DrawExperts,
    Numbers,
    PublishDrawPlan,
    RecuseExpert,
    ResolveDrawChallenge,
    SourceEventForm,
    SourceForm,
    StratumForm,
)
from flows.forms.evaluation import ConcludeEvaluation, ItemScore, RecordScoreSheet
from flows.forms.intake import RequestSupplement, SubmitApplication, SupplementMaterials, WithdrawApplication
from flows.forms.notices import PostingForm, PublishNotice
from flows.forms.objections import RecordObjection, ReplyObjection, ResolveObjection, TryObjection, WithdrawObjection
from flows.forms.office import (
    AdoptPolicy,
    CaseForm,
    DayRange,
    FileForm,
    LoadWorkdays,
    RoundFileForm,
    ShowRound,
    SweepForm,
)
from flows.forms.parts import ActForm, Part, RoundForm
from flows.forms.review import Finding, Judgement, RequestEvaluation, SignPreliminaryOpinion, VerifySite

FORMS: Mapping[str, type[ActForm]] = {
    "submit_application": SubmitApplication,
    "request_supplement": RequestSupplement,
    "supplement_materials": SupplementMaterials,
    "withdraw_application": WithdrawApplication,
    "verify_site": VerifySite,
    "sign_preliminary_opinion": SignPreliminaryOpinion,
    "request_evaluation": RequestEvaluation,
    "recuse_expert": RecuseExpert,
    "publish_draw_plan": PublishDrawPlan,
    "draw_experts": DrawExperts,
    "record_score_sheet": RecordScoreSheet,
    "conclude_evaluation": ConcludeEvaluation,
    "publish_notice": PublishNotice,
    "record_objection": RecordObjection,
    "resolve_objection": ResolveObjection,
    "record_negotiation": RecordNegotiation,
    "record_agency_delay": RecordAgencyDelay,
    "sign_agreement": SignAgreement,
    "file_agreement": FileAgreement,
    "correct_record": CorrectRecord,
    "load_workdays": LoadWorkdays,
    "adopt_policy": AdoptPolicy,
    "withdraw_objection": WithdrawObjection,
    "reply_objection": ReplyObjection,
    "record_source_event": SourceEventForm,
    "challenge_draw": ChallengeDraw,
    "resolve_draw_challenge": ResolveDrawChallenge,
}

__all__ = [
    "FORMS",
    "ActForm",
    "AdoptPolicy",
    "CaseForm",
    "ChallengeDraw",
    "ConcludeEvaluation",
    "CorrectRecord",
    "DayRange",
    "DrawExperts",
    "FileAgreement",
    "FileForm",
    "Finding",
    "ItemScore",
    "Judgement",
    "LoadWorkdays",
    "Numbers",
    "Part",
    "PostingForm",
    "PublishDrawPlan",
    "PublishNotice",
    "RecordAgencyDelay",
    "RecordNegotiation",
    "RecordObjection",
    "RecordScoreSheet",
    "RecuseExpert",
    "ReplyObjection",
    "RequestEvaluation",
    "RequestSupplement",
    "ResolveDrawChallenge",
    "ResolveObjection",
    "RoundFileForm",
    "RoundForm",
    "ShowRound",
    "SignAgreement",
    "SignPreliminaryOpinion",
    "SourceEventForm",
    "SourceForm",
    "StratumForm",
    "SubmitApplication",
    "SupplementMaterials",
    "SweepForm",
    "TryObjection",
    "VerifySite",
    "WithdrawApplication",
    "WithdrawObjection",
]
