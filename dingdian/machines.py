"""`dingdian machine-key`: each machine of ours has a key of its own, which can be withdrawn."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from dingdian.office import office, who
from models import MachineKey
from rules.errors import InputError
from rules.wording import minute
from tasks import machines


def run(name: str, withdraw: bool) -> None:
    """The command. Raises as `tasks.machines`, and InputError for a withdrawal that names no machine."""
    with office() as url:
        if withdraw and not name:
            raise InputError("收回哪台机器的钥匙：请写机器名")
        if withdraw:
            machines.withdraw(url, name, who())
            said = f"已收回机器“{name}”的钥匙：片刻之后用它的程序不能再进门"
        elif name:
            key = machines.give_key(url, name, who())
            said = (
                f"机器“{name}”的钥匙（只显示这一次）：{key}\n请在那台机器上设为 DINGDIAN_MACHINE_KEY，然后启动执行进程"
            )
        else:
            said = ""
            Console().print(_table(machines.all_keys(url)))
    if said:
        print(said)


def _table(keys: list[MachineKey]) -> Table:
    table = Table(title="机器钥匙")
    for title in ("机器", "发放", "发放人", "收回", "收回人"):
        table.add_column(title)
    for one in keys:
        withdrawn = minute(one.withdrawn_at) if one.withdrawn_at else ""
        table.add_row(one.name, minute(one.made_at), one.made_by, withdrawn, one.withdrawn_by or "")
    return table
