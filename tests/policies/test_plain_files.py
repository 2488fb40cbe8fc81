"""The readers of JSON and YAML that people give us: what is refused, with its place, and what is read as it stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from policies import jsonfile, yamlfile
from policies.jsonfile import MAX_DEPTH, told
from policies.plainfile import MAX_BYTES, FileTextError, content_of, text_of
from rules.errors import InputError, PolicyError

DEEP = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
REFUSED = {
    "a key twice": ('{"a": {"b": [{"c": 1, "c": 2}]}}', "a.b[0].c：同一个键写了两次：c"),
    "a key twice, the first a table": ('{"a": {"x": 1}, "a": 2}', "a：同一个键写了两次：a"),
    "half a character": (r'{"a": [{"name": "x\ud83d"}]}', "a[0].name：含有无法保存的字符 U+D83D"),
    "half a character in a key": (r'{"a": {"\udc00": 1}}', "a：含有无法保存的字符 U+DC00"),
    "NUL": (r'{"a": "x\u0000y"}', "a：含有无法保存的字符 U+0000"),
    "a control of C1": (r'{"a": "x\u0085y"}', "a：含有无法保存的字符 U+0085"),
    "U+FFFE": (r'["￾"]'.replace("￾", r"\ufffe"), "[0]：含有无法保存的字符 U+FFFE"),
    "a noncharacter of plane 1": (r'["\ud83f\udfff"]', "[0]：含有无法保存的字符 U+1FFFF"),
    "a noncharacter of the Arabic forms": (r'["\ufdd0"]', "[0]：含有无法保存的字符 U+FDD0"),
    "NaN": ('{"a": NaN}', "a：NaN 不是数字"),
    "infinity": ('{"a": [-Infinity]}', "a[0]：-Infinity 不是数字"),
    "a huge exponent": ('{"a": 1e999999}', "a：数字太长，或指数太大"),
    "a huge number": (f'{{"a": {"9" * 5000}}}', "a：数字超过 4000 位"),
    "a long fraction": (f'{{"a": 0.{"3" * 100}}}', "a：数字太长"),
    "deeper than the bound": (DEEP, "嵌套超过"),
    "deeper than Python reads": ("[" * 100_000, "嵌套超过"),
    "a comma too many": ('{"a": 1,}', "不是有效的 JSON：第 1 行第 9 列"),
    "quotes of Chinese": ("{“a”: 1}", "此处应为用英文双引号括起的键"),
    "two documents": ("{}\n{}", "第 2 行第 1 列内容结束之后还有多余的内容"),
    "a raw control": ('{"a": "x\x01"}', "引号内有换行或控制符"),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_json_that_is_refused_is_named_by_its_place(text: str, sentence: str) -> None:
    with pytest.raises(FileTextError) as caught:
        jsonfile.parse(text)
    assert sentence in told(caught.value)


def test_no_refusal_quotes_what_the_file_holds() -> None:
    with pytest.raises(FileTextError) as caught:
        jsonfile.parse(r'{"phone": "19900000000\ud800"}')
    assert "199" not in told(caught.value)


def test_json_is_read_as_it_stands() -> None:
    given = jsonfile.parse('{"a": [33.40, 1E2, 12, "a\\nb\\t", true, null, "𫝀👍"]}')
    assert given == {"a": [Decimal("33.40"), Decimal(100), 12, "a\nb\t", True, None, "𫝀👍"]}
    assert str(given["a"][0]) == "33.40"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_the_text(encoding: str) -> None:
    assert jsonfile.parse(text_of('{"a": "名"}'.encode(encoding))) == {"a": "名"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        *(
            ('{"a": 1}'.encode(name), "UTF-16 或 UTF-32 编码")
            for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
        ),
        ('{\n"a": "名"}'.encode("gb18030"), "第 2 行不是 UTF-8 编码"),
        (b'{"a": "\xed\xa0\x80"}', "第 1 行不是 UTF-8 编码"),
        (b"\xef\xbb\xbf \n", "文件是空的"),
    ],
)
def test_another_encoding_is_told_with_what_to_do(content: bytes, sentence: str) -> None:
    with pytest.raises(FileTextError, match=sentence):
        text_of(content)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.json", tmp_path / "a\0b"):
        with pytest.raises(InputError, match="读不到文件"):
            jsonfile.read(path)
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(FileTextError, match="请拆分"):
        content_of(large)


def test_yaml_of_people_says_what_is_written() -> None:
    written = "[no, off, Yes, 1:30, 012, 0o17, 0x1F, 1_000, 1e3, 2026-03-05, 3, 33.40, true, null, y, .5]"
    read = ["no", "off", "Yes", "1:30", "012", "0o17", "0x1F", "1_000", "1e3", "2026-03-05", 3, Decimal("33.40")]
    assert yamlfile.plain(written, "x.yaml") == [*read, True, None, "y", ".5"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a:\n  b: 1\n  b: 2\n", 3, "键 a.b 重复"),
        ("<<: 1\n<<: 2\n", 2, "重复"),
        ("a: !!int 012\n", 1, "不能带类型标记"),
        ("a: !!bool no\n", 1, "不能带类型标记"),
        ("a: !!binary aGk=\n", 1, "不能带类型标记"),
        ("a: !!python/object/apply:os.getcwd []\n", 1, "不能带类型标记"),
        ("a: !!set {x}\n", 1, "不能带类型标记"),
        ('a: "x\\0y"\n', 1, "U+0000"),
        ('a: "x\\uFFFE"\n', 1, "U+FFFE"),
        (f"a: {DEEP}", 1, "嵌套超过"),
        ("- " * 100_000 + "x", 1, "嵌套超过"),
        ("a: [1\n", 2, "YAML 语法错误"),
    ],
)
def test_yaml_that_is_refused_is_named_by_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(PolicyError, match=what.replace("+", r"\+")) as caught:
        yamlfile.plain(text, "x.yaml")
    assert caught.value.line == line


def test_references_that_multiply_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlfile, "MAX_VALUES", 500)
    pairs = zip("abc", "bcd", strict=True)
    levels = "\n".join(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairs)
    with pytest.raises(PolicyError, match="内容太多"):
        yamlfile.plain(f"a: &a [1, 1, 1]\n{levels}\n", "x.yaml")
