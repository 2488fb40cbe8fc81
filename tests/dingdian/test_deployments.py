"""Entrypoints and deployment files: what is accepted, and the sentence for what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dingdian.rehearsal import rehearse
from dingdian.running.deployments import PREFECT_FILE, flow_at, house_flows, queues_of, read
from foundation.settings import Settings
from rules.errors import InputError
from tests.support.stack import PROBES, ROOT
from upkeep.deployment_file import REHEARSAL_FILE


def test_an_entrypoint_gives_its_flow() -> None:
    assert flow_at("tests.support.flows.probe.probe").name == "probe"


@pytest.mark.parametrize(
    "entrypoint",
    [
        "",
        "probe",
        "flows/acts.py:sign_agreement",
        "..flows.x.x",
        "tests.support.flows.missing.x",
        "tests.support.flows.probe.missing",
        "tests.support.flows.probe.ProbeForm",
    ],
)
def test_an_entrypoint_that_leads_to_no_flow_is_refused(entrypoint: str) -> None:
    with pytest.raises(InputError, match="流程入口"):
        flow_at(entrypoint)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deployments: [{name: a, entrypoint: b, trigger: c}]", r"deployments\[0\].*trigger"),
        ("deployments: [{name: a}]", r"deployments\[0\].*entrypoint"),
        ("deployments: [", "无法读取"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        read(file)


@pytest.mark.parametrize("queues", ["[{priority: 1}]", "[{name: a, priority: 0}]", "[{name: a, limit: 2}]"])
def test_a_queue_that_cannot_be_used_is_named(tmp_path: Path, queues: str) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_text(f"definitions: {{queues: {queues}}}")
    with pytest.raises(InputError, match="队列设置"):
        queues_of(file)


def test_acts_go_before_the_clock_and_the_clock_before_heavy_work() -> None:
    assert [one.name for one in queues_of(PREFECT_FILE)] == ["acts", "clock", "heavy"]
    of = {entry["name"][:2]: entry["work_pool"]["work_queue_name"] for entry in read(PREFECT_FILE)}
    assert {number for number, queue in of.items() if queue == "heavy"} == {
        "00",
        "25",
        "26",
        "54",
        "55",
        "56",
        "58",
        "70",
    }
    clock = {number for number, queue in of.items() if queue == "clock"}
    assert clock == {"27", "43", "50", "51", "52", "53", "57", "59"}
    assert set(of.values()) == {"acts", "clock", "heavy"}


def test_the_worker_runs_the_flows_of_the_house_and_no_others() -> None:
    flows = house_flows(Settings())
    assert set(flows) == {entry["entrypoint"] for entry in read(PREFECT_FILE)}
    assert all(flow.isasync and flow.fn.__module__.startswith("flows.") for flow in flows.values())


def test_a_rehearsal_has_its_own_flows_and_a_real_installation_has_not() -> None:
    assert REHEARSAL_FILE == rehearse.PREFECT_FILE
    controls = {entry["entrypoint"] for entry in read(REHEARSAL_FILE)}
    assert controls <= set(house_flows(Settings(rehearsal_clock=Path("clock"))))
    assert not controls & set(house_flows(Settings()))


def test_a_development_tree_may_name_further_flows_of_its_tests() -> None:
    flows = house_flows(Settings(further_deployments=PROBES))
    assert {entry["entrypoint"] for entry in read(PROBES)} < set(flows)


@pytest.mark.parametrize("file", [PREFECT_FILE, Path("/tmp/prefect.yaml"), PROBES.parent / "../../var/prefect.yaml"])
def test_a_further_file_from_elsewhere_is_refused(file: Path) -> None:
    with pytest.raises(ValueError, match="只供源码目录里的测试使用"):
        Settings(further_deployments=file)


def test_an_installed_package_runs_no_further_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.settings.IS_CHECKOUT", False)
    with pytest.raises(ValueError, match="只供源码目录里的测试使用"):
        Settings(further_deployments=PROBES)


def test_a_package_of_the_same_name_from_elsewhere_is_not_run(tmp_path: Path) -> None:
    """A folder that stands before ours on the path: its code is not even loaded."""
    trap = tmp_path / "flows" / "__init__.py"
    trap.parent.mkdir()
    trap.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    asked = (
        "from foundation.settings import Settings; from dingdian.running.deployments import house_flows; "
        "house_flows(Settings())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run([sys.executable, "-P", "-c", asked], env=environment, capture_output=True, text=True)
    assert "不在安装目录" in done.stderr
    assert not (tmp_path / "ran").exists()
