"""Links to the next form: the words that the form offers, values as JSON in the address, no number unasked."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

from flows.links import Forms
from views.next_steps import NextAct

FORMS = Forms({"request_evaluation": ("09 提出评估申请", "id-9"), "sign_agreement": ("20 签订协议", "id-20")})


def form_of(address: str) -> dict[str, object]:
    given: dict[str, object] = json.loads(parse_qs(urlsplit(address).query)["parameters"][0])["form"]
    return given


def test_codes_become_the_words_that_the_form_offers() -> None:
    act = NextAct("request_evaluation", "H01", {"to": "county_bureau", "applicant_ids": ["H01", "P01"]})
    link = FORMS.link(act)
    title, _, address = link.removeprefix("[").removesuffix(")").partition("](")
    assert title == "09 提出评估申请：H01、P01"
    assert urlsplit(address).path == "/v2/deployments/deployment/id-9/run"
    assert form_of(address) == {"to": "县医疗保障局", "applicant_ids": ["H01", "P01"]}


def test_who_acts_is_never_carried_in_a_link() -> None:
    assert form_of(FORMS.address("request_evaluation", {"by": "1001", "applicant_id": "H01"})) == {
        "applicant_id": "H01"
    }


def test_nothing_in_an_address_ends_the_link_or_the_cell() -> None:
    address = FORMS.address("sign_agreement", {"applicant_id": "H)|]\n<b>“中”"})
    assert not set(address) & set(")|]\n<> ")
    assert form_of(address) == {"applicant_id": "H)|]\n<b>“中”"}


def test_where_no_form_is_registered_the_name_stands_alone() -> None:
    act = NextAct("file_agreement", "H01", {"applicant_id": "H01"})
    assert Forms({}).link(act) == "file_agreement：H01"
    assert Forms({}).address("file_agreement", {}) == ""


def test_a_link_says_whose_it_is_and_until_when() -> None:
    act = NextAct("sign_agreement", "H01", roles=("经办", "主任"), until=date(2026, 1, 16))
    assert FORMS.link(act).endswith(")（经办、主任，2026-01-16 以前）")
    assert Forms({}).link(NextAct("sign_agreement", roles=("经办",))) == "sign_agreement（经办）"
