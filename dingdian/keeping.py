"""`dingdian backup`, `dingdian restore`, `dingdian audit verify`: what makes sure that nothing is lost or altered."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from dingdian.office import office, who
from dingdian.running.embedded import both_addresses, empty_database, prefect_database
from foundation.secrets import Keyring
from foundation.settings import AUDIT_KEY_FILE, Settings, get_settings
from models.database import reading
from models.roles import let_write
from rules.errors import InputError, RefusedError
from tasks import surroundings
from upkeep import belongings
from upkeep.backup import Backup, make_backup, newest
from upkeep.new_audit_key import new_audit_key
from upkeep.privacy import look_through_database, look_through_files
from upkeep.proof import Proof, prove
from upkeep.rehearsed_restore import NO_BACKUP, Rehearsed, failed, keep, rehearse
from upkeep.restore import Restored, inspect_backup, restore
from upkeep.signed_heads import compare_kept, note_now, public_key

SCRATCH = "restore-rehearsal-"
COPIES = 4  # the copy taken out of the backup, the database, its log, and room to breathe


def back_up(folder: Path | None, as_json: bool) -> None:
    """Makes a backup now; the installation may be running."""
    settings = get_settings()
    with office() as url:
        place, second = folder or settings.backups, None if folder else settings.second_backups
        made = make_backup(url, settings.var_dir, place, surroundings.now(), surroundings.keys(), second=second)
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


def bring_back(file: Path, only_check: bool, unsigned: bool, as_json: bool) -> None:
    """Restores a backup into an empty installation, or only checks the file."""
    if only_check:
        manifest = inspect_backup(file, None if unsigned else belongings.keys_at_hand(get_settings()))
        proved = "未核对签名" if unsigned else "清单签名无误"
        said = f"备份完好：{manifest.made_at} 制作，{len(manifest.parts)} 个部分的哈希全部相符，{proved}。"
        print(json.dumps(asdict(manifest), ensure_ascii=False, indent=1) if as_json else said)
        return
    if not unsigned:
        belongings.keys_at_hand(get_settings())
    with both_addresses() as database, surroundings.surrounded(database_url=(url := database.url)):
        restored = restore(database.owner_url, get_settings().var_dir, file, surroundings.keys(), unsigned=unsigned)
        let_write(database.owner_url, url)
        belongings.move_in(url, get_settings())
    print(json.dumps(asdict(restored), ensure_ascii=False, indent=1, default=str) if as_json else _restored(restored))


def _restored(done: Restored) -> str:
    lines = [
        f"已恢复 {done.manifest.made_at} 的备份：数据库现为版本 {done.revision}，文书和证据 {done.files} 件。",
        f"审计记录 {done.proof.records} 条、{done.proof.chains} 条链逐条重算相符。",
        *(f"注意：{one}" for one in (done.wanted, done.proof.unproved) if one),
        "公示网站在下次 make up 时按数据库重写。",
    ]
    return "\n".join(lines)


def rehearse_restore(as_json: bool) -> None:
    """The newest backup comes back in a scratch place; what it showed is on record. Raises RefusedError where it did
    not go well; with `as_json` the report alone says so."""
    settings, keys = get_settings(), surroundings.keys()
    with office() as url:
        began, last = time.monotonic(), newest(settings.backups)
        done = _in_scratch(settings, last, keys) if last else failed("", NO_BACKUP)
        done = replace(done, seconds=round(time.monotonic() - began))
        keep(url, surroundings.now(), done)
    if as_json:
        print(json.dumps(asdict(done), ensure_ascii=False, indent=1))
    elif done.fault:
        raise RefusedError(done.said)
    else:
        print(done.said)


def _in_scratch(settings: Settings, file: Path, keys: Keyring) -> Rehearsed:
    free, needed = shutil.disk_usage(settings.var_dir).free, COPIES * file.stat().st_size
    if free < needed:
        return failed(
            file.name, f"数据目录所在磁盘只余 {free / 1e9:.1f} GB，演练需要约 {needed / 1e9:.1f} GB：请腾出空间"
        )
    try:
        kind = inspect_backup(file).database
    except InputError as damaged:
        return failed(file.name, str(damaged))
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=settings.var_dir) as name:
        folder = Path(name)
        with empty_database(kind, folder) as url:
            return rehearse(url, folder / "var", file, keys)


def take_over() -> None:
    """The database belongs with the key and the folders of this machine from now on."""
    settings = get_settings()
    with office() as url:
        belongings.take(url, settings)
    print(f"本数据库今后使用本机的密钥、收件夹 {settings.inbox} 和数据目录 {settings.var_dir}；其他机器须与此一致。")


def look_for_personal_data(as_json: bool) -> None:
    """Searches Prefect's database, the logs and the public pages. Ends with exit code 1 when something is found."""
    settings = get_settings()
    with prefect_database() as url:
        leaks = look_through_database(url)
    leaks += tuple(
        one for folder in (settings.var_dir / "log", settings.site_dir) for one in look_through_files(folder)
    )
    if as_json:
        print(json.dumps([asdict(one) for one in leaks], ensure_ascii=False, indent=1), flush=True)
    else:
        print(
            "\n".join(f"{one.place}：{one.kind} {one.times} 处" for one in leaks) or "没有发现手机号、邮箱或身份证号。"
        )
    if leaks:
        raise RefusedError(
            f"有 {len(leaks)} 处含个人信息：公示页上本机构公开的电话、邮箱属正常；"
            "其余的请查明来历，运行记录可在 dingdian prefect flow-run delete 中删除"
        )


