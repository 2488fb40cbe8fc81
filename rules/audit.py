"""The hash chain of a case: every record binds the one before it, so that nothing can be changed or left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def canonical(value: Any) -> bytes:
    """One spelling for one value: sorted keys, no spaces, UTF-8; days and decimals as their text."""
    return _ENCODER.encode(value).encode()


def plain(value: Any) -> Any:
    """A value as JSON keeps it: days, instants and decimals become their text, tuples lists, keys text."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, frozenset, set)):
        return [plain(one) for one in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def sha256(value: Any) -> str:
    """The SHA-256 of a value in its canonical spelling, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def link(prev_hash: str, record: Mapping[str, Any]) -> str:
    """The hash of a record that follows the record with `prev_hash`."""
    return hashlib.sha256(prev_hash.encode() + canonical(record)).hexdigest()


def linked(shared: Mapping[str, Any]) -> Callable[[str, int, int], str]:
    """`link` for records that differ in nothing but their place in a chain (`seq`) and the number of whose they are
    (`subject_id`): what they share is spelled once. Called with the hash before, `seq` and `subject_id`."""
    parts = {name: _ENCODER.encode(value).replace("%", "%%") for name, value in shared.items()}
    parts |= {"seq": "%d", "subject_id": "%d"}
    template = "{" + ",".join(f"{_ENCODER.encode(name)}:{parts[name]}" for name in sorted(parts)) + "}"
    return lambda head, seq, subject_id: hashlib.sha256((head + template % (seq, subject_id)).encode()).hexdigest()


def head_of(heads: Iterable[str]) -> str:
    """One hash over the ends of many chains, in the order given."""
    return hashlib.sha256("".join(heads).encode()).hexdigest()
