"""What style and design promise of `rules/`: pure, standard library only, and no number of the law in Python."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from policies.loader import load_policy

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "rules").rglob("*.py"))
TASKS = sorted((ROOT / "tasks").rglob("*.py"))
FORBIDDEN_NAMES = {"open", "input", "print", "eval", "exec", "__import__"}
FORBIDDEN_ATTRIBUTES = {
    "now",
    "today",
    "utcnow",
    "fromtimestamp",
    "environ",
    "getenv",
    "time_ns",
    "monotonic",
    "urandom",
}
FORBIDDEN_MODULES = {"random", "secrets", "os", "pathlib", "io", "socket", "subprocess", "time", "uuid", "tempfile"}
SMALL = 2  # 0, 1 and 2 count and index; they are no numbers of the law


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno} relative import"
            found.add(str(node.module).partition(".")[0])
    return found


def numbers(path: Path) -> set[tuple[int, object]]:
    """Line and value of every number in a file, also of one written as text to a Decimal; places in rows are none."""
    found: set[tuple[int, object]] = set()
    tree = list(nodes(path))
    places = {id(one) for node in tree if isinstance(node, ast.Subscript) for one in ast.walk(node.slice)}
    for node in tree:
        if id(node) in places:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            found.add((node.lineno, node.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Decimal":
            found |= {(one.lineno, Decimal(one.value)) for one in node.args if _is_text(one)}
    return found


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("path", RULES, ids=name)
def test_rules_import_the_standard_library_and_rules_alone(path: Path) -> None:
    assert imported(path) - set(sys.stdlib_module_names) - {"rules"} == set()
    assert imported(path) & FORBIDDEN_MODULES == set()


@pytest.mark.parametrize("path", RULES, ids=name)
def test_rules_ask_neither_clock_nor_files_nor_surroundings(path: Path) -> None:
    called = {node.id for node in nodes(path) if isinstance(node, ast.Name)} & FORBIDDEN_NAMES
    asked = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)} & FORBIDDEN_ATTRIBUTES
    assert (called, asked) == (set(), set())


def law() -> set[Decimal]:
    """Every number of the law that is no mere count of one or two things; an office's own rules are none."""
    of_the_law = (one for one in load_policy().numbers.values() if "办公规则" not in one.clause)
    is_amount = (one for one in of_the_law if not isinstance(one.value, time) and one.unit != "month_of_year")
    values = {number.value for number in is_amount}
    return {value for value in values if value > SMALL}


# Numbers of the same size that are none of the law: the day of the week, a week on the board, how often to try, the
# minutes of half an hour, the whole of which a per cent is a part, and the end of a day.
INNOCENT = (
    *("SATURDAY = 5 ", "A_WEEK = timedelta(days=7)", "TRIES = 3", "CONFLICTS = 100 ", "OUTAGES = 3 "),
    *("        return 30", "WHOLE = Decimal(100)", "MIDNIGHT, NOON = 24, 12"),
)


@pytest.mark.parametrize("path", RULES + TASKS, ids=name)
def test_no_number_of_the_law_stands_in_python(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    guilty = [
        f"{name(path)}:{line}: {lines[line - 1].strip()}"
        for line, value in sorted(numbers(path), key=str)
        if Decimal(str(value)) in law() and not lines[line - 1].startswith(INNOCENT)
    ]
    assert guilty == []


def test_the_search_for_numbers_of_the_law_finds_them(tmp_path: Path) -> None:
    guilty = tmp_path / "guilty.py"
    guilty.write_text('A = 22\nB = Decimal("70")\nC = f(x, days=60)\nD = "22"\nE = True\n')
    assert {value for _, value in numbers(guilty)} == {22, Decimal("70"), 60}
    assert {22, 60, 70, 180, 100000000} <= law()
