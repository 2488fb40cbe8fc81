"""The operator's manual, one page for each form: `python docs/manual_pages.py` rewrites docs/manual/NN.md and list.md.

What it puts together: prefect.yaml, the forms' own titles and hints, docs/manual/steps.yaml (before, after, hints), the
refusals that the product gave (docs/manual/refusals.json) and the pictures; the last two come from
`python docs/manual_pictures.py`, which walks through the running product.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from prefect.utilities.callables import parameter_schema

from dingdian.running.deployments import flow_at, read
from policies.corrections import load_corrections
from tasks.labels import LABELS, ROLES

FOLDER = Path(__file__).with_name("manual")
PICTURES = FOLDER / "pictures"
NOTE = "<!-- 本页由 python docs/manual_pages.py 生成，请勿手改 -->"
KINDS = {"boolean": "开关", "integer": "整数", "array": "可多项", "string": "文字"}


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    entries = sorted(read(), key=lambda entry: str(entry["name"]))
    texts = yaml.safe_load((FOLDER / "steps.yaml").read_text(encoding="utf-8"))
    refusals = json.loads((FOLDER / "refusals.json").read_text(encoding="utf-8"))
    made = {f"{number_of(entry)}.md": _page(entry, texts, refusals, entries) for entry in entries}
    return {**made, "list.md": _list(entries)}


def number_of(entry: Mapping[str, Any]) -> str:
    """The number in front of a deployment's name: the name of its page and of its pictures."""
    return str(entry["name"]).split()[0]


def _page(
    entry: Mapping[str, Any], texts: Mapping[str, Any], refusals: Mapping[str, Any], entries: list[dict[str, Any]]
) -> str:
    act = entry["entrypoint"].rpartition(".")[2]
    text = texts.get(act, {})
    parts = [
        NOTE,
        f"# {entry['name']}",
        f"> {' '.join(entry['description'].split())}",
        f"## 之前\n\n{text['before']}" if "before" in text else "",
        "## 表单",
        _picture(entry, "form", "表单"),
        "\n".join(_fields(entry)),
        text.get("hint", ""),
        f"## 之后\n\n{text['after']}" if "after" in text else "",
        _picture(entry, "result", "结果页"),
        "\n".join(_refusals(refusals.get(act, []))),
        _mistake(act),
        _picture(entry, "refused", "未办理时的结果页"),
        "\n".join(_neighbours(entry, entries)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _mistake(act: str) -> str:
    """What becomes of a mistake, as the form says it."""
    said = load_corrections()[act].said(LABELS, ROLES) if act in load_corrections() else ""
    return f"## 录错了怎么办\n\n{said}。" if said else ""


def _picture(entry: Mapping[str, Any], what: str, title: str) -> str:
    name = f"{number_of(entry)}-{what}.webp"
    return f"![{title}](pictures/{name})" if (PICTURES / name).exists() else ""


def _fields(entry: Mapping[str, Any]) -> Iterator[str]:
    schema = parameter_schema(flow_at(entry["entrypoint"])).model_dump(exclude_unset=True)
    rows = list(_rows(schema))
    if not rows:
        yield "没有要填的栏目，直接提交。"
        return
    yield "| 栏目 | 怎么填 | 种类 | 必填 |"
    yield "|---|---|---|---|"
    yield from rows


def _rows(schema: Mapping[str, Any]) -> Iterator[str]:
    definitions = schema.get("definitions", {})
    for form in schema["properties"].values():
        reference = form.get("$ref") or next((one["$ref"] for one in form.get("allOf", ())), "")
        model = definitions.get(reference.rpartition("/")[2])
        if model:
            yield from _model(model, definitions, "")


def _model(model: Mapping[str, Any], definitions: Mapping[str, Any], within: str) -> Iterator[str]:
    for name, field in model["properties"].items():
        needed = "是" if name in model.get("required", ()) else ""
        yield f"| {within}{field['title']} | {field.get('description', '')} | {_kind(field)} | {needed} |"
        inner = field.get("items", {}).get("$ref", "").rpartition("/")[2]
        if inner:
            yield from _model(definitions[inner], definitions, f"{within}{field['title']}：")


def _kind(field: Mapping[str, Any]) -> str:
    if field.get("format") == "date":
        return "日期"
    return "选一项" if "enum" in field else KINDS.get(field.get("type", ""), "文字")


def _refusals(given: list[dict[str, str]]) -> Iterator[str]:
    if given:
        yield "## 可能遇到的拒绝"
        yield ""
        yield "以下都是系统实际给出的话。被拒绝的没有写入任何内容；结果页的“改正后重新提交”带着刚才填的内容。"
        yield ""
        yield from (f"- {one['gave']}：{one['said']}" for one in given)


def _neighbours(entry: Mapping[str, Any], entries: list[dict[str, Any]]) -> Iterator[str]:
    place = next(place for place, one in enumerate(entries) if one["name"] == entry["name"])
    links = ["[目录](list.md)"]
    links += [f"[上一页：{entries[place - 1]['name']}]({number_of(entries[place - 1])}.md)"] if place else []
    following = entries[place + 1 : place + 2]
    yield "---"
    yield ""
    yield "　".join([*links, *(f"[下一页：{one['name']}]({number_of(one)}.md)" for one in following)])


def _list(entries: list[dict[str, Any]]) -> str:
    rows = [
        f"| [{entry['name']}]({number_of(entry)}.md) | {'、'.join(entry['tags'])} | "
        f"{' '.join(entry['description'].split())} |"
        for entry in entries
    ]
    head = [NOTE, "# 全部表单", "", "[使用手册首页](README.md)", "", "| 表单 | 标签 | 作用 |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def write() -> list[Path]:
    """Writes every page; answers their paths."""
    written = []
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        written.append(FOLDER / name)
    return written


if __name__ == "__main__":
    print(f"已写入 {len(write())} 页：{FOLDER}")
