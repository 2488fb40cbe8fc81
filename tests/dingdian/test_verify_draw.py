"""`dingdian verify-draw` as other programs see it, and the stranger's own verifier."""

from __future__ import annotations

import ast
import copy
import json
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from dingdian import verify_draw as verify_command
from flows.forms import FORMS
from models.database import transaction
from publication.records import draw_record
from rules.audit import sha256
from rules.case import Event
from rules.draw import Stratum, draw_strata, seated_by_stratum
from rules.errors import InputError
from tasks.announce import register_staff
from tasks.perform import perform
from tests.support.commands import dingdian
from tests.support.rounds import replayed, small_round
from tests.tasks.rehearsal import beijing

ROOT = Path(__file__).resolve().parents[2]
STRANGER = ROOT / "docs" / "verify_draw.py"
Record = dict[str, Any]
Way = tuple[str | int, ...]


def stranger(path: Path, *plan: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-I", str(STRANGER), str(path), *plan]
    return subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A record with somebody skipped and somebody who could not come."""
    url, _ = replayed(tmp_path_factory.mktemp("draw"), small_round(recused=["Z02"], unavailable=[7], until="drawn"))
    with transaction(url) as session:
        return draw_record(session, 1)


def written(folder: Path, record: Record) -> Path:
    path = folder / "draw-1.json"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return path


def resealed(record: Record) -> Record:
    """The record with its own hash made to fit again, as a careful forger would."""
    rest = {name: value for name, value in record.items() if name != "record_sha256"}
    return {**rest, "record_sha256": sha256(rest)}


def test_a_true_record_holds(tmp_path: Path, record: Record) -> None:
    path = written(tmp_path, record)
    done = dingdian("verify-draw", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "抽取记录成立，专家组：Z04、Z05、Z06。" in done.stdout
    assert "不符" not in done.stdout
    answer = json.loads(dingdian("verify-draw", str(path), "--json").stdout)
    assert (answer["holds"], answer["pool_sha256"]) == (True, record["pool_sha256"])
    assert all(check["holds"] for check in answer["checks"])
    assert stranger(path).returncode == 0


def test_a_false_record_does_not(tmp_path: Path, record: Record) -> None:
    path = written(tmp_path, {**record, "panel": ["Z01", *record["panel"][1:]]})
    done = dingdian("verify-draw", str(path))
    assert (done.returncode, done.stderr) == (1, "")
    assert "不符  专家组：记录为 ['Z01', 'Z05', 'Z06']，重算为 ['Z04', 'Z05', 'Z06']" in done.stdout
    assert "抽取记录不成立：2 项不符。" in done.stdout
    assert json.loads(dingdian("verify-draw", str(path), "--json").stdout)["holds"] is False
    seen = stranger(path)
    assert (seen.returncode, seen.stdout) == (1, "不符：record_sha256、panel\n")


def places(value: Any, way: Way = ()) -> Iterator[Way]:
    """The way to every single value of a record, and to every list."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, (*way, name))
        return
    yield way
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from places(part, (*way, index))


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, list):
        return value[:-1] if value else [1]
    return value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1:] != "0" else "1")


def mutated(record: Record, way: Way, change: Callable[[Any], Any] = changed) -> Record:
    copied = copy.deepcopy(record)
    target: Any = copied
    for step in way[:-1]:
        target = target[step]
    target[way[-1]] = change(target[way[-1]])
    return copied


def verdict(path: Path) -> str:
    try:
        verify_command.run(path, as_json=True)
    except typer.Exit:
        return "does not hold"
    except InputError:
        return "no record"
    return "holds"


def test_any_single_change_is_caught(tmp_path: Path, record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    ways = list(places(record))
    assert len(ways) > 60
    missed = [way for way in ways if verdict(written(tmp_path, mutated(record, way))) == "holds"]
    assert missed == []
    capsys.readouterr()


# What the draw does not determine: changing it and the record's own hash cannot be seen in the record alone.
FREE = {"round", "published_at", "drawn_at", "sources", "source_rules", "skipped", "unavailable", "challenge_days"}


def test_a_forger_who_mends_the_hash_is_caught_wherever_the_draw_decides(
    tmp_path: Path, record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = [way for way in places(record) if way[0] not in FREE | {"record_sha256"}]
    forged = {way: resealed(mutated(record, way)) for way in ways}
    missed = [way for way, false in forged.items() if verdict(written(tmp_path, false)) == "holds"]
    assert missed == []
    capsys.readouterr()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("unavailable", [4, 7]), ("skipped", []), ("skipped", [2, 99]), ("sources", ["只有一个"])),
        *(("wanted", 0), ("wanted", -5), ("source_values", [[3], []]), ("source_values", [[-1], [11]])),
        *(("drawn_at", "2025-09-16T09:30:00+08:00"), ("drawn_at", "2025-09-19"), ("drawn_at", "不明")),
    ],
)
def test_what_cannot_be_together_is_caught(
    tmp_path: Path, record: Record, capsys: pytest.CaptureFixture[str], field: str, value: Any
) -> None:
    assert verdict(written(tmp_path, resealed({**record, field: value}))) == "does not hold"
    assert json.loads(capsys.readouterr().out)["holds"] is False


