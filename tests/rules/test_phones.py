"""Telephone numbers: somebody's own, an office's as it is printed, and never the one for the other."""

from __future__ import annotations

import pytest

from rules.phones import figures, has_mobile, office_numbers, own_number


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("\u202d13800138000\u202c", "13800138000"),
        ("138\u20600013\u00ad8000", "13800138000"),
        ("\u206613800138000\u2069", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("＋86 138-0013-8000", "13800138000"),
        ("0591—87654321", "059187654321"),
        ("0591——87654321", "059187654321"),
        ("0591−87654321", "059187654321"),
        ("0591ー87654321", "059187654321"),
        ("0591﹣87654321", "059187654321"),
        ("0591‐87654321", "059187654321"),
        ("0591一87654321", "059187654321"),
        ("（0591）87654321", "059187654321"),
        ("+86-591-87654321", "059187654321"),
        ("0591-87654321转8001", "059187654321转8001"),
        ("400-123-4567", "4001234567"),
    ],
)
def test_a_number_is_kept_in_one_form(given: str, kept: str) -> None:
    assert own_number(given) == kept


@pytest.mark.parametrize("given", ["", "5551234567", "1380013800", "12345", "见名片", "13800138000/13900139000"])
def test_what_is_no_number_of_somebody_is_none(given: str) -> None:
    assert own_number(given) == ""


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("0471—2949258", "0471-2949258"),
        ("0571-86401737,86401873", "0571-86401737,86401873"),
        ("0571-86401737、0571-86401873", "0571-86401737、0571-86401873"),
        ("0571-86401737转8001", "0571-86401737转8001"),
        ("（0591）87654321", "（0591）87654321"),
        ("(0591) 87654321", "(0591) 87654321"),
        ("０５９１－８７６５４３２１", "0591-87654321"),
        ("0591\u206087654321", "059187654321"),
        ("86401737/38", "86401737/38"),
        ("12393", "12393"),
        ("400-123-4567", "400-123-4567"),
    ],
)
def test_an_offices_numbers_stay_as_they_are_printed(given: str, printed: str) -> None:
    assert office_numbers(given) == printed


@pytest.mark.parametrize(
    "given",
    [
        *("13800138000", "+8613800138000", "138-0013-8000", "138—0013—8000", "１３８００１３８０００"),
        *("0571-86401737,13800138000", "13800-138000", "013523456789", "\u202d13800138000\u202c"),
    ],
)
def test_a_mobile_phone_is_never_an_offices(given: str) -> None:
    assert office_numbers(given) == ""


@pytest.mark.parametrize("given", ["见公告", "8001", "0731 5550123", "1990000001"])
def test_what_is_no_number_of_an_office(given: str) -> None:
    assert office_numbers(given) == ""


def test_figures_are_what_networks_take() -> None:
    assert figures("＋86 199-0001-0000") == "19900010000"
    assert has_mobile("0571-86401737，138—0013—8000")
    assert not has_mobile("0571-86401737转8001")
