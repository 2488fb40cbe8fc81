"""Files of the inbox: JSON and YAML are held to the same rules, and what is wrong is told in Chinese with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dingdian.scenario import HEAD
from flows.forms.complainants import ComplainantsFile
from flows.forms.round_file import RoundFile
from flows.inbox import inbox_file, read_inbox
from flows.instants import split_instant
from rules.errors import InputError
from tasks.surroundings import surrounded
from tests.support.rounds import small_round

ONE = '{"ref": "P01-1", "name": "王某", "phone": "19900000000"}'


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Path]:
    with surrounded(inbox=tmp_path):
        yield tmp_path


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.json", f'{{"complainants": [{ONE}], "complainants": []}}'.encode(), "complainants：同一个键写了两次"),
        ("a.yaml", b"complainants: []\ncomplainants: []\n", "第 2 行键 complainants 重复"),
        ("a.JSON", ONE.replace("王某", "王\\ud800").encode(), "name：含有无法保存的字符 U+D800"),
        ("a.yml", b'complainants: [{ref: A, name: "\\0", phone: "1"}]', "含有无法保存的字符 U+0000"),
        ("a.json", f'{{"complainants": [{ONE}]}}'.encode("utf-16"), "UTF-16"),
        ("a.json", f'{{"complainants": [{ONE}]}}'.encode("gbk"), "不是 UTF-8 编码"),
        ("a.json", b"", "文件是空的"),
        ("a.yaml", b"complainants: [1", "YAML 语法错误"),
        ("a.yaml", b"complainants: " + b"[" * 5000, "嵌套超过"),
    ],
)
def test_what_cannot_be_used_is_told(inbox: Path, name: str, content: bytes, sentence: str) -> None:
    (inbox / name).write_bytes(content)
    with pytest.raises(InputError) as told:
        read_inbox(name, ComplainantsFile)
    assert sentence in str(told.value)
    assert "199" not in str(told.value)
    assert "王" not in str(told.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_round_file_is_read_alike_as_json_and_as_yaml(inbox: Path, encoding: str) -> None:
    data = {name: value for name, value in small_round().items() if name in HEAD}
    text = json.dumps(data, ensure_ascii=False)
    for name in ("round.json", "round.yaml"):  # JSON is YAML too
        (inbox / name).write_bytes(text.encode(encoding))
    assert read_inbox("round.json", RoundFile) == read_inbox("round.yaml", RoundFile)


@pytest.mark.parametrize("word", ["no", "off", "012", "1_000", "0x10"])
def test_no_word_of_yaml_becomes_something_else(inbox: Path, word: str) -> None:
    content = f"complainants: [{{ref: A-1, name: {word}, phone: {word}}}]"
    (inbox / "a.yaml").write_text(content, encoding="utf-8")
    [one] = read_inbox("a.yaml", ComplainantsFile)["complainants"]
    assert (one["name"], one["phone"]) == (word, word)


@pytest.mark.parametrize("name", ["../outside.json", "below/inside.json"])
def test_a_path_leads_nowhere(inbox: Path, name: str) -> None:
    for folder in (inbox.parent, inbox / "below"):
        folder.mkdir(exist_ok=True)
        (folder / Path(name).name).write_text("{}")
    with pytest.raises(InputError, match=f"文件名“{name}”不能带路径"):
        inbox_file(name)


def test_an_instant_keeps_its_seconds_and_is_told_in_beijing() -> None:
    told = split_instant({"at": "2026-03-02T01:30:45+00:00"}, "at", "day", "clock")
    assert told == {"day": date(2026, 3, 2), "clock": "09:30:45"}
