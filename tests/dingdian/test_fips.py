"""A machine on which cryptographic libraries refuse MD5 for security (FIPS): the draw is no matter of security."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.database import transaction
from publication.records import draw_record
from tests.support.rounds import replayed, small_round

ROOT = Path(__file__).resolve().parents[2]
OPENSSL = """openssl_conf = openssl_init
[openssl_init]
alg_section = evp_properties
[evp_properties]
default_properties = fips=yes
"""
REFUSES_MD5 = """import hashlib
real = hashlib.md5
def md5(content=b"", *, usedforsecurity=True):
    if usedforsecurity:
        raise ValueError("[digital envelope routines] unsupported")
    return real(content, usedforsecurity=False)
hashlib.md5 = md5
"""
COMMAND = "from dingdian.cli import main; main()"
DRAW = ["-c", COMMAND, "draw", "--pool-size", "10", "--count", "3", "--sources", "[[9, 18, 26]]", "--json"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    here = {**os.environ, **environment}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=here, capture_output=True, text=True, check=False)


@pytest.fixture
def strict(tmp_path: Path) -> dict[str, str]:
    """Python as it is where MD5 for security is refused, on machines whose OpenSSL has no such setting too."""
    (tmp_path / "sitecustomize.py").write_text(REFUSES_MD5, encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}


def test_the_draw_is_the_same_under_an_openssl_that_asks_for_fips(tmp_path: Path) -> None:
    (tmp_path / "openssl.cnf").write_text(OPENSSL, encoding="utf-8")
    there = {"OPENSSL_CONF": str(tmp_path / "openssl.cnf")}
    done = run(*DRAW, **there)
    assert (done.returncode, done.stdout) == (0, run(*DRAW).stdout), done.stderr


def test_the_setting_of_these_tests_refuses_md5_for_security(strict: dict[str, str]) -> None:
    assert run("-c", "import hashlib; hashlib.md5(b'')", **strict).returncode == 1


def test_draw_and_both_verifiers_work_where_md5_is_refused(strict: dict[str, str], tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="drawn"))
    record_file = tmp_path / "draw-1.json"
    with transaction(url) as session:
        record_file.write_text(json.dumps(draw_record(session, 1), ensure_ascii=False), encoding="utf-8")
    done = run(*DRAW, **strict)
    assert json.loads(done.stdout)["picks"] == json.loads(run(*DRAW).stdout)["picks"]
    assert run("-c", COMMAND, "verify-draw", str(record_file), **strict).returncode == 0
    stranger = run("docs/verify_draw.py", str(record_file), **strict)
    assert (stranger.returncode, stranger.stdout[:2]) == (0, "相符"), stranger.stderr
