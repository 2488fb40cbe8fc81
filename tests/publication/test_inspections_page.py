"""Double random inspections on the site: what the plan tells, what it does not tell before the end, and that a stranger
with the published file alone recomputes the draw."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models import DoubleRandomDraw
from publication.site import build_site
from tasks import surroundings
from tests.support.stages import Stage
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal
from tests.tasks.test_inspections import DRAWN_AT, PLAN, PLANNED, RESULTS, inspected, the_plan

PAGE, DATA, VERIFIER = "inspections-1.html", "inspections-1.json", "verify_inspections.py"


@pytest.fixture
def database_kind() -> str:
    """Pages read what the acts wrote; those are tested on both kinds."""
    return "sqlite"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    made = at_stage("published", "kept")
    made.sweep("2025-11-06 00:05")
    family = {"inspector": BOSS, "institution": "P01", "kind": "family"}
    made.act(PLANNED, "plan_inspections", **PLAN, inspectors=[BOSS, OFFICE, "中心主任"], conflicts=[family])
    return made


def built(office: Rehearsal, folder: Path) -> dict[str, Any]:
    build_site(office.url, folder)
    return dict(json.loads((folder / DATA).read_text(encoding="utf-8")))


def verified(folder: Path, record: dict[str, Any]) -> tuple[int, str]:
    """What the published program says of a record."""
    (folder / "record.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    run = [sys.executable, str(folder / VERIFIER), str(folder / "record.json")]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})
    return done.returncode, done.stdout + done.stderr


def revealed(office: Rehearsal) -> None:
    office.act(DRAWN_AT, "draw_inspections", **RESULTS)
    given = inspected(office, the_plan(office), 0, "2025-11-18", corrections=["价格牌已更换"])
    office.act("2025-11-18 17:00", "record_inspection", **given)
    office.act("2025-12-13 09:00", "reveal_inspections", plan="1")


def test_before_the_end_the_page_tells_the_plan_and_nothing_of_the_draw(office: Rehearsal, tmp_path: Path) -> None:
    record = built(office, tmp_path)
    assert len(record["pools"]["institutions"]) == len(record["pools"]["inspectors"]) == 3
    assert '"family"' not in json.dumps(record)
    assert "亲属" not in (tmp_path / PAGE).read_text(encoding="utf-8")
    office.act(DRAWN_AT, "draw_inspections", **RESULTS)
    after = built(office, tmp_path)
    assert after.keys() - record.keys() == {"drawn_at", "source_values"}
    plan = office.rows(DoubleRandomDraw)[0]
    secret = surroundings.keys().unseal(plan.secret_sealed, "double_random_draw:1")
    public = "".join(one.read_text(encoding="utf-8") for one in sorted(tmp_path.glob("*.*")) if one.suffix != ".pdf")
    assert secret not in public
    assert "assigned" not in public
    assert not (tmp_path / VERIFIER).exists()


def test_afterwards_a_stranger_recomputes_everything_from_the_file(office: Rehearsal, tmp_path: Path) -> None:
    revealed(office)
    record = built(office, tmp_path)
    assert verified(tmp_path, record) == (0, "相符：名册、秘密源的承诺值、种子串和全部抽取结果都能重算得出\n")
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "期间内未检查" in page
    assert "1 项" in page
    assert "价格牌" not in page
    assert f'href="{PAGE}"' in (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: one.update(secret=str(int(one["secret"]) + 1)), "commitment"),
        (lambda one: one["assigned"].reverse(), "assigned"),
        (lambda one: one["assigned"][0].update(inspectors=[1, 1]), "assigned"),
        (lambda one: one["pools"]["conflicts"].clear(), "pools_sha256"),
        (lambda one: one["source_values"][1].__setitem__(0, 8), "key"),
        (lambda one: one.update(wanted=1), "assigned"),
    ],
)
def test_the_strangers_program_sees_every_change(office: Rehearsal, tmp_path: Path, change: Any, said: str) -> None:
    revealed(office)
    record = built(office, tmp_path)
    change(record)
    code, told = verified(tmp_path, record)
    assert code == 1
    assert said in told
