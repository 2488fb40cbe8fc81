"""The installation as a systemd service: the unit file, and the word to systemd that everything is up."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from dingdian.running.processes import STOP_SECONDS
from foundation.settings import HOME, get_settings
from rules.errors import InputError

ENVIRONMENT = "/etc/dingdian.env"
STOPPING_PARTS = 4  # worker, server, site, database, one after the other

UNIT = """\
# /etc/systemd/system/dingdian.service
[Unit]
Description=定点：特殊药品定点医药机构评估
After=network.target

[Service]
Type=notify
NotifyAccess=main
User={user}
WorkingDirectory={root}
EnvironmentFile=-{environment}
ExecStart={command} up
Restart=on-failure
RestartSec=10
TimeoutStartSec=600
TimeoutStopSec={stop_seconds}
KillMode=mixed
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={writable}
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
# /tmp is shared on purpose: the database's socket may lie there, and dingdian's commands look for it.

[Install]
WantedBy=multi-user.target
"""


def unit(user: str) -> str:
    """The unit file for this installation, run by a system user of its own.

    Raises InputError for root: PostgreSQL refuses it, and nothing here needs it.
    """
    if user == "root":
        raise InputError("服务不应以 root 运行：请先建一个系统用户（useradd --system dingdian），再用 --user 指定它")
    settings = get_settings()
    outside = {settings.backups, settings.inbox} - {settings.var_dir / "backups", settings.var_dir / "inbox"}
    return UNIT.format(
        user=user,
        root=_spelled(HOME),
        environment=ENVIRONMENT,
        command=_quoted(Path(sys.executable).with_name("dingdian")),
        stop_seconds=int(STOP_SECONDS * STOPPING_PARTS + 30),
        writable=" ".join(_quoted(folder) for folder in (settings.var_dir, *sorted(outside))),
    )


def _spelled(path: Path) -> str:
    return str(path).replace("%", "%%")


def _quoted(path: Path) -> str:
    return f'"{_spelled(path)}"' if " " in str(path) else _spelled(path)


def say_ready() -> None:
    """Tells systemd that the service is up, when systemd started us and wants to know."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.sendto(b"READY=1", f"\0{address[1:]}" if address.startswith("@") else address)
