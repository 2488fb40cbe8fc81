"""`dingdian draw` as other programs see it."""

from __future__ import annotations

import json

import pytest

from dingdian import draw as draw_command
from rules.errors import InputError
from tests.support.commands import dingdian

RFC_SOURCES = "[9319, [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]]"
RFC_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
RFC_PICKS = [17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4]


def test_the_example_of_the_rfc() -> None:
    done = dingdian("draw", "--pool-size", "25", "--count", "16", "--sources", RFC_SOURCES, "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr, list(answer)) == (0, "", ["key", "picks", "digests"])
    assert (answer["key"], answer["picks"]) == (RFC_KEY, RFC_PICKS)
    assert (answer["digests"][0], len(answer["digests"])) == ("990dd0a5692a029a98b5e01aa28f3459", 16)


def test_a_draw_for_people() -> None:
    done = dingdian("draw", "--pool-size", "25", "--count", "2", "--sources", RFC_SOURCES)
    assert done.returncode == 0
    assert f"种子串：{RFC_KEY}" in done.stdout
    assert "990dd0a5692a029a98b5e01aa28f3459" in done.stdout


@pytest.mark.parametrize(
    ("sources", "key"),
    [('["077"]', "77./"), ("[[11, 3], 0]", "3.11./0./"), ('[["007", 7, "10"]]', "7.7.10./"), ("[1, [1]]", "1./1./")],
)
def test_keys(capsys: pytest.CaptureFixture[str], sources: str, key: str) -> None:
    draw_command.run(pool_size=3, count=1, sources=sources, as_json=True)
    assert json.loads(capsys.readouterr().out)["key"] == key


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        *(("[", "不是 JSON"), ("", "不是 JSON"), ("{}", "应为随机源的清单"), ("7", "应为随机源的清单")),
        *(("[]", "不能为空"), ("[[]]", "第1个随机源没有数字"), ("[1, null]", "第2个随机源 null")),
        *(
            ("[1.5]", "第1个随机源 1.5"),
            ("[-1]", "不是非负整数"),
            ("[true]", "不是非负整数"),
            ('["x"]', "不是非负整数"),
        ),
        *(('[{"3": 1}]', "应为非负整数"), ("[[[1]]]", "不是非负整数"), ('["1٣"]', "不是非负整数")),
        (f'["{"9" * 5000}"]', "过长"),
        (f"[{'9' * 5000}]", "不是 JSON"),
        (f"{'[' * 100_000}", "不是 JSON"),
    ],
)
def test_sources_that_cannot_be(sources: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw_command.run(pool_size=5, count=1, sources=sources, as_json=True)


@pytest.mark.parametrize(("pool_size", "count"), [(5, 6), (5, 0), (0, 0), (-1, 1), (65536, 1)])
def test_a_pool_or_a_count_that_cannot_be(pool_size: int, count: int) -> None:
    with pytest.raises(InputError, match=f"抽取人数 {count} 须在 1 与名册人数 {pool_size} 之间"):
        draw_command.run(pool_size=pool_size, count=count, sources="[1]", as_json=True)


def test_exit_codes() -> None:
    refused = dingdian("draw", "--pool-size", "5", "--count", "9", "--sources", "[1]")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("错误：抽取人数 9")
    assert dingdian("draw", "--pool-size", "five", "--count", "1", "--sources", "[1]").returncode == 2
