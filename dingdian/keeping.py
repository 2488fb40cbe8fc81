"""`dingdian backup`, `dingdian restore`, `dingdian audit verify`: what makes sure that nothing is lost or altered."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from dingdian.office import office
from dingdian.running.embedded import database
from foundation.settings import get_settings
from models.database import transaction
from rules.errors import RefusedError
from tasks import surroundings
from upkeep import belongings
from upkeep.backup import Backup, make_backup
from upkeep.proof import Proof, prove
from upkeep.restore import Restored, inspect_backup, restore


def back_up(folder: Path | None, keep: int, as_json: bool) -> None:
    """Makes a backup now; the installation may be running."""
    settings = get_settings()
    with office() as url:
        made = make_backup(
            url, settings.var_dir, folder or settings.backups, surroundings.now(), surroundings.keys(), keep=keep
        )
    print(json.dumps(_plain(made), ensure_ascii=False, indent=1) if as_json else _told(made), flush=True)
    if made.warning:
        raise RefusedError(made.warning)


def _plain(made: Backup) -> dict[str, object]:
    return {"path": str(made.path), "size": made.size, "removed": made.removed, "manifest": asdict(made.manifest)}


def _told(made: Backup) -> str:
    files = len(made.manifest.parts) - 1
    return (
        f"已备份：{made.path}（{made.size / 1e6:.1f} MB；数据库版本 {made.manifest.revision}，"
        f"审计记录 {made.manifest.records} 条，文书和证据 {files} 件）\n"
        f"联系方式的密钥（密钥号 {made.manifest.key_id}）不在备份中，没有它恢复后看不到联系方式。"
        f"请另行保存 {get_settings().var_dir / 'secret.key'}"
    )


def bring_back(file: Path, only_check: bool, as_json: bool) -> None:
    """Restores a backup into an empty installation, or only checks the file."""
    if only_check:
        manifest = inspect_backup(file)
        said = f"备份完好：{manifest.made_at} 制作，{len(manifest.parts)} 个部分的哈希全部相符。"
        print(json.dumps(asdict(manifest), ensure_ascii=False, indent=1) if as_json else said)
        return
    with database() as url, surroundings.surrounded(database_url=url):
        restored = restore(url, get_settings().var_dir, file, surroundings.keys())
        belongings.move_in(url, get_settings())
    print(json.dumps(asdict(restored), ensure_ascii=False, indent=1, default=str) if as_json else _restored(restored))


def _restored(done: Restored) -> str:
    lines = [
        f"已恢复 {done.manifest.made_at} 的备份：数据库现为版本 {done.revision}，文书和证据 {done.files} 件。",
        f"审计记录 {done.proof.records} 条、{done.proof.chains} 条链逐条重算相符。",
        *([f"注意：{done.wanted}"] if done.wanted else []),
        "公示网站在下次 make up 时按数据库重写。",
    ]
    return "\n".join(lines)


def take_over() -> None:
    """The database belongs with the key and the folders of this machine from now on."""
    settings = get_settings()
    with office() as url:
        belongings.take(url, settings)
    print(f"本数据库今后使用本机的密钥、收件夹 {settings.inbox} 和数据目录 {settings.var_dir}；其他机器须与此一致。")


def verify_audit(as_json: bool) -> None:
    """Recomputes every chain of audit records. Ends with exit code 1 when something is wrong."""
    with office() as url, transaction(url) as session:
        proof = prove(session)
    print(
        json.dumps(asdict(proof), ensure_ascii=False, indent=1, default=str) if as_json else _proved(proof), flush=True
    )
    if proof.faults:
        raise RefusedError(
            f"审计记录有 {len(proof.faults)} 处不符：请保护现场，并与备份核对（dingdian restore --check）"
        )


def _proved(proof: Proof) -> str:
    for fault in proof.faults:
        print(fault, file=sys.stderr)
    verdict = "有缺损" if proof.faults else "逐条重算相符"
    return f"审计记录 {proof.records} 条、{proof.chains} 条链，{verdict}；总哈希 {proof.head}\n{_bound(proof)}"


def _bound(proof: Proof) -> str:
    if proof.bound_until is None:
        return "还没有审计检查点：每天零点以后的第一次巡查为前一天生成"
    verdict = f"自 {proof.first_bad_day} 起不符" if proof.first_bad_day else "逐日重算相符"
    return (
        f"审计检查点 {proof.checkpoints} 天，{verdict}；至 {proof.bound_until}，哈希 {proof.checkpoint}"
        "（请与公示网站“审计检查点”页或自己留存的抄件核对）"
    )
