"""One YAML file as plain data, with the line of every key, so that a loader's refusal names file and line.

A repeated key, a syntax error, a tag that says what a value is, or an impossible date is refused here; what the keys
mean is the loader's affair. `plain` reads what people give us, `read` and `parse` the policy files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml

from policies.plainfile import FileTextError, content_of, text_of
from rules.errors import PolicyError
from rules.keepable import dotted, unkeepable_in, what_of

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Scalars as a reader expects them (YAML 1.2): `on`, `off`, `yes`, `no`, `08:30` and `007` are text."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}


for _tag, _form, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_form})\\Z"), list(_first))


class _PlainLoader(_Loader):
    """For files that people give us: days are text as they are written, decimals are exact."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {
        first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in _Loader.yaml_implicit_resolvers.items()
    }


_PlainLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node)))

MAX_DEPTH = 60
MAX_VALUES = 2_000_000
TEXT, DAY = "tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"
COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
Key = str | int
KeyPath = tuple[Key, ...]
T = TypeVar("T")

_KIND_NAMES: dict[type, str] = {
    dict: "键值表",
    list: "清单",
    str: "文字",
    int: "整数",
    float: "小数",
    bool: "true 或 false",
    date: "日期（如 2026-01-01）",
}


@dataclass(frozen=True)
class Document:
    """The data of one file (mappings, lists, text, numbers, `datetime.date`) and where each key stands."""

    file: str
    data: Any
    _lines: dict[KeyPath, int] = field(repr=False)

    def line(self, path: KeyPath = ()) -> int:
        """Line (from 1) of the key or list item at `path`; of its nearest parent where the key is missing."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def error(self, path: KeyPath, what: str) -> PolicyError:
        """The refusal of what stands at `path`; the caller raises it."""
        return PolicyError(self.file, self.line(path), what)

    def at(self, path: KeyPath) -> Any:
        """The value at `path`, of whatever kind. Raises PolicyError when it is missing."""
        value = self.data
        for depth, key in enumerate(path):
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                raise self.error(path[:depth], f"缺少 {dotted(path[: depth + 1])}") from None
        return value

    def expect(self, path: KeyPath, kind: type[T]) -> T:
        """The value at `path`, exactly of `kind` (a bool is no int, an instant is no day). Raises PolicyError."""
        value = self.at(path)
        if type(value) is not kind:
            wanted = _KIND_NAMES.get(kind, kind.__name__)
            raise self.error(path, f"{dotted(path)} 应为{wanted}，现为 {value!r}")
        return value

    def texts(self, path: KeyPath) -> tuple[str, ...]:
        """The list at `path`, of texts only. Raises PolicyError."""
        return tuple(self.expect((*path, place), str) for place in range(len(self.expect(path, list))))

    def expect_keys(self, path: KeyPath, required: set[str], optional: set[str] | frozenset[str] = frozenset()) -> None:
        """The mapping at `path` has every required key and none but these. Raises PolicyError naming the key."""
        mapping: dict[Key, Any] = self.expect(path, dict)
        for key in mapping:
            if key not in required and key not in optional:
                known = "、".join(sorted(required | optional))
                raise self.error((*path, key), f"未知的键 {dotted((*path, key))}；可用的键：{known}")
        for key in sorted(required):
            if key not in mapping:
                raise self.error(path, f"缺少 {dotted((*path, key))}")


def read(path: Path) -> Document:
    """Reads one YAML file. Raises PolicyError(file, line, what) for anything that is not plain, unambiguous data."""
    file = str(path)
    try:
        text = text_of(content_of(path))
    except FileTextError as error:
        raise PolicyError(file, error.line, f"{error}") from error
    return parse(text, file)


def plain(text: str, file: str) -> Any:
    """The data of a YAML text that a person gave us: texts, numbers, `true`, `false` and nothing else, days as they are
    written. Raises PolicyError."""
    return parse(text, file, _PlainLoader).data


def parse(text: str, file: str, kind: type[Any] = _Loader) -> Document:
    """Like `read`, for text already at hand; `file` is the name that errors give."""
    try:
        _expect_shallow(text, file)
        loader = kind(text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        raise PolicyError(
            file, _error_line(error), f"YAML 语法错误：请检查缩进、冒号后的空格和引号（{_problem(error)}）"
        ) from error
    reader = _Reader(file, loader)
    data = None if root is None else reader.value(root, (), _node_line(root))
    return Document(file, data, reader.lines)


def _expect_shallow(text: str, file: str) -> None:
    """Refuses what nests so deeply that libyaml, which recurses, would take the process with it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise PolicyError(file, _node_line(event), f"嵌套超过 {MAX_DEPTH} 层")


class _Reader:
    """Turns nodes into plain data and notes the line of each path on the way."""

    def __init__(self, file: str, loader: Any) -> None:
        self.file, self.loader = file, loader
        self.lines: dict[KeyPath, int] = {}
        self._values = 0
        self._open: list[yaml.Node] = []  # from the root down to the node being read

    def value(self, node: yaml.Node, path: KeyPath, line: int) -> Any:
        self.lines[path] = line
        self._values += 1
        if self._values > MAX_VALUES:
            raise PolicyError(self.file, line, "内容太多（引用 *… 展开之后），请拆成几个文件")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node in self._open:
            raise PolicyError(self.file, line, f"{dotted(path)} 引用了包含它自己的内容")
        if node.tag not in COLLECTIONS:
            raise PolicyError(self.file, line, f"{dotted(path)} 不能带类型标记（!…），请删去")
        self._open.append(node)
        value = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        self._open.pop()
        return value

    def _sequence(self, node: yaml.Node, path: KeyPath) -> list[Any]:
        return [self.value(item, (*path, i), _node_line(item)) for i, item in enumerate(node.value)]

    def _mapping(self, node: yaml.Node, path: KeyPath) -> dict[Key, Any]:
        result: dict[Key, Any] = {}
        for key_node, value_node in node.value:
            key, line = self._key(key_node), _node_line(key_node)
            if key in result:
                first = self.lines[(*path, key)]
                raise PolicyError(self.file, line, f"键 {dotted((*path, key))} 重复，第 {first} 行已有；请删去一处")
            result[key] = self.value(value_node, (*path, key), line)
        return result

    def _key(self, node: yaml.Node) -> Key:
        key = self._scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if type(key) not in (str, int):
            raise PolicyError(self.file, _node_line(node), f"键须为文字或整数，现为 {node.value!r}")
        return key  # type: ignore[return-value]

    def _scalar(self, node: yaml.Node) -> object:
        try:
            value: object = self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError, AttributeError) as error:  # AttributeError: `!!timestamp x`
            raise PolicyError(self.file, _node_line(node), f"读不懂 {node.value!r}：{_problem(error)}") from error
        if isinstance(value, datetime):
            raise PolicyError(self.file, _node_line(node), f"{node.value!r} 应只写日期，不写时刻")
        if node.tag not in (TEXT, DAY, self.loader.resolve(yaml.ScalarNode, node.value, (True, False))):
            raise PolicyError(self.file, _node_line(node), f"{node.value!r} 不能带类型标记（!…），请删去")
        if isinstance(value, str) and (found := unkeepable_in(value)):
            raise PolicyError(self.file, _node_line(node), what_of(found))
        return value


def _node_line(node: yaml.Node | yaml.Event) -> int:
    return int(node.start_mark.line) + 1 if node.start_mark else 1


def _error_line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return int(mark.line) + 1 if mark else 1


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error)
