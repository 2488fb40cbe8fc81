"""The Merkle tree of RFC 6962 gives the roots that Certificate Transparency's own reference tests give."""

from __future__ import annotations

import hashlib

import pytest

from rules.merkle import merkle_root

# google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc: the entries, and the root of the first n.
ENTRIES = [
    bytes.fromhex(one)
    for one in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("count", range(len(ROOTS)))
def test_the_known_roots(count: int) -> None:
    assert merkle_root(ENTRIES[:count]).hex() == ROOTS[count]


def mth(entries: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word by word."""
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(entries[:split]) + mth(entries[split:])).digest()


@pytest.mark.parametrize("count", [*range(1, 70), 127, 128, 129, 1000])
def test_any_number_of_entries_gives_the_root_of_the_definition(count: int) -> None:
    entries = [str(number).encode() for number in range(count)]
    assert merkle_root(entries) == mth(entries)


def test_a_node_is_no_entry_and_order_and_number_count() -> None:
    left, right = (hashlib.sha256(b"\x00" + one).digest() for one in (b"a", b"b"))
    assert merkle_root([left + right]) != merkle_root([b"a", b"b"])
    assert len({merkle_root(one) for one in ([b"a", b"b"], [b"b", b"a"], [b"a"], [b"a", b"b", b"b"], [])}) == 5
