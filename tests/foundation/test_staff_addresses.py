"""Where staff are told: one address a role, refused by place and role, never repeated."""

from __future__ import annotations

import pytest

from foundation.settings import Settings, get_settings, reset_settings
from foundation.staff_addresses import addresses_of, scheme_of
from notifications.staff.settings import StaffSettings
from rules.errors import InputError
from rules.vocabulary import Audience


def test_each_role_has_its_address() -> None:
    text = " director=wecombot://key ; all=json://u:p@h:8080/a?x=1,2&-y=3;; "
    assert addresses_of(text) == {"director": "wecombot://key", "all": "json://u:p@h:8080/a?x=1,2&-y=3"}
    assert addresses_of("") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wecombot://s3cret", "第 1 项应写成 岗位=地址"),
        ("all=json://h;wecombot://h?key=s3cret", "第 2 项应写成 岗位=地址"),
        (
            "boss=json://s3cret",
            "第 1 项的岗位“boss”不认识；可用：operator、reviewer、director、discipline、all、redirect",
        ),
        ("all=json://h;all=json://s3cret", "第 2 项：岗位 all 已有地址"),
        ("all=json://h;director=s3cret", r"第 2 项（director）的地址应以"),
        ("director=", r"第 1 项（director）的地址应以"),
    ],
)
def test_a_bad_part_is_named_and_its_secret_is_not(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.setenv("DINGDIAN_STAFF_URLS", text)
    reset_settings()
    with pytest.raises(InputError, match=f"DINGDIAN_STAFF_URLS 的值不能用：.*{said}") as refused:
        get_settings()
    assert "s3cret" not in str(refused.value)


def test_settings_show_no_address() -> None:
    settings = Settings(staff_urls="all=json://s3cret")
    assert "s3cret" not in repr(settings) + str(settings.model_dump())
    assert settings.staff_addresses == {"all": "json://s3cret"}


@pytest.mark.parametrize(("url", "scheme"), [("WeComBot://x", "wecombot"), ("x", ""), ("://x", "")])
def test_only_the_scheme_of_an_address_may_be_shown(url: str, scheme: str) -> None:
    assert scheme_of(url) == scheme


def test_a_person_has_an_address_by_his_number_and_hears_nothing_meant_for_groups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DINGDIAN_STAFF_URLS", "operator=json://group;1002=json://his;N-7=json://hers")
    reset_settings()
    settings = StaffSettings.from_settings(get_settings())
    assert settings.people == ("1002", "N-7")
    assert settings.roles_for(Audience.AUTHORITY) == ("operator",)
    with pytest.raises(ValueError, match="第 2 项：工号 1002 已有地址，只写一个"):
        addresses_of("1002=json://h;1002=json://s3cret")
