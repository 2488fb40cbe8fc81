"""Entrypoints and deployment files: what is accepted, and the sentence for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dingdian.running.deployments import PREFECT_FILE, flow_at, queues_of, read
from rules.errors import InputError


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
    assert {number for number, queue in of.items() if queue == "heavy"} == {"00", "25", "26", "54", "55", "56", "70"}
    assert {number for number, queue in of.items() if queue == "clock"} == {"27", "43", "50", "51", "52", "53", "57"}
    assert set(of.values()) == {"acts", "clock", "heavy"}


def test_every_deployment_of_the_house_has_a_flow() -> None:
    for entry in read(PREFECT_FILE):
        assert flow_at(entry["entrypoint"]).isasync
