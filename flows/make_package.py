"""制作发布包 (五(二)、五(三)、五(四))."""

from __future__ import annotations

from typing import Annotated, Any

from prefect.client.schemas.objects import State

from flows.act_flow import act_flow, not_done, read_form, titled
from flows.document_acts import show_filed
from flows.forms.documents import MakePackage
from rules.errors import DingdianError
from tasks.documents import steps


@act_flow("make_package")
async def make_package(form: Annotated[MakePackage, titled("make_package")]) -> State[Any]:
    """制作发布包（五(二)、五(三)、五(四)）。

    网页、片段、PDF、公众号文稿、元数据和校验清单，交门户网站和公众号的管理人员发布；发布后登记发布凭证。
    """
    try:
        checked = read_form(MakePackage, form)
        result = steps.make_package(checked.by, checked.fields())
    except DingdianError as refused:
        return await not_done(refused, "make_package", form)
    return await show_filed(f"package-{checked.notice}", result)
