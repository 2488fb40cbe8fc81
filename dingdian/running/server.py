"""Prefect's server as a child of `dingdian up`: its environment, and the process (`python -m dingdian.running.server`).

Loopback only, behind a door (`dingdian.running.door`), analytics off, nothing fetched from outside. Prefect's database
is trimmed: no legal fact lives there.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from pathlib import Path

from dingdian.running.processes import READY, own_output, wait_for_go
from foundation.settings import MACHINE_HEADER, Settings, get_settings, machine_key
from rules.errors import InputError

HOST = "127.0.0.1"
NOBODY = Path(__file__).with_name("nobody.pem")
CSRF = "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED"
RECORDER = "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER"
TOGETHER = {f"{RECORDER}_READ_BATCH_SIZE": "50", f"{RECORDER}_BATCH_SIZE": "50", f"{RECORDER}_FLUSH_INTERVAL": "1"}
PORT_PATIENCE_SECONDS = 8.0  # a server whose parent was killed needs a moment to end itself


def api_url(settings: Settings) -> str:
    """Address of Prefect's API: the one the environment names, or our own server's."""
    return os.environ.get("PREFECT_API_URL") or f"http://{HOST}:{settings.prefect_port}/api"


def is_elsewhere() -> bool:
    """Whether somebody else runs Prefect's server."""
    return bool(os.environ.get("PREFECT_API_URL"))


def ui_url(settings: Settings) -> str:
    """Address of the page an operator opens: the list of forms in their order, a hundred to a page."""
    return f"http://{HOST}:{settings.prefect_port}{ui_path()}"


def gate_url(settings: Settings) -> str:
    """Where people log in."""
    return f"http://{HOST}:{settings.prefect_port}/gate/login"


def ui_path() -> str:
    """The same within Prefect's interface."""
    return "/v2/deployments?limit=100&sort=NAME_ASC"


def client_environment(settings: Settings) -> dict[str, str]:
    """What every process that talks to Prefect needs; a variable that is set already keeps its value.

    Prefect's client loads the trusted certificates anew for each of its clients, three or four a run (27 ms each), also
    for plain HTTP, where nothing is verified: there it is given a file that trusts nobody and takes no time. Whenever a
    schedule is read it lists the time zones anew: from the package `tzdata` in 1.4 ms, where the machine's own folder,
    six hundred files that it opens, takes 8. And each client asks first for a token that our own server gives nobody,
    unless it is told to (`PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED`).
    """
    chosen = {
        "PREFECT_API_URL": api_url(settings),
        **({"PREFECT_API_SSL_CERT_FILE": str(NOBODY)} if api_url(settings).startswith("http:") else {}),
        "PYTHONTZPATH": "",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true" if is_elsewhere() else os.environ.get(CSRF, "false"),
        "PREFECT_HOME": str(settings.var_dir / "prefect"),
        "PREFECT_PROFILES_PATH": str(settings.var_dir / "prefect" / "profiles.toml"),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "dingdian",  # what our own loggers say during a run stands on the run's page
        "PREFECT_LOGGING_COLORS": "false",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps({MACHINE_HEADER: machine_key(settings).get_secret_value()}),
        **({"PREFECT_API_AUTH_STRING": word} if (word := os.environ.get("PREFECT_SERVER_API_AUTH_STRING")) else {}),
    }
    return {name: os.environ.get(name, value) for name, value in chosen.items()}


def server_environment(settings: Settings, database_url: str, our_database_url: str) -> dict[str, str]:
    """What our own Prefect server needs besides (its own database, and ours for the door); a variable that is set
    already keeps its value.

    The steps of runs are written together, at most a second late: each by itself was a third of what the server did
    for an act.
    """
    port = settings.prefect_port
    chosen = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url,
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port},http://localhost:{port}",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P400D",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
        "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "60",
        **TOGETHER,
    }
    ours = {
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "DINGDIAN_DATABASE_URL": our_database_url,
    }
    return client_environment(settings) | {name: os.environ.get(name, value) for name, value in chosen.items()} | ours


def require_free_port(port: int, variable: str, *, patience_seconds: float = PORT_PATIENCE_SECONDS) -> None:
    """Refuses a port that somebody else listens on, after a moment of patience.

    Raises:
        InputError: the port stays taken; the sentence names it and the variable that chooses another.
    """
    deadline = time.monotonic() + patience_seconds
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise InputError(
                f"端口 {port} 已被其他程序占用；请停止该程序，或用环境变量 {variable} 另选一个端口后重试。"
            )
        time.sleep(0.2)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def main() -> None:
    """Serves Prefect until SIGTERM or until the parent is gone."""
    to_parent = own_output()
    import uvicorn
    from prefect.server.api.server import create_app

    from dingdian.running.door import Door
    from gate.sessions import Sessions, SignOn
    from tasks import surroundings
    from upkeep.deployment_file import entrypoints

    wait_for_go()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    settings = get_settings()

    def door() -> Door:
        return Door(
            create_app(final=True),
            machine_key(settings),
            settings.hosts,
            sessions=Sessions(surroundings.database_url(), SignOn(settings.sign_on_header, settings.sign_on_word)),
            keys=surroundings.keys(),
            forms=entrypoints(settings),
            board_url=surroundings.board_url(),
        )

    config = uvicorn.Config(
        door,
        factory=True,
        host=HOST,
        port=int(os.environ["PREFECT_SERVER_API_PORT"]),
        log_level="warning",
        timeout_keep_alive=5,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    print(READY, file=to_parent)
    server.run()


if __name__ == "__main__":
    main()
