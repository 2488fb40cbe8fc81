"""The page of a rehearsal in Prefect: the steps, which comes next, with which form and which values."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate

from dingdian.demo.script import Step
from foundation.rehearsal import banner
from tasks.rehearsal import the_clock
from views.markdown import plain, table

KEY = "rehearsal"


class Page:
    """One artifact, rewritten in place: its address stays the same."""

    def __init__(self, client: SyncPrefectClient, ui_url: str) -> None:
        self._client = client
        made = client.create_artifact(ArtifactCreate(key=KEY, type="markdown", description="演练进度", data="# 演练"))
        assert isinstance(made.id, UUID)
        self._id = made.id
        self.address = f"{ui_url}/v2/artifacts/artifact/{made.id}"

    def show(self, steps: list[Step], ends: Mapping[int, str], coming: Step | None, link: str) -> None:
        """Writes the page anew."""
        self._client.update_artifact(self._id, ArtifactUpdate(data=_markdown(steps, ends, coming, link)))


def _markdown(steps: list[Step], ends: Mapping[int, str], coming: Step | None, link: str) -> str:
    rows = [
        (
            one.number,
            one.day,
            one.title,
            "▶ 下一步" if coming and one.number == coming.number else ends.get(one.number, ""),
        )
        for one in steps
    ]
    head = _coming(coming, link) if coming else ["## 演练已完成", "可继续自由操作；删除演练目录后可从头再来。"]
    parts = [f"**{banner(the_clock())}**", f"# 演练进度 {len(ends)} / {len(steps)}", *head]
    return "\n\n".join([*parts, "## 全部步骤", table(("步", "虚拟日期", "事项", "情况"), rows)])


def _coming(step: Step, link: str) -> list[str]:
    return [
        f"## 下一步（第 {step.number} 步）：{plain(step.title)}",
        f"想自己办：先在“90 演练控制”里暂停，再打开 [已填好的表单]({link})，核对后点 Submit；办完系统自动认得。",
        table(("表单项", "填写"), step.shown),
    ]
