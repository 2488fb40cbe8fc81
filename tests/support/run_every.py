"""Every deployment run once on a stock server and worker: `python -m tests.support.run_every`.

The forms are filled in as on the walk through the sample round, by JSON, against the demonstration round; most are
refused there, in a sentence. What counts is that no run crashes or fails. Ends with exit code 1 when one does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from dingdian.running.deployments import flow_at, read
from dingdian.running.embedded import Cluster
from models import migrate
from tasks.labels import ROLES
from tests.support.stack import ROOT, load_demo_into
from tests.support.stock import PREFECT, Stock
from tests.support.walk.others import OTHERS
from tests.support.walk.sample import scenario, steps

BOSS = "1009"  # may do everything, so that a refusal is about the case
HIRE = [
    str(Path(PREFECT).with_name("dingdian")),
    "staff-add",
    BOSS,
    "值班主任",
    *(part for one in ROLES for part in ("--role", one)),
]
PLAN = {"county": "示范县", "year": 2027, "title": "年度发展计划", "approved_on": "2027-01-10", "approved_by": "县局"}
NOT_ON_THE_WALK: dict[str, dict[str, Any]] = {
    "record_development_plan": {"by": BOSS, **PLAN, "hospital": 1, "pharmacy": 2},
    "register_experts": {"by": BOSS, "file": "专家.json"},
    "correct_record": {"by": BOSS, "applicant_id": "H01", "what": "视作放弃", "reason": "录入迟延", "evidence": "协议"},
    "try_take_back": {"act": "20 签订协议", "applicant_id": "H01"},
    "take_back_act": {
        "by": BOSS,
        "applicant_id": "H01",
        "act": "20 签订协议",
        "reason": "录错",
        "preview_code": "0" * 8,
    },
    "withdraw_draw_plan": {"by": BOSS, "told": "名册有误", "reason": "漏列专家"},
    "take_back_draw": {"by": BOSS, "told": "红球误录", "evidence": "官网公布页"},
    "take_back_posting": {
        **{"by": BOSS, "kind": "评估结果公示", "channel": "县政府网站", "reason": "录错", "preview_code": "0" * 8}
    },
    "adopt_policy": {"by": BOSS, "reason": "规则文件已修订"},
}


def parameters() -> dict[str, dict[str, Any]]:
    """The JSON parameters of every deployment, by its full name."""
    filled = NOT_ON_THE_WALK | {step.do: dict(step.values) for step in (*steps(scenario()), *OTHERS)}
    by_name = {}
    for entry in read():
        flow = flow_at(entry["entrypoint"])
        values = filled.get(entry["entrypoint"].rpartition(".")[2], {})
        form = {**values, **({"by": BOSS} if "by" in values else {})}
        by_name[f"{flow.name}/{entry['name']}"] = {"form": form} if "form" in flow.parameters.properties else {}
    return by_name


def main(folder: Path) -> int:
    """Starts them all, one after the other, and says how each ended."""
    ended = {}
    with Cluster(folder / "postgres", durable=False) as cluster:
        migrate.upgrade(cluster.owner_url())
        with Stock(folder / "stock", cluster.url(), cluster.prefect_url()).serving() as stock:
            stock.prefect("work-pool create dingdian --type process", "deploy --all")
            subprocess.run(HIRE, env=stock.environment, cwd=ROOT, check=True)
            load_demo_into(cluster.url(), stock.environment)
            command = [PREFECT, "worker", "start", "--pool", "dingdian", "--type", "process", "--limit", "3"]
            with stock.started(*command):
                for name, run in {name: stock.create(name, given) for name, given in parameters().items()}.items():
                    ended[name] = stock.wait_for(run)
                    print(f"{ended[name]['type']:10} {name}  {ended[name]['message']}", flush=True)
    states = [one["type"] for one in ended.values()]
    print(json.dumps({state: states.count(state) for state in sorted(set(states))}))
    return int(not {"CRASHED", "FAILED"}.isdisjoint(states))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="dingdian-every-") as temporary:
        Path(temporary).chmod(0o755)
        sys.exit(main(Path(temporary)))
