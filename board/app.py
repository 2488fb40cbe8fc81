"""The application: which address shows what, and what guards every answer.

Only GET. A foreign Host is refused (a page of another site cannot read the board through a name that it points at
this machine); no answer carries a CORS header; the content policy lets nothing in but our own style and pictures.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

from board import messages, papers, search, views
from board.office import Office
from foundation.guarding import Guarded
from foundation.settings import get_settings
from rules.errors import DingdianError

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def application(office: Office) -> Starlette:
    """The board of an office."""
    routes = [
        Route("/", views.overview_page),
        Route("/mine", views.my_page),
        Route("/load", views.load_page),
        Route("/forms", views.forms_page),
        Route("/forms/{act}", views.form_by_name),
        Route("/dossiers", views.dossiers_page),
        Route("/case/{round_id:int}/{applicant_id}", views.case_page),
        Route("/case/{round_id:int}/{applicant_id}/do/{act}", views.form_of_act),
        Route("/case/{round_id:int}/{applicant_id}/paper/{kind}", papers.form_of_case),
        Route("/message/{number:int}", messages.message_page),
        Route("/message/{number:int}/do/{act}", messages.form_on_message),
        Route("/search", search.search_page),
        Route("/search.xlsx", search.search_workbook),
        Route("/institution/{institution_id:int}", search.institution_page),
        Route("/agreements", views.agreements_page),
        Route("/assessment/{year:int}", views.assessment_page),
        Route("/agreement/{agreement_id:int}", views.agreement_page),
        Route("/agreement/{agreement_id:int}/do/{act}", views.form_on_agreement),
        Route("/inspections", views.inspections_page),
        Route("/lists", views.lists_page),
        Route("/proposals", views.proposals_page),
        Route("/proposals/{number:int}/do/confirm_proposal", views.form_on_proposal),
        Route("/round/{round_id:int}/do/{act}", views.form_on_round),
        Route("/file/{name}/do/{act}", views.form_with_file),
        Route("/round/{round_id:int}/paper/{kind}", papers.form_of_round),
        Route("/agreement/{agreement_id:int}/{code}.svg", views.indicator_svg),
        Route("/indicators", views.indicators_page),
        Route("/indicators.svg", views.months_svg),
        Route("/pipeline.svg", views.pipeline_svg),
        Route("/board.css", views.static_file),
        Route("/icon.svg", views.static_file),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Guarded, headers=HEADERS),
            Middleware(TrustedHostMiddleware, allowed_hosts=sorted(get_settings().hosts)),
        ],
        exception_handlers={HTTPException: views.http_fault, DingdianError: views.refused, Exception: views.failed},
    )
    app.state.office = office
    return app
