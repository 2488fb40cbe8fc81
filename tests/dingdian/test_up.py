"""`dingdian up`: starts, is refused twice, restarts what dies, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dingdian.running.embedded import Cluster
from dingdian.running.processes import command_line
from dingdian.running.server import require_free_port
from rules.errors import InputError
from tests.support.patience import HANGS_AFTER_S, fetched, until
from tests.support.ports import free_port
from tests.support.stack import ROOT, Stack
from tests.support.stock import end_group

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One installation for this file; the tests start and end it as they like."""
    stack = Stack(tmp_path_factory.mktemp("up") / "var", is_new=True)
    yield stack
    for pid in stack.processes():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def stack(installation: Stack) -> Stack:
    """The installation, running, with the deployments of `tests/support`."""
    if installation.process is None or installation.process.poll() is not None:
        is_first = installation.process is None
        installation.start()
        if is_first:
            installation.register()
    return installation


def slow_run(stack: Stack) -> str:
    run_id = stack.create_run("probe-slow/慢", {"seconds": 60})
    stack.wait_for(run_id, "RUNNING")
    return run_id


def child_of(stack: Stack, module: str) -> int:
    return next(pid for pid, line in stack.processes().items() if line.endswith(module))


def test_says_what_to_open_and_how_messages_go(stack: Stack) -> None:
    said = stack.said()
    assert stack.ui_url in said
    assert stack.site_url in said
    assert stack.board_url in said
    assert "还没有轮次" in stack.visitor().get(stack.board_url).text
    assert "【演练】" in said
    assert fetched(f"{stack.api_url}/health").status_code == 200
    assert stat.S_IMODE((stack.var_dir / "secret.key").stat().st_mode) == 0o600


def test_the_public_site_serves_its_pages_and_lists_no_folder(stack: Stack) -> None:
    (stack.var_dir / "site" / "page.html").write_text("公示", encoding="utf-8")
    assert fetched(f"{stack.site_url}page.html").text == "公示"
    (stack.var_dir / "site" / "folder").mkdir()
    assert fetched(f"{stack.site_url}folder/").status_code == 404
    assert "公示" in fetched(stack.site_url).text


def test_a_second_up_is_refused_with_the_number_of_the_first(stack: Stack, tmp_path: Path) -> None:
    assert stack.process is not None
    second = Stack(stack.var_dir)
    second.console = tmp_path / "second.txt"
    assert second.up().wait(timeout=HANGS_AFTER_S) == 1
    assert f"进程号 {stack.process.pid}" in second.said()
    assert fetched(f"{stack.api_url}/health").status_code == 200


def test_a_worker_that_dies_is_replaced_and_its_runs_are_closed(stack: Stack) -> None:
    other = slow_run(stack)
    killer = stack.create_run("probe-bad/出错", {"how": "die"})
    assert "已不在" in stack.wait_for(killer, "CRASHED")["message"]
    stack.wait_for(other, "CRASHED")
    assert stack.wait_for(stack.create_run("probe-slow/慢", {"seconds": 0}))["type"] == "COMPLETED"
    assert "正在重新启动" in stack.said()


def test_a_server_that_dies_is_replaced(stack: Stack) -> None:
    os.kill(child_of(stack, "dingdian.running.server"), signal.SIGKILL)
    until(lambda: "Prefect 服务意外退出" in stack.said() and stack.answers(), stack.said, alive=stack.is_alive)
    assert stack.wait_for(stack.create_run("probe/试验", {"form": {"note": "甲"}}))["type"] == "COMPLETED"


def test_a_site_that_dies_is_replaced(stack: Stack) -> None:
    os.kill(child_of(stack, "dingdian.running.site_server"), signal.SIGKILL)
    until(lambda: "公示网站意外退出" in stack.said() and site_answers(stack), stack.said, alive=stack.is_alive)


def site_answers(stack: Stack) -> bool:
    try:
        return httpx.get(stack.site_url, timeout=HANGS_AFTER_S).is_success
    except httpx.TransportError:
        return False


def test_a_second_worker_takes_runs_and_is_closed_by_the_first_when_it_is_killed(stack: Stack, tmp_path: Path) -> None:
    """The two share the folder, so that the first sees at once that the lock is free; the watch comes every minute."""
    command, environment = stack.worker_command()
    log = tmp_path / "worker.txt"
    with log.open("w") as said:
        second = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=said, start_new_session=True)
    try:
        until(lambda: "ready" in log.read_text(), log.read_text, alive=lambda: second.poll() is None)
        runs: list[str] = []

        def taken_by_the_second() -> bool:
            run = stack.create_run("probe-blocking/占线", {"until": str(tmp_path / "gate")})
            stack.wait_for(run, "RUNNING")
            runs.append(run)
            return stack.request("GET", f"/flow_runs/{run}")["labels"]["prefect.worker.name"].endswith("-2")

        until(taken_by_the_second)
    finally:
        end_group(second.pid)
        second.wait()
    killed = time.monotonic()
    assert "已不在" in stack.wait_for(runs[-1])["message"]
    assert time.monotonic() - killed < 120 + HANGS_AFTER_S  # two minutes where the machine has time for us
    (tmp_path / "gate").touch()
    assert {stack.wait_for(run)["type"] for run in runs[:-1]} <= {"COMPLETED"}


