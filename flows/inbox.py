"""Files that operators put into the inbox: named in a form, never by a path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from flows.sentences import sentence_of
from rules.errors import InputError
from tasks.surroundings import inbox

MAX_BYTES = 20_000_000


def read_inbox(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The checked content of a JSON or YAML file in the inbox. Raises InputError with a sentence."""
    path = inbox_file(name)
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"“{name}”超过 {MAX_BYTES // 1_000_000} MB，请拆分后再导入")
    return _checked(name, _parsed(name, path.read_bytes()), model)


def inbox_file(name: str) -> Path:
    """A file in the inbox, named without any path. Raises InputError that says what is there."""
    folder = inbox().resolve()
    path = (folder / name).resolve()
    if path.parent != folder:
        raise InputError(f"文件名“{name}”不能带路径：请把文件放进收件夹，只填文件名")
    if not path.is_file():
        there = "、".join(sorted(one.name for one in folder.glob("*.*"))) if folder.is_dir() else ""
        raise InputError(f"收件夹里没有“{name}”；现有：{there or '（空）'}")
    return path


def _parsed(name: str, content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
    except (UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        raise InputError(f"“{name}”读不懂：须为 UTF-8 的 JSON 或 YAML（{error}）") from None


def _checked(name: str, data: Any, model: type[BaseModel]) -> dict[str, Any]:
    try:
        checked = model.model_validate(data)
    except ValidationError as error:
        raise InputError(f"“{name}”：{sentence_of(error, model)}") from None
    plain = getattr(checked, "plain", None)
    content: dict[str, Any] = plain() if plain else checked.model_dump(mode="json")
    return content
