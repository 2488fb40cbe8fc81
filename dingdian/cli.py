"""The `dingdian` command line. Machine output is one JSON document on standard output; messages go to standard error.

Exit codes: 0 done, 1 refused or failed (with a sentence that says what to do), 2 wrong usage.
Every command imports what it needs inside its own body, so that `dingdian due` never waits for Prefect.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from dingdian.sheet import app as sheet_app
from rules.errors import DingdianError, InputError
from rules.keepable import unkeepable_in, what_of

app = typer.Typer(add_completion=False, no_args_is_help=True, help="特殊药品定点医药机构评估：命令行")
audit = typer.Typer(help="审计记录")
app.add_typer(audit, name="audit")
app.add_typer(sheet_app, name="sheet")
OfRound = Annotated[int, typer.Option("--round", help="轮次号；缺省由编号或最近一轮确定", min=0)]
PRIVATELY = 0o077  # what a command or one of its processes makes is its account's alone
WHY = {  # what the system says of a file or folder
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只读",
    errno.ENOSPC: "磁盘已满",
    errno.ENOENT: "没有这个文件或文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "是文件夹，不是文件",
}
AsJson = Annotated[bool, typer.Option("--json", help="机器可读的 JSON 输出")]


@app.command()
def due(
    period: Annotated[str, typer.Option(help="期间：22wd 工作日、7d 日、3m 月、3y 年")] = "",
    start: Annotated[str, typer.Option(help="起算日（当日不计），如 2026-02-02")] = "",
    batch: Annotated[Path | None, typer.Option(help="批量：JSON 清单文件")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="逐日列出推算过程")] = False,
    roll: Annotated[bool, typer.Option("--roll/--no-roll", help="末日遇休息日是否顺延")] = True,
    as_json: AsJson = False,
) -> None:
    """推算期间的最后一日，并说明每一日为何计入或不计。"""
    from dingdian import due as command

    command.run(period=period, start=start, batch=batch, explain=explain, roll=roll, as_json=as_json)


@app.command()
def plan(
    announce: Annotated[str, typer.Option(help="公告日，如 2026-02-02；缺省为今天")] = "",
    scan: Annotated[str, typer.Option(help="比较自公告日起几周内的各公告日，如 12w")] = "",
    assume: Annotated[list[str] | None, typer.Option(help="改一步的办理时间，可重复，如 scoring=8wd")] = None,
    ics: Annotated[Path | None, typer.Option(help="另写日历文件")] = None,
    png: Annotated[Path | None, typer.Option(help="另写日程图（PNG）")] = None,
    as_json: AsJson = False,
) -> None:
    """由公告日推演一轮的日程：各环节的计划日、最迟日和余量。"""
    from dingdian import plan as command

    command.run(announce=announce, scan=scan, assume=assume or [], ics=ics, png=png, as_json=as_json)


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="装入一轮演示数据")] = False,
    play: Annotated[bool, typer.Option("--play", help="与 --demo 同用：在 var/demo 里按虚拟日期演练一整轮")] = False,
    pace: Annotated[float, typer.Option(help="演练时每步之前停几秒", min=0)] = 3.0,
) -> None:
    """在本机启动全部服务；按 Ctrl-C 全部停止。"""
    from dingdian.running import up as command

    if play and not demo:
        raise typer.BadParameter("--play 须与 --demo 同用：dingdian up --demo --play")
    command.run(demo=demo, play=play, pace=pace)


@app.command()
def worker() -> None:
    """只启动一个执行进程：Prefect 服务和数据库在别处（docs/machines.md）；按 Ctrl-C 停止。"""
    from dingdian.running import outpost as command

    command.run()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def prefect(context: typer.Context) -> None:
    """系统管理员：对本机的 Prefect 服务执行一条 prefect 命令，如 dingdian prefect deployment ls。"""
    from dingdian.running import administrator as command

    command.run(context.args)


@app.command("take-over")
def take_over() -> None:
    """整体迁移或更换密钥、目录以后：数据库今后认本机的密钥、收件夹和数据目录。"""
    from dingdian import keeping

    keeping.take_over()


@app.command("prefect-file")
def prefect_file() -> None:
    """部署文件在哪里，如 prefect deploy --all --prefect-file "$(dingdian prefect-file)"。"""
    from upkeep.deployment_file import PREFECT_FILE

    print(PREFECT_FILE)


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="情景文件（JSON）；几个文件是同时进行的几轮")],
    engine: Annotated[str, typer.Option(help="direct 直接调用；prefect 运行真实流程")] = "direct",
    db: Annotated[str, typer.Option(help="使用的空数据库；缺省为临时 SQLite 文件")] = "",
    as_json: AsJson = False,
) -> None:
    """按情景文件重演评估，不对外发送任何消息。"""
    from dingdian import replay as command

    command.run(files=files, engine=engine, db=db, as_json=as_json)


@app.command()
def sweep(
    as_of: Annotated[str, typer.Option(help="截至何时；缺省为现在，日期表示当日结束")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不做")] = False,
    as_json: AsJson = False,
) -> None:
    """巡查一次期限：办理已届满的，发出提醒，记录机关逾期。"""
    from dingdian import sweep as command

    command.run(as_of=as_of, dry_run=dry_run, as_json=as_json)


@app.command()
def board(
    of_round: OfRound = 0,
    as_json: AsJson = False,
    serve: Annotated[bool, typer.Option("--serve", help="不启动其他服务，只打开看板网页")] = False,
) -> None:
    """看板：各环节家数和在办案件的最近期限。"""
    from dingdian import board as command

    if serve:
        command.serve()
    else:
        command.run(of_round, as_json)


policy_app = typer.Typer(help="规则文件与各轮次固定的规则。", no_args_is_help=True)
app.add_typer(policy_app, name="policy")


@policy_app.command("diff")
def policy_diff(
    round_id: Annotated[int | None, typer.Option("--round", metavar="N", help="只看第几轮次；缺省为全部")] = None,
    as_json: AsJson = False,
) -> None:
    """今日的规则文件与各轮次固定的规则有何不同，按部分和条目。"""
    from dingdian import policy as command

    command.diff(round_id, as_json)


@app.command("batch")
def do_batch(
    kind: Annotated[str, typer.Argument(metavar="ACT", help="accept 受理、review 初审、supplement 告知补正")],
    ids: Annotated[list[str] | None, typer.Argument(metavar="[IDS]...", help="申请人编号，用什么隔开都行")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="全部等候办理的")] = False,
    by: Annotated[str, typer.Option(help="经办人工号")] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="受理时确认：所列各家材料齐全")] = False,
    of_round: OfRound = 0,
    as_json: AsJson = False,
) -> None:
    """一次办理多家：办过的不重复，不能办的逐家说明。"""
    from dingdian import batch as command

    asked = ids or []
    command.run(kind=kind, ids=asked, waiting=waiting, by=by, confirmed=confirm, round_id=of_round, as_json=as_json)


@app.command("case")
def show_case(
    applicant_id: Annotated[str, typer.Argument(metavar="ID", help="申请人编号，如 P01")],
    of_round: OfRound = 0,
    as_json: AsJson = False,
) -> None:
    """一家机构的全部经过，以及每个日期的推算过程。"""
    from dingdian import board as command

    command.run_case(applicant_id, of_round, as_json)


@app.command()
def migrate() -> None:
    """把数据库升级到本程序需要的版本。"""
    from dingdian.running.embedded import both_addresses
    from models.migrate import newest_revision, upgrade
    from models.roles import let_write

    with both_addresses() as database:
        upgrade(database.owner_url)
        let_write(database.owner_url, database.url)
    print(f"数据库已是版本 {newest_revision()}")


@app.command()
def gate() -> None:
    """单位已有 Prefect 服务时：在它前面登录、提交表单（DINGDIAN_PREFECT_PORT），直到 Ctrl-C。"""
    from dingdian.office import office
    from dingdian.running.gate_server import serve

    with office():
        serve()


@app.command("staff-add")
def staff_add(
    staff_no: Annotated[str, typer.Argument(help="工号")],
    name: Annotated[str, typer.Argument(help="姓名")],
    role: Annotated[list[str], typer.Option(help="岗位，可重复：operator、reviewer、discipline、director")],
) -> None:
    """登记一名可以办理事项的人员。"""
    from dingdian import staff as command

    command.add(staff_no, name, role)


@app.command("staff-code")
def staff_code(staff_no: Annotated[str, typer.Argument(help="工号")]) -> None:
    """发放一次性登记码：首次登录、忘记口令或换了手机；原有的口令、动态码和登录随即失效。"""
    from dingdian import staff as command

    command.give_code(staff_no)


@app.command("machine-key")
def machine_key(
    name: Annotated[str, typer.Argument(help="机器名；不写则列出全部")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="收回这台机器的钥匙")] = False,
) -> None:
    """给一台执行机器发放自己的钥匙（只显示一次，设为那台机器的 DINGDIAN_MACHINE_KEY），或收回。"""
    from dingdian import machines as command

    command.run(name, withdraw)


@app.command("staff-leave")
def staff_leave(staff_no: Annotated[str, typer.Argument(help="工号")]) -> None:
    """停用一名离岗人员。"""
    from dingdian import staff as command

    command.leave(staff_no)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="基准名称；缺省全部")] = "",
    as_json: AsJson = False,
    into: Annotated[Path | None, typer.Option("--into", help="另把结果写成页面、图和 JSON 的文件夹，如 docs")] = None,
) -> None:
    """测速：每项都与同一次运行中的基线对照。"""
    from foundation.settings import IS_CHECKOUT, ROOT

    if not IS_CHECKOUT:
        raise InputError("安装包不含基准测试：请在源码目录中运行")
    sys.path.insert(0, str(ROOT))  # they are part of the repository, not of the package
    from dingdian import bench as command

    command.run(name=name, as_json=as_json, into=into)


@app.command()
def draw(
    pool_size: Annotated[int, typer.Option("--pool-size", help="名册人数")],
    count: Annotated[int, typer.Option("--count", help="抽取人数")],
    sources: Annotated[str, typer.Option("--sources", help="随机源结果（JSON），如 [9319, [2, 5, 12, 8, 10]]")],
    as_json: AsJson = False,
) -> None:
    """按 RFC 3797 由公开结果抽取，任何人都可以重算。"""
    from dingdian import draw as command

    command.run(pool_size=pool_size, count=count, sources=sources, as_json=as_json)


@app.command("verify-draw")
def verify_draw(
    record: Annotated[Path, typer.Argument(help="公布的抽取记录（JSON 文件）")],
    plan: Annotated[str, typer.Option(help="抽取之前网页所载抽取方案的 SHA-256")] = "",
    as_json: AsJson = False,
) -> None:
    """离线重算一份公布的抽取记录，说明是否成立。"""
    from dingdian import verify_draw as command

    command.run(record=record, as_json=as_json, plan=plan)


@app.command()
def backup(
    folder: Annotated[Path | None, typer.Argument(help="写到哪个目录；缺省为设置中的备份目录")] = None,
    as_json: AsJson = False,
) -> None:
    """备份数据库、文书和证据为一个文件，不清理旧的；服务可以照常运行。密钥不在其中。"""
    from dingdian import keeping

    keeping.back_up(folder, as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="备份文件")],
    check: Annotated[bool, typer.Option("--check", help="只核对备份是否完好，不恢复")] = False,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="密钥已丢失：由负责人核对来源，不核对签名")] = False,
    as_json: AsJson = False,
) -> None:
    """把备份恢复到空的数据目录，恢复后逐条核对审计记录。"""
    from dingdian import keeping

    keeping.bring_back(file, check, unsigned, as_json)


@app.command("rehearse-restore")
def rehearse_restore(as_json: AsJson = False) -> None:
    """把最近的备份恢复到临时位置，逐条核对后删去，留下记录；正在使用的不动。不成功的以 1 退出。"""
    from dingdian import keeping

    keeping.rehearse_restore(as_json)


@audit.command("privacy")
def audit_privacy(as_json: AsJson = False) -> None:
    """在 Prefect 的数据库、日志和公示页中查找手机号、邮箱和身份证号；只说在哪里，不重复内容。"""
    from dingdian import keeping

    keeping.look_for_personal_data(as_json)


@audit.command("verify")
def verify_audit(
    checkpoint: Annotated[
        Path | None, typer.Option(help="留存的检查点原文：证明当时的登记至今一条未改", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """逐条重算全部审计记录的哈希链、变更登记和各表各行。"""
    from dingdian import keeping

    keeping.verify_audit(as_json, checkpoint)


@audit.command("new-key")
def new_audit_key(
    reason: Annotated[str, typer.Option(help="为什么更换，永久载入变更登记")] = "",
) -> None:
    """更换审计密钥；原密钥已遗失的，各表各行由新密钥重新登记，遗失一事永久留痕。"""
    from dingdian import keeping

    keeping.change_key(reason)


@audit.command("checkpoint")
def audit_checkpoint(as_json: AsJson = False) -> None:
    """此刻变更登记的签名检查点（C2SP）：存到本单位以外，日后以 audit verify --checkpoint 核对。"""
    from dingdian import keeping

    keeping.print_checkpoint(as_json)


@app.command()
def health(as_json: AsJson = False) -> None:
    """体检：每个部分是否正常，不正常时该做什么；有故障时退出码为 1。"""
    from dingdian import health as command

    command.run(as_json)


@app.command("service-file")
def service_file(
    user: Annotated[str, typer.Option(help="以哪个系统用户运行")] = "dingdian",
) -> None:
    """输出 systemd 服务文件：开机自动启动、意外退出自动重启。"""
    from dingdian.running import service

    print(service.unit(user), end="")


@app.command()
def objections(of_round: OfRound = 0, as_json: AsJson = False) -> None:
    """异议一览：途径、是否在期内、核查期限、并案、结论和答复；不显示异议人和异议内容。"""
    from dingdian import objections as command

    command.run(of_round, as_json)


@app.command("objection-effect")
def objection_effect(
    ref: Annotated[str, typer.Argument(metavar="REF", help="异议编号")],
    of_round: OfRound = 0,
    as_json: AsJson = False,
) -> None:
    """试算一件异议属实、不属实的后果：资格、递补、名额、须补发的公示；不写入任何内容。"""
    from dingdian import objections as command

    command.run_effect(ref, of_round, as_json)


@app.command("objection-reply")
def objection_reply(
    ref: Annotated[str, typer.Argument(metavar="REF", help="异议编号")],
    by: Annotated[str, typer.Option(help="经办人工号")],
    to: Annotated[Path, typer.Option(help="写到哪个文件（须尚不存在）")],
    of_round: OfRound = 0,
) -> None:
    """生成给异议人的答复书（含其联系方式，只写入文件，谁生成的有记录）。"""
    from dingdian import objections as command

    command.run_reply(ref, by, to, of_round)


@app.command()
def messages(as_json: AsJson = False) -> None:
    """通知一览：待发、未送出、结果不明、待人工送达的通知，通道状况和原因。"""
    from dingdian import messages as command

    command.run(as_json=as_json)


@app.command("purge-messages")
def purge_messages(as_json: AsJson = False) -> None:
    """清除办结满期的通知内容；脱敏地址、摘要、结果和时间留存。"""
    from dingdian import messages as command

    command.run_purge(as_json=as_json)


@app.command("sms-templates")
def sms_templates(
    provider: Annotated[str, typer.Option(help="aliyun 或 tencent")] = "aliyun",
    codes: Annotated[bool, typer.Option("--codes", help="改为输出模板编号文件的样稿")] = False,
) -> None:
    """短信文字：报备用的全部文字和变量，或模板编号文件的样稿。"""
    from dingdian import sms_templates as command

    command.run(provider, codes=codes)


@app.command("document")
def document(
    kind: Annotated[str, typer.Argument(help="文书种类，如 notice、preliminary_opinion，或中文名“公示”")],
    about: Annotated[str, typer.Argument(metavar="ID", help="申请人、协议或公示的编号；公告、抽取记录可省略")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写到哪个文件；缺省为当前文件夹")] = None,
    docx: Annotated[bool, typer.Option("--docx", help="制作可修改的 Word 文件")] = False,
    number: Annotated[str, typer.Option(help="发文字号，如 某医保公〔2026〕12号")] = "",
    planned_on: Annotated[str, typer.Option(help="计划发布日（公示尚未发布时）")] = "",
    by: Annotated[str, typer.Option(help="经办人工号：填了才归档并记录在案")] = "",
    item: Annotated[str, typer.Option(help="签约后的文书：该协议下的序号或决定文号")] = "",
    served: Annotated[str, typer.Option(help="送达回证：所送达的文书")] = "",
    of_round: OfRound = 0,
    as_json: AsJson = False,
) -> None:
    """由案卷数据制作正式文书（PDF/A，或 Word）。"""
    from dingdian import documents as command

    said = {"number": number, "planned_on": planned_on, "by": by, "item": item, "served": served}
    command.run(kind, about, output, round_id=of_round, docx=docx, **said, as_json=as_json)


@app.command("package")
def package(
    notice: Annotated[int, typer.Argument(help="公示编号")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写到哪个文件夹（归档时为压缩包文件）")] = None,
    planned_on: Annotated[str, typer.Option(help="计划发布日（公示尚未发布时）")] = "",
    by: Annotated[str, typer.Option(help="经办人工号：填了才归档并记录在案")] = "",
    as_json: AsJson = False,
) -> None:
    """制作一份公示的发布包：网页、片段、PDF、公众号文稿、元数据、校验清单。"""
    from dingdian import documents as command

    command.run_package(notice, output, planned_on=planned_on, by=by, as_json=as_json)


@app.command("check-postings")
def check_postings(as_json: AsJson = False) -> None:
    """再次打开公示期内登记的网址，核对名单是否仍在、是否被改动。"""
    from dingdian import documents as command

    command.run_check(as_json=as_json)


@app.command("rotate-key")
def rotate_key() -> None:
    """更换加密联系方式的密钥，并用新密钥重新加密。"""
    from dingdian import rotate_key as command

    command.run()


def _expect_text(words: list[str]) -> None:
    """Refuses what the terminal gave that is no text: Python carries such bytes along as halves of characters."""
    for place, word in enumerate(words, 1):
        if found := unkeepable_in(word):
            raise InputError(f"命令行的第 {place} 项{what_of(found)}（终端须为 UTF-8）")


def _unusable(error: OSError) -> str:
    """A file or folder that the system does not give us: which, why, and what to look at."""
    where = f"“{error.filename}”" if error.filename else "文件或连接"
    why = WHY.get(error.errno or 0, error.strerror or type(error).__name__)
    return f"{where}不能使用（{why}）：请核对路径、权限和磁盘余量（数据目录由 DINGDIAN_VAR_DIR 指定），然后重试"


def main() -> None:
    """Runs a command; an error of the house ends it with its sentence and exit code 1."""
    try:
        os.umask(PRIVATELY)
        _expect_text(sys.argv[1:])
        app()
    except DingdianError as error:
        print(f"错误：{error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(f"错误：{_unusable(error)}", file=sys.stderr)
        sys.exit(1)