def test_sigterm_stops_everything_and_ends_a_run_in_progress(stack: Stack) -> None:
    run_id = slow_run(stack)
    assert stack.stop(signal.SIGTERM) == 0
    assert stack.left() == {}
    stack.start()
    assert "服务停止时本次运行尚未完成" in stack.wait_for(run_id, "CRASHED")["message"]


def test_after_a_kill_children_end_by_themselves_and_the_next_up_takes_the_database_over(stack: Stack) -> None:
    run_id = slow_run(stack)
    children = {child_of(stack, module) for module in ("dingdian.running.server", "dingdian.running.worker")}
    assert stack.stop(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not children & stack.processes().keys(), "the children's end")
    stack.start()
    stack.wait_for(run_id, "CRASHED")


def test_ctrl_c_stops_everything(stack: Stack) -> None:
    assert stack.stop(signal.SIGINT) == 0
    assert stack.left() == {}
    assert "已全部停止" in stack.said()


def wait_until_begun(stack: Stack) -> None:
    """Until `up` holds its lock: before that nothing is started that could be left."""
    lock = stack.var_dir / "up.lock"
    until(lambda: lock.exists() and lock.read_text(), "up.lock")


def test_ctrl_c_during_the_start_stops_everything(installation: Stack) -> None:
    installation.process = installation.up()
    wait_until_begun(installation)
    assert installation.stop(signal.SIGINT) == 0
    assert installation.left() == {}


JOINING = """
import sys
from pathlib import Path
from dingdian.running.embedded import Cluster
with Cluster(Path(sys.argv[1]), durable=False):
    print("joined")
"""


@pytest.mark.parametrize("seconds", [0, 0.001, 0.003])
def test_a_signal_while_the_database_starts_leaves_no_server(tmp_path: Path, seconds: float) -> None:
    """Struck before the server says its process id: without that none can stop it."""
    with Cluster(tmp_path / "postgres", durable=False) as cluster:
        pass
    handled = f"import signal; signal.signal({signal.SIGTERM}, signal.default_int_handler)\n{JOINING}"
    joining = subprocess.Popen([sys.executable, "-c", handled, cluster.directory], stderr=subprocess.PIPE, text=True)
    while not Path(f"/proc/{joining.pid}/task/{joining.pid}/children").read_text():
        assert joining.poll() is None
    time.sleep(seconds)
    joining.send_signal(signal.SIGTERM)
    assert "KeyboardInterrupt" in joining.communicate(timeout=HANGS_AFTER_S)[1]
    assert processes_with(str(cluster.data)) == set()


def processes_with(words: str) -> set[int]:
    """The processes whose command line holds these words."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {pid for pid in pids if words in command_line(pid)}


def test_a_stale_pid_file_with_a_number_in_use_does_not_prevent_a_start(tmp_path: Path) -> None:
    with Cluster(tmp_path / "postgres", durable=False) as cluster:
        killed = cluster.running_pid()
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
    pid_file = cluster.data / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(killed), str(os.getpid()), 1))
    with cluster:
        assert cluster.running_pid() not in (None, killed, os.getpid())
    assert cluster.running_pid() is None


def test_the_last_user_stops_the_database(tmp_path: Path) -> None:
    first, second = (Cluster(tmp_path / "postgres", durable=False) for _ in range(2))
    with first:
        pid = first.running_pid()
        with second:
            assert second.running_pid() == pid
        assert first.running_pid() == pid
    assert first.running_pid() is None


def test_a_long_path_still_gets_a_socket(tmp_path: Path) -> None:
    with Cluster(tmp_path / ("很长的目录" * 8) / "postgres", durable=False) as cluster:
        assert cluster.socket_dir != cluster.data
        assert (cluster.socket_dir / ".s.PGSQL.5432").is_socket()
    cluster.socket_dir.rmdir()


def test_a_taken_port_is_named_with_the_variable_that_chooses_another() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=rf"端口 {port} .*DINGDIAN_PREFECT_PORT"):
            require_free_port(port, "DINGDIAN_PREFECT_PORT", patience_seconds=0)
    require_free_port(free_port(), "DINGDIAN_PREFECT_PORT", patience_seconds=0)
