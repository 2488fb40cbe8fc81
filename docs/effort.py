"""The table of clicks, keys and seconds for each form, from a walk through the running product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.support.walk.clerk import Done

CLICK_SECONDS, KEY_SECONDS = 1.5, 0.3
HEAD = f"""<!-- 本页由 python docs/manual_pictures.py 生成，请勿手改 -->

# 用时和点击

[手册首页](README.md)　[新手在哪里绊倒、怎样改好的](stumbles.md)

每种表单在样例轮次里第一次办理时，在浏览器里数出来的；不含被拒绝后重填的。从清单进入要比从链接进入多点几下。
“点击”含打开表单、选择、开关、提交、看结果页；“按键”是打的字数，已由链接填好的不算。
“人用时”是估计：每次点击 {CLICK_SECONDS} 秒、每个键 {KEY_SECONDS} 秒（键击层次模型的常用值，取整），
加上系统用时；不含看材料、想的时间。
“系统用时”是这次办理在服务器上实际运行的秒数。“全轮次数”是样例轮次（11 家机构，从公告到公布）里要办几次。

| 表单 | 进入 | 点击 | 按键 | 系统用时（秒） | 人用时（约，秒） | 全轮次数 |
|---|---|---|---|---|---|---|
"""


def page(done: Sequence[Done], times: Mapping[str, int]) -> str:
    """The whole page; `times`: how often the round needs each form. Refused runs are left out."""
    first = {one.deployment: one for one in reversed(done) if one.state == "COMPLETED"}
    return HEAD + "\n".join([*_rows(first, times), "", _total(first, times), ""])


def _rows(first: Mapping[str, Done], times: Mapping[str, int]) -> Iterator[str]:
    for name, one in sorted(first.items()):
        way, took = "链接" if one.by_link else "清单", f"{one.run_seconds:.1f} | {_person(one):.0f}"
        count = times.get(name, 0) or ""
        yield f"| {name} | {way} | {one.effort.clicks} | {one.effort.keys} | {took} | {count} |"


def _total(first: Mapping[str, Done], times: Mapping[str, int]) -> str:
    counted = [(first[name], count) for name, count in times.items() if name in first]
    clicks, keys = (sum(getattr(one.effort, what) * count for one, count in counted) for what in ("clicks", "keys"))
    minutes = sum(_person(one) * count for one, count in counted) / 60
    runs = sum(count for _one, count in counted)
    return f"全轮按此推算：{runs} 次办理，点击约 {clicks} 次，按键约 {keys} 个，人用时约 {minutes:.0f} 分钟。"


def _person(one: Done) -> float:
    return one.effort.clicks * CLICK_SECONDS + one.effort.keys * KEY_SECONDS + one.run_seconds
