"""The table of clicks, keys and seconds for each form, from a walk through the running product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from tests.support.walk.clerk import Done

CLICK_SECONDS, KEY_SECONDS = 1.5, 0.3
HEAD = f"""<!-- 本页由 python docs/manual_pictures.py 生成，请勿手改 -->

# 用时和点击

[手册首页](README.md)　[新手在哪里绊倒、怎样改好的](stumbles.md)

样例轮次（11 家机构）从公告到公布，在浏览器里用表单办理时数出来的，
轮次用不着的表单各办一次；不含被拒绝后重填的。从清单进入要比从链接进入多点两下。
“点击”含打开表单、选择、开关、提交、看结果页；“按键”是打的字数，已由链接填好的不算。办同一种事多次的取中位数。
“人用时”是估计：每次点击 {CLICK_SECONDS} 秒、每个键 {KEY_SECONDS} 秒（键击层次模型的常用值，取整），
加上系统用时；不含看材料、想的时间。
“系统用时”是这次办理在服务器上实际运行的秒数。

| 表单 | 次数 | 其中从链接进入 | 点击 | 按键 | 系统用时（秒） | 人用时（约，秒） |
|---|---|---|---|---|---|---|
"""


def page(done: Sequence[Done]) -> str:
    """The whole page; refused runs of mistakes are left out, except of a form that never ended otherwise."""
    return HEAD + "\n".join([*_rows(done), "", *_total(done), ""])


def _rows(done: Sequence[Done]) -> Iterator[str]:
    for name in sorted({one.deployment for one in done}):
        same = [one for one in done if one.deployment == name and one.state == "COMPLETED"]
        if same:
            clicks, keys = (
                median(count) for count in zip(*((d.effort.clicks, d.effort.keys) for d in same), strict=True)
            )
            run, linked = median(one.run_seconds for one in same), sum(one.by_link for one in same)
            person = median(_person(one) for one in same)
            yield f"| {name} | {len(same)} | {linked} | {clicks:.0f} | {keys:.0f} | {run:.1f} | {person:.0f} |"


def _total(done: Sequence[Done]) -> Iterator[str]:
    good = [one for one in done if one.state == "COMPLETED"]
    clicks, keys = sum(one.effort.clicks for one in good), sum(one.effort.keys for one in good)
    minutes = sum(_person(one) for one in good) / 60
    yield f"合计 {len(good)} 次办理：点击 {clicks} 次，按键 {keys} 个，人用时约 {minutes:.0f} 分钟。"


def _person(one: Done) -> float:
    return one.effort.clicks * CLICK_SECONDS + one.effort.keys * KEY_SECONDS + one.run_seconds
