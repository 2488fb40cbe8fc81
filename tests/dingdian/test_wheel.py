"""The wheel: it holds what the program needs and nothing else, and runs where there is no repository."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.patience import HANGS_AFTER_S
from tests.support.stack import ROOT, clean_environment

NOT_SHIPPED = {"tests", "benchmarks", "docs"}
SAMPLE = ROOT / "tests" / "support" / "walk" / "sample_round.json"
WHERE = "import dingdian, sys; from dingdian.cli import main; print(dingdian.__file__, file=sys.stderr); main()"


def call(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS_AFTER_S,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build leaves its marks beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    packages = {name.partition(".")[0] for name in declared()}
    for name in packages:
        shutil.copytree(ROOT / name, folder / "src" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder / "src" / name)
    options = ("--no-deps", "--no-build-isolation", "--disable-pip-version-check", "-w", folder)
    call(sys.executable, "-m", "pip", "wheel", ".", *options, cwd=folder / "src")
    return next(folder.glob("*.whl"))


def declared() -> list[str]:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert isinstance(packages, list)
    return packages


def test_it_holds_every_file_of_every_package_and_no_other(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tops = {name.partition(".")[0] for name in declared()}
    files = {path.relative_to(ROOT).as_posix() for top in tops for path in (ROOT / top).rglob("*") if path.is_file()}
    assert names == {name for name in files if "__pycache__" not in name}
    assert not tops & NOT_SHIPPED
    assert zipfile.ZipFile(wheel).read("dingdian/prefect.yaml") == (ROOT / "prefect.yaml").read_bytes()
    assert zipfile.ZipFile(wheel).read("publication/verifiers/verify_draw.py").startswith(b'"""Checks a published draw')


def test_it_runs_in_an_empty_folder_and_writes_nothing_beside_its_code(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, which borrows the libraries, without the editable install of the repository."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env").glob("lib/python3*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    command = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    call(*command, cwd=tmp_path)
    before = sorted(site.rglob("*"))
    empty = tmp_path / "empty"
    empty.mkdir()
    done = call(python, "-c", WHERE, "replay", SAMPLE, "--json", cwd=empty, PYTHONDONTWRITEBYTECODE="1")
    assert str(site) in done.stderr
    expected = json.loads(call(sys.executable, "-c", WHERE, "replay", SAMPLE, "--json", cwd=ROOT).stdout)
    assert json.loads(done.stdout) == expected
    assert (
        call(python.with_name("dingdian"), "prefect-file", cwd=empty).stdout.strip() == f"{site}/dingdian/prefect.yaml"
    )
    assert sorted(site.rglob("*")) == before
    assert sorted(empty.rglob("*")) == []


def test_in_prefect_s_passing_folder_it_asks_for_a_lasting_one(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    asked = "from foundation.settings import get_settings; print(get_settings().var_dir)"
    given = {"PYTHONPATH": str(tmp_path / "site"), "PREFECT__FLOW_RUN_ID": "1"}
    said = call(sys.executable, "-c", asked, cwd=tmp_path, DINGDIAN_VAR_DIR="/srv/var", **given).stdout
    assert said.strip() == "/srv/var"
    with pytest.raises(AssertionError, match=r"VAR_DIR.*绝对路径"):
        call(sys.executable, "-c", asked, cwd=tmp_path, **given)