@pytest.mark.parametrize(
    ("content", "message"),
    [
        *(("", "不是 JSON"), ("[]", "不是完整的抽取记录，（全文）"), ("{}", "record：缺少此项")),
        *(('{"a": 1, "a": 2}', "同一个键写了两次：a"), ("[" * 100_000, "不是 JSON")),
    ],
)
def test_what_is_no_record(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "draw-1.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        verify_command.run(path, as_json=True)


def test_loose_values_are_no_record(tmp_path: Path, record: Record) -> None:
    with pytest.raises(InputError, match=r"picks\.0：类型或取值不对"):
        verify_command.run(written(tmp_path, mutated(record, ("picks", 0), float)), as_json=True)
    entry = {**record["pool"][0], "phone": "19900000000"}
    path = written(tmp_path, {**record, "pool": [entry, *record["pool"][1:]]})
    with pytest.raises(InputError, match=r"pool\.0\.phone：未知的键"):
        verify_command.run(path, as_json=True)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = dingdian("verify-draw", str(tmp_path / "nothing.json"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "读不到文件" in done.stderr


@pytest.mark.parametrize(
    "field", ["key", "digests", "picks", "panel", "pool_sha256", "source_values", "wanted", "pool"]
)
def test_the_stranger_catches_a_forger_too(tmp_path: Path, record: Record, field: str) -> None:
    assert stranger(written(tmp_path, resealed(mutated(record, (field,))))).returncode == 1


def test_the_stranger_shares_no_code_with_us() -> None:
    lines = STRANGER.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("import", "from"))] == [
        "import json",
        "import sys",
        "from hashlib import md5, sha256",
    ]


@pytest.fixture(scope="module")
def by_specialty(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A record of a draw by specialty, with announced sources of which one did not come."""
    scenario = small_round(until="2025-09-17T14:00:00+08:00")
    url, _ = replayed(tmp_path_factory.mktemp("strata"), scenario)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": "全能员", "name": "全能员", "roles": ["all"]}])
    red = {"name": "双色球第2025109期红球", "kind": "ssq_red", "due_on": "2025-09-18"}
    front = {"name": "大乐透第25108期前区", "kind": "dlt_front", "due_on": "2025-09-18", "fallback": "zero"}
    strata = [{"specialty": one, "wanted": 1} for one in ("药学", "财务", "医保管理", "临床医学")]
    for at, do, fields in (
        ("2025-09-17 15:00", "publish_draw_plan", {"wanted": 4, "sources": [red, front], "strata": strata}),
        ("2025-09-19 09:00", "record_source_event", {"number": 2, "happened": "missing", "evidence": "停售公告"}),
        ("2025-09-19 09:30", "draw_experts", {"source_values": [[3, 9, 14, 20, 27, 33], 0], "unavailable": [1]}),
    ):
        form = FORMS[do].model_validate({"by": "全能员", **fields})
        perform(url, Event(do, beijing(at), "全能员", form.fields()))
    with transaction(url) as session:
        return draw_record(session, 1)


def test_a_record_by_specialty_holds_for_us_and_for_a_stranger(tmp_path: Path, by_specialty: Record) -> None:
    path = written(tmp_path, by_specialty)
    assert dingdian("verify-draw", str(path)).returncode == 0
    assert stranger(path).stdout == "相符：种子串、摘要、顺序、名册和专家组都能重算得出\n"
    assert by_specialty["key"] == "3.9.14.20.27.33./0./"
    assert [one["suffix"] for one in by_specialty["strata"]] == ["1./", "2./", "3./", "4./"]
    assert by_specialty["panel"][0] == "Z05"


def again(record: Record, strata: list[Record]) -> Record:
    """The record drawn anew with other strata, as a forger would who tries until the picks suit."""
    made = [Stratum(one["suffix"], one["wanted"], tuple(one["members"])) for one in strata]
    selections = draw_strata(record["key"], made)
    picks = [number for one in selections for number in one.picks]
    gone = frozenset(record["unavailable"]) | frozenset(record["skipped"])
    panel = [record["pool"][number - 1]["expert_id"] for number in seated_by_stratum(picks, made, gone)]
    digests = [digest for one in selections for digest in one.digests]
    return resealed({**record, "strata": strata, "picks": picks, "digests": digests, "panel": panel})


@pytest.mark.parametrize("forgery", ["another suffix", "another order", "two specialties swapped", "one left out"])
def test_strata_chosen_to_suit_are_caught_by_both(
    tmp_path: Path, by_specialty: Record, capsys: pytest.CaptureFixture[str], forgery: str
) -> None:
    strata = copy.deepcopy(by_specialty["strata"])
    if forgery == "another suffix":
        strata[0]["suffix"] = "7./"
    elif forgery == "another order":
        strata[0]["members"].reverse()
    elif forgery == "two specialties swapped":
        strata[0]["members"], strata[1]["members"] = strata[1]["members"], strata[0]["members"]
    else:
        strata[0]["members"].pop()
    path = written(tmp_path, again(by_specialty, strata))
    assert verdict(path) == "does not hold"
    assert stranger(path).stdout == "不符：strata\n" if forgery != "one left out" else "strata" in stranger(path).stdout
    capsys.readouterr()


def test_any_single_change_of_a_record_by_specialty_is_caught_by_the_stranger(
    tmp_path: Path, by_specialty: Record
) -> None:
    check = runpy.run_path(str(STRANGER))["faults"]
    missed = [way for way in places(by_specialty) if not _faulty(check, mutated(by_specialty, way))]
    assert missed == []


def _faulty(check: Callable[[Record], list[str]], record: Record) -> bool:
    try:
        return bool(check(record))
    except (KeyError, IndexError, TypeError, ValueError):
        return True


@pytest.mark.parametrize("written_twice", ["panel", "key", "number"])
def test_the_stranger_refuses_a_record_with_a_key_twice(tmp_path: Path, record: Record, written_twice: str) -> None:
    """The last of the two is true, so that everything can be recomputed: a reader may have looked at the first."""
    path = written(tmp_path, record)
    text = path.read_text(encoding="utf-8")
    twice = text.replace(f'"{written_twice}": ', f'"{written_twice}": "Z01", "{written_twice}": ', 1)
    path.write_text(twice, encoding="utf-8")
    done = stranger(path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "不符：记录中同一个键写了两次\n")


@pytest.mark.parametrize("published", ["2025-09-19T09:30:00+08:00", "2025-09-20T10:00:00+08:00"])
def test_a_plan_published_with_the_draw_or_after_it_is_refused_by_both(
    tmp_path: Path, record: Record, capsys: pytest.CaptureFixture[str], published: str
) -> None:
    path = written(tmp_path, resealed({**record, "published_at": published}))
    assert verdict(path) == "does not hold"
    assert "方案公布在抽取之前" in capsys.readouterr().out
    assert stranger(path).stdout == "不符：published_at\n"


def plan_hash(record: Record) -> str:
    names = ("round", "published_at", "wanted", "challenge_days", "pool", "strata", "sources")
    return sha256({name: record[name] for name in names})


def test_both_take_the_hash_of_the_plan_that_was_published(tmp_path: Path, record: Record) -> None:
    path, before = written(tmp_path, record), plan_hash(record)
    assert dingdian("verify-draw", str(path), "--plan", before).returncode == 0
    assert stranger(path, before).returncode == 0
    later = written(tmp_path, resealed({**record, "published_at": "2025-09-17T15:00:01+08:00"}))
    assert (dingdian("verify-draw", str(later)).returncode, stranger(later).returncode) == (0, 0)
    done = dingdian("verify-draw", str(later), "--plan", before)
    assert done.returncode == 1
    assert f"不符  方案与抽取之前公布的一致：公布的是 {before}" in done.stdout
    assert stranger(later, before).stdout == "不符：plan\n"


def test_the_stranger_is_forty_five_lines_at_most() -> None:
    source = STRANGER.read_text(encoding="utf-8")
    told = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    code = [text for line, text in enumerate(source.splitlines(), 1) if text.strip() and line not in told]
    assert len(code) <= 45
