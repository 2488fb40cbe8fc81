"""What the flows on documents have in common: the result is shown with its path and hash, a refusal with its reason."""

from __future__ import annotations

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.act_flow import not_done
from rules.errors import DingdianError
from tasks.documents.filing import Filed
from views import pages
from views.markdown import plain, table


async def show_filed(key: str, result: Filed | DingdianError) -> State[None]:
    """Shows what was made on a page of its own; the run ends with where it lies, or Failed with why not."""
    if isinstance(result, DingdianError):
        return await not_done(result)
    place = pages.place(result.path)
    rows = [("文件", place), ("SHA-256", result.sha256), *result.about]
    taken = f"[下载 {plain(result.path.name)}]({pages.download(result.path.parent.name, result.path.name)})"
    await pages.show_text(key, result.summary, f"{table(('项目', '内容'), rows)}\n\n{taken}")
    return Completed(message=f"{result.summary}（{place}）。")
