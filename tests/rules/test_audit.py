"""The hash chain: one spelling for one value, every change of a record or of its place breaks the chain."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.audit import canonical, head_of, link, linked, sha256

RECORD = {"seq": 1, "event": "sign_agreement", "by": "经办员甲", "detail": {"signed_on": date(2025, 11, 20)}}


def test_the_spelling_is_fixed() -> None:
    assert canonical({"b": Decimal("1.50"), "a": [date(2025, 9, 1), "是", None, True]}) == (
        '{"a":["2025-09-01","是",null,true],"b":"1.50"}'.encode()
    )


def test_a_hash_is_that_of_the_spelling() -> None:
    assert sha256({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()
    assert link("ab", {"a": 1}) == hashlib.sha256(b'ab{"a":1}').hexdigest()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), values, max_size=5))
def test_the_order_of_keys_does_not_matter(record: dict[str, Any]) -> None:
    assert canonical(dict(reversed(record.items()))) == canonical(record)


@given(
    st.dictionaries(st.sampled_from(["at", "detail", "by", "zone"]), values | st.just("100 %d %")),
    st.integers(0),
    st.integers(0),
)
def test_records_that_share_all_but_their_place_have_the_hash_of_each(
    shared: dict[str, Any], seq: int, subject_id: int
) -> None:
    assert linked(shared)("ab", seq, subject_id) == link("ab", {**shared, "seq": seq, "subject_id": subject_id})


@pytest.mark.parametrize(
    "change", [{"seq": 2}, {"event": "file_agreement"}, {"by": "经办员乙"}, {"detail": {}}, {"extra": ""}]
)
def test_any_change_of_a_record_changes_its_hash(change: dict[str, Any]) -> None:
    assert link("", {**RECORD, **change}) != link("", RECORD)


def test_a_record_left_out_or_moved_changes_every_hash_after_it() -> None:
    def chain(records: list[dict[str, Any]]) -> list[str]:
        heads = [""]
        for record in records:
            heads.append(link(heads[-1], record))
        return heads[1:]

    records = [{**RECORD, "seq": n} for n in range(4)]
    whole, left_out, swapped = chain(records), chain(records[:1] + records[2:]), chain([*records[:2], *records[:1:-1]])
    assert set(whole[1:]) & set(left_out[1:]) == set()
    assert set(whole[2:]) & set(swapped[2:]) == set()


def test_the_head_of_many_chains_depends_on_their_order() -> None:
    assert head_of(["a", "b"]) == hashlib.sha256(b"ab").hexdigest()
    assert head_of(["b", "a"]) != head_of(["a", "b"])
