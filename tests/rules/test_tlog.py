"""Checkpoints as programs for transparency logs write them, and the growing root."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.merkle import GrowingRoot, merkle_root
from rules.tlog import TreeHead, read_note, signed_note, verifier_key

# From the C2SP signed-note and tlog-checkpoint pages: the key and the note of the Go checksum database.
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
HEAD = TreeHead("example.com/journal", 3, bytes(range(32)))


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_the_growing_root_is_the_root_of_all_entries(entries: list[bytes]) -> None:
    tree = GrowingRoot()
    for number, one in enumerate(entries, start=1):
        tree.add(one)
        assert tree.root() == merkle_root(entries[:number])
    assert (tree.size, tree.root()) == (len(entries), merkle_root(entries))


def test_the_public_key_is_named_as_the_specification_says() -> None:
    name, _, coded = GO_KEY.split("+", 2)
    assert verifier_key(name, base64.b64decode(coded)[1:]) == GO_KEY


def test_a_note_is_read_as_it_was_written() -> None:
    note = signed_note(HEAD, bytes(32), lambda text: (text * 64)[:64])
    assert note.split("\n")[:4] == ["example.com/journal", "3", base64.b64encode(bytes(range(32))).decode(), ""]
    assert note.split("\n")[4].startswith("— example.com/journal ")
    read = read_note(note)
    assert (read.head, len(read.signatures)) == (HEAD, 1)
    assert read.signatures[0][1] == (HEAD.text.encode() * 64)[:64]


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\n-1\nAAAA\n\n— a AAAA\n", "a\n1\nAAAA\n\n— a AAAA\n", "a\n一\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_note(text)