def verify_audit(as_json: bool, kept: Path | None = None) -> None:
    """Recomputes every chain of audit records, every table from the journal, and holds the journal against a checkpoint
    that was kept elsewhere. Ends with exit code 1 when something is wrong."""
    text = _text_of(kept) if kept else ""
    with office() as url, reading(url) as session:
        proof = prove(session)
        compared = compare_kept(session, text) if kept else None
    faults = [*proof.faults, *(compared[1] if compared else ())]
    proof = replace(proof, faults=tuple(faults))
    print(
        json.dumps(asdict(proof), ensure_ascii=False, indent=1, default=str) if as_json else _proved(proof), flush=True
    )
    if faults:
        raise RefusedError(f"审计记录有 {len(faults)} 处不符：请保护现场，并与备份核对（dingdian restore --check）")
    if compared and not as_json:
        print(f"与留存的检查点相符：当时的 {compared[0].head.size} 条变更登记至今一条未改。")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"不能读取 {file}：请核对检查点文件的路径，原文应为 UTF-8 文本") from None


def change_key(reason: str) -> None:
    """Another audit key, and a record of why."""
    settings = get_settings()
    with office() as url:
        number = new_audit_key(url, settings, who(), reason)
    print(f"已更换审计密钥，新密钥号 {number}。请另存 {settings.var_dir / AUDIT_KEY_FILE}（不要与备份放在一处）。")


def print_checkpoint(as_json: bool) -> None:
    """The signed checkpoint of this moment; the public key goes with it, for programs that verify without us."""
    with office() as url, reading(url) as session:
        note, key = note_now(session), public_key()
    if as_json:
        print(json.dumps({"note": note, "public_key": key}, ensure_ascii=False, indent=1))
        return
    print(note, end="")
    print(f"公钥：{key}", file=sys.stderr)


def _proved(proof: Proof) -> str:
    for fault in proof.faults:
        print(fault, file=sys.stderr)
    verdict = "有缺损" if proof.faults else "逐条重算相符"
    noted = f"。注意：{proof.unproved}" if proof.unproved else ""
    journal = f"变更登记 {proof.entries} 条，各表各行已据以重算{noted}"
    chains = f"审计记录 {proof.records} 条、{proof.chains} 条链，{verdict}；总哈希 {proof.head}"
    return f"{chains}\n{journal}\n{_bound(proof)}"


def _bound(proof: Proof) -> str:
    if proof.bound_until is None:
        return "还没有审计检查点：每天零点以后的第一次巡查为前一天生成"
    verdict = f"自 {proof.first_bad_day} 起不符" if proof.first_bad_day else "逐日重算相符"
    return (
        f"审计检查点 {proof.checkpoints} 天，{verdict}；至 {proof.bound_until}，哈希 {proof.checkpoint}"
        "（请与公示网站“审计检查点”页或自己留存的抄件核对）"
    )
