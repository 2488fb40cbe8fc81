"""Files that operators put into the inbox: named in a form, never by a path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from flows.forms.round_file import RoundFile
from flows.sentences import sentence_of
from foundation.wrong_values import said
from policies import jsonfile, yamlfile
from policies.plainfile import FileTextError, content_of, text_of
from rules.errors import InputError, PolicyError
from rules.keepable import dotted
from tasks.surroundings import inbox, keys
from workbooks import announcement


def read_inbox(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The checked content of a JSON or YAML file in the inbox. Raises InputError with a sentence."""
    return _checked(name, _parsed(name, inbox_file(name)), model)


def read_round(name: str) -> dict[str, Any]:
    """The checked content of what opens a round: a filled-in 公告表, or a JSON or YAML file. Raises InputError."""
    path = inbox_file(name)
    if not is_workbook(name):
        return _checked(name, _parsed(name, path), RoundFile)
    try:
        return _content(RoundFile.model_validate(announcement.read_round(path, keys())))
    except ValidationError as error:
        told = "；".join(f"{dotted(fault['loc'])}：{said(fault)}" for fault in error.errors())
        raise InputError(f"“{name}”{announcement.in_words(told)}。请改正后重新放入收件夹") from None


def is_workbook(name: str) -> bool:
    """Whether a file is an Excel workbook, by its ending."""
    return Path(name).suffix.lower() == ".xlsx"


def inbox_file(name: str) -> Path:
    """A file in the inbox, named without any path. Raises InputError that says what is there."""
    folder = inbox().resolve()
    path = (folder / name).resolve()
    if path.parent != folder:
        raise InputError(f"文件名“{name}”不能带路径：请把文件放进收件夹，只填文件名")
    if not path.is_file():
        there = "、".join(sorted(one.name for one in folder.glob("*.*"))) if folder.is_dir() else ""
        raise InputError(f"收件夹里没有“{name}”：请先在“文件”页放入；现有：{there or '（空）'}")
    return path


def _parsed(name: str, path: Path) -> Any:
    """The data of the file: one reader for each of the two forms, with the same rules for both."""
    try:
        text = text_of(content_of(path))
        return jsonfile.parse(text) if path.suffix.lower() == ".json" else yamlfile.plain(text, name)
    except FileTextError as error:
        raise InputError(f"“{name}”读不懂，须为 UTF-8 的 JSON 或 YAML：{jsonfile.told(error)}") from None
    except PolicyError as error:
        raise InputError(f"“{name}”读不懂，须为 UTF-8 的 JSON 或 YAML：第 {error.line} 行{error.what}") from None


def _checked(name: str, data: Any, model: type[BaseModel]) -> dict[str, Any]:
    try:
        checked = model.model_validate(data)
    except ValidationError as error:
        raise InputError(f"“{name}”：{sentence_of(error, model)}") from None
    return _content(checked)


def _content(checked: BaseModel) -> dict[str, Any]:
    plain = getattr(checked, "plain", None)
    content: dict[str, Any] = plain() if plain else checked.model_dump(mode="json")
    return content
